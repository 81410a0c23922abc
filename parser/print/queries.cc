#include "parser/print/sql_writer.h"

namespace kappa::print {
namespace {

int PrecedenceOf(const ast::QueryBody& body) {
  const auto* operation = ast::As<ast::SetOperation>(body);
  if (operation == nullptr) return 2;
  return operation->op == ast::SetOperator::kIntersect ? 1 : 0;
}

}  // namespace

void SqlWriter::Query(const ast::Query& query) {
  if (!query.with.empty()) {
    Add(query.recursive ? "WITH RECURSIVE " : "WITH ");
    List(query.with, [&](const ast::CommonTable& table) {
      Name(table.name);
      if (!table.columns.empty()) Add(" ").Names(table.columns);
      Add(" AS ");
      if (table.materialized.has_value()) Add(*table.materialized ? "MATERIALIZED " : "NOT MATERIALIZED ");
      Add("(");
      Query(*table.query);
      Add(")");
    });
    Add(" ");
  }
  Body(*query.body);
  if (!query.order_by.empty()) {
    Add(" ");
    Order(query.order_by);
  }
  if (query.limit != nullptr && !query.with_ties) {
    Add(" LIMIT ");
    Expression(*query.limit);
  }
  if (query.offset != nullptr) {
    Add(" OFFSET ");
    Expression(*query.offset);
  }
  if (query.limit != nullptr && query.with_ties) {
    Add(" FETCH FIRST (");
    Expression(*query.limit);
    Add(") ROWS WITH TIES");
  }
}

void SqlWriter::SetOperand(const ast::QueryBody& body, bool parentheses) {
  if (parentheses) Add("(");
  Body(body);
  if (parentheses) Add(")");
}

void SqlWriter::Body(const ast::QueryBody& body) {
  std::vector<const ast::SetOperation*> spine;
  const ast::QueryBody* head = &body;
  while (const auto* operation = ast::As<ast::SetOperation>(*head)) {
    if (PrecedenceOf(*operation->left) < PrecedenceOf(*operation)) break;
    spine.push_back(operation);
    head = operation->left.get();
  }
  switch (head->kind) {
    case ast::QueryBodyKind::kSelect:
      Select(ast::Cast<ast::Select>(*head));
      break;
    case ast::QueryBodyKind::kTable:
      Add("TABLE ").Name(ast::Cast<ast::TableQuery>(*head).name);
      break;
    case ast::QueryBodyKind::kNested:
      Add("(");
      Query(*ast::Cast<ast::NestedQuery>(*head).query);
      Add(")");
      break;
    case ast::QueryBodyKind::kValues:
      Add("VALUES ");
      List(ast::Cast<ast::Values>(*head).rows, [&](const std::vector<ast::ExpressionPtr>& row) {
        Add("(");
        Expressions(row);
        Add(")");
      });
      break;
    case ast::QueryBodyKind::kSetOperation:  // a looser operation on the left of a tighter one, which only a rewrite can make
      spine.push_back(&ast::Cast<ast::SetOperation>(*head));
      SetOperand(*spine.back()->left, true);
      break;
  }
  static constexpr std::string_view kWords[] = {" UNION ", " INTERSECT ", " EXCEPT "};
  for (size_t i = spine.size(); i-- > 0;) {
    Add(kWords[static_cast<int>(spine[i]->op)]).Add(spine[i]->all ? "ALL " : "");
    SetOperand(*spine[i]->right, PrecedenceOf(*spine[i]->right) <= PrecedenceOf(*spine[i]));
  }
}

void SqlWriter::Select(const ast::Select& select) {
  Add("SELECT");
  if (select.distinct) Add(" DISTINCT");
  if (!select.distinct_on.empty()) {
    Add(" ON (");
    Expressions(select.distinct_on);
    Add(")");
  }
  if (!select.items.empty()) Add(" ");
  Items(select.items);
  if (!select.from.empty()) {
    Add(" FROM ");
    List(select.from, [&](const ast::TableReferencePtr& table) { Table(*table); });
  }
  if (select.where != nullptr) {
    Add(" WHERE ");
    Expression(*select.where);
  }
  if (!select.group_by.empty()) {
    Add(select.group_distinct ? " GROUP BY DISTINCT " : " GROUP BY ");
    List(select.group_by, [&](const ast::GroupingElement& element) { Grouping(element); });
  }
  if (select.having != nullptr) {
    Add(" HAVING ");
    Expression(*select.having);
  }
  if (!select.windows.empty()) {
    Add(" WINDOW ");
    List(select.windows, [&](const ast::NamedWindow& window) {
      Name(window.name).Add(" AS ");
      Window(window.specification);
    });
  }
}

void SqlWriter::Grouping(const ast::GroupingElement& element) {
  if (element.kind == ast::GroupingKind::kExpression) {
    if (element.expressions.size() == 1) return Expression(*element.expressions.front());
    Add("(");
    Expressions(element.expressions);
    Add(")");
    return;
  }
  Add(element.kind == ast::GroupingKind::kRollup ? "ROLLUP (" : element.kind == ast::GroupingKind::kCube ? "CUBE (" : "GROUPING SETS (");
  List(element.elements, [&](const ast::GroupingElement& member) { Grouping(member); });
  Add(")");
}

}  // namespace kappa::print
