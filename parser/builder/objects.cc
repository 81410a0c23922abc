// CREATE INDEX and FUNCTION, ALTER, and the words that statements about any object share.
#include <algorithm>

#include "KappaParserBaseVisitor.h"
#include "parser/builder/builder.h"
#include "parser/string_constant.h"

namespace kappa::builder {
namespace {

using antlrcpp::Any;
using ast::AlterAction;

class AlterBuilder final : public grammar::KappaParserBaseVisitor {
 public:
  explicit AlterBuilder(BuildContext& context) : context_(context) {}

  ast::AlterStep Build(KappaParser::AlterActionContext* rule) {
    step_ = {};
    step_.range = RangeOf(rule);
    rule->accept(this);
    return std::move(step_);
  }

  Any visitRenameAction(KappaParser::RenameActionContext* rule) override { return Named(AlterAction::kRename, rule->name()); }
  Any visitRenameColumnAction(KappaParser::RenameColumnActionContext* rule) override {
    step_.column = BuildIdentifier(rule->name(0), context_);
    return Named(AlterAction::kRenameColumn, rule->name(1));
  }
  Any visitAddColumnAction(KappaParser::AddColumnActionContext* rule) override {
    step_.action = AlterAction::kAddColumn;
    step_.if_exists = rule->ifNotExists() != nullptr;
    step_.added = std::make_unique<ast::Column>(BuildColumn(rule->columnDefinition(), context_));
    return {};
  }
  Any visitDropColumnAction(KappaParser::DropColumnActionContext* rule) override {
    step_.if_exists = rule->ifExists() != nullptr;
    step_.cascade = rule->CASCADE() != nullptr;
    return Column(AlterAction::kDropColumn, rule->name());
  }
  Any visitColumnTypeAction(KappaParser::ColumnTypeActionContext* rule) override {
    if (rule->name(1) != nullptr && BuildIdentifier(rule->name(1), context_).name != "data") context_.FailSyntax(RangeOf(rule->name(1)));
    step_.type = BuildType(rule->typeName(), context_);
    if (rule->expression() != nullptr) step_.expression = BuildExpression(rule->expression(), context_);
    return Column(AlterAction::kColumnType, rule->name(0));
  }
  Any visitColumnDefaultAction(KappaParser::ColumnDefaultActionContext* rule) override {
    step_.expression = BuildExpression(rule->expression(), context_);
    return Column(AlterAction::kColumnSetDefault, rule->name());
  }
  Any visitColumnDropDefaultAction(KappaParser::ColumnDropDefaultActionContext* rule) override {
    return Column(AlterAction::kColumnDropDefault, rule->name());
  }
  Any visitColumnNotNullAction(KappaParser::ColumnNotNullActionContext* rule) override {
    return Column(rule->SET() != nullptr ? AlterAction::kColumnSetNotNull : AlterAction::kColumnDropNotNull, rule->name());
  }
  Any visitSetSchemaAction(KappaParser::SetSchemaActionContext* rule) override { return Named(AlterAction::kSetSchema, rule->name()); }
  Any visitOwnerAction(KappaParser::OwnerActionContext* rule) override { return Named(AlterAction::kOwner, rule->name()); }
  Any visitSetOptionsAction(KappaParser::SetOptionsActionContext* rule) override {
    step_.action = AlterAction::kSetOptions;
    step_.options = BuildOptions(rule->optionList(), context_);
    return {};
  }
  Any visitSetParameterAction(KappaParser::SetParameterActionContext* rule) override {
    step_.action = AlterAction::kSetParameter;
    step_.new_name = BuildSettingName(rule->settingName(), context_);
    if (rule->settingValue() != nullptr) step_.value = BuildSettingValue(rule->settingValue(), context_);
    return {};
  }
  Any visitSwapAction(KappaParser::SwapActionContext* rule) override {
    step_.action = AlterAction::kSwap;
    step_.other = BuildName(rule->qualifiedName(), context_);
    return {};
  }
  Any visitRefreshAction(KappaParser::RefreshActionContext* rule) override {
    step_.action = AlterAction::kRefresh;
    return {};
  }
  Any visitSecretAction(KappaParser::SecretActionContext* rule) override {
    step_.action = AlterAction::kSecretValue;
    if (rule->withOptions() != nullptr) step_.options = BuildOptions(rule->withOptions()->optionList(), context_);
    step_.value = BuildString(rule->string(), context_);
    return {};
  }
  Any visitFormatAction(KappaParser::FormatActionContext* rule) override {
    step_.action = AlterAction::kFormat;
    step_.format = BuildFormat(rule->formatClause(), context_);
    return {};
  }

