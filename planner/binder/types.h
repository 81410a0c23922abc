// Type resolution as chapter 10 of PostgreSQL's manual describes it: operators, functions, value storage, UNION and CASE.
#pragma once

#include <string_view>
#include <vector>

#include "functions/aggregate.h"
#include "functions/function.h"
#include "parser/ast/expression.h"
#include "planner/binder/context.h"

namespace kappa {

enum class Coercion { kImplicit, kAssignment, kExplicit };

// 42704 for an unknown name (with "did you mean"), 0A000 for a type that is not built yet.
StatusOr<Type> ResolveTypeName(const ast::TypeName& name);

bool CanCoerce(const Type& from, const Type& to, Coercion coercion);
// Gives `expr` the type `to`: literals and NULLs take it, parameters are inferred, all else is cast. 42804 / 42846 when there is no such cast;
// 22P02... for bad literals.
StatusOr<ExprPtr> Coerce(BindContext* context, ExprPtr expr, const Type& to, Coercion coercion);
// Evaluates a call of an immutable function over constants now: what fails is an error of the statement, not of each row.
StatusOr<ExprPtr> FoldConstant(const ExprPtr& call);
// A literal or NULL that nothing else typed becomes text.
StatusOr<ExprPtr> CoerceUnknownToText(BindContext* context, ExprPtr expr);

// The type that UNION, CASE, COALESCE, IN, VALUES give to all. `construct` is named in the error (42804): "CASE types text and integer cannot be
// matched".
StatusOr<Type> CommonType(const std::vector<ExprPtr>& exprs, std::string_view construct);

// A call of a function of the session: one that is about local time gets the session's zone as its last argument.
ExprPtr MakeSessionCall(const BindContext& context, const FunctionEntry* function, std::vector<ExprPtr> args, Type result);
// Finds the overload for the arguments and casts them. 42883 / 42725.
StatusOr<ExprPtr> CallFunction(BindContext* context, std::string_view name, std::vector<ExprPtr> args, TextRange range);
StatusOr<ExprPtr> CallOperator(BindContext* context, std::string_view symbol, std::vector<ExprPtr> args, TextRange range);
struct ResolvedAggregate {
  const AggregateEntry* entry = nullptr;
  std::vector<ExprPtr> args;
  Type type;  // of the result
};
StatusOr<ResolvedAggregate> ResolveAggregate(BindContext* context, std::string_view name, std::vector<ExprPtr> args, TextRange range);

Type WithoutModifiers(const Type& type);  // of elements and fields too
// With text for what has no type: a bare literal, or one inside a row.
Type TypedAsText(const Type& type);
ExprPtr WithExprRange(const ExprPtr& expr, TextRange range);
std::string TypeText(const Type& type);  // as messages name it: "unknown" for a bare literal

}  // namespace kappa
