// What stands in FROM.
#include "KappaParserBaseVisitor.h"
#include "parser/builder/builder.h"

namespace kappa::builder {
namespace {

using antlrcpp::Any;

class TableBuilder final : public grammar::KappaParserBaseVisitor {
 public:
  explicit TableBuilder(BuildContext& context) : context_(context) {}

  // A chain of joins is walked down its left side in a loop.
  ast::TableReferencePtr Build(KappaParser::TableReferenceContext* rule) {
    std::vector<KappaParser::TableReferenceContext*> spine;
    while (rule->children.size() > 1) {
      spine.push_back(rule);
      rule = dynamic_cast<KappaParser::TableReferenceContext*>(rule->children.front());
    }
    static_cast<KappaParser::PrimaryReferenceContext*>(rule)->tablePrimary()->accept(this);
    for (size_t i = spine.size(); i-- > 0;) spine[i]->accept(this);
    return std::move(result_);
  }

  // ---- joins: result_ is the left side
  Any visitCrossJoin(KappaParser::CrossJoinContext* rule) override {
    MakeJoin(rule, rule->tablePrimary()).join = ast::JoinKind::kCross;
    return {};
  }
  Any visitNaturalJoin(KappaParser::NaturalJoinContext* rule) override {
    ast::Join& join = MakeJoin(rule, rule->tablePrimary());
    join.join = Kind(rule->joinKind());
    join.natural = true;
    return {};
  }
  Any visitConditionJoin(KappaParser::ConditionJoinContext* rule) override {
    ast::Join& join = MakeJoin(rule, rule->tablePrimary());
    join.join = Kind(rule->joinKind());
    join.asof = rule->ASOF() != nullptr;
    if (rule->expression() != nullptr) join.on = BuildExpression(rule->expression(), context_);
    join.using_columns = BuildNames(rule->nameList(), context_);
    if (rule->name() != nullptr) join.using_alias = BuildIdentifier(rule->name(), context_);
    return {};
  }

  // ---- single tables
  Any visitSubqueryTable(KappaParser::SubqueryTableContext* rule) override { return Subquery(rule, rule->query(), rule->tableAlias(), false); }
  Any visitLateralTable(KappaParser::LateralTableContext* rule) override { return Subquery(rule, rule->query(), rule->tableAlias(), true); }
  Any visitNestedTable(KappaParser::NestedTableContext* rule) override {
    result_ = BuildTable(rule->tableReference(), context_);
    if (rule->tableAlias() == nullptr) return {};
    if (!result_->alias.name.name.empty()) context_.FailSyntax(RangeOf(rule->tableAlias()));
    SetAlias(rule->tableAlias());
    return {};
  }
  Any visitFileTable(KappaParser::FileTableContext* rule) override {
    auto node = std::make_unique<ast::FileTable>();
    node->path = BuildString(rule->string(), context_);
    return Done(std::move(node), rule, rule->tableAlias());
  }
  Any visitNamedTable(KappaParser::NamedTableContext* rule) override {
    return Done(Named(rule->qualifiedName(), rule->tableTime()), rule, rule->tableAlias());
  }
  Any visitFunctionTable(KappaParser::FunctionTableContext* rule) override {
    auto node = std::make_unique<ast::FunctionTable>();
    node->lateral = rule->LATERAL() != nullptr;
    node->with_ordinality = rule->ORDINALITY() != nullptr;
    node->call = std::make_unique<ast::Call>();
    node->call->name = BuildName(rule->functionName(), context_);
    node->call->range = Join(node->call->name.range, RangeOf(rule->callArguments()));
    BuildArguments(rule->callArguments(), *node->call, context_);
    KappaParser::RowColumnsContext* record = rule->rowColumns();
    ast::TableAlias alias;
    if (record != nullptr) {
      if (record->name() != nullptr) alias.name = BuildIdentifier(record->name(), context_);
      if (record->bareAlias() != nullptr) alias.name = BuildIdentifier(record->bareAlias(), context_);
      for (auto* definition : record->columnDefinition()) {
        ast::Column column = BuildColumn(definition, context_);
        if (!column.type || !definition->columnConstraint().empty()) {
          context_.FailSyntax(column.range);
          break;
        }
        node->record.push_back({std::move(column.name), *std::move(column.type)});
      }
    }
    Done(std::move(node), rule, rule->tableAlias());
    if (record != nullptr) result_->alias = std::move(alias);
    return {};
  }
  Any visitWindowedTable(KappaParser::WindowedTableContext* rule) override { return Done(Window(rule->windowTable()), rule, rule->tableAlias()); }

 private:
  Any Done(ast::TableReferencePtr node, antlr4::ParserRuleContext* rule, KappaParser::TableAliasContext* alias) {
    node->range = RangeOf(rule);
    result_ = std::move(node);
    SetAlias(alias);
    return {};
  }

  void SetAlias(KappaParser::TableAliasContext* alias) {
    if (alias == nullptr) return;
    result_->alias.name = alias->name() != nullptr ? BuildIdentifier(alias->name(), context_) : BuildIdentifier(alias->bareAlias(), context_);
    result_->alias.columns = BuildNames(alias->nameList(), context_);
  }