 private:
  Any Named(AlterAction action, KappaParser::NameContext* name) {
    step_.action = action;
    step_.new_name = BuildIdentifier(name, context_);
    return {};
  }
  Any Column(AlterAction action, KappaParser::NameContext* name) {
    step_.action = action;
    step_.column = BuildIdentifier(name, context_);
    return {};
  }

  BuildContext& context_;
  ast::AlterStep step_;
};

class FunctionBuilder final : public grammar::KappaParserBaseVisitor {
 public:
  FunctionBuilder(ast::CreateFunction& function, BuildContext& context) : function_(function), context_(context) {}

  Any visitReturnsTable(KappaParser::ReturnsTableContext* rule) override {
    Once(function_.returns.has_value() || !function_.returns_table.empty(), rule);
    for (auto* definition : rule->columnDefinition()) {
      ast::Column column = BuildColumn(definition, context_);
      if (!column.type) return {};
      function_.returns_table.push_back({std::move(column.name), *std::move(column.type)});
    }
    return {};
  }
  Any visitReturnsType(KappaParser::ReturnsTypeContext* rule) override {
    Once(function_.returns.has_value() || !function_.returns_table.empty(), rule);
    function_.returns = BuildType(rule->typeName(), context_);
    return {};
  }
  Any visitFunctionLanguage(KappaParser::FunctionLanguageContext* rule) override {
    Once(!function_.language.name.empty(), rule);
    if (rule->label() != nullptr) {
      function_.language = BuildIdentifier(rule->label(), context_);
    } else {
      function_.language = {FoldIdentifier(BuildString(rule->string(), context_)), false, RangeOf(rule->string())};
    }
    return {};
  }
  Any visitFunctionBody(KappaParser::FunctionBodyContext* rule) override {
    Once(function_.body.has_value() || function_.returned != nullptr, rule);
    function_.body = BuildString(rule->string(), context_);
    function_.body_range = RangeOf(rule->string());
    return {};
  }
  Any visitFunctionReturn(KappaParser::FunctionReturnContext* rule) override {
    Once(function_.body.has_value() || function_.returned != nullptr, rule);
    function_.returned = BuildExpression(rule->expression(), context_);
    return {};
  }
  Any visitFunctionAttribute(KappaParser::FunctionAttributeContext* rule) override {
    ast::Identifier word = BuildIdentifier(rule->name(), context_);
    static constexpr std::string_view kWords[] = {"immutable", "stable", "volatile", "strict",    "leakproof",
                                                  "parallel",  "safe",   "unsafe",   "restricted"};
    if (std::find(std::begin(kWords), std::end(kWords), word.name) == std::end(kWords)) context_.FailSyntax(word.range);
    function_.attributes.push_back(std::move(word));
    return {};
  }

 private:
  void Once(bool seen, antlr4::ParserRuleContext* rule) {
    if (seen) context_.Fail(SqlError(sqlstate::kSyntaxError, RangeOf(rule)) << "conflicting or redundant options");
  }

