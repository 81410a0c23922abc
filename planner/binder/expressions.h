// Binds expressions: names to columns, literals to types, operators to functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parser/ast/definition_statements.h"
#include "parser/ast/expression.h"
#include "planner/binder/context.h"
#include "planner/binder/types.h"

namespace kappa {

// GROUPING(args): a column of the aggregate's output.
struct GroupingCall {
  Column output;
  std::vector<ExprPtr> args;
  TextRange range;
};

// The aggregates met while binding a query's select list, HAVING and ORDER BY; equal ones are computed once.
struct AggregateCollector {
  std::vector<AggregateCall> calls;
  std::vector<GroupingCall> groupings;
};

struct PendingSubquery;
struct SubqueryCollector;  // planner/binder/subquery.h
class QueryBinder;
struct WindowCall;
struct WindowCollector;  // planner/binder/over.h

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
  // Window functions (OVER) are allowed, and collected.
  void AllowWindows(WindowCollector* windows) { windows_ = windows; }
  // Subqueries are allowed, bound by `queries` and collected: a column stands for each.
  void AllowSubqueries(QueryBinder* queries, SubqueryCollector* subqueries) {
    queries_ = queries;
    subqueries_ = subqueries;
  }
  // The clock is allowed in a view too: what is made of it becomes a temporal filter.
  void AllowClock() { clock_allowed_ = true; }
  // The scope holds the parameters of an SQL function, by name and as $1, $2...
  void SetFunctionScope() { function_scope_ = true; }

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
  StatusOr<ExprPtr> IsDistinct(ExprPtr left, ExprPtr right, TextRange range);
  StatusOr<ExprPtr> BindBetween(const ast::Between& between);
  StatusOr<ExprPtr> BindIn(const ast::InList& in);
  StatusOr<ExprPtr> BindLike(const ast::Like& like);
  StatusOr<ExprPtr> BindSimilarTo(const ast::Like& like);
  StatusOr<ExprPtr> BindCase(const ast::Case& expression);
  StatusOr<ExprPtr> BindCast(const ast::CastExpression& cast);
  StatusOr<ExprPtr> BindAtTimeZone(const ast::AtTimeZone& at);
  // subquery.cc
  StatusOr<PendingSubquery*> NewSubquery(const ast::Subquery& subquery, const ast::Expression& written, bool ordered);
  StatusOr<ExprPtr> BindScalarSubquery(const ast::Subquery& subquery);
  StatusOr<ExprPtr> BindExists(const ast::Exists& exists);
  StatusOr<ExprPtr> BindAnySubquery(const ast::Expression& left, std::string_view op, const ast::Subquery& subquery, const ast::Expression& written,
                                    bool all);
  StatusOr<ExprPtr> BindInSubquery(const ast::InSubquery& in);
  StatusOr<ExprPtr> BindQuantifiedSubquery(const ast::Quantified& quantified);
  StatusOr<ExprPtr> BindArraySubquery(const ast::Array& array);
  // composite.cc
  StatusOr<ExprPtr> BindArray(const ast::Array& array, const Type* element);  // `element`: what its elements are cast to; nullptr: their common type
  StatusOr<ExprPtr> BindSubscript(const ast::Subscript& subscript);
  StatusOr<ExprPtr> BindIsJson(const ast::IsJson& is);
  StatusOr<ExprPtr> BindJsonSubscript(ExprPtr base, const std::vector<const ast::Subscript*>& chain);
  StatusOr<ExprPtr> BindQuantified(const ast::Quantified& quantified);
  StatusOr<ExprPtr> BindRow(const ast::Row& row);
  // calls.cc
  StatusOr<ExprPtr> BindCall(const ast::Call& call);
  StatusOr<ExprPtr> BindMakeInterval(const ast::Call& call);
  StatusOr<ExprPtr> BindNowLike(const ast::NowLike& now);
  StatusOr<ExprPtr> BindCoalesce(std::vector<ExprPtr> args, TextRange range);
  StatusOr<ExprPtr> BindNullIf(std::vector<ExprPtr> args, TextRange range);
  StatusOr<ExprPtr> BindGreatest(std::vector<ExprPtr> args, bool greatest, TextRange range);
  StatusOr<ExprPtr> BindClock(std::string_view name, TextRange range);
  StatusOr<ExprPtr> BindCurrentWatermark(const std::vector<ExprPtr>& args, TextRange range);
  StatusOr<std::vector<ExprPtr>> BindArguments(const ast::Call& call);
  // aggregate_calls.cc
  StatusOr<ExprPtr> BindAggregate(const ast::Call& call, const std::string& name);
  AggregateCollector* QueryOf(const std::vector<ColumnId>& columns) const;
  StatusOr<AggregateCall> ResolveAggregateCall(const ast::Call& call, const std::string& name, std::vector<ExprPtr> args,
                                               std::vector<AggregateOrder> order, ExprPtr filter);
  StatusOr<std::vector<AggregateOrder>> BindAggregateOrder(const std::vector<ast::OrderItem>& items);
  StatusOr<ResolvedAggregate> ResolvePercentiles(const std::string& name, std::vector<ExprPtr> args);
  Status OrderArguments(const ast::Call& call, const std::vector<ExprPtr>& given, AggregateCall* made);
  static StatusOr<ExprPtr> CollectAggregate(BindContext* context, AggregateCollector* of_query, const std::string& name, AggregateCall made);
  StatusOr<ExprPtr> BindGrouping(const ast::Call& call);
  // hypothetical.cc
  struct HypotheticalKey {
    ExprPtr value, before, peer;  // of a row: what ORDER BY names, whether it puts the row before the hypothetical one, or beside it
    bool nulls_first = false;
  };
  StatusOr<std::vector<HypotheticalKey>> BindHypotheticalKeys(const ast::Call& call);
  StatusOr<ExprPtr> CountHypothetical(AggregateCollector* of_query, const ast::Call& call, const std::vector<ExprPtr>& distinct, ExprPtr filter);
  StatusOr<ExprPtr> BindHypothetical(const ast::Call& call, const std::string& name);
  // over.cc
  StatusOr<ExprPtr> BindOver(const ast::Call& call, const std::string& name);
  Status BindWindowArguments(const ast::Call& call, const std::string& name, std::vector<ExprPtr> args, WindowCall* out);
  Status BindWindow(const ast::WindowSpecification& written, WindowCall* call);
  Status BindFrame(const ast::WindowFrame& written, WindowCall* call);
  StatusOr<ExprPtr> BindFrameOffset(const ast::Expression& expression, const Type* column, std::string_view mode);
  Status BindRangeOffsets(const Type& column, WindowCall* call);
  // sql_functions.cc
  StatusOr<ExprPtr> BindArgument(const ast::Parameter& parameter);  // of EXECUTE
  StatusOr<ExprPtr> BindSqlFunction(const ast::Call& call, const std::vector<CatalogObjectPtr>& candidates);
  StatusOr<ExprPtr> InlineFunction(const CatalogObject& function, std::vector<ExprPtr> args, TextRange range);
  // system_objects.cc
  StatusOr<ExprPtr> BindSystemFunction(const ast::Call& call, const std::vector<CatalogObjectPtr>& candidates);
  StatusOr<ExprPtr> BindSystemCast(const ast::CastExpression& cast);
  StatusOr<ExprPtr> BindCollate(const ast::Collate& collate);
  Status CoerceAll(std::vector<ExprPtr>* exprs, std::string_view construct);

