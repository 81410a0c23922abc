#include "planner/logical/cardinality.h"

#include <algorithm>
#include <cmath>

namespace kappa {
namespace {

constexpr double kScanned = 1e6;   // rows of a source or a view
constexpr double kPerGroup = 10;   // rows of a group
constexpr double kPerElement = 5;  // rows a function in FROM answers
constexpr double kRepeats = 0.1;   // different values of a column, of its rows

// Different values of the columns among the node's rows.
double Distinct(const LogicalNode& node, double rows, const std::vector<ColumnId>& columns) {
  const std::vector<ColumnId> unique = UniqueColumns(node);
  const bool key = !unique.empty() && std::all_of(unique.begin(), unique.end(),
                                                  [&](ColumnId id) { return std::find(columns.begin(), columns.end(), id) != columns.end(); });
  return std::max(1.0, key ? rows : rows * kRepeats);
}

}  // namespace

double Selectivity(const Expr& condition) {
  switch (condition.kind) {
    case ExprKind::kAnd: {
      double share = 1;
      for (const ExprPtr& arg : condition.args) share *= Selectivity(*arg);
      return share;
    }
    case ExprKind::kOr: {
      double share = 0;
      for (const ExprPtr& arg : condition.args) share += Selectivity(*arg);
      return std::min(share, 1.0);
    }
    case ExprKind::kNot:
      return std::max(0.05, 1 - Selectivity(*condition.args[0]));
    case ExprKind::kIsNull:
      return 0.1;
    case ExprKind::kIn:
      return std::min(0.5, 0.05 * static_cast<double>(condition.args.size() - 1));
    case ExprKind::kCall:
      if (condition.function->name == "=") return 0.05;
      if (condition.function->name == "like" || condition.function->name == "~") return 0.1;
      return condition.function->name == "<>" ? 0.9 : 0.3;
    default:
      return 0.5;
  }
}

double EstimatedJoin(const LogicalNode& left, double left_rows, const LogicalNode& right, double right_rows, const std::vector<JoinOp::Key>& keys) {
  if (keys.empty()) return left_rows * right_rows;
  std::vector<ColumnId> of_left, of_right;
  for (const JoinOp::Key& key : keys) {
    of_left.push_back(key.left);
    of_right.push_back(key.right);
  }
  // As many matches as if the side with more values held all those of the other.
  const double base_left = Distinct(left, left_rows, of_left), base_right = Distinct(right, right_rows, of_right);
  return std::max(1.0, left_rows * right_rows / std::max({base_left, base_right, 1.0}));
}

double EstimatedRows(const LogicalNode& node) {
  const auto input = [&](size_t i) { return EstimatedRows(*node.inputs[i]); };
  if (node.As<ScanOp>() || node.As<ViewScanOp>()) return kScanned;
  if (const auto* values = node.As<ValuesOp>()) return static_cast<double>(values->rows.size());
  if (const auto* filter = node.As<FilterOp>()) return std::max(1.0, input(0) * Selectivity(*filter->predicate));
  if (const auto* aggregate = node.As<AggregateOp>()) {
    if (aggregate->keys.empty()) return 1;
    return aggregate->rows ? input(0) : std::max(1.0, input(0) / kPerGroup);
  }
  if (node.As<TableFunctionOp>()) return input(0) * kPerElement;
  if (const auto* join = node.As<JoinOp>()) {
    using K = JoinOp::Kind;
    if (join->kind == K::kSemi || join->kind == K::kAnti) return std::max(1.0, input(0) / 2);
    if (join->kind == K::kSingle) return input(0);
    double rows = EstimatedJoin(*node.inputs[0], input(0), *node.inputs[1], input(1), join->keys);
    if (join->condition != nullptr) rows = std::max(1.0, rows * Selectivity(*join->condition));
    if (join->kind == K::kInner) return rows;
    return std::max(rows, join->kind == K::kFull ? input(0) + input(1) : input(0));
  }
  if (const auto* top = node.As<TopNOp>()) {
    const double groups = top->partition.empty() ? 1 : std::max(1.0, input(0) / kPerGroup);
    return top->limit ? std::min(input(0), groups * static_cast<double>(*top->limit)) : input(0);
  }
  if (const auto* sort = node.As<SortOp>()) return sort->limit ? std::min(input(0), static_cast<double>(*sort->limit)) : input(0);
  double rows = 0;
  for (size_t i = 0; i < node.inputs.size(); ++i) rows += input(i);
  return std::max(rows, 1.0);
}

}  // namespace kappa
