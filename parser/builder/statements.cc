// Statements, but for CREATE.
#include "KappaParserBaseVisitor.h"
#include "parser/builder/builder.h"
#include "parser/string_constant.h"

namespace kappa::builder {
namespace {

using antlrcpp::Any;

std::string Upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

std::unique_ptr<ast::Insert> BuildInsert(KappaParser::InsertContext* rule, BuildContext& context) {
  auto insert = std::make_unique<ast::Insert>();
  insert->range = RangeOf(rule);
  insert->table = BuildName(rule->qualifiedName(), context);
  insert->columns = BuildNames(rule->nameList(), context);
  if (rule->query() != nullptr) insert->query = BuildQuery(rule->query(), context);
  insert->emit = BuildEmit(rule->emitClause(), context);
  return insert;
}

class StatementBuilder final : public grammar::KappaParserBaseVisitor {
 public:
  explicit StatementBuilder(BuildContext& context) : context_(context) {}
  ast::StatementPtr Take() { return std::move(result_); }

  Any visitPlainStatement(KappaParser::PlainStatementContext* rule) override { return rule->explainable()->accept(this); }
  Any visitExplainStatement(KappaParser::ExplainStatementContext* rule) override {
    auto node = std::make_unique<ast::Explain>();
    node->analyze = rule->ANALYZE() != nullptr;
    if (rule->explainOptions() != nullptr) {
      for (auto* option : rule->explainOptions()->explainOption()) ExplainOption(option, *node);
    }
    rule->explainable()->accept(this);
    node->statement = std::move(result_);
    return Done(std::move(node), rule);
  }
  Any visitQueryStatement(KappaParser::QueryStatementContext* rule) override {
    auto node = std::make_unique<ast::QueryStatement>();
    node->query = BuildQuery(rule->query(), context_);
    node->emit = BuildEmit(rule->emitClause(), context_);
    return Done(std::move(node), rule);
  }
  Any visitCreateRelationStatement(KappaParser::CreateRelationStatementContext* rule) override {
    return Done(BuildCreateRelation(rule->createRelation(), context_), rule);
  }
  Any visitCreateViewStatement(KappaParser::CreateViewStatementContext* rule) override {
    return Done(BuildCreateView(rule->createView(), context_), rule);
  }
  Any visitCreateSinkStatement(KappaParser::CreateSinkStatementContext* rule) override {
    return Done(BuildCreateSink(rule->createSink(), context_), rule);
  }
  Any visitInsertStatement(KappaParser::InsertStatementContext* rule) override {
    if (auto* tail = rule->unsupportedInsertTail())
      return Unsupported(tail->RETURNING() != nullptr ? "INSERT ... RETURNING" : "INSERT ... ON CONFLICT", rule);
    return Done(BuildInsert(rule->insert(), context_), rule);
  }
  Any visitDropStatement(KappaParser::DropStatementContext* rule) override {
    auto node = std::make_unique<ast::Drop>();
    node->object = Kind(rule->objectKind());
    node->if_exists = rule->ifExists() != nullptr;
    for (auto* name : rule->qualifiedName()) node->names.push_back(BuildName(name, context_));
    node->cascade = rule->CASCADE() != nullptr;
    return Done(std::move(node), rule);
  }
  Any visitSetStatement(KappaParser::SetStatementContext* rule) override {
    auto node = std::make_unique<ast::Set>();
    node->local = rule->LOCAL() != nullptr;
    node->name = SettingName(rule->settingName());
    for (auto* value : rule->settingValue()) node->values.push_back(SettingValue(value));
    if (!rule->settingValue().empty()) { node->value_range = Join(RangeOf(rule->settingValue().front()), RangeOf(rule->settingValue().back())); }
    return Done(std::move(node), rule);
  }
  Any visitSetTimeZoneStatement(KappaParser::SetTimeZoneStatementContext* rule) override {
    auto node = std::make_unique<ast::Set>();
    node->local = rule->LOCAL().size() == 2 || (rule->LOCAL().size() == 1 && rule->settingValue() != nullptr);
    node->name = {"timezone", false, Join(RangeOf(rule->TIME()), RangeOf(rule->ZONE()))};
    if (rule->settingValue() != nullptr) {
      node->values.push_back(SettingValue(rule->settingValue()));
      node->value_range = RangeOf(rule->settingValue());
    }
    return Done(std::move(node), rule);
  }
  Any visitResetStatement(KappaParser::ResetStatementContext* rule) override {
    auto node = std::make_unique<ast::Set>();
    node->action = ast::SetAction::kReset;
    node->name = rule->ALL() != nullptr ? ast::Identifier{"all", false, RangeOf(rule->ALL())} : SettingName(rule->settingName());
    return Done(std::move(node), rule);
  }
  Any visitShowCreateStatement(KappaParser::ShowCreateStatementContext* rule) override {
    auto node = std::make_unique<ast::Show>();
    node->what = "create";
    if (rule->objectKind() != nullptr) node->what += ' ' + Words(rule->objectKind());
    node->object = BuildName(rule->qualifiedName(), context_);
    return Done(std::move(node), rule);
  }
  Any visitShowStatement(KappaParser::ShowStatementContext* rule) override {
    auto node = std::make_unique<ast::Show>();
    if (rule->ALL() != nullptr) {
      node->what = "all";
    } else {
      node->what = BuildIdentifier(rule->name(0), context_).name;
      for (auto* label : rule->label()) node->what += '.' + BuildIdentifier(label, context_).name;
      if (rule->name(1) != nullptr) node->what += ' ' + BuildIdentifier(rule->name(1), context_).name;
    }
    if (node->what == "time zone") node->what = "timezone";
    if (rule->qualifiedName() != nullptr) node->object = BuildName(rule->qualifiedName(), context_);
    if (rule->string() != nullptr) node->like = BuildString(rule->string(), context_);
    return Done(std::move(node), rule);
  }
  Any visitDescribeStatement(KappaParser::DescribeStatementContext* rule) override {
    auto node = std::make_unique<ast::Describe>();
    if (rule->qualifiedName() != nullptr) node->name = BuildName(rule->qualifiedName(), context_);
    if (rule->string() != nullptr) node->file = BuildString(rule->string(), context_);
    if (rule->query() != nullptr) node->query = BuildQuery(rule->query(), context_);
    return Done(std::move(node), rule);
  }
  Any visitBeginStatement(KappaParser::BeginStatementContext* rule) override { return Transaction(ast::TransactionAction::kBegin, rule); }
  Any visitCommitStatement(KappaParser::CommitStatementContext* rule) override { return Transaction(ast::TransactionAction::kCommit, rule); }
  Any visitRollbackStatement(KappaParser::RollbackStatementContext* rule) override { return Transaction(ast::TransactionAction::kRollback, rule); }
  Any visitStatementSet(KappaParser::StatementSetContext* rule) override {
    auto node = std::make_unique<ast::StatementSet>();
    for (auto* insert : rule->insert()) node->inserts.push_back(BuildInsert(insert, context_));
    return Done(std::move(node), rule);
  }
  Any visitUnsupportedStatement(KappaParser::UnsupportedStatementContext* rule) override {
    KappaParser::UnsupportedContext* statement = rule->unsupported();
    std::string name = Upper(context_.TextOf(RangeOf(statement->start)));
    if (statement->unsupportedObject() != nullptr) name += ' ' + Upper(Words(statement->unsupportedObject()));
    if (statement->objectKind() != nullptr) name += ' ' + Upper(Words(statement->objectKind()));
    if (statement->ROLLBACK() != nullptr) name += " of a replay";
    return Unsupported(std::move(name), rule);
  }