  BindContext* context_;
  const Scope* scope_;
  AggregateCollector* aggregates_;
  std::string clause_;
  bool inside_aggregate_ = false;
  QueryBinder* queries_ = nullptr;
  SubqueryCollector* subqueries_ = nullptr;  // null: not allowed here
  Scope bound_scope_;                        // of the subquery bound last
  bool clock_allowed_ = false;
  WindowCollector* windows_ = nullptr;  // null: not allowed here
  std::string_view inside_window_;      // what is wrong with a window function here; "": nothing
  bool function_scope_ = false;         // in the body of an SQL function: $1 is its first parameter
};

// ---- sql_functions.cc ----
// The expression that CREATE FUNCTION ... LANGUAGE SQL computes, parsed: 42P13, 0A000 for what reads tables.
StatusOr<ast::ExpressionPtr> FunctionBody(const ast::CreateFunction& function);
// Its parameters as columns, each by its name and as $n.
Scope FunctionScope(BindContext* context, const ast::CreateFunction& function, const std::vector<Type>& types);

// ---- names.cc ----
// In the scope, or else in those of the queries around it.
StatusOr<ExprPtr> ResolveOuterName(const BindContext& context, const Scope& scope, const ast::QualifiedName& name);
// The columns a name may mean: 42703, 42702, 42P01 (an unknown table before the dot).
StatusOr<ExprPtr> ResolveName(const Scope& scope, const ast::QualifiedName& name);
// Field `field` of the struct `base`: 42703 with "did you mean", 42809 when it is no struct.
StatusOr<ExprPtr> FieldOf(ExprPtr base, const ast::Identifier& field);
// What PostgreSQL calls the column of a select item without an alias.
std::string ImpliedName(const ast::Expression& expression);

// ---- composite.cc ----
bool IsRow(const Expr& expr);  // ROW(...), which compares field by field
// Comparison of two rows by PostgreSQL's rules: 42601 when they have not as many fields.
StatusOr<ExprPtr> CompareRows(BindContext* context, std::string_view op, const ExprPtr& left, const ExprPtr& right, TextRange range);
ExprPtr RowNullTest(const ExprPtr& row, bool negated);

ExprPtr MakeNot(ExprPtr expr);
ExprPtr MakeIsNull(ExprPtr expr);
bool IsAggregateName(std::string_view name);

}  // namespace kappa
