#include <algorithm>

#include "planner/binder/query.h"
#include "planner/binder/types.h"

namespace kappa {

// A chain a UNION ALL b UNION ALL c ... is left-deep and may be long: its spine is walked in a loop, and runs of UNION ALL become one operator.
StatusOr<Projection> QueryBinder::BindSetOperation(const ast::SetOperation& operation) {
  std::vector<const ast::SetOperation*> spine = {&operation};
  while (const auto* left = ast::As<ast::SetOperation>(*spine.back()->left)) spine.push_back(left);
  std::vector<Projection> pending;
  ASSIGN_OR_RETURN(Projection first, BindBody(*spine.back()->left, nullptr));
  pending.push_back(std::move(first));
  for (auto node = spine.rbegin(); node != spine.rend(); ++node) {
    const ast::SetOperation& step = **node;
    if (step.op == ast::SetOperator::kIntersect) return NotSupported("INTERSECT", step.range);
    if (step.op == ast::SetOperator::kExcept) return NotSupported("EXCEPT", step.range);
    ASSIGN_OR_RETURN(Projection right, BindBody(*step.right, nullptr));
    if (right.width() != pending[0].width()) {
      return SqlError(sqlstate::kSyntaxError, step.right->range) << "each UNION query must have the same number of columns";
    }
    pending.push_back(std::move(right));
    if (step.all) continue;
    ASSIGN_OR_RETURN(Relation united, Unite(std::move(pending), step.range));
    ASSIGN_OR_RETURN(united, Distinct(std::move(united)));
    pending.clear();
    Projection projection;
    projection.input = united.plan;
    for (const ScopeColumn& column : united.scope.columns) {
      projection.exprs.push_back(MakeColumn(column.column));
      projection.names.push_back(column.name);
    }
    pending.push_back(std::move(projection));
  }
  if (pending.size() == 1) return std::move(pending[0]);
  ASSIGN_OR_RETURN(Relation united, Unite(std::move(pending), operation.range));
  Projection projection;
  projection.input = united.plan;
  for (const ScopeColumn& column : united.scope.columns) {
    projection.exprs.push_back(MakeColumn(column.column));
    projection.names.push_back(column.name);
  }
  return projection;
}

StatusOr<Relation> QueryBinder::Unite(std::vector<Projection> inputs, TextRange range) {
  std::vector<Type> types;
  for (size_t i = 0; i < inputs[0].width(); ++i) {
    std::vector<ExprPtr> column;
    for (const Projection& input : inputs) {
      if (input.rows.empty()) column.push_back(input.exprs[i]);
      for (const auto& row : input.rows) column.push_back(row[i]);
    }
    StatusOr<Type> type = CommonType(column, "UNION");
    if (!type.ok()) return WithRange(type.status(), range);
    types.push_back(*type);
  }
  const std::vector<std::string> names = inputs[0].names;
  UnionOp op;
  std::vector<LogicalPtr> plans;
  std::vector<bool> nullable(types.size());
  for (Projection& input : inputs) {
    ASSIGN_OR_RETURN(Relation relation, Project(std::move(input), &types));
    std::vector<ColumnId> ids;
    for (size_t i = 0; i < types.size(); ++i) {
      ids.push_back(relation.scope.columns[i].column.id);
      nullable[i] = nullable[i] || relation.scope.columns[i].column.nullable;
    }
    op.inputs.push_back(std::move(ids));
    plans.push_back(relation.plan);
  }
  Relation united;
  std::vector<Column> output;
  for (size_t i = 0; i < types.size(); ++i) {
    output.push_back(context_->NewColumn(names[i], types[i], nullable[i]));
    united.scope.columns.push_back({"", names[i], output.back()});
  }
  united.plan = context_->Node(std::move(op), std::move(plans), std::move(output));
  return united;
}

}  // namespace kappa
