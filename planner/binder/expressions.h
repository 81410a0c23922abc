// Binds expressions: names to columns, literals to types, operators to functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parser/ast/expression.h"
#include "planner/binder/context.h"

namespace kappa {

// The aggregates met while binding a query's select list, HAVING and ORDER BY; equal ones are computed once.
struct AggregateCollector {
  std::vector<AggregateCall> calls;
};

class ExpressionBinder {
 public:
  // `aggregates` is null where aggregates are not allowed; `clause` names the place in that error ("WHERE").
  ExpressionBinder(BindContext* context, const Scope* scope, AggregateCollector* aggregates, std::string_view clause)
      : context_(context), scope_(scope), aggregates_(aggregates), clause_(clause) {}

  // The type may still be kUnknown: a bare literal, NULL, or a parameter nothing has typed.
  StatusOr<ExprPtr> Bind(const ast::Expression& expression);
  // Bound, and given the type text where it had none.
  StatusOr<ExprPtr> BindTyped(const ast::Expression& expression);
  // 42804 unless boolean: "argument of WHERE must be type boolean, not type integer".
  StatusOr<ExprPtr> BindBoolean(const ast::Expression& expression, std::string_view place);

 private:
  StatusOr<ExprPtr> BindKind(const ast::Expression& expression);
  StatusOr<ExprPtr> BindLiteral(const ast::Literal& literal);
  StatusOr<ExprPtr> BindTypedLiteral(const ast::TypedLiteral& literal);
  StatusOr<ExprPtr> BindParameter(const ast::Parameter& parameter);
  StatusOr<ExprPtr> BindColumn(const ast::ColumnName& column);
  StatusOr<ExprPtr> BindField(const ast::FieldAccess& access);
  StatusOr<ExprPtr> BindUnary(const ast::Unary& unary);
  StatusOr<ExprPtr> BindBinary(const ast::Binary& binary);
  StatusOr<ExprPtr> BindLogical(const ast::Logical& logical);
  StatusOr<ExprPtr> BindNot(const ast::Not& expression);
  StatusOr<ExprPtr> BindIs(const ast::Is& is);
  StatusOr<ExprPtr> BindIsDistinct(const ast::IsDistinct& is);
  StatusOr<ExprPtr> BindBetween(const ast::Between& between);
  StatusOr<ExprPtr> BindIn(const ast::InList& in);
  StatusOr<ExprPtr> BindLike(const ast::Like& like);
  StatusOr<ExprPtr> BindCase(const ast::Case& expression);
  StatusOr<ExprPtr> BindCast(const ast::CastExpression& cast);
  StatusOr<ExprPtr> BindAtTimeZone(const ast::AtTimeZone& at);
  // calls.cc
  StatusOr<ExprPtr> BindCall(const ast::Call& call);
  StatusOr<ExprPtr> BindMakeInterval(const ast::Call& call);
  StatusOr<ExprPtr> BindNowLike(const ast::NowLike& now);
  StatusOr<ExprPtr> BindAggregate(const ast::Call& call, const std::string& name);
  StatusOr<ExprPtr> BindCoalesce(std::vector<ExprPtr> args, TextRange range);
  StatusOr<ExprPtr> BindNullIf(std::vector<ExprPtr> args, TextRange range);
  StatusOr<ExprPtr> BindGreatest(std::vector<ExprPtr> args, bool greatest, TextRange range);
  StatusOr<ExprPtr> BindClock(std::string_view name, TextRange range);
  StatusOr<std::vector<ExprPtr>> BindArguments(const ast::Call& call);
  Status CoerceAll(std::vector<ExprPtr>* exprs, std::string_view construct);

  BindContext* context_;
  const Scope* scope_;
  AggregateCollector* aggregates_;
  std::string clause_;
  bool inside_aggregate_ = false;
};

// ---- names.cc ----
// The columns a name may mean: 42703, 42702, 42P01 (an unknown table before the dot).
StatusOr<ExprPtr> ResolveName(const Scope& scope, const ast::QualifiedName& name);
// Field `field` of the struct `base`: 42703 with "did you mean", 42809 when it is no struct.
StatusOr<ExprPtr> FieldOf(ExprPtr base, const ast::Identifier& field);
// What PostgreSQL calls the column of a select item without an alias.
std::string ImpliedName(const ast::Expression& expression);

ExprPtr MakeNot(ExprPtr expr);
ExprPtr MakeIsNull(ExprPtr expr);
bool IsAggregateName(std::string_view name);

}  // namespace kappa
