// WITH, SELECT, VALUES, set operations, ORDER BY and LIMIT.
#include "parser/builder/builder.h"

namespace kappa::builder {
namespace {

class QueryBuilder final {
 public:
  explicit QueryBuilder(BuildContext& context) : context_(context) {}

  ast::QueryPtr Build(KappaParser::QueryContext* rule) {
    auto query = std::make_unique<ast::Query>();
    query->range = RangeOf(rule);
    if (auto* with = rule->withClause()) {
      query->recursive = with->RECURSIVE() != nullptr;
      for (auto* table : with->commonTable()) query->with.push_back(CommonTable(table));
    }
    query->body = Body(rule->queryBody());
    query->order_by = BuildOrder(rule->orderItem(), context_);
    for (auto* clause : rule->limitClause()) Limit(clause, *query);
    return query;
  }

 private:
  ast::CommonTable CommonTable(KappaParser::CommonTableContext* rule) {
    ast::CommonTable table;
    table.name = BuildIdentifier(rule->name(), context_);
    table.columns = BuildNames(rule->nameList(), context_);
    if (rule->MATERIALIZED() != nullptr) table.materialized = rule->NOT() == nullptr;
    table.query = BuildQuery(rule->query(), context_);
    table.range = RangeOf(rule);
    return table;
  }

  void Limit(KappaParser::LimitClauseContext* rule, ast::Query& query) {
    const bool offset = dynamic_cast<KappaParser::OffsetContext*>(rule) != nullptr;
    if (offset ? query.offset != nullptr : limited_) {
      context_.Fail(SqlError(sqlstate::kSyntaxError, RangeOf(rule)) << "multiple " << (offset ? "OFFSET" : "LIMIT") << " clauses not allowed");
    }
    if (offset) {
      query.offset = BuildExpression(static_cast<KappaParser::OffsetContext*>(rule)->expression(), context_);
      return;
    }
    limited_ = true;
    if (auto* limit = dynamic_cast<KappaParser::LimitContext*>(rule)) {
      if (limit->expression() != nullptr) query.limit = BuildExpression(limit->expression(), context_);
      return;
    }
    auto* fetch = static_cast<KappaParser::FetchContext*>(rule);
    query.with_ties = fetch->TIES() != nullptr;
    query.limit = FetchCount(fetch);
  }

  ast::ExpressionPtr FetchCount(KappaParser::FetchContext* rule) {
    KappaParser::FetchCountContext* count = rule->fetchCount();
    if (count == nullptr) return IntegerLiteral("1", RangeOf(rule));
    if (count->expression() != nullptr) return BuildExpression(count->expression(), context_);
    const TextRange range = RangeOf(count);
    if (count->INTEGER_CONSTANT() != nullptr) return IntegerLiteral(IntegerDigits(range, context_), range);
    auto parameter = std::make_unique<ast::Parameter>();
    parameter->number = std::atoi(std::string(context_.TextOf(range).substr(1)).c_str());
    parameter->range = range;
    return parameter;
  }

  // A chain of UNIONs is walked down its left side in a loop.
  ast::QueryBodyPtr Body(KappaParser::QueryBodyContext* rule) {
    std::vector<KappaParser::QueryBodyContext*> spine;
    while (rule->children.size() > 1) {
      spine.push_back(rule);
      rule = dynamic_cast<KappaParser::QueryBodyContext*>(rule->children.front());
    }
    ast::QueryBodyPtr left = Primary(static_cast<KappaParser::PrimaryBodyContext*>(rule)->queryPrimary());
    for (size_t i = spine.size(); i-- > 0;) {
      auto node = std::make_unique<ast::SetOperation>();
      if (auto* intersect = dynamic_cast<KappaParser::IntersectBodyContext*>(spine[i])) {
        node->op = ast::SetOperator::kIntersect;
        node->all = intersect->ALL() != nullptr;
        node->right = Body(intersect->queryBody(1));
      } else {
        auto* other = static_cast<KappaParser::UnionBodyContext*>(spine[i]);
        node->op = other->UNION() != nullptr ? ast::SetOperator::kUnion : ast::SetOperator::kExcept;
        node->all = other->ALL() != nullptr;
        node->right = Body(other->queryBody(1));
      }
      node->left = std::move(left);
      node->range = RangeOf(spine[i]);
      left = std::move(node);
    }
    return left;
  }

  ast::QueryBodyPtr Primary(KappaParser::QueryPrimaryContext* rule) {
    ast::QueryBodyPtr body;
    if (auto* select = dynamic_cast<KappaParser::SelectQueryContext*>(rule)) {
      body = Select(select->select());
    } else if (auto* values = dynamic_cast<KappaParser::ValuesQueryContext*>(rule)) {
      auto node = std::make_unique<ast::Values>();
      for (auto* row : values->valuesRow()) node->rows.push_back(ValuesRow(row));
      body = std::move(node);
    } else if (auto* table = dynamic_cast<KappaParser::TableQueryContext*>(rule)) {
      auto node = std::make_unique<ast::TableQuery>();
      node->name = BuildName(table->qualifiedName(), context_);
      body = std::move(node);
    } else {
      auto node = std::make_unique<ast::NestedQuery>();
      node->query = BuildQuery(static_cast<KappaParser::NestedQueryContext*>(rule)->query(), context_);
      body = std::move(node);
    }
    body->range = RangeOf(rule);
    return body;
  }

