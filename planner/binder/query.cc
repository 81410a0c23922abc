// WITH, VALUES, and the last projection.
#include "planner/binder/query.h"

#include <algorithm>

#include "planner/binder/subquery.h"
#include "planner/binder/types.h"

namespace kappa {

ErrorPolicy ToDataflow(const CatalogErrorPolicy& policy) { return {static_cast<ErrorPolicy::Action>(policy.action), policy.table}; }

StatusOr<Relation> QueryBinder::Bind(const ast::Query& query, bool top) {
  ASSIGN_OR_RETURN(Projection projection, BindProjection(query, top));
  return Project(std::move(projection), nullptr);
}

StatusOr<Projection> QueryBinder::BindProjection(const ast::Query& query, bool top) {
  const CteFrame* outer = ctes_;
  std::vector<std::unique_ptr<CteFrame>> frames;
  for (const ast::CommonTable& table : query.with) {
    for (const auto& other : frames) {
      if (other->table->name.name == table.name.name)
        return SqlError(sqlstate::kDuplicateAlias, table.name.range) << "WITH query name \"" << table.name.name << "\" specified more than once";
    }
    frames.push_back(std::make_unique<CteFrame>(CteFrame{&table, ctes_, context_->outer}));
    ctes_ = frames.back().get();
  }
  for (const auto& frame : frames) {
    if (query.recursive) frame->all = frames.back().get();
  }
  const bool ordered = !query.order_by.empty() || query.limit != nullptr || query.offset != nullptr;
  StatusOr<Projection> bound = BindBody(*query.body, ordered ? &query : nullptr, top);
  ctes_ = outer;
  return bound;
}

StatusOr<Projection> QueryBinder::BindBody(const ast::QueryBody& body, const ast::Query* order, bool top) {
  if (const auto* select = ast::As<ast::Select>(body)) return BindSelect(*select, order, top);
  StatusOr<Projection> bound;
  switch (body.kind) {
    case ast::QueryBodyKind::kValues:
      bound = BindValues(ast::Cast<ast::Values>(body));
      break;
    case ast::QueryBodyKind::kSetOperation:
      bound = BindSetOperation(ast::Cast<ast::SetOperation>(body));
      break;
    case ast::QueryBodyKind::kNested:
      bound = BindProjection(*ast::Cast<ast::NestedQuery>(body).query, true);
      break;
    case ast::QueryBodyKind::kTable: {
      const auto& table = ast::Cast<ast::TableQuery>(body);
      ASSIGN_OR_RETURN(Relation relation, BindTable(table.name, std::nullopt));
      Projection projection;
      projection.input = relation.plan;
      for (const ScopeColumn& column : relation.scope.columns) {
        projection.exprs.push_back(MakeColumn(column.column));
        projection.names.push_back(column.name);
      }
      bound = std::move(projection);
      break;
    }
    case ast::QueryBodyKind::kSelect:
      break;  // above
  }
  if (!bound.ok() || order == nullptr) return bound;
  return OrderOutput(*std::move(bound), *order, top);
}

StatusOr<Projection> QueryBinder::BindValues(const ast::Values& values) {
  Projection projection;
  const Scope empty;
  ExpressionBinder binder(context_, &empty, nullptr, "VALUES");
  SubqueryCollector subqueries;
  binder.AllowSubqueries(this, &subqueries);
  for (const auto& row : values.rows) {
    if (row.size() != values.rows[0].size())
      return SqlError(sqlstate::kSyntaxError, row.empty() ? values.range : row[0]->range) << "VALUES lists must all be the same length";
    std::vector<ExprPtr> bound;
    for (const ast::ExpressionPtr& expression : row) {
      ASSIGN_OR_RETURN(ExprPtr expr, binder.Bind(*expression));
      bound.push_back(std::move(expr));
    }
    projection.rows.push_back(std::move(bound));
  }
  for (size_t i = 0; i < values.rows[0].size(); ++i) projection.names.push_back("column" + std::to_string(i + 1));
  if (!subqueries.pending.empty()) return ValuesOfSubqueries(std::move(projection), values.range, &subqueries);
  return projection;
}

// Each row is a query of its own: constants, and what its subqueries answer.
StatusOr<Projection> QueryBinder::ValuesOfSubqueries(Projection values, TextRange range, SubqueryCollector* subqueries) {
  SubqueryPlacer placer(context_, subqueries);
  std::vector<Projection> rows;
  for (std::vector<ExprPtr>& row : values.rows) {
    Projection one;
    one.names = values.names;
    one.input = context_->Node(ValuesOp{{{}}}, {}, {});
    for (const ExprPtr& expr : row) RETURN_IF_ERROR(placer.Place(*expr, &one.input));
    one.exprs = std::move(row);
    rows.push_back(std::move(one));
  }
  if (rows.size() == 1) return std::move(rows[0]);
  ASSIGN_OR_RETURN(const Relation united, Unite(std::move(rows), range));
  Projection projection;
  projection.input = united.plan;
  projection.names = values.names;
  for (const ScopeColumn& column : united.scope.columns) projection.exprs.push_back(MakeColumn(column.column));
  return projection;
}

StatusOr<Relation> QueryBinder::Project(Projection projection, const std::vector<Type>* types) {
  const Coercion coercion = types != nullptr ? Coercion::kAssignment : Coercion::kImplicit;
  Relation relation;
  const bool values = !projection.rows.empty();
  std::vector<Type> wanted;
  for (size_t i = 0; i < projection.width(); ++i) {
    if (types != nullptr) {
      wanted.push_back((*types)[i]);
    } else if (values) {
      std::vector<ExprPtr> column;
      for (const auto& row : projection.rows) column.push_back(row[i]);
      ASSIGN_OR_RETURN(Type type, CommonType(column, "VALUES"));
      wanted.push_back(type);
    } else {
      const Type& type = projection.exprs[i]->type;
      wanted.push_back(TypedAsText(type));
    }
  }
  if (values) {
    std::vector<Column> output;
    for (size_t i = 0; i < projection.width(); ++i) {
      bool nullable = false;
      for (auto& row : projection.rows) {
        ASSIGN_OR_RETURN(row[i], Coerce(context_, row[i], wanted[i], coercion));
        nullable |= row[i]->nullable;
      }
      output.push_back(context_->NewColumn(projection.names[i], wanted[i], nullable));
      relation.scope.columns.push_back({"", projection.names[i], output.back()});
    }
    relation.plan = context_->Node(ValuesOp{std::move(projection.rows)}, {}, std::move(output));
    return relation;
  }
  std::vector<std::pair<Column, ExprPtr>> computed;
  std::vector<Column> output;
  for (size_t i = 0; i < projection.width(); ++i) {
    ASSIGN_OR_RETURN(ExprPtr expr, Coerce(context_, projection.exprs[i], wanted[i], coercion));
    Column column;
    if (expr->kind == ExprKind::kColumn && FindColumn(projection.input->output(), expr->column) != nullptr) {
      column = {expr->column, projection.names[i], expr->type, expr->nullable};
    } else {
      column = context_->NewColumn(projection.names[i], expr->type, expr->nullable);
      computed.emplace_back(column, expr);
    }
    if (FindColumn(output, column.id) == nullptr) output.push_back(column);
    relation.scope.columns.push_back({"", projection.names[i], column});
  }
  relation.plan = context_->Node(ProjectOp{std::move(computed)}, {projection.input}, std::move(output));
  return relation;
}

}  // namespace kappa
