// CREATE CONNECTION and FUNCTION, and what connections and secrets mean in WITH (...).
#include <algorithm>

#include "common/secret_reference.h"
#include "functions/registry.h"
#include "planner/binder/ddl.h"
#include "planner/binder/expressions.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

// The parts of `schema.name`, as an option's value has them.
std::pair<std::string, std::string> SplitName(const std::string& name) {
  const size_t dot = name.find('.');
  return dot == std::string::npos ? std::pair<std::string, std::string>("", name) : std::pair(name.substr(0, dot), name.substr(dot + 1));
}

bool Known(const std::vector<ConnectorOption>& options, std::string_view name) {
  return std::any_of(options.begin(), options.end(), [&](const ConnectorOption& known) {
    return known.name == name || (known.name.ends_with(".*") && name.starts_with(std::string_view(known.name).substr(0, known.name.size() - 1)));
  });
}

}  // namespace

StatusOr<std::vector<ast::Option>> DdlBinder::ExpandOptions(const std::vector<ast::Option>& written) {
  std::vector<ast::Option> options;
  for (const ast::Option& option : written) {
    if (option.name != "connection" || option.secret) {
      options.push_back(option);
      continue;
    }
    const auto [schema, label] = SplitName(option.value);
    const CatalogObjectPtr connection = context_->catalog->Resolve(Catalog::Family::kConnection, schema, label, context_->search_path());
    if (connection == nullptr) {
      return SqlError(sqlstate::kUndefinedObject, option.value_range)
             << "connection \"" << option.value << "\" does not exist"
             << DidYouMean(option.value, context_->catalog->Names(Catalog::Family::kConnection));
    }
    context_->depends_on.insert(connection->name);
    for (ast::Option shared : ast::Cast<ast::CreateConnection>(*connection->definition).options) {
      if (shared.name == "type") shared.name = "connector";
      if (std::any_of(written.begin(), written.end(), [&](const ast::Option& own) { return own.name == shared.name; })) continue;
      shared.name_range = shared.value_range = option.value_range;
      options.push_back(std::move(shared));
    }
  }
  for (ast::Option& option : options) {
    if (!option.secret) continue;
    const auto [schema, label] = SplitName(option.value);
    const CatalogObjectPtr secret = context_->catalog->Resolve(Catalog::Family::kSecret, schema, label, context_->search_path());
    if (secret == nullptr) {
      return SqlError(sqlstate::kUndefinedObject, option.value_range)
             << "secret \"" << option.value << "\" does not exist" << DidYouMean(option.value, context_->catalog->Names(Catalog::Family::kSecret));
    }
    context_->depends_on.insert(secret->name);
    option.value = SecretReference(secret->name);
  }
  return options;
}

Status DdlBinder::CheckConnection(const ast::CreateConnection& create) {
  const auto type = std::find_if(create.options.begin(), create.options.end(), [](const ast::Option& o) { return o.name == "type"; });
  if (type == create.options.end()) {
    return SqlError(sqlstate::kInvalidParameterValue, create.name.range)
           << "a connection needs the option \"type\"" << Hint("it is the name of a connector: type = 'kafka'");
  }
  const ConnectorDescriptor* connector = connectors_->Find(type->value);
  if (connector == nullptr) {
    return SqlError(sqlstate::kUndefinedObject, type->value_range)
           << "connector \"" << type->value << "\" does not exist" << DidYouMean(type->value, connectors_->Names());
  }
  for (const ast::Option& option : create.options) {
    if (option.name == "type" || Known(connector->source_options, option.name) || Known(connector->sink_options, option.name)) continue;
    std::vector<std::string> names;
    for (const auto* options : {&connector->source_options, &connector->sink_options}) {
      for (const ConnectorOption& known : *options) names.push_back(known.name);
    }
    return SqlError(sqlstate::kUndefinedObject, option.name_range)
           << "connector \"" << connector->name << "\" has no option \"" << option.name << "\"" << DidYouMean(option.name, names);
  }
  return ExpandOptions(create.options).status();  // its secrets exist
}

StatusOr<FunctionObject> DdlBinder::BindFunction(const ast::CreateFunction& create) {
  const std::string& name = create.name.last().name;
  const auto invalid = [&](TextRange range) { return SqlError(sqlstate::kInvalidFunctionDefinition, range); };
  if (create.returned == nullptr && create.language.name.empty())
    return invalid(create.name.range) << "no language specified" << Hint("add LANGUAGE SQL");
  if (!create.language.name.empty() && create.language.name != "sql")
    return NotSupported("a function in the language " + create.language.name, create.language.range);
  if (!create.returns_table.empty()) return NotSupported("a function that returns a table", create.name.range);
  if (!create.returns) return invalid(create.name.range) << "function result type must be specified" << Hint("add RETURNS type");
  if (!create.body && create.returned == nullptr) return invalid(create.name.range) << "no function body specified";
  if (IsAggregateName(name) || !FunctionRegistry::Get().Find(FunctionKind::kScalar, name).empty()) {
    return SqlError(sqlstate::kDuplicateFunction, create.name.range) << "function \"" << name << "\" is built in" << Hint("give yours another name");
  }
  FunctionObject function;
  for (const ast::FunctionParameter& parameter : create.parameters) {
    ASSIGN_OR_RETURN(Type type, ResolveTypeName(parameter.type));
    const auto same = std::count_if(create.parameters.begin(), create.parameters.end(), [&](const ast::FunctionParameter& other) {
      return !parameter.name.name.empty() && other.name.name == parameter.name.name;
    });
    if (same > 1) return invalid(parameter.name.range) << "parameter name \"" << parameter.name.name << "\" used more than once";
    if (parameter.default_value == nullptr) {
      if (function.required != function.parameters.size())
        return invalid(parameter.type.range) << "input parameters after one with a default value must also have defaults";
      ++function.required;
    } else {
      const Scope empty;
      ASSIGN_OR_RETURN(ExprPtr value, ExpressionBinder(context_, &empty, nullptr, "a default").Bind(*parameter.default_value));
      RETURN_IF_ERROR(Coerce(context_, std::move(value), type, Coercion::kAssignment).status());
    }
    function.parameters.push_back(std::move(type));
  }
  ASSIGN_OR_RETURN(function.result, ResolveTypeName(*create.returns));
  ast::ExpressionPtr parsed;
  if (create.returned == nullptr) { ASSIGN_OR_RETURN(parsed, FunctionBody(create)); }
  const Scope scope = FunctionScope(context_, create, function.parameters);
  ExpressionBinder binder(context_, &scope, nullptr, "an SQL function");
  binder.SetFunctionScope();
  StatusOr<ExprPtr> body = binder.Bind(parsed != nullptr ? *parsed : *create.returned);
  if (!body.ok()) {  // positions in the body's text are not the statement's
    if (parsed == nullptr) return body.status();
    return SqlError(SqlStateOf(body.status()), create.body_range)
           << "in the function's body: " << MessageOf(body.status()) << Hint(HintOf(body.status()));
  }
  const Type type = (*body)->type;
  if (!Coerce(context_, *body, function.result, Coercion::kAssignment).ok()) {
    return invalid(create.returns->range) << "return type mismatch in function declared to return " << TypeText(function.result)
                                          << Hint("actual return type is " + TypeText(type));
  }
  return function;
}

}  // namespace kappa
