#include "planner/dataflow/expression.h"

#include <algorithm>

namespace kappa {

ExprPtr MakeConstant(Datum value, Type type) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::kConstant;
  expr->type = std::move(type);
  expr->nullable = value.is_null();
  expr->constant = std::move(value);
  return expr;
}

ExprPtr MakeColumn(const Column& column) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::kColumn;
  expr->type = column.type;
  expr->nullable = column.nullable;
  expr->column = column.id;
  return expr;
}

ExprPtr MakeCall(const FunctionEntry* function, std::vector<ExprPtr> args, Type result) {
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::kCall;
  expr->type = std::move(result);
  expr->function = function;
  const bool null_argument = std::any_of(args.begin(), args.end(), [](const ExprPtr& arg) { return arg->nullable; });
  expr->nullable = function->nullable_result || (function->strict && null_argument);
  expr->args = std::move(args);
  return expr;
}

ExprPtr MakeExpr(ExprKind kind, Type type, bool nullable, std::vector<ExprPtr> args) {
  auto expr = std::make_shared<Expr>();
  expr->kind = kind;
  expr->type = std::move(type);
  expr->nullable = nullable;
  expr->args = std::move(args);
  return expr;
}

namespace {

// x / 7 and x % 7 over integers: neither zero nor the -1 that overflows the least integer.
bool DividesSafely(const Expr& expr) {
  if (expr.kind != ExprKind::kCall || expr.function->kind != FunctionKind::kOperator || expr.args.size() != 2) return false;
  if (expr.function->name != "%" && expr.function->name != "/") return false;
  const Expr& divisor = *expr.args[1];
  return expr.type.is_integer() && divisor.type.is_integer() && divisor.kind == ExprKind::kConstant && !divisor.constant.is_null() &&
         divisor.constant.as_int() != 0 && divisor.constant.as_int() != -1;
}

// x LIKE 'a%b': only a pattern that ends in its escape character fails.
bool MatchesSafely(const Expr& expr) {
  if (expr.kind != ExprKind::kCall || expr.function->kind != FunctionKind::kOperator || expr.args.size() != 2) return false;
  if (!expr.function->name.ends_with("like")) return false;
  const Expr& pattern = *expr.args[1];
  return pattern.kind == ExprKind::kConstant && !pattern.constant.is_null() && pattern.constant.as_bytes().find('\\') == std::string::npos;
}

}  // namespace

bool IsFallible(const Expr& expr) {
  if (expr.function != nullptr && expr.function->fallible && !DividesSafely(expr) && !MatchesSafely(expr)) return true;
  return std::any_of(expr.args.begin(), expr.args.end(), [](const ExprPtr& arg) { return IsFallible(*arg); });
}

void CollectColumns(const Expr& expr, std::vector<ColumnId>* columns) {
  if (expr.kind == ExprKind::kColumn && std::find(columns->begin(), columns->end(), expr.column) == columns->end()) {
    columns->push_back(expr.column);
  }
  for (const ExprPtr& arg : expr.args) CollectColumns(*arg, columns);
}

bool NeedsGeneralForm(const AggregateCall& call, bool input_append_only) {
  const AggregateEntry& function = *call.function;
  return call.distinct || function.raw || function.add == nullptr || (!function.invertible && !input_append_only);
}

}  // namespace kappa
