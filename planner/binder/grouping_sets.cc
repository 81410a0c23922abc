// GROUPING SETS, ROLLUP, CUBE: which sets they mean, and their plan.
//
//   GROUP BY ROLLUP (a, b)    ->    Union
//                                     Project(a, b, n, grouping = 0)        <- Aggregate(a, b) <-+
//                                     Project(a, NULL, n, grouping = 1)     <- Aggregate(a)    <-+- input, read once
//                                     Project(NULL, NULL, n, grouping = 3)  <- Aggregate()     <-+
#include <algorithm>

#include "planner/binder/query.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

constexpr size_t kMaxSets = 128;
constexpr size_t kMaxCube = 12;

using Sets = QueryBinder::GroupingSets;

Status TooMany(TextRange range) {
  return SqlError(sqlstate::kStatementTooComplex, range) << "too many grouping sets present (maximum " << kMaxSets << ")";
}

std::vector<int> Joined(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<int> out = a;
  for (int key : b) {
    if (std::find(out.begin(), out.end(), key) == out.end()) out.push_back(key);
  }
  return out;
}

}  // namespace

// Each of `left` with each of `right`.
StatusOr<Sets> QueryBinder::CrossSets(const Sets& left, const Sets& right, TextRange range) {
  if (left.size() * right.size() > kMaxSets) return TooMany(range);
  Sets out;
  for (const auto& a : left)
    for (const auto& b : right) out.push_back(Joined(a, b));
  return out;
}

StatusOr<Sets> QueryBinder::ExpandSets(const ast::GroupingElement& element, const KeyCollector& collect) {
  if (element.kind == ast::GroupingKind::kExpression) {
    std::vector<int> keys;
    for (const ast::ExpressionPtr& expression : element.expressions) {
      ASSIGN_OR_RETURN(const int key, collect(*expression));
      keys = Joined(keys, {key});
    }
    return Sets{keys};
  }
  if (element.kind == ast::GroupingKind::kSets) {
    Sets out;
    for (const ast::GroupingElement& member : element.elements) {
      ASSIGN_OR_RETURN(Sets sets, ExpandSets(member, collect));
      out.insert(out.end(), sets.begin(), sets.end());
    }
    if (out.size() > kMaxSets) return TooMany(element.range);
    return out;
  }
  std::vector<std::vector<int>> members;  // each an expression or a list of them
  for (const ast::GroupingElement& member : element.elements) {
    ASSIGN_OR_RETURN(Sets sets, ExpandSets(member, collect));
    members.push_back(sets[0]);
  }
  Sets out;
  if (element.kind == ast::GroupingKind::kRollup) {
    for (size_t count = members.size() + 1; count-- > 0;) {
      std::vector<int> keys;
      for (size_t i = 0; i < count; ++i) keys = Joined(keys, members[i]);
      out.push_back(std::move(keys));
    }
  } else {
    if (members.size() > kMaxCube) return SqlError(sqlstate::kTooManyColumns, element.range) << "CUBE is limited to " << kMaxCube << " elements";
    for (size_t mask = (size_t{1} << members.size()); mask-- > 0;) {
      std::vector<int> keys;
      for (size_t i = 0; i < members.size(); ++i) {
        if (((mask >> (members.size() - 1 - i)) & 1) != 0) keys = Joined(keys, members[i]);
      }
      out.push_back(std::move(keys));
    }
  }
  if (out.size() > kMaxSets) return TooMany(element.range);
  return out;
}

// The value of GROUPING(args) for a set, or 42803 when one is no key.
StatusOr<int64_t> QueryBinder::GroupingOf(const GroupingCall& call, const std::vector<ExprPtr>& keys, const std::vector<int>& set) {
  int64_t bits = 0;
  for (const ExprPtr& arg : call.args) {
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const ExprPtr& expr) { return SameExpr(*expr, *arg); });
    if (key == keys.end()) {
      return SqlError(sqlstate::kGroupingError, arg->range) << "arguments to GROUPING must be grouping expressions of the associated query level";
    }
    const bool in = std::find(set.begin(), set.end(), static_cast<int>(key - keys.begin())) != set.end();
    bits = bits * 2 + (in ? 0 : 1);
  }
  return bits;
}

// `keys`: columns of the input, replaced by those of the result. Aggregates and groupings keep their columns.
StatusOr<LogicalPtr> QueryBinder::AggregateSets(LogicalPtr input, const std::vector<ExprPtr>& exprs, std::vector<Column>* keys,
                                                const AggregateCollector& aggregates, const GroupingSets& sets) {
  input = CheckLatenessOfWindow(input, *keys);
  UnionOp united;
  std::vector<LogicalPtr> branches;
  std::vector<Column> output;
  for (const Column& key : *keys) output.push_back(context_->NewColumn(key.name, key.type, true));
  for (const AggregateCall& call : aggregates.calls) output.push_back({call.output, call.name, call.type, call.nullable});
  for (const GroupingCall& call : aggregates.groupings) output.push_back(call.output);
  for (const std::vector<int>& set : sets) {
    std::vector<Column> set_keys;
    for (int key : set) set_keys.push_back((*keys)[static_cast<size_t>(key)]);
    std::vector<AggregateCall> calls = aggregates.calls;
    for (AggregateCall& call : calls) call.output = context_->NewColumn(call.name, call.type, call.nullable).id;
    ASSIGN_OR_RETURN(LogicalPtr branch, MakeAggregate(input, set_keys, calls));
    std::vector<std::pair<Column, ExprPtr>> constants;
    std::vector<ColumnId> ids;
    std::vector<Column> columns = branch->output();
    auto constant = [&](const std::string& name, const Type& type, Datum value) {
      const Column column = context_->NewColumn(name, type, value.is_null());
      constants.emplace_back(column, MakeConstant(std::move(value), type));
      columns.push_back(column);
      return column.id;
    };
    for (size_t i = 0; i < keys->size(); ++i) {
      const bool in = std::find(set.begin(), set.end(), static_cast<int>(i)) != set.end();
      ids.push_back(in ? (*keys)[i].id : constant((*keys)[i].name, (*keys)[i].type, Datum()));
    }
    for (const AggregateCall& call : calls) ids.push_back(call.output);
    for (const GroupingCall& call : aggregates.groupings) {
      ASSIGN_OR_RETURN(const int64_t bits, GroupingOf(call, exprs, set));
      ids.push_back(constant("grouping", TypeId::kInt4, Datum::Int(bits)));
    }
    if (!constants.empty()) branch = context_->Node(ProjectOp{std::move(constants)}, {branch}, std::move(columns));
    branches.push_back(std::move(branch));
    united.inputs.push_back(std::move(ids));
  }
  std::copy(output.begin(), output.begin() + static_cast<std::ptrdiff_t>(keys->size()), keys->begin());
  return context_->Node(std::move(united), std::move(branches), std::move(output));
}

}  // namespace kappa
