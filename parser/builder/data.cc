// Statements about rows: INSERT, UPDATE, DELETE, COPY, and the verb REPLAY.
#include "parser/builder/builder.h"
#include "parser/string_constant.h"

namespace kappa::builder {
namespace {

ast::ExpressionPtr DefaultValue(TextRange range) {
  auto value = std::make_unique<ast::Default>();
  value->range = range;
  return value;
}

std::vector<ast::Assignment> Assignments(const std::vector<KappaParser::AssignmentContext*>& rules, BuildContext& context) {
  std::vector<ast::Assignment> out;
  for (auto* rule : rules) {
    ast::Assignment assignment;
    if (rule->name() != nullptr) {
      assignment.columns.push_back(BuildIdentifier(rule->name(), context));
    } else {
      assignment.columns = BuildNames(rule->nameList(), context);
    }
    assignment.value = rule->expression() != nullptr ? BuildExpression(rule->expression(), context) : DefaultValue(RangeOf(rule->DEFAULT()));
    out.push_back(std::move(assignment));
  }
  return out;
}

std::vector<ast::SelectItem> Returning(KappaParser::ReturningClauseContext* rule, BuildContext& context) {
  std::vector<ast::SelectItem> out;
  if (rule == nullptr) return out;
  for (auto* item : rule->selectItem()) out.push_back(BuildSelectItem(item, context));
  return out;
}

ast::Identifier Alias(KappaParser::RowsAliasContext* rule, BuildContext& context) {
  if (rule == nullptr) return {};
  return rule->name() != nullptr ? BuildIdentifier(rule->name(), context) : BuildIdentifier(rule->bareAlias(), context);
}

// A word without a value is true: CSV HEADER.
ast::Option WordOption(std::string name, TextRange name_range) {
  ast::Option option;
  option.name = std::move(name);
  option.name_range = option.value_range = name_range;
  option.value = "true";
  return option;
}

ast::Option CopyOption(KappaParser::CopyOptionContext* rule, BuildContext& context) {
  ast::Option option = WordOption(BuildIdentifier(rule->label(0), context).name, RangeOf(rule->label(0)));
  if (rule->string() != nullptr) {
    option.string = true;
    option.value = BuildString(rule->string(), context);
    option.value_range = RangeOf(rule->string());
  } else if (rule->signedNumber() != nullptr) {
    option.value_range = RangeOf(rule->signedNumber());
    option.value = context.TextOf(option.value_range);
  } else if (rule->label().size() == 2) {
    option.value_range = RangeOf(rule->label(1));
    option.value = BuildIdentifier(rule->label(1), context).name;
  }
  return option;
}

// The older form: WITH CSV HEADER DELIMITER ';'.
ast::Option CopyWord(KappaParser::CopyWordContext* rule, BuildContext& context) {
  const ast::Identifier word = BuildIdentifier(rule->label(), context);
  ast::Option option = WordOption(word.name, word.range);
  if (rule->string() != nullptr) {
    option.string = true;
    option.value = BuildString(rule->string(), context);
    option.value_range = RangeOf(rule->string());
  } else if (word.name == "csv" || word.name == "binary" || word.name == "json" || word.name == "text") {
    option.name = "format";
    option.value = word.name;
  }
  return option;
}

}  // namespace

std::unique_ptr<ast::Insert> BuildInsert(KappaParser::InsertContext* rule, BuildContext& context) {
  auto insert = std::make_unique<ast::Insert>();
  insert->range = RangeOf(rule);
  insert->table = BuildName(rule->qualifiedName(), context);
  if (rule->name() != nullptr) insert->alias = BuildIdentifier(rule->name(), context);
  insert->columns = BuildNames(rule->nameList(), context);
  if (rule->query() != nullptr) insert->query = BuildQuery(rule->query(), context);
  if (auto* conflict = rule->conflictClause()) {
    insert->on_conflict.emplace();
    insert->on_conflict->range = RangeOf(conflict);
    insert->on_conflict->columns = BuildNames(conflict->nameList(), context);
    insert->on_conflict->assignments = Assignments(conflict->assignment(), context);
    if (conflict->whereClause() != nullptr) insert->on_conflict->where = BuildExpression(conflict->whereClause()->expression(), context);
  }
  insert->returning = Returning(rule->returningClause(), context);
  insert->emit = BuildEmit(rule->emitClause(), context);
  return insert;
}

ast::StatementPtr BuildUpdate(KappaParser::UpdateRowsContext* rule, BuildContext& context) {
  auto update = std::make_unique<ast::Update>();
  update->table = BuildName(rule->qualifiedName(), context);
  update->alias = Alias(rule->rowsAlias(), context);
  update->assignments = Assignments(rule->assignment(), context);
  if (rule->fromClause() != nullptr) {
    for (auto* table : rule->fromClause()->tableReference()) update->from.push_back(BuildTable(table, context));
  }
  if (rule->whereClause() != nullptr) update->where = BuildExpression(rule->whereClause()->expression(), context);
  update->returning = Returning(rule->returningClause(), context);
  return update;
}

ast::StatementPtr BuildDelete(KappaParser::DeleteRowsContext* rule, BuildContext& context) {
  auto remove = std::make_unique<ast::Delete>();
  remove->table = BuildName(rule->qualifiedName(), context);
  remove->alias = Alias(rule->rowsAlias(), context);
  for (auto* table : rule->tableReference()) remove->from.push_back(BuildTable(table, context));
  if (rule->whereClause() != nullptr) remove->where = BuildExpression(rule->whereClause()->expression(), context);
  remove->returning = Returning(rule->returningClause(), context);
  return remove;
}

ast::StatementPtr BuildCopy(KappaParser::CopyRowsContext* rule, BuildContext& context) {
  auto copy = std::make_unique<ast::Copy>();
  if (rule->qualifiedName() != nullptr) copy->table = BuildName(rule->qualifiedName(), context);
  copy->columns = BuildNames(rule->nameList(), context);
  if (rule->query() != nullptr) copy->query = BuildQuery(rule->query(), context);
  copy->from = rule->FROM() != nullptr;
  if (copy->from && copy->query != nullptr) context.FailSyntax(RangeOf(rule->FROM()));
  if (copy->from ? rule->STDOUT() != nullptr : rule->STDIN() != nullptr) context.FailSyntax(RangeOf(copy->from ? rule->STDOUT() : rule->STDIN()));
  if (rule->string() != nullptr) copy->file = BuildString(rule->string(), context);
  for (auto* option : rule->copyOption()) copy->options.push_back(CopyOption(option, context));
  for (auto* word : rule->copyWord()) copy->options.push_back(CopyWord(word, context));
  return copy;
}

ast::StatementPtr BuildReplay(KappaParser::ReplayContext* rule, BuildContext& context) {
  auto replay = std::make_unique<ast::Replay>();
  replay->name = BuildName(rule->qualifiedName(0), context);
  const std::vector<KappaParser::LogPositionContext*> positions = rule->logPosition();
  if (rule->FROM() != nullptr) replay->from = BuildPosition(positions.front(), context);
  if (rule->UNTIL() != nullptr) replay->until = BuildPosition(positions.back(), context);
  if (rule->INTO() != nullptr) replay->into = BuildName(rule->qualifiedName(1), context);
  if (rule->withOptions() != nullptr) replay->options = BuildOptions(rule->withOptions()->optionList(), context);
  if (rule->query() != nullptr) {
    replay->query = BuildQuery(rule->query(), context);
    replay->emit = BuildEmit(rule->emitClause(), context);
  }
  return replay;
}

}  // namespace kappa::builder
