// CREATE SOURCE, TABLE, VIEW, MATERIALIZED VIEW, SINK and their clauses.
#include "KappaParserBaseVisitor.h"
#include "parser/builder/builder.h"
#include "parser/string_constant.h"

namespace kappa::builder {
namespace {

using antlrcpp::Any;

std::string DottedWords(const std::vector<KappaParser::LabelContext*>& labels, BuildContext& context) {
  std::string text;
  for (auto* label : labels) {
    if (!text.empty()) text += '.';
    text += BuildIdentifier(label, context).name;
  }
  return text;
}

}  // namespace

std::vector<ast::Option> BuildOptions(KappaParser::OptionListContext* list, BuildContext& context) {
  std::vector<ast::Option> out;
  if (list == nullptr) return out;
  for (auto* rule : list->option()) {
    ast::Option option;
    KappaParser::OptionValueContext* value = rule->optionValue();
    option.value_range = RangeOf(value);
    option.secret = value->SECRET() != nullptr;
    if (rule->string() != nullptr) {
      option.name = BuildString(rule->string(), context);
      option.name_range = RangeOf(rule->string());
    } else {
      option.name = DottedWords(rule->label(), context);
      option.name_range = Join(RangeOf(rule->label().front()), RangeOf(rule->label().back()));
    }
    if (option.secret) {
      option.value = ast::ToString(BuildName(value->qualifiedName(), context));
    } else if (value->string() != nullptr) {
      option.string = true;
      option.value = BuildString(value->string(), context);
    } else if (!value->label().empty()) {
      option.value = DottedWords(value->label(), context);
    } else {
      option.value = FoldIdentifier(context.TextOf(option.value_range));
    }
    out.push_back(std::move(option));
  }
  return out;
}

ast::FormatClause BuildFormat(KappaParser::FormatClauseContext* rule, BuildContext& context) {
  ast::FormatClause format;
  format.range = RangeOf(rule);
  const std::vector<KappaParser::LabelContext*> words = rule->label();
  size_t next = 0;
  if (rule->FORMAT() != nullptr) format.format = BuildIdentifier(words[next++], context);
  format.encode = BuildIdentifier(words[next++], context);
  const size_t key_begin = rule->KEY() != nullptr ? rule->KEY()->getSymbol()->getTokenIndex() : SIZE_MAX;
  if (rule->KEY() != nullptr) format.key_encode = BuildIdentifier(words[next], context);
  for (auto* list : rule->optionList()) {
    (list->start->getTokenIndex() < key_begin ? format.options : format.key_options) = BuildOptions(list, context);
  }
  return format;
}

ast::Column BuildColumn(KappaParser::ColumnDefinitionContext* rule, BuildContext& context) {
  ast::Column column;
  column.name = BuildIdentifier(rule->name(), context);
  column.range = RangeOf(rule);
  if (rule->typeName() != nullptr) column.type = BuildType(rule->typeName(), context);
  for (auto* constraint : rule->columnConstraint()) {
    if (dynamic_cast<KappaParser::NotNullConstraintContext*>(constraint) != nullptr) {
      column.not_null = true;
    } else if (dynamic_cast<KappaParser::PrimaryKeyConstraintContext*>(constraint) != nullptr) {
      column.primary_key = true;
    } else if (auto* value = dynamic_cast<KappaParser::DefaultConstraintContext*>(constraint)) {
      column.default_value = BuildExpression(value->expression(), context);
    } else if (auto* computed = dynamic_cast<KappaParser::ComputedConstraintContext*>(constraint)) {
      column.computed = BuildExpression(computed->expression(), context);
    } else if (auto* metadata = dynamic_cast<KappaParser::MetadataConstraintContext*>(constraint)) {
      column.metadata = metadata->string() != nullptr ? BuildString(metadata->string(), context) : column.name.name;
      column.metadata_range = RangeOf(metadata);
    }
  }
  if (!column.type.has_value() && column.computed == nullptr) {
    context.Fail(SqlError(sqlstate::kSyntaxError, column.range) << "column \"" << column.name.name << "\" has no type");
  }
  return column;
}

namespace {

// Elements and clauses of CREATE SOURCE and CREATE TABLE.
class RelationBuilder final : public grammar::KappaParserBaseVisitor {
 public:
  RelationBuilder(ast::CreateRelation& relation, BuildContext& context) : relation_(relation), context_(context) {}

