#include "planner/rules/split_columns.h"

#include <utility>

namespace kappa {
namespace {

using PartOf = std::function<const Column*(const Expr&)>;

ExprPtr Replace(const ExprPtr& expr, const PartOf& part_of) {
  if (const Column* part = part_of(*expr)) {
    auto out = std::make_shared<Expr>(*MakeColumn(*part));
    out->range = expr->range;
    return out;
  }
  if (expr->args.empty()) return expr;
  auto copy = std::make_shared<Expr>(*expr);
  for (ExprPtr& arg : copy->args) arg = Replace(arg, part_of);
  return copy->args == expr->args ? expr : copy;
}

void SplitOutput(const SplitParts& parts, LogicalNode* node) {
  if (auto* scan = std::get_if<ScanOp>(&node->op.op)) {
    std::vector<ScanOp::ScanColumn> columns;
    for (const auto& column : scan->columns) {
      const auto found = parts.find(column.column.id);
      if (found == parts.end())
        columns.push_back(column);
      else
        columns.insert(columns.end(), found->second.begin(), found->second.end());
    }
    scan->columns = std::move(columns);
  }
  std::vector<Column> output;
  for (const Column& column : node->op.output) {
    const auto found = parts.find(column.id);
    if (found == parts.end())
      output.push_back(column);
    else
      for (const auto& part : found->second) output.push_back(part.column);
  }
  node->op.output = std::move(output);
}

}  // namespace

void AddColumnsReadWhole(const LogicalNode& node, std::set<ColumnId>* whole) {
  if (node.As<FilterOp>() || node.As<ValuesOp>()) return;
  PlanOperator bare = node.op;
  if (auto* project = std::get_if<ProjectOp>(&bare.op)) project->columns.clear();
  if (auto* aggregate = std::get_if<AggregateOp>(&bare.op)) aggregate->aggregates.clear();
  for (ColumnId id : ReadColumns(bare)) whole->insert(id);
}

LogicalPtr SplitColumns(const LogicalNode& node, const SplitParts& parts, const PartOf& part_of) {
  auto copy = std::make_shared<LogicalNode>(node);
  ForEachExpr(&copy->op, [&](ExprPtr* expr) { *expr = Replace(*expr, part_of); });
  SplitOutput(parts, copy.get());
  return copy;
}

}  // namespace kappa
