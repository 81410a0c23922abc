#include "planner/binder/ad_hoc.h"

#include <algorithm>

#include "planner/binder/query.h"
#include "planner/binder/source_format.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

struct Form {
  std::string_view name, usage;
  size_t arguments;
};
constexpr Form kForms[] = {
    {"read_json", "read_json('path')", 1}, {"read_csv", "read_csv('path', header => true)", 1}, {"kafka", "kafka('host:port', 'topic')", 2}};

const Form* FormOf(const ast::Call& call) {
  if (call.name.parts.size() != 1) return nullptr;
  const auto found = std::find_if(std::begin(kForms), std::end(kForms), [&](const Form& form) { return form.name == call.name.last().name; });
  return found == std::end(kForms) ? nullptr : found;
}

StatusOr<std::string> ConstantText(BindContext* context, const ast::Expression& expression, std::string_view what) {
  const Scope empty;
  ExpressionBinder binder(context, &empty, nullptr, what);
  ASSIGN_OR_RETURN(ExprPtr bound, binder.Bind(expression));
  if (bound->type.id() == TypeId::kUnknown) { ASSIGN_OR_RETURN(bound, Coerce(context, std::move(bound), TypeId::kText, Coercion::kImplicit)); }
  CallContext calls;
  StatusOr<Datum> value = Evaluate(*bound, &calls, {});
  if (!value.ok()) return WithRange(value.status(), expression.range);
  if (value->is_null()) return SqlError(sqlstate::kNullValueNotAllowed, expression.range) << what << " must not be NULL";
  return value->ToText(bound->type);
}

}  // namespace

std::string FileAlias(std::string_view path) {
  if (const size_t slash = path.rfind('/'); slash != std::string_view::npos) path.remove_prefix(slash + 1);
  return std::string(path.substr(0, path.find('.')));
}

bool IsAdHocFunction(const ast::Call& call) { return FormOf(call) != nullptr; }

StatusOr<AdHocSource> AdHocCall(BindContext* context, const ast::Call& call) {
  const Form& form = *FormOf(call);
  AdHocSource wanted;
  wanted.function = form.name;
  std::vector<ast::Option> options;
  for (const ast::Argument& argument : call.arguments) {
    ASSIGN_OR_RETURN(std::string text, ConstantText(context, *argument.value, "an argument of " + std::string(form.name)));
    if (argument.name.name.empty()) {
      wanted.arguments.push_back(std::move(text));
      continue;
    }
    ast::Option option;
    option.name = argument.name.name == "delim" || argument.name.name == "sep" ? "delimiter" : argument.name.name;
    option.value = text == "t" ? "true" : text == "f" ? "false" : text;  // booleans as their texts
    option.name_range = argument.name.range;
    option.value_range = argument.value->range;
    options.push_back(std::move(option));
  }
  if (wanted.arguments.size() != form.arguments) return SqlError(sqlstate::kSyntaxError, call.range) << "write " << form.usage;
  if (form.name == "read_csv") {
    RETURN_IF_ERROR(TakeCsvOptions(options, false, &wanted.format_options));
  } else if (!options.empty()) {
    return SqlError(sqlstate::kUndefinedObject, options[0].name_range) << form.name << " has no option \"" << options[0].name << "\"";
  }
  return wanted;
}

StatusOr<Relation> QueryBinder::BindAdHoc(const AdHocSource& wanted, TextRange range) {
  RETURN_IF_ERROR(CountRelation(range));
  if (!context_->settings->infer) return NotSupported("reading a source that is not declared", range);
  StatusOr<SourceObject> source = context_->settings->infer(wanted);
  if (!source.ok()) return WithRange(source.status(), range);
  CatalogObject object;
  object.name = wanted.arguments.back();
  object.object = std::move(*source);
  return BindSource(object, std::nullopt);
}

}  // namespace kappa