  Any visitStarElement(KappaParser::StarElementContext* rule) override {
    relation_.star = true;
    return {};
  }
  Any visitPrimaryKeyElement(KappaParser::PrimaryKeyElementContext* rule) override {
    if (!relation_.primary_key.empty()) {
      context_.Fail(SqlError(sqlstate::kInvalidTableDefinition, RangeOf(rule))
                    << "multiple primary keys for table \"" << relation_.name.last().name << "\" are not allowed");
    }
    relation_.primary_key = BuildNames(rule->nameList(), context_);
    relation_.primary_key_range = RangeOf(rule);
    return {};
  }
  Any visitWatermarkElement(KappaParser::WatermarkElementContext* rule) override {
    ast::Watermark watermark;
    watermark.column = BuildIdentifier(rule->name(), context_);
    watermark.expression = BuildExpression(rule->expression(0), context_);
    if (rule->AHEAD() != nullptr) watermark.max_ahead = BuildExpression(rule->expression(1), context_);
    watermark.range = RangeOf(rule);
    relation_.watermarks.push_back(std::move(watermark));
    return {};
  }
  Any visitColumnElement(KappaParser::ColumnElementContext* rule) override {
    relation_.columns.push_back(BuildColumn(rule->columnDefinition(), context_));
    return {};
  }

  Any visitAppendOnlyClause(KappaParser::AppendOnlyClauseContext* rule) override {
    relation_.append_only = true;
    return {};
  }
  Any visitOnConflictClause(KappaParser::OnConflictClauseContext* rule) override {
    Once(relation_.on_conflict.has_value(), rule);
    relation_.on_conflict = rule->OVERWRITE() != nullptr ? ast::ConflictAction::kOverwrite
                            : rule->UPDATE() != nullptr  ? ast::ConflictAction::kUpdateIfNotNull
                                                         : ast::ConflictAction::kIgnore;
    return {};
  }
  Any visitIncludeClause(KappaParser::IncludeClauseContext* rule) override {
    ast::IncludeColumn include;
    if (rule->source != nullptr)
      include.source = BuildIdentifier(rule->source, context_);
    else
      include.source.name = "offset";  // a reserved word
    if (rule->string() != nullptr) include.field = BuildString(rule->string(), context_);
    if (rule->typeName() != nullptr) include.type = BuildType(rule->typeName(), context_);
    if (rule->alias != nullptr) include.alias = BuildIdentifier(rule->alias, context_);
    include.range = RangeOf(rule);
    relation_.includes.push_back(std::move(include));
    return {};
  }
  Any visitOptionsClause(KappaParser::OptionsClauseContext* rule) override {
    Once(relation_.has_options, rule);
    relation_.has_options = true;
    relation_.options = BuildOptions(rule->withOptions()->optionList(), context_);
    return {};
  }
  Any visitFormatRelationClause(KappaParser::FormatRelationClauseContext* rule) override {
    Once(relation_.format.has_value(), rule);
    relation_.format = BuildFormat(rule->formatClause(), context_);
    return {};
  }
  Any visitOnErrorClause(KappaParser::OnErrorClauseContext* rule) override {
    Once(relation_.on_error.has_value(), rule);
    ast::ErrorPolicy policy;
    policy.action = rule->FAIL() != nullptr    ? ast::ErrorAction::kFail
                    : rule->SKIP_() != nullptr ? ast::ErrorAction::kSkip
                                               : ast::ErrorAction::kDeadLetter;
    if (rule->qualifiedName() != nullptr) policy.dead_letter_table = BuildName(rule->qualifiedName(), context_);
    policy.range = RangeOf(rule);
    relation_.on_error = std::move(policy);
    return {};
  }
  Any visitOnOffsetLostClause(KappaParser::OnOffsetLostClauseContext* rule) override {
    Once(relation_.on_offset_lost.has_value(), rule);
    relation_.on_offset_lost = {rule->FAIL() != nullptr       ? ast::OffsetLostAction::kFail
                                : rule->EARLIEST() != nullptr ? ast::OffsetLostAction::kEarliest
                                                              : ast::OffsetLostAction::kLatest,
                                RangeOf(rule)};
    return {};
  }