  Any Subquery(antlr4::ParserRuleContext* rule, KappaParser::QueryContext* query, KappaParser::TableAliasContext* alias, bool lateral) {
    auto node = std::make_unique<ast::SubqueryTable>();
    node->query = BuildQuery(query, context_);
    node->lateral = lateral;
    return Done(std::move(node), rule, alias);
  }

  ast::Join& MakeJoin(antlr4::ParserRuleContext* rule, KappaParser::TablePrimaryContext* right) {
    auto node = std::make_unique<ast::Join>();
    node->left = std::move(result_);
    right->accept(this);
    node->right = std::move(result_);
    node->range = RangeOf(rule);
    ast::Join& join = *node;
    result_ = std::move(node);
    return join;
  }

  static ast::JoinKind Kind(KappaParser::JoinKindContext* rule) {
    if (rule == nullptr || rule->INNER() != nullptr) return ast::JoinKind::kInner;
    return rule->LEFT() != nullptr ? ast::JoinKind::kLeft : rule->RIGHT() != nullptr ? ast::JoinKind::kRight : ast::JoinKind::kFull;
  }

  ast::TableReferencePtr Named(KappaParser::QualifiedNameContext* name, KappaParser::TableTimeContext* time) {
    auto node = std::make_unique<ast::NamedTable>();
    node->name = BuildName(name, context_);
    if (auto* system = dynamic_cast<KappaParser::SystemTimeContext*>(time)) {
      node->system_time.emplace();
      node->system_time->range = RangeOf(system);
      if (system->EPOCH() != nullptr) {
        node->system_time->epoch = BuildInteger(system->INTEGER_CONSTANT(), context_);
      } else {
        node->system_time->time = BuildOperand(system->operand(), context_);
      }
    } else if (auto* log = dynamic_cast<KappaParser::LogRangeContext*>(time)) {
      node->log_range.emplace();
      node->log_range->range = RangeOf(log);
      std::vector<KappaParser::LogPositionContext*> positions = log->logPosition();
      if (log->FROM() != nullptr) node->log_range->from = BuildPosition(positions.front(), context_);
      if (log->UNTIL() != nullptr) node->log_range->until = BuildPosition(positions.back(), context_);
    }
    return node;
  }

  ast::TableReferencePtr Window(KappaParser::WindowTableContext* rule) {
    auto node = std::make_unique<ast::WindowTable>();
    node->window = rule->TUMBLE() != nullptr     ? ast::WindowKind::kTumble
                   : rule->HOP() != nullptr      ? ast::WindowKind::kHop
                   : rule->CUMULATE() != nullptr ? ast::WindowKind::kCumulate
                                                 : ast::WindowKind::kSession;
    KappaParser::WindowInputContext* input = rule->windowInput();
    if (input->query() != nullptr) {
      auto subquery = std::make_unique<ast::SubqueryTable>();
      subquery->query = BuildQuery(input->query(), context_);
      node->input = std::move(subquery);
    } else {
      node->input = Named(input->qualifiedName(), input->tableTime());
    }
    node->input->range = RangeOf(input);
    if (rule->windowPartition() != nullptr) {
      ast::ExpressionPtr partition = BuildExpression(rule->windowPartition()->expression(), context_);
      ast::Row* row = ast::As<ast::Row>(*partition);
      if (row != nullptr && !row->keyword) {
        node->partition_by = std::move(row->items);
      } else {
        node->partition_by.push_back(std::move(partition));
      }
    }
    node->time_column = BuildName(rule->windowTime()->qualifiedName(), context_);
    node->descriptor = rule->windowTime()->DESCRIPTOR() != nullptr;
    node->time_call = !node->descriptor && rule->windowTime()->LPAREN() != nullptr;
    // The names of the first two arguments stand before them.
    node->names.resize(2);
    for (KappaParser::ArgumentNameContext* name : rule->argumentName()) {
      const bool of_time = name->getStart()->getTokenIndex() > input->getStart()->getTokenIndex();
      node->names[of_time ? 1 : 0] = BuildIdentifier(name->name(), context_);
    }
    for (KappaParser::WindowArgumentContext* argument : rule->windowArgument()) {
      ast::Identifier name;
      if (argument->argumentName() != nullptr) {
        name = BuildIdentifier(argument->argumentName()->name(), context_);
      } else if (argument->OFFSET() != nullptr) {
        name.name = "offset";
        name.range = RangeOf(argument);
      }
      node->names.push_back(std::move(name));
      node->arguments.push_back(BuildExpression(argument->expression(), context_));
    }
    return node;
  }

  BuildContext& context_;
  ast::TableReferencePtr result_;
};

}  // namespace

ast::LogPosition BuildPosition(KappaParser::LogPositionContext* rule, BuildContext& context) {
  ast::LogPosition position;
  position.range = RangeOf(rule);
  position.kind = rule->EARLIEST() != nullptr  ? ast::LogPositionKind::kEarliest
                  : rule->LATEST() != nullptr  ? ast::LogPositionKind::kLatest
                  : rule->OFFSETS() != nullptr ? ast::LogPositionKind::kOffsets
                                               : ast::LogPositionKind::kTimestamp;
  if (rule->string() != nullptr) position.text = BuildString(rule->string(), context);
  return position;
}

ast::TableReferencePtr BuildTable(KappaParser::TableReferenceContext* table, BuildContext& context) { return TableBuilder(context).Build(table); }

}  // namespace kappa::builder