  std::vector<ast::ExpressionPtr> ValuesRow(KappaParser::ValuesRowContext* rule) {
    std::vector<ast::ExpressionPtr> row;
    if (rule->query() != nullptr) {  // VALUES ((SELECT 1)): the scan took the row's parenthesis for a query's
      row.push_back(OnlySubquery(rule->query()));
      return row;
    }
    for (auto* item : rule->valuesItem()) {
      if (item->expression() != nullptr) {
        row.push_back(BuildExpression(item->expression(), context_));
      } else {
        row.push_back(std::make_unique<ast::Default>());
        row.back()->range = RangeOf(item);
      }
    }
    return row;
  }

  // The subquery of which `rule` is nothing but the parentheses.
  ast::ExpressionPtr OnlySubquery(KappaParser::QueryContext* rule) {
    std::unique_ptr<ast::Subquery> subquery = BuildSubquery(rule, RangeOf(rule), context_);
    ast::Query& outer = *subquery->query;
    auto* nested = ast::As<ast::NestedQuery>(*outer.body);
    if (nested == nullptr || !outer.order_by.empty() || outer.limit != nullptr || outer.offset != nullptr) {
      context_.FailSyntax(RangeOf(rule->start));
      return subquery;
    }
    ast::QueryPtr inner = std::move(nested->query);
    subquery->query = std::move(inner);
    return subquery;
  }

  ast::QueryBodyPtr Select(KappaParser::SelectContext* rule) {
    auto select = std::make_unique<ast::Select>();
    select->distinct = rule->DISTINCT() != nullptr;
    if (rule->distinctOn() != nullptr) select->distinct_on = BuildExpressions(rule->distinctOn()->expression(), context_);
    for (auto* item : rule->selectItem()) select->items.push_back(BuildSelectItem(item, context_));
    if (rule->fromClause() != nullptr) {
      for (auto* table : rule->fromClause()->tableReference()) select->from.push_back(BuildTable(table, context_));
    }
    if (rule->whereClause() != nullptr) select->where = BuildExpression(rule->whereClause()->expression(), context_);
    if (rule->groupByClause() != nullptr) {
      select->group_distinct = rule->groupByClause()->DISTINCT() != nullptr;
      for (auto* element : rule->groupByClause()->groupingElement()) select->group_by.push_back(Grouping(element));
    }
    if (rule->havingClause() != nullptr) select->having = BuildExpression(rule->havingClause()->expression(), context_);
    if (rule->windowClause() != nullptr) {
      for (auto* window : rule->windowClause()->namedWindow()) {
        select->windows.push_back({BuildIdentifier(window->name(), context_), BuildWindow(window->windowSpecification(), context_)});
      }
    }
    return select;
  }

  ast::GroupingElement Grouping(KappaParser::GroupingElementContext* rule) {
    ast::GroupingElement out;
    out.range = RangeOf(rule);
    auto members = [&](auto* grouping) {
      for (auto* element : grouping->groupingElement()) out.elements.push_back(Grouping(element));
    };
    if (auto* rollup = dynamic_cast<KappaParser::RollupGroupingContext*>(rule)) {
      out.kind = rollup->ROLLUP() != nullptr ? ast::GroupingKind::kRollup : ast::GroupingKind::kCube;
      members(rollup);
    } else if (auto* sets = dynamic_cast<KappaParser::SetsGroupingContext*>(rule)) {
      out.kind = ast::GroupingKind::kSets;
      members(sets);
    } else if (auto* single = dynamic_cast<KappaParser::ExpressionGroupingContext*>(rule)) {
      ast::ExpressionPtr expression = BuildExpression(single->expression(), context_);
      ast::Row* row = ast::As<ast::Row>(*expression);
      if (row != nullptr && !row->keyword) {  // (a, b) is a set of two, not a row
        out.expressions = std::move(row->items);
      } else {
        out.expressions.push_back(std::move(expression));
      }
    }
    return out;
  }

  BuildContext& context_;
  bool limited_ = false;
};

}  // namespace

ast::QueryPtr BuildQuery(KappaParser::QueryContext* query, BuildContext& context) { return QueryBuilder(context).Build(query); }

ast::SelectItem BuildSelectItem(KappaParser::SelectItemContext* rule, BuildContext& context) {
  ast::SelectItem item;
  item.range = RangeOf(rule);
  if (rule->STAR() != nullptr) {
    item.expression = std::make_unique<ast::Star>();
    item.expression->range = item.range;
    return item;
  }
  item.expression = BuildExpression(rule->expression(), context);
  if (rule->label() != nullptr) item.alias = BuildIdentifier(rule->label(), context);
  if (rule->bareAlias() != nullptr) item.alias = BuildIdentifier(rule->bareAlias(), context);
  return item;
}

}  // namespace kappa::builder
