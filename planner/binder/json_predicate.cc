// x IS [NOT] JSON [VALUE | OBJECT | ARRAY | SCALAR] [WITH UNIQUE KEYS].
#include "planner/binder/expressions.h"
#include "planner/binder/types.h"

namespace kappa {

StatusOr<ExprPtr> ExpressionBinder::BindIsJson(const ast::IsJson& is) {
  ASSIGN_OR_RETURN(ExprPtr operand, BindTyped(*is.operand));
  const TypeId type = operand->type.id();
  if (type != TypeId::kText && type != TypeId::kJson && type != TypeId::kJsonb) {
    return SqlError(sqlstate::kDatatypeMismatch, is.operand->range)
           << "cannot use type " << TypeText(operand->type) << " in IS JSON predicate" << Hint("it asks about a text, json or jsonb");
  }
  ASSIGN_OR_RETURN(operand, Coerce(context_, std::move(operand), TypeId::kText, Coercion::kExplicit));
  const ExprPtr kind = MakeConstant(Datum::Int(static_cast<int>(is.json)), TypeId::kInt4);
  const ExprPtr unique = MakeConstant(Datum::Bool(is.unique_keys), TypeId::kBool);
  ASSIGN_OR_RETURN(ExprPtr answer, CallFunction(context_, "kappa_is_json", {std::move(operand), kind, unique}, is.range));
  return is.negated ? MakeNot(std::move(answer)) : answer;
}

}  // namespace kappa
