// UNION, INTERSECT, EXCEPT [ALL].
#include <algorithm>

#include "planner/binder/query.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

Projection ToProjection(const Relation& relation) {
  Projection projection;
  projection.input = relation.plan;
  for (const ScopeColumn& column : relation.scope.columns) {
    projection.exprs.push_back(MakeColumn(column.column));
    projection.names.push_back(column.name);
  }
  return projection;
}

std::string_view NameOf(ast::SetOperator op) {
  switch (op) {
    case ast::SetOperator::kUnion:
      return "UNION";
    case ast::SetOperator::kIntersect:
      return "INTERSECT";
    case ast::SetOperator::kExcept:
      return "EXCEPT";
  }
  return "";
}

// The operator gives values in canonical form, 1 for 1.00: those of a numeric with a scale get their digits back.
StatusOr<Relation> WithScales(BindContext* context, Relation result) {
  ProjectOp scaled;
  std::vector<Column> output;
  for (ScopeColumn& shown : result.scope.columns) {
    Column& column = shown.column;
    if (column.type.id() == TypeId::kNumeric && column.type.modifier() >= 0) {
      Column plain = column;
      plain.type = WithoutModifiers(column.type);
      ASSIGN_OR_RETURN(ExprPtr expr, Coerce(context, MakeColumn(plain), column.type, Coercion::kExplicit));
      column = context->NewColumn(column.name, column.type, column.nullable);
      scaled.columns.emplace_back(column, std::move(expr));
    }
    output.push_back(column);
  }
  if (!scaled.columns.empty()) result.plan = context->Node(std::move(scaled), {result.plan}, std::move(output));
  return result;
}

}  // namespace

// A chain a UNION ALL b UNION ALL c ... is left-deep and may be long: its spine is walked in a loop, and runs of UNION ALL become one operator.
StatusOr<Projection> QueryBinder::BindSetOperation(const ast::SetOperation& operation) {
  std::vector<const ast::SetOperation*> spine = {&operation};
  while (const auto* left = ast::As<ast::SetOperation>(*spine.back()->left)) spine.push_back(left);
  std::vector<Projection> pending;
  ASSIGN_OR_RETURN(Projection first, BindBody(*spine.back()->left, nullptr));
  pending.push_back(std::move(first));
  for (auto node = spine.rbegin(); node != spine.rend(); ++node) {
    const ast::SetOperation& step = **node;
    ASSIGN_OR_RETURN(Projection right, BindBody(*step.right, nullptr));
    if (right.width() != pending[0].width())
      return SqlError(sqlstate::kSyntaxError, step.right->range) << "each " << NameOf(step.op) << " query must have the same number of columns";
    if (step.op != ast::SetOperator::kUnion && pending.size() > 1) {
      ASSIGN_OR_RETURN(const Relation united, Unite(std::move(pending), step.range));
      pending.clear();
      pending.push_back(ToProjection(united));
    }
    pending.push_back(std::move(right));
    if (step.op == ast::SetOperator::kUnion && step.all) continue;
    Relation result;
    if (step.op == ast::SetOperator::kUnion) {
      ASSIGN_OR_RETURN(result, Unite(std::move(pending), step.range));
      ASSIGN_OR_RETURN(result, Distinct(std::move(result)));
    } else {
      ASSIGN_OR_RETURN(result, IntersectOrExcept(step, std::move(pending)));
    }
    pending.clear();
    pending.push_back(ToProjection(result));
  }
  if (pending.size() == 1) return std::move(pending[0]);
  ASSIGN_OR_RETURN(const Relation united, Unite(std::move(pending), operation.range));
  return ToProjection(united);
}

// The inputs as relations whose columns have common types; `output` gets columns that may be NULL where one of theirs may.
StatusOr<std::vector<LogicalPtr>> QueryBinder::UnifyInputs(std::vector<Projection> inputs, std::string_view name, TextRange range,
                                                           std::vector<std::vector<ColumnId>>* ids, Relation* result, std::vector<Column>* output) {
  std::vector<Type> types;
  for (size_t i = 0; i < inputs[0].width(); ++i) {
    std::vector<ExprPtr> column;
    for (const Projection& input : inputs) {
      if (input.rows.empty()) column.push_back(input.exprs[i]);
      for (const auto& row : input.rows) column.push_back(row[i]);
    }
    StatusOr<Type> type = CommonType(column, name);
    if (!type.ok()) return WithRange(type.status(), range);
    types.push_back(*type);
  }
  const std::vector<std::string> names = inputs[0].names;
  std::vector<LogicalPtr> plans;
  std::vector<bool> nullable(types.size());
  for (Projection& input : inputs) {
    ASSIGN_OR_RETURN(Relation relation, Project(std::move(input), &types));
    ids->emplace_back();
    for (size_t i = 0; i < types.size(); ++i) {
      ids->back().push_back(relation.scope.columns[i].column.id);
      nullable[i] = nullable[i] || relation.scope.columns[i].column.nullable;
    }
    plans.push_back(relation.plan);
  }
  for (size_t i = 0; i < types.size(); ++i) {
    output->push_back(context_->NewColumn(names[i], types[i], nullable[i]));
    result->scope.columns.push_back({"", names[i], output->back()});
  }
  return plans;
}

StatusOr<Relation> QueryBinder::Unite(std::vector<Projection> inputs, TextRange range) {
  UnionOp op;
  Relation united;
  std::vector<Column> output;
  ASSIGN_OR_RETURN(std::vector<LogicalPtr> plans, UnifyInputs(std::move(inputs), "UNION", range, &op.inputs, &united, &output));
  united.plan = context_->Node(std::move(op), std::move(plans), std::move(output));
  return united;
}

StatusOr<Relation> QueryBinder::IntersectOrExcept(const ast::SetOperation& step, std::vector<Projection> inputs) {
  SetOperationOp op;
  op.kind = step.op == ast::SetOperator::kIntersect ? SetOperationOp::Kind::kIntersect : SetOperationOp::Kind::kExcept;
  op.all = step.all;
  Relation result;
  std::vector<Column> output;
  ASSIGN_OR_RETURN(std::vector<LogicalPtr> plans, UnifyInputs(std::move(inputs), NameOf(step.op), step.range, &op.inputs, &result, &output));
  for (const Column& column : output) {
    if (column.type.id() != TypeId::kJson) continue;
    return SqlError(sqlstate::kUndefinedFunction, step.range)
           << "could not identify an equality operator for type json" << Hint("values of jsonb can be compared: cast it");
  }
  for (Column& column : output) column.type = WithoutModifiers(column.type);
  result.plan = context_->Node(std::move(op), std::move(plans), std::move(output));
  return WithScales(context_, std::move(result));
}

}  // namespace kappa
