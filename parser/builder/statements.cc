// Statements, but for CREATE.
#include <algorithm>

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

class StatementBuilder final : public grammar::KappaParserBaseVisitor {
 public:
  explicit StatementBuilder(BuildContext& context) : context_(context) {}
  ast::StatementPtr Take() { return std::move(result_); }

  Any visitPlainStatement(KappaParser::PlainStatementContext* rule) override { return rule->explainable()->accept(this); }
  Any visitExplainStatement(KappaParser::ExplainStatementContext* rule) override {
    auto node = std::make_unique<ast::Explain>();
    node->analyze = rule->ANALYZE() != nullptr || rule->ANALYSE() != nullptr;
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
  Any visitInsertStatement(KappaParser::InsertStatementContext* rule) override { return Done(BuildInsert(rule->insert(), context_), rule); }
  Any visitUpdateStatement(KappaParser::UpdateStatementContext* rule) override { return Done(BuildUpdate(rule->updateRows(), context_), rule); }
  Any visitDeleteStatement(KappaParser::DeleteStatementContext* rule) override { return Done(BuildDelete(rule->deleteRows(), context_), rule); }
  Any visitTruncateStatement(KappaParser::TruncateStatementContext* rule) override {
    auto remove = std::make_unique<ast::Delete>();
    remove->truncate = true;
    remove->table = BuildName(rule->qualifiedName(), context_);
    return Done(std::move(remove), rule);
  }
  Any visitCopyStatement(KappaParser::CopyStatementContext* rule) override { return Done(BuildCopy(rule->copyRows(), context_), rule); }
  Any visitCreateIndexStatement(KappaParser::CreateIndexStatementContext* rule) override {
    return Done(BuildCreateIndex(rule->createIndex(), context_), rule);
  }
  Any visitCreateFunctionStatement(KappaParser::CreateFunctionStatementContext* rule) override {
    return Done(BuildCreateFunction(rule->createFunction(), context_), rule);
  }
  Any visitAlterStatement(KappaParser::AlterStatementContext* rule) override { return Done(BuildAlter(rule, context_), rule); }
  Any visitCreateSecretStatement(KappaParser::CreateSecretStatementContext* rule) override {
    auto node = std::make_unique<ast::CreateSecret>();
    node->or_replace = rule->orReplace() != nullptr;
    node->if_not_exists = rule->ifNotExists() != nullptr;
    node->name = BuildName(rule->qualifiedName(), context_);
    if (rule->withOptions() != nullptr) node->options = BuildOptions(rule->withOptions()->optionList(), context_);
    node->value = BuildString(rule->string(), context_);
    return Done(std::move(node), rule);
  }
  Any visitCreateConnectionStatement(KappaParser::CreateConnectionStatementContext* rule) override {
    auto node = std::make_unique<ast::CreateConnection>();
    node->or_replace = rule->orReplace() != nullptr;
    node->if_not_exists = rule->ifNotExists() != nullptr;
    node->name = BuildName(rule->qualifiedName(), context_);
    node->options = BuildOptions(rule->withOptions()->optionList(), context_);
    return Done(std::move(node), rule);
  }
  Any visitCreateSchemaStatement(KappaParser::CreateSchemaStatementContext* rule) override {
    auto node = std::make_unique<ast::CreateSchema>();
    node->if_not_exists = rule->ifNotExists() != nullptr;
    node->name = BuildIdentifier(rule->name(), context_);
    return Done(std::move(node), rule);
  }
  Any visitCreateUserStatement(KappaParser::CreateUserStatementContext* rule) override {
    auto node = std::make_unique<ast::CreateUser>();
    node->if_not_exists = rule->ifNotExists() != nullptr;
    node->name = BuildIdentifier(rule->name(), context_);
    for (auto* option : rule->userOption()) node->options.push_back(BuildIdentifier(option->name(), context_));
    return Done(std::move(node), rule);
  }
  Any visitCommentStatement(KappaParser::CommentStatementContext* rule) override {
    auto node = std::make_unique<ast::Comment>();
    node->column = rule->COLUMN() != nullptr;
    if (rule->objectKind() != nullptr) node->object = BuildObjectKind(rule->objectKind());
    node->name = BuildName(rule->qualifiedName(), context_);
    if (rule->string() != nullptr) node->text = BuildString(rule->string(), context_);
    return Done(std::move(node), rule);
  }
  Any visitPrepareStatement(KappaParser::PrepareStatementContext* rule) override {
    auto node = std::make_unique<ast::Prepare>();
    node->name = BuildIdentifier(rule->name(), context_);
    for (auto* type : rule->typeName()) node->types.push_back(BuildType(type, context_));
    rule->explainable()->accept(this);
    node->statement = std::move(result_);
    return Done(std::move(node), rule);
  }
  Any visitExecuteStatement(KappaParser::ExecuteStatementContext* rule) override {
    auto node = std::make_unique<ast::Execute>();
    node->name = BuildIdentifier(rule->name(), context_);
    node->arguments = BuildExpressions(rule->expression(), context_);
    return Done(std::move(node), rule);
  }
  Any visitDeallocateStatement(KappaParser::DeallocateStatementContext* rule) override {
    auto node = std::make_unique<ast::Deallocate>();
    if (rule->name() != nullptr) node->name = BuildIdentifier(rule->name(), context_);
    return Done(std::move(node), rule);
  }
  Any visitFlushStatement(KappaParser::FlushStatementContext* rule) override { return Done(std::make_unique<ast::Flush>(), rule); }
  Any visitSubscribeStatement(KappaParser::SubscribeStatementContext* rule) override {
    auto node = std::make_unique<ast::Subscribe>();
    if (rule->qualifiedName() != nullptr) node->name = BuildName(rule->qualifiedName(), context_);
    if (rule->query() != nullptr) node->query = BuildQuery(rule->query(), context_);
    return Done(std::move(node), rule);
  }
  Any visitReplayStatement(KappaParser::ReplayStatementContext* rule) override { return Done(BuildReplay(rule->replay(), context_), rule); }
  Any visitDiffStatement(KappaParser::DiffStatementContext* rule) override {
    auto node = std::make_unique<ast::ReplayCommand>();
    node->name = BuildName(rule->qualifiedName(), context_);
    if (rule->expression() != nullptr) node->limit = BuildExpression(rule->expression(), context_);
    return Done(std::move(node), rule);
  }
  Any visitCutoverStatement(KappaParser::CutoverStatementContext* rule) override {
    return Verb(ast::ReplayVerb::kCutover, rule->qualifiedName(), rule);
  }
  Any visitReplayRollbackStatement(KappaParser::ReplayRollbackStatementContext* rule) override {
    return Verb(ast::ReplayVerb::kRollback, rule->qualifiedName(), rule);
  }
  Any visitCancelReplayStatement(KappaParser::CancelReplayStatementContext* rule) override {
    return Verb(ast::ReplayVerb::kCancel, rule->qualifiedName(), rule);
  }
  Any visitDropStatement(KappaParser::DropStatementContext* rule) override {
    auto node = std::make_unique<ast::Drop>();
    node->object = BuildObjectKind(rule->objectKind());
    node->if_exists = rule->ifExists() != nullptr;
    for (auto* target : rule->dropTarget()) node->names.push_back(BuildName(target->qualifiedName(), context_));
    node->cascade = rule->CASCADE() != nullptr;
    return Done(std::move(node), rule);
  }
  Any visitSetStatement(KappaParser::SetStatementContext* rule) override {
    auto node = std::make_unique<ast::Set>();
    node->local = rule->LOCAL() != nullptr;
    node->name = BuildSettingName(rule->settingName(), context_);
    for (auto* value : rule->settingValue()) node->values.push_back(BuildSettingValue(value, context_));
    if (!rule->settingValue().empty()) { node->value_range = Join(RangeOf(rule->settingValue().front()), RangeOf(rule->settingValue().back())); }
    return Done(std::move(node), rule);
  }
  Any visitSetTimeZoneStatement(KappaParser::SetTimeZoneStatementContext* rule) override {
    auto node = std::make_unique<ast::Set>();
    node->local = rule->LOCAL().size() == 2 || (rule->LOCAL().size() == 1 && rule->settingValue() != nullptr);
    node->name = {"timezone", false, Join(RangeOf(rule->TIME()), RangeOf(rule->ZONE()))};
    if (rule->settingValue() != nullptr) {
      node->values.push_back(BuildSettingValue(rule->settingValue(), context_));
      node->value_range = RangeOf(rule->settingValue());
    }
    return Done(std::move(node), rule);
  }
  Any visitResetStatement(KappaParser::ResetStatementContext* rule) override {
    auto node = std::make_unique<ast::Set>();
    node->action = ast::SetAction::kReset;
    node->name = rule->ALL() != nullptr ? ast::Identifier{"all", false, RangeOf(rule->ALL())} : BuildSettingName(rule->settingName(), context_);
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

  Any Verb(ast::ReplayVerb verb, KappaParser::QualifiedNameContext* name, antlr4::ParserRuleContext* rule) {
    auto node = std::make_unique<ast::ReplayCommand>();
    node->verb = verb;
    node->name = BuildName(name, context_);
    return Done(std::move(node), rule);
  }

  void ExplainOption(KappaParser::ExplainOptionContext* rule, ast::Explain& explain) {
    const ast::Identifier option = BuildIdentifier(rule->label(0), context_);
    const ast::Identifier value = rule->label(1) != nullptr ? BuildIdentifier(rule->label(1), context_) : ast::Identifier{"true", false, {}};
    static const std::vector<std::string> kStages = {"logical", "dataflow", "pipelines", "llvm", "asm"};  // in the order of ExplainStage
    const auto stage = std::find(kStages.begin(), kStages.end(), option.name);
    const bool on = value.name == "true" || value.name == "on";
    if (option.name == "format") {
      explain.json = value.name == "json";
      if (!explain.json && value.name != "text") {
        context_.Fail(SqlError(sqlstate::kInvalidParameterValue, rule->label(1) != nullptr ? value.range : option.range)
                      << "unrecognized value for EXPLAIN option \"format\": \"" << value.name << "\"" << Hint("it is TEXT or JSON"));
      }
    } else if (stage != kStages.end() || option.name == "analyze") {
      if (!on && value.name != "false" && value.name != "off") context_.FailSyntax(value.range);
      if (option.name == "analyze") explain.analyze = on;
      if (stage != kStages.end() && on) explain.stage = static_cast<ast::ExplainStage>(1 + (stage - kStages.begin()));
    } else {
      std::vector<std::string> known = kStages;
      known.insert(known.end(), {"analyze", "format"});
      context_.Fail(SqlError(sqlstate::kSyntaxError, option.range)
                    << "unrecognized EXPLAIN option \"" << option.name << "\"" << DidYouMean(option.name, known));
    }
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