  ast::CreateFunction& function_;
  BuildContext& context_;
};

}  // namespace

ast::ObjectKind BuildObjectKind(KappaParser::ObjectKindContext* rule) {
  if (rule->SOURCE() != nullptr) return ast::ObjectKind::kSource;
  if (rule->TABLE() != nullptr) return ast::ObjectKind::kTable;
  if (rule->SINK() != nullptr) return ast::ObjectKind::kSink;
  if (rule->INDEX() != nullptr) return ast::ObjectKind::kIndex;
  if (rule->SCHEMA() != nullptr) return ast::ObjectKind::kSchema;
  if (rule->FUNCTION() != nullptr) return ast::ObjectKind::kFunction;
  if (rule->SECRET() != nullptr) return ast::ObjectKind::kSecret;
  if (rule->CONNECTION() != nullptr) return ast::ObjectKind::kConnection;
  if (rule->USER() != nullptr) return ast::ObjectKind::kUser;
  return rule->MATERIALIZED() != nullptr ? ast::ObjectKind::kMaterializedView : ast::ObjectKind::kView;
}

ast::StatementPtr BuildCreateIndex(KappaParser::CreateIndexContext* rule, BuildContext& context) {
  auto index = std::make_unique<ast::CreateIndex>();
  index->unique = rule->UNIQUE() != nullptr;
  index->if_not_exists = rule->ifNotExists() != nullptr;
  if (rule->name() != nullptr) index->name = BuildIdentifier(rule->name(), context);
  index->table = BuildName(rule->qualifiedName(), context);
  index->columns = BuildOrder(rule->orderItem(), context);
  index->include = BuildNames(rule->nameList(), context);
  if (rule->whereClause() != nullptr) index->where = BuildExpression(rule->whereClause()->expression(), context);
  return index;
}

ast::StatementPtr BuildCreateFunction(KappaParser::CreateFunctionContext* rule, BuildContext& context) {
  auto function = std::make_unique<ast::CreateFunction>();
  function->or_replace = rule->orReplace() != nullptr;
  function->if_not_exists = rule->ifNotExists() != nullptr;
  function->name = BuildName(rule->qualifiedName(), context);
  for (auto* parameter : rule->functionParameter()) {
    ast::FunctionParameter out;
    if (parameter->name() != nullptr) out.name = BuildIdentifier(parameter->name(), context);
    out.type = BuildType(parameter->typeName(), context);
    if (parameter->expression() != nullptr) out.default_value = BuildExpression(parameter->expression(), context);
    function->parameters.push_back(std::move(out));
  }
  FunctionBuilder builder(*function, context);
  for (auto* clause : rule->functionClause()) clause->accept(&builder);
  return function;
}

ast::StatementPtr BuildAlter(KappaParser::AlterStatementContext* rule, BuildContext& context) {
  auto alter = std::make_unique<ast::Alter>();
  alter->object = BuildObjectKind(rule->objectKind());
  alter->if_exists = rule->ifExists() != nullptr;
  alter->name = BuildName(rule->qualifiedName(), context);
  AlterBuilder builder(context);
  for (auto* action : rule->alterAction()) alter->steps.push_back(builder.Build(action));
  return alter;
}

// The dots of a setting's name stand between its words, so quotes may not bring in others.
ast::Identifier BuildSettingName(KappaParser::SettingNameContext* rule, BuildContext& context) {
  ast::Identifier name = BuildIdentifier(rule->start, context);
  bool valid = name.name.find('.') == std::string::npos;
  for (auto* label : rule->label()) {
    const std::string word = BuildIdentifier(label, context).name;
    valid = valid && word.find('.') == std::string::npos;
    name.name += '.' + word;
  }
  name.range = RangeOf(rule);
  if (!valid) context.Fail(SqlError(sqlstate::kUndefinedObject, name.range) << "unrecognized configuration parameter \"" << name.name << '"');
  return name;
}

std::string BuildSettingValue(KappaParser::SettingValueContext* rule, BuildContext& context) {
  if (rule->string() != nullptr) return BuildString(rule->string(), context);
  const std::string_view text = context.TextOf(RangeOf(rule));
  return text.front() == '"' ? std::string(text) : FoldIdentifier(text);  // a quoted name keeps its quotes: who takes lists reads them
}

}  // namespace kappa::builder