 private:
  Any Done(ast::StatementPtr node, antlr4::ParserRuleContext* rule) {
    node->range = RangeOf(rule);
    result_ = std::move(node);
    return {};
  }

  Any Unsupported(std::string name, antlr4::ParserRuleContext* rule) {
    auto node = std::make_unique<ast::UnsupportedStatement>();
    node->name = std::move(name);
    node->text = context_.TextOf(RangeOf(rule));
    return Done(std::move(node), rule);
  }

  Any Transaction(ast::TransactionAction action, antlr4::ParserRuleContext* rule) {
    auto node = std::make_unique<ast::Transaction>();
    node->action = action;
    return Done(std::move(node), rule);
  }

  // The words of a rule of keywords, lower case, one space apart.
  std::string Words(antlr4::ParserRuleContext* rule) {
    std::string words;
    for (antlr4::tree::ParseTree* child : rule->children) {
      if (!words.empty()) words += ' ';
      words += FoldIdentifier(child->getText());
    }
    return words;
  }

  static ast::ObjectKind Kind(KappaParser::ObjectKindContext* rule) {
    if (rule->SOURCE() != nullptr) return ast::ObjectKind::kSource;
    if (rule->TABLE() != nullptr) return ast::ObjectKind::kTable;
    if (rule->SINK() != nullptr) return ast::ObjectKind::kSink;
    return rule->MATERIALIZED() != nullptr ? ast::ObjectKind::kMaterializedView : ast::ObjectKind::kView;
  }

  void ExplainOption(KappaParser::ExplainOptionContext* rule, ast::Explain& explain) {
    if (rule->ANALYZE() != nullptr) explain.analyze = true;
    if (rule->JSON() != nullptr) explain.json = true;
    if (rule->LOGICAL() != nullptr) explain.stage = ast::ExplainStage::kLogical;
    if (rule->DATAFLOW() != nullptr) explain.stage = ast::ExplainStage::kDataflow;
    if (rule->PIPELINES() != nullptr) explain.stage = ast::ExplainStage::kPipelines;
    if (rule->LLVM() != nullptr) explain.stage = ast::ExplainStage::kLlvm;
    if (rule->ASM() != nullptr) explain.stage = ast::ExplainStage::kAsm;
  }

  // The dots of a setting's name stand between its words, so quotes may not bring in others.
  static bool IsSettingWord(const std::string& word) { return word.find('.') == std::string::npos; }

  ast::Identifier SettingName(KappaParser::SettingNameContext* rule) {
    ast::Identifier name = BuildIdentifier(rule->start, context_);
    bool valid = IsSettingWord(name.name);
    for (auto* label : rule->label()) {
      const std::string word = BuildIdentifier(label, context_).name;
      valid = valid && IsSettingWord(word);
      name.name += '.' + word;
    }
    name.range = RangeOf(rule);
    if (!valid) context_.Fail(SqlError(sqlstate::kUndefinedObject, name.range) << "unrecognized configuration parameter \"" << name.name << '"');
    return name;
  }

  std::string SettingValue(KappaParser::SettingValueContext* rule) {
    if (rule->string() != nullptr) return BuildString(rule->string(), context_);
    return FoldIdentifier(context_.TextOf(RangeOf(rule)));
  }

  BuildContext& context_;
  ast::StatementPtr result_;
};

}  // namespace

ast::StatementPtr BuildStatement(KappaParser::StatementContext* statement, BuildContext& context) {
  StatementBuilder builder(context);
  statement->accept(&builder);
  return builder.Take();
}

}  // namespace kappa::builder
