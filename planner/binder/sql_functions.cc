// CREATE FUNCTION ... LANGUAGE SQL: calls are written out where they stand, with their arguments in the place of the parameters. And the arguments of
// EXECUTE, which take the place of $1, $2... in the same way. And how names of relations are looked up.
#include <algorithm>

#include "functions/registry.h"
#include "parser/ast/definition_statements.h"
#include "parser/parser.h"
#include "planner/binder/expressions.h"
#include "planner/binder/types.h"
#include "planner/logical/logical.h"

namespace kappa {
namespace {

constexpr int kMaxInlined = 200;  // functions within one another

// The columns of `expr` whose ids are in `arguments`, replaced.
ExprPtr Substitute(const ExprPtr& expr, const std::map<ColumnId, ExprPtr>& arguments) {
  if (expr->kind == ExprKind::kColumn) {
    const auto found = arguments.find(expr->column);
    return found == arguments.end() ? expr : found->second;
  }
  if (expr->args.empty()) return expr;
  auto copy = std::make_shared<Expr>(*expr);
  for (ExprPtr& arg : copy->args) arg = Substitute(arg, arguments);
  return copy;
}

// Errors of another text than the statement's: without their positions.
template <typename T>
StatusOr<T> Elsewhere(StatusOr<T> result, std::string_view place, TextRange range) {
  if (result.ok()) return result;
  return SqlError(SqlStateOf(result.status()), range) << place << MessageOf(result.status()) << Hint(HintOf(result.status()));
}

}  // namespace

CatalogObjectPtr BindContext::Resolve(const ast::QualifiedName& name) const {
  if (name.parts.size() > 2) return nullptr;
  return catalog->Resolve(Catalog::Family::kRelation, name.parts.size() == 2 ? name.parts[0].name : "", name.last().name, search_path());
}

Hint BindContext::Nearby(const ast::QualifiedName& name, const std::vector<std::string>& names) const {
  for (const Catalog::SavedObject& saved : catalog->unrestored()) {
    if (saved.object.shown_name() == name.last().name) return Hint("it could not be made again when the engine was opened: " + saved.problem);
  }
  for (const std::string& known : catalog->Names()) {
    if (name.parts.size() == 1 && known.ends_with("." + name.last().name)) return Hint("did you mean \"" + known + "\"?");
  }
  return DidYouMean(name.last().name, names);
}

StatusOr<ast::ExpressionPtr> FunctionBody(const ast::CreateFunction& function) {
  const auto table_error = [&](std::string_view what) {
    return SqlError(sqlstate::kFeatureNotSupported, function.body_range)
           << "an SQL function " << what << " is not supported yet" << Hint("its body is one SELECT of one expression, or RETURN expression");
  };
  std::string text = function.body.value_or("");
  if (function.returned != nullptr) return SqlError(sqlstate::kInternalError) << "RETURN has a tree of its own";
  StatusOr<std::vector<ast::StatementPtr>> statements = Parse(text);
  if (!statements.ok())
    return SqlError(SqlStateOf(statements.status()), function.body_range) << "in the function's body: " << MessageOf(statements.status());
  if (statements->size() != 1) return table_error(statements->empty() ? "without a body" : "of several statements");
  auto* statement = ast::As<ast::QueryStatement>(*statements->front());
  if (statement == nullptr) return table_error("that is not a SELECT");
  auto* select = ast::As<ast::Select>(*statement->query->body);
  ast::Query& query = *statement->query;
  const bool plain = select != nullptr && select->from.empty() && select->where == nullptr && select->group_by.empty() && select->having == nullptr &&
                     !select->distinct && query.with.empty() && query.order_by.empty() && query.limit == nullptr && query.offset == nullptr;
  if (!plain) return table_error("that reads tables");
  if (select->items.size() != 1) {
    return SqlError(sqlstate::kInvalidFunctionDefinition, function.body_range)
           << "return type mismatch in function \"" << function.name.last().name << "\"" << Hint("its SELECT must return exactly one column");
  }
  return std::move(select->items.front().expression);
}

Scope FunctionScope(BindContext* context, const ast::CreateFunction& function, const std::vector<Type>& types) {
  Scope scope;
  for (size_t i = 0; i < types.size(); ++i) {
    const std::string& name = function.parameters[i].name.name;
    const Column column = context->NewColumn(name, types[i], true);
    if (!name.empty()) scope.columns.push_back({function.name.last().name, name, column});
    scope.columns.push_back({"", "$" + std::to_string(i + 1), column});
  }
  return scope;
}

StatusOr<ExprPtr> ExpressionBinder::BindArgument(const ast::Parameter& parameter) {
  const PlannerSettings& settings = *context_->settings;
  const auto index = static_cast<size_t>(parameter.number) - 1;
  if (index >= settings.arguments->size()) {
    return SqlError(sqlstate::kUndefinedParameter, parameter.range)
           << "there is no parameter $" << parameter.number << Hint("EXECUTE gives " + std::to_string(settings.arguments->size()));
  }
  const Scope empty;
  ExpressionBinder binder(context_, &empty, nullptr, "EXECUTE");
  const std::string place = "in argument " + std::to_string(parameter.number) + " of EXECUTE: ";
  ASSIGN_OR_RETURN(ExprPtr value, Elsewhere(binder.Bind(*(*settings.arguments)[index]), place, parameter.range));
  if (settings.argument_types != nullptr && index < settings.argument_types->size()) {
    ASSIGN_OR_RETURN(Type type, Elsewhere(ResolveTypeName((*settings.argument_types)[index]), place, parameter.range));
    if (!type.is_struct() && type.id() != TypeId::kArray) type = Type(type.id());  // as in PostgreSQL, (10, 2) of numeric(10, 2) says nothing here
    ASSIGN_OR_RETURN(value, Elsewhere(Coerce(context_, std::move(value), type, Coercion::kAssignment), place, parameter.range));
  }
  return WithExprRange(value, parameter.range);
}

StatusOr<ExprPtr> ExpressionBinder::BindSqlFunction(const ast::Call& call, const std::vector<CatalogObjectPtr>& candidates) {
  const std::string& name = call.name.last().name;
  if (call.star || call.distinct || call.filter != nullptr || call.over != nullptr || !call.order_by.empty() || !call.within_group.empty() ||
      call.variadic) {
    return SqlError(sqlstate::kWrongObjectType, call.range) << name << " is not an aggregate function";
  }
  std::vector<ExprPtr> given;
  for (const ast::Argument& argument : call.arguments) {
    ASSIGN_OR_RETURN(ExprPtr value, Bind(*argument.value));
    given.push_back(std::move(value));
  }
  for (const CatalogObjectPtr& candidate : candidates) {
    const auto& object = *candidate->As<FunctionObject>();
    const auto& definition = ast::Cast<ast::CreateFunction>(*candidate->definition);
    std::vector<ExprPtr> args(object.parameters.size());
    bool fits = given.size() <= args.size();
    for (size_t i = 0; i < given.size() && fits; ++i) {
      size_t at = i;
      if (const std::string& wanted = call.arguments[i].name.name; !wanted.empty()) {
        const auto found = std::find_if(definition.parameters.begin(), definition.parameters.end(),
                                        [&](const ast::FunctionParameter& parameter) { return parameter.name.name == wanted; });
        at = static_cast<size_t>(found - definition.parameters.begin());
      }
      fits = at < args.size() && args[at] == nullptr &&
             (given[i]->type.id() == TypeId::kUnknown || CanCoerce(given[i]->type, object.parameters[at], Coercion::kImplicit));
      if (fits) args[at] = given[i];
    }
    for (size_t i = 0; i < args.size() && fits; ++i) {
      if (args[i] == nullptr) fits = definition.parameters[i].default_value != nullptr;
    }
    if (!fits) continue;
    context_->depends_on.insert(candidate->name);
    return InlineFunction(*candidate, std::move(args), call.range);
  }
  std::string types, signatures;
  for (const ExprPtr& arg : given) types += (types.empty() ? "" : ", ") + TypeText(arg->type);
  for (const CatalogObjectPtr& candidate : candidates) {
    signatures += (signatures.empty() ? "" : ", ") + name + "(";
    const auto& parameters = candidate->As<FunctionObject>()->parameters;
    for (size_t i = 0; i < parameters.size(); ++i) signatures += (i > 0 ? ", " : "") + TypeText(parameters[i]);
    signatures += ")";
  }
  return SqlError(sqlstate::kUndefinedFunction, call.name.range)
         << "function " << name << "(" << types << ") does not exist" << Hint("there is " + signatures);
}

StatusOr<ExprPtr> ExpressionBinder::InlineFunction(const CatalogObject& function, std::vector<ExprPtr> args, TextRange range) {
  if (++context_->inlined > kMaxInlined) {
    return SqlError(sqlstate::kStatementTooComplex, range)
           << "SQL functions call one another more than " << kMaxInlined << " levels deep" << Hint("an SQL function cannot call itself");
  }
  const auto& object = *function.As<FunctionObject>();
  const auto& definition = ast::Cast<ast::CreateFunction>(*function.definition);
  const std::string place = "in function \"" + function.shown_name() + "\": ";
  const FrozenContext frozen(context_, function);
  const Scope empty;
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i] == nullptr) {
      ExpressionBinder binder(context_, &empty, nullptr, "a default");
      ASSIGN_OR_RETURN(args[i], Elsewhere(binder.Bind(*definition.parameters[i].default_value), place, range));
    }
    ASSIGN_OR_RETURN(args[i], Elsewhere(Coerce(context_, args[i], object.parameters[i], Coercion::kAssignment), place, range));
  }
  const Scope scope = FunctionScope(context_, definition, object.parameters);
  ExpressionBinder binder(context_, &scope, nullptr, "an SQL function");
  binder.SetFunctionScope();
  ast::ExpressionPtr parsed;
  if (definition.returned == nullptr) { ASSIGN_OR_RETURN(parsed, Elsewhere(FunctionBody(definition), place, range)); }
  ASSIGN_OR_RETURN(ExprPtr body, Elsewhere(binder.Bind(parsed != nullptr ? *parsed : *definition.returned), place, range));
  ASSIGN_OR_RETURN(body, Elsewhere(Coerce(context_, std::move(body), object.result, Coercion::kAssignment), place, range));
  std::map<ColumnId, ExprPtr> arguments;
  for (const ScopeColumn& column : scope.columns) {
    const auto number = static_cast<size_t>(std::stoul(column.name[0] == '$' ? column.name.substr(1) : "0"));
    if (number > 0) arguments[column.column.id] = args[number - 1];
  }
  ExprPtr value = Substitute(body, arguments);
  const bool strict =
      std::any_of(definition.attributes.begin(), definition.attributes.end(), [](const ast::Identifier& a) { return a.name == "strict"; });
  std::vector<ExprPtr> nulls;
  for (const ExprPtr& arg : args) {
    if (strict && arg->nullable) nulls.push_back(MakeIsNull(arg));
  }
  if (!nulls.empty()) {
    ExprPtr any = nulls.size() == 1 ? nulls[0] : MakeExpr(ExprKind::kOr, TypeId::kBool, false, nulls);
    const Type type = value->type;
    value = MakeExpr(ExprKind::kCase, type, true, {any, MakeConstant(Datum(), type), value});
  }
  --context_->inlined;
  return WithExprRange(value, range);
}

}  // namespace kappa
