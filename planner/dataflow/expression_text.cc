// Expressions as EXPLAIN prints them.
#include "planner/dataflow/expression.h"

namespace kappa {
namespace {

std::string Join(const std::vector<ExprPtr>& args, std::string_view separator, size_t from = 0) {
  std::string out;
  for (size_t i = from; i < args.size(); ++i) {
    if (i > from) out += separator;
    out += ToString(*args[i]);
  }
  return out;
}

bool IsCompound(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kAnd:
    case ExprKind::kOr:
    case ExprKind::kNot:
    case ExprKind::kIsNull:
    case ExprKind::kIn:
    case ExprKind::kAnyOf:
    case ExprKind::kAllOf:
      return true;
    case ExprKind::kCall:
      return expr.function->kind == FunctionKind::kOperator;
    default:
      return false;
  }
}

std::string Operand(const Expr& expr) {
  std::string text = ToString(expr);
  return IsCompound(expr) ? "(" + text + ")" : text;
}

// kappa_slice(a, given, lower, upper ...): a[lower:upper]...
std::string SliceToString(const Expr& expr) {
  std::string out = Operand(*expr.args[0]);
  const int64_t given = expr.args[1]->constant.as_int();
  for (size_t d = 0; 3 + 2 * d < expr.args.size(); ++d) {
    out += "[";
    if ((given >> (2 * d)) & 1) out += ToString(*expr.args[2 + 2 * d]);
    out += ":";
    if ((given >> (2 * d + 1)) & 1) out += ToString(*expr.args[3 + 2 * d]);
    out += "]";
  }
  return out;
}

std::string CallToString(const Expr& expr) {
  const FunctionEntry& function = *expr.function;
  if (function.kind == FunctionKind::kCast && !expr.args.empty()) return Operand(*expr.args[0]) + "::" + expr.type.ToString();
  if (function.kind == FunctionKind::kOperator && expr.args.size() == 2) {
    return Operand(*expr.args[0]) + " " + std::string(function.name) + " " + Operand(*expr.args[1]);
  }
  if (function.kind == FunctionKind::kOperator && expr.args.size() == 1) return std::string(function.name) + Operand(*expr.args[0]);
  if (function.name == "kappa_array" || function.name == "kappa_array_join") return "ARRAY[" + Join(expr.args, ", ") + "]";
  if (function.name == "kappa_element") return Operand(*expr.args[0]) + "[" + Join(expr.args, "][", 1) + "]";
  if (function.name == "kappa_slice" && expr.args[1]->kind == ExprKind::kConstant) return SliceToString(expr);
  return std::string(function.name) + "(" + Join(expr.args, ", ") + ")";
}

std::string CaseToString(const Expr& expr) {
  std::string out = "CASE";
  size_t i = 0;
  for (; i + 1 < expr.args.size(); i += 2) out += " WHEN " + ToString(*expr.args[i]) + " THEN " + ToString(*expr.args[i + 1]);
  if (i < expr.args.size()) out += " ELSE " + ToString(*expr.args[i]);
  return out + " END";
}

std::string Chain(const Expr& expr, std::string_view separator) {
  std::string out;
  for (size_t i = 0; i < expr.args.size(); ++i) {
    if (i > 0) out += separator;
    out += Operand(*expr.args[i]);
  }
  return out;
}

}  // namespace

std::string ToString(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kConstant:
      return expr.constant.is_null() ? "NULL::" + expr.type.ToString() : expr.constant.ToSqlLiteral(expr.type);
    case ExprKind::kColumn:
      return "#" + std::to_string(expr.column);
    case ExprKind::kParameter:
      return "$" + std::to_string(expr.parameter + 1);
    case ExprKind::kCall:
      return CallToString(expr);
    case ExprKind::kAnd:
      return Chain(expr, " AND ");
    case ExprKind::kOr:
      return Chain(expr, " OR ");
    case ExprKind::kNot:
      return "NOT " + Operand(*expr.args[0]);
    case ExprKind::kIsNull:
      return Operand(*expr.args[0]) + " IS NULL";
    case ExprKind::kCase:
      return CaseToString(expr);
    case ExprKind::kCoalesce:
      return "COALESCE(" + Join(expr.args, ", ") + ")";
    case ExprKind::kIn:
      return Operand(*expr.args[0]) + " IN (" + Join(expr.args, ", ", 1) + ")";
    case ExprKind::kField:
      return "(" + ToString(*expr.args[0]) + ")." + expr.args[0]->type.fields()[expr.field].name;
    case ExprKind::kStruct:
      return "ROW(" + Join(expr.args, ", ") + ")";
    case ExprKind::kAnyOf:
    case ExprKind::kAllOf:
      return Operand(*expr.args[0]) + " " + std::string(expr.function->name) + (expr.kind == ExprKind::kAnyOf ? " ANY (" : " ALL (") +
             ToString(*expr.args[1]) + ")";
  }
  return "?";
}

}  // namespace kappa
