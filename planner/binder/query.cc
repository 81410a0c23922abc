// WITH, VALUES, ORDER BY over what a query shows, LIMIT, and the last projection.
#include "planner/binder/query.h"

#include <algorithm>

#include "planner/binder/types.h"

namespace kappa {

ErrorPolicy ToDataflow(const CatalogErrorPolicy& policy) { return {static_cast<ErrorPolicy::Action>(policy.action), policy.table}; }

StatusOr<Relation> QueryBinder::Bind(const ast::Query& query, bool top) {
  ASSIGN_OR_RETURN(Projection projection, BindProjection(query, top));
  return Project(std::move(projection), nullptr);
}

Status QueryBinder::CheckOrder(const ast::Query& query) const {
  if (query.with_ties) return NotSupported("FETCH FIRST ... WITH TIES", query.range);
  if (!context_->streaming) return OkStatus();
  if (query.limit != nullptr) return NotSupported("LIMIT in a view or sink", query.limit->range);
  if (query.offset != nullptr) return NotSupported("OFFSET in a view or sink", query.offset->range);
  if (!query.order_by.empty()) return NotSupported("ORDER BY in a view or sink", query.order_by[0].expression->range);
  return OkStatus();
}

StatusOr<Projection> QueryBinder::BindProjection(const ast::Query& query, bool top) {
  if (query.recursive) return NotSupported("WITH RECURSIVE", query.with.empty() ? query.range : query.with[0].range);
  RETURN_IF_ERROR(CheckOrder(query));
  const CteFrame* outer = ctes_;
  std::vector<std::unique_ptr<CteFrame>> frames;
  for (const ast::CommonTable& table : query.with) {
    for (const auto& other : frames) {
      if (other->table->name.name == table.name.name)
        return SqlError(sqlstate::kDuplicateAlias, table.name.range) << "WITH query name \"" << table.name.name << "\" specified more than once";
    }
    frames.push_back(std::make_unique<CteFrame>(CteFrame{&table, ctes_}));
    ctes_ = frames.back().get();
  }
  // Without a limit, the order of what is not the top is nobody's business.
  const bool ordered = !query.order_by.empty() || query.limit != nullptr || query.offset != nullptr;
  const bool wanted = ordered && (top || query.limit != nullptr || query.offset != nullptr);
  StatusOr<Projection> bound = BindBody(*query.body, wanted ? &query : nullptr);
  ctes_ = outer;
  return bound;
}

StatusOr<Projection> QueryBinder::BindBody(const ast::QueryBody& body, const ast::Query* order) {
  if (const auto* select = ast::As<ast::Select>(body)) return BindSelect(*select, order);
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
  return OrderOutput(*std::move(bound), *order);
}

// ORDER BY over VALUES and UNION: names and positions of the output only.
StatusOr<Projection> QueryBinder::OrderOutput(Projection projection, const ast::Query& query) {
  ASSIGN_OR_RETURN(Relation relation, Project(std::move(projection), nullptr));
  std::vector<SortOp::Key> keys;
  for (const ast::OrderItem& item : query.order_by) {
    ColumnId id = kNoColumn;
    if (const auto* literal = ast::As<ast::Literal>(*item.expression)) {
      const StatusOr<Datum> value = Datum::Parse(TypeId::kInt4, literal->text);
      const int64_t position = value.ok() && literal->literal == ast::LiteralKind::kInteger ? value->as_int() : 0;
      if (position < 1 || position > static_cast<int64_t>(relation.scope.columns.size())) {
        return SqlError(sqlstate::kInvalidColumnReference, item.expression->range)
               << "ORDER BY position " << literal->text << " is not in select list";
      }
      id = relation.scope.columns[position - 1].column.id;
    } else if (item.expression->kind == ast::ExpressionKind::kColumn) {
      ASSIGN_OR_RETURN(ExprPtr column, ResolveName(relation.scope, ast::Cast<ast::ColumnName>(*item.expression).name));
      id = column->column;
    }
    if (id == kNoColumn) { return NotSupported("ORDER BY an expression over UNION or VALUES", item.expression->range); }
    keys.push_back({id, item.descending, item.nulls_first.value_or(item.descending)});
  }
  Projection out;
  ASSIGN_OR_RETURN(out.input, Sort(relation.plan, std::move(keys), query));
  for (const ScopeColumn& column : relation.scope.columns) {
    out.exprs.push_back(MakeColumn(column.column));
    out.names.push_back(column.name);
  }
  return out;
}

StatusOr<std::optional<int64_t>> QueryBinder::RowCount(const ast::Expression* expression, bool limit) {
  if (expression == nullptr) return std::optional<int64_t>();
  const std::string_view clause = limit ? "LIMIT" : "OFFSET";
  const Scope empty;
  ExpressionBinder binder(context_, &empty, nullptr, clause);
  ASSIGN_OR_RETURN(ExprPtr bound, binder.Bind(*expression));
  if (bound->kind == ExprKind::kParameter) return NotSupported("a parameter in " + std::string(clause), expression->range);
  ASSIGN_OR_RETURN(bound, Coerce(context_, std::move(bound), TypeId::kInt8, Coercion::kAssignment));
  CallContext calls;
  StatusOr<Datum> value = Evaluate(*bound, &calls, {});
  if (!value.ok()) return WithRange(value.status(), expression->range);
  if (value->is_null()) return std::optional<int64_t>();
  if (value->as_int() < 0) {
    return SqlError(limit ? sqlstate::kInvalidRowCountInLimit : sqlstate::kInvalidRowCountInOffset, expression->range)
           << clause << " must not be negative";
  }
  return std::optional<int64_t>(value->as_int());
}

StatusOr<LogicalPtr> QueryBinder::Sort(LogicalPtr input, std::vector<SortOp::Key> keys, const ast::Query& query) {
  SortOp sort;
  sort.keys = std::move(keys);
  ASSIGN_OR_RETURN(sort.limit, RowCount(query.limit.get(), true));
  ASSIGN_OR_RETURN(sort.offset, RowCount(query.offset.get(), false));
  if (sort.keys.empty() && !sort.limit && !sort.offset) return input;
  std::vector<Column> output = input->output();
  for (const SortOp::Key& key : sort.keys) {
    const Column* column = FindColumn(output, key.column);
    if (column != nullptr && column->type.id() == TypeId::kJson) {
      return SqlError(sqlstate::kUndefinedFunction, query.range)
             << "could not identify an ordering operator for type json" << Hint("values of jsonb can be ordered: cast it");
    }
  }
  return context_->Node(std::move(sort), {std::move(input)}, std::move(output));
}

StatusOr<Projection> QueryBinder::BindValues(const ast::Values& values) {
  Projection projection;
  const Scope empty;
  ExpressionBinder binder(context_, &empty, nullptr, "VALUES");
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
    if (expr->kind == ExprKind::kColumn) {
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