 private:
  void Once(bool seen, antlr4::ParserRuleContext* rule) {
    if (seen) context_.Fail(SqlError(sqlstate::kSyntaxError, RangeOf(rule)) << "this clause is given twice");
  }

  ast::CreateRelation& relation_;
  BuildContext& context_;
};

}  // namespace

ast::StatementPtr BuildCreateRelation(KappaParser::CreateRelationContext* rule, BuildContext& context) {
  auto relation = std::make_unique<ast::CreateRelation>();
  relation->relation = rule->SOURCE() != nullptr ? ast::RelationKind::kSource : ast::RelationKind::kTable;
  relation->or_replace = rule->orReplace() != nullptr;
  relation->if_not_exists = rule->ifNotExists() != nullptr;
  relation->temporary = rule->temporary() != nullptr;
  relation->name = BuildName(rule->qualifiedName(), context);
  RelationBuilder builder(*relation, context);
  for (auto* element : rule->relationElement()) element->accept(&builder);
  for (auto* clause : rule->relationClause()) clause->accept(&builder);
  if (rule->query() != nullptr) relation->query = BuildQuery(rule->query(), context);
  return relation;
}

ast::EmitClause BuildEmit(KappaParser::EmitClauseContext* rule, BuildContext& context) {
  ast::EmitClause emit;
  if (auto* mode = rule->emitMode()) {
    emit.emit = mode->CLOSE() != nullptr || mode->FINAL() != nullptr ? ast::EmitMode::kOnWindowClose : ast::EmitMode::kOnUpdate;
    emit.emit_range = RangeOf(mode);
  }
  if (rule->qualifiedName() != nullptr) emit.late_into = BuildName(rule->qualifiedName(), context);
  return emit;
}

ast::StatementPtr BuildCreateView(KappaParser::CreateViewContext* rule, BuildContext& context) {
  auto view = std::make_unique<ast::CreateView>();
  view->materialized = rule->MATERIALIZED() != nullptr;
  view->or_replace = rule->orReplace() != nullptr;
  view->if_not_exists = rule->ifNotExists() != nullptr;
  view->name = BuildName(rule->qualifiedName(), context);
  view->columns = BuildNames(rule->nameList(), context);
  if (rule->withOptions() != nullptr) view->options = BuildOptions(rule->withOptions()->optionList(), context);
  view->query = BuildQuery(rule->query(), context);
  view->emit = BuildEmit(rule->emitClause(), context);
  return view;
}

ast::StatementPtr BuildCreateSink(KappaParser::CreateSinkContext* rule, BuildContext& context) {
  auto sink = std::make_unique<ast::CreateSink>();
  sink->or_replace = rule->orReplace() != nullptr;
  sink->if_not_exists = rule->ifNotExists() != nullptr;
  const std::vector<KappaParser::QualifiedNameContext*> names = rule->qualifiedName();
  size_t next = 0;
  sink->name = BuildName(names[next++], context);
  if (rule->INTO() != nullptr) sink->into = BuildName(names[next++], context);
  if (rule->FROM() != nullptr) sink->from = BuildName(names[next], context);
  for (auto* column : rule->columnDefinition()) sink->columns.push_back(BuildColumn(column, context));
  if (rule->query() != nullptr) sink->query = BuildQuery(rule->query(), context);
  sink->emit = BuildEmit(rule->emitClause(), context);
  if (rule->withOptions() != nullptr) sink->options = BuildOptions(rule->withOptions()->optionList(), context);
  if (rule->formatClause() != nullptr) sink->format = BuildFormat(rule->formatClause(), context);
  return sink;
}

}  // namespace kappa::builder
