// SELECT: items, WHERE, GROUP BY, HAVING, DISTINCT, ORDER BY.
#include <algorithm>
#include <set>

#include "planner/binder/over.h"
#include "planner/binder/query.h"
#include "planner/binder/select_state.h"
#include "planner/binder/subquery.h"
#include "planner/binder/table_function.h"
#include "planner/binder/temporal_filter.h"
#include "planner/binder/types.h"
#include "planner/logical/join.h"

namespace kappa {

namespace {

// Columns of a subquery are columns of their own for GROUPING SETS, also where two of them show one column.
void TellApart(BindContext* context, Relation* from) {
  std::set<ColumnId> seen;
  ProjectOp copies;
  std::vector<Column> output = from->plan->output();
  for (ScopeColumn& column : from->scope.columns) {
    if (column.computed != nullptr || seen.insert(column.column.id).second) continue;
    const Column copy = context->NewColumn(column.column.name, column.column.type, column.column.nullable);
    copies.columns.emplace_back(copy, MakeColumn(column.column));
    output.push_back(copy);
    column.column = copy;
  }
  if (!copies.columns.empty()) from->plan = context->Node(std::move(copies), {from->plan}, std::move(output));
}

const std::string* SimpleName(const ast::Expression& expression) {
  const auto* column = ast::As<ast::ColumnName>(expression);
  return column != nullptr && column->name.parts.size() == 1 ? &column->name.last().name : nullptr;
}

// The ordinal, when the expression is a bare integer.
StatusOr<std::optional<int>> Ordinal(const ast::Expression& expression, size_t items, std::string_view clause) {
  const auto* literal = ast::As<ast::Literal>(expression);
  if (literal == nullptr) return std::optional<int>();
  if (literal->literal != ast::LiteralKind::kInteger) {
    return SqlError(sqlstate::kSyntaxError, expression.range) << "non-integer constant in " << clause;
  }
  const StatusOr<Datum> value = Datum::Parse(TypeId::kInt4, literal->text);
  if (!value.ok() || value->as_int() < 1 || value->as_int() > static_cast<int64_t>(items)) {
    return SqlError(sqlstate::kInvalidColumnReference, expression.range) << clause << " position " << literal->text << " is not in select list";
  }
  return std::optional<int>(static_cast<int>(value->as_int()) - 1);
}

}  // namespace

Status QueryBinder::ExpandItems(const ast::Select& select, SelectState* state) {
  const Scope& scope = state->from.scope;
  ExpressionBinder binder(context_, &scope, &state->aggregates, "the select list");
  binder.AllowWindows(&state->windows);
  binder.AllowSubqueries(this, &state->subqueries);
  for (const ast::SelectItem& item : select.items) {
    if (const auto* star = ast::As<ast::Star>(*item.expression)) {
      const std::string table = star->qualifier.empty() ? "" : star->qualifier.last().name;
      bool any = false;
      for (const ScopeColumn& column : scope.columns) {
        if ((table.empty() ? column.merged : column.table != table) || column.computed != nullptr) continue;
        any = true;
        state->items.push_back({nullptr, WithExprRange(MakeColumn(column.column), item.range), column.name, ""});
      }
      if (any) continue;
      if (table.empty()) return SqlError(sqlstate::kSyntaxError, item.range) << "SELECT * with no tables specified is not valid";
      // t.* may also be the fields of a column t.
      ast::QualifiedName name;
      for (const ast::Identifier& part : star->qualifier.parts) name.parts.push_back(part);
      name.range = star->qualifier.range;
      StatusOr<ExprPtr> base = ResolveName(scope, name);
      if (!base.ok() || !(*base)->type.is_struct()) {
        return SqlError(sqlstate::kUndefinedTable, item.range) << "missing FROM-clause entry for table \"" << table << "\"";
      }
      for (const StructField& field : (*base)->type.fields()) {
        ASSIGN_OR_RETURN(ExprPtr value, FieldOf(*base, {field.name, true, item.range}));
        state->items.push_back({nullptr, WithExprRange(value, item.range), field.name, ""});
      }
      continue;
    }
    if (const auto* access = ast::As<ast::FieldAccess>(*item.expression); access != nullptr && access->star) {
      ASSIGN_OR_RETURN(ExprPtr base, binder.Bind(*access->base));
      if (!base->type.is_struct())
        return SqlError(sqlstate::kWrongObjectType, item.range) << "type " << TypeText(base->type) << " is not a struct: it has no fields";
      for (const StructField& field : base->type.fields()) {
        ASSIGN_OR_RETURN(ExprPtr value, FieldOf(base, {field.name, true, item.range}));
        state->items.push_back({nullptr, WithExprRange(value, item.range), field.name, ""});
      }
      continue;
    }
    if (const auto* call = ast::As<ast::Call>(*item.expression); call != nullptr && AnswersRows(*call)) {
      if (state->spread != nullptr) return NotSupported("a second function that answers rows in the select list", item.range);
      state->spread = call;
      ASSIGN_OR_RETURN(const Column column, SpreadRows(context_, *call, scope, &state->plan));
      const std::string& shown = item.alias.name.empty() ? call->name.last().name : item.alias.name;
      state->items.push_back({nullptr, WithExprRange(MakeColumn(column), item.range), shown, item.alias.name});
      continue;
    }
    ASSIGN_OR_RETURN(ExprPtr bound, binder.Bind(*item.expression));
    const std::string name = item.alias.name.empty() ? ImpliedName(*item.expression) : item.alias.name;
    state->items.push_back({item.expression.get(), std::move(bound), name, item.alias.name});
  }
  return OkStatus();
}

// The key's position among the keys.
StatusOr<int> QueryBinder::CollectKey(const ast::Expression& expression, SelectState* state) {
  ExpressionBinder binder(context_, &state->from.scope, nullptr, "GROUP BY");
  binder.AllowSubqueries(this, &state->subqueries);
  ASSIGN_OR_RETURN(std::optional<int> position, Ordinal(expression, state->items.size(), "GROUP BY"));
  if (const std::string* name = SimpleName(expression); name != nullptr && !position) {
    // A column of the input first, then an alias of the select list.
    const auto& columns = state->from.scope.columns;
    const bool in_input = std::any_of(columns.begin(), columns.end(), [&](const ScopeColumn& column) { return column.name == *name; });
    for (size_t i = 0; i < state->items.size() && !in_input; ++i) {
      if (state->items[i].alias == *name) position = static_cast<int>(i);
    }
  }
  ExprPtr key;
  if (position) {
    const SelectState::Item& item = state->items[*position];
    if (item.expression != nullptr) {  // bound again, where aggregates are errors
      ASSIGN_OR_RETURN(key, binder.BindTyped(*item.expression));
    } else {
      key = item.bound;
    }
  } else {
    ASSIGN_OR_RETURN(key, binder.BindTyped(expression));
  }
  if (!context_->watermark_columns.empty()) RETURN_IF_ERROR(ExposeWatermarks(&state->plan, expression.range));
  // window_time stands for the window_end that it is made of.
  for (const ScopeColumn& column : state->from.scope.columns) {
    if (column.computed == nullptr || !SameExpr(*column.computed, *key)) continue;
    std::vector<ColumnId> made_of;
    CollectColumns(*key, &made_of);
    const Column* end = FindColumn(state->plan->output(), made_of[0]);
    if (end != nullptr) key = WithExprRange(MakeColumn(*end), key->range);
    break;
  }
  for (size_t i = 0; i < state->keys.size(); ++i) {
    if (SameExpr(*state->keys[i].expr, *key)) return static_cast<int>(i);
  }
  Column column;
  RETURN_IF_ERROR(SubqueryPlacer(context_, &state->subqueries).Place(*key, &state->plan));
  if (key->kind == ExprKind::kColumn && FindColumn(state->plan->output(), key->column) != nullptr) {
    for (const Column& c : state->plan->output())
      if (c.id == key->column) column = c;
  } else {
    column = context_->NewColumn(position ? state->items[*position].name : ImpliedName(expression), key->type, key->nullable);
  }
  state->keys.push_back({std::move(key), std::move(column)});
  return static_cast<int>(state->keys.size()) - 1;
}

Status QueryBinder::BindGroupBy(const ast::Select& select, SelectState* state) {
  state->sets = {{}};
  for (const ast::GroupingElement& element : select.group_by) {
    ASSIGN_OR_RETURN(GroupingSets sets, ExpandSets(element, [&](const ast::Expression& expression) { return CollectKey(expression, state); }));
    ASSIGN_OR_RETURN(state->sets, CrossSets(state->sets, sets, element.range));
  }
  if (select.group_distinct) {
    GroupingSets distinct;
    for (std::vector<int>& set : state->sets) {
      std::sort(set.begin(), set.end());
      if (std::find(distinct.begin(), distinct.end(), set) == distinct.end()) distinct.push_back(set);
    }
    state->sets = std::move(distinct);
  }
  if (select.having != nullptr) {
    ExpressionBinder binder(context_, &state->from.scope, &state->aggregates, "HAVING");
    binder.AllowSubqueries(this, &state->subqueries);
    ASSIGN_OR_RETURN(state->having, binder.BindBoolean(*select.having, "HAVING"));
  }
  return OkStatus();
}

// What ORDER BY and DISTINCT ON name: an item by its position or name, or an expression (which may be an item's).
Status QueryBinder::BindOrderKey(const ast::Expression& expression, std::string_view clause, SelectState* state, int* item, ExprPtr* expr) {
  ASSIGN_OR_RETURN(std::optional<int> position, Ordinal(expression, state->items.size(), clause));
  if (const std::string* name = SimpleName(expression); name != nullptr && !position) {
    for (size_t i = 0; i < state->items.size(); ++i) {
      if (state->items[i].name != *name) continue;
      if (position && !SameExpr(*state->items[*position].bound, *state->items[i].bound))
        return SqlError(sqlstate::kAmbiguousColumn, expression.range) << clause << " \"" << *name << "\" is ambiguous";
      if (!position) position = static_cast<int>(i);
    }
  }
  *item = position.value_or(-1);
  if (position) return OkStatus();
  ExpressionBinder binder(context_, &state->from.scope, &state->aggregates, clause);
  binder.AllowWindows(&state->windows);
  binder.AllowSubqueries(this, &state->subqueries);
  ASSIGN_OR_RETURN(*expr, binder.BindTyped(expression));
  for (size_t i = 0; i < state->items.size() && *item < 0; ++i) {
    if (SameExpr(*state->items[i].bound, **expr)) *item = static_cast<int>(i);
  }
  return OkStatus();
}

Status QueryBinder::BindOrderItems(const ast::Query& order, const ast::Select& select, SelectState* state) {
  for (const ast::OrderItem& item : order.order_by) {
    SelectState::Order out;
    out.descending = item.descending;
    out.nulls_first = item.nulls_first.value_or(item.descending);
    out.range = item.range.known() ? item.range : item.expression->range;
    RETURN_IF_ERROR(BindOrderKey(*item.expression, "ORDER BY", state, &out.item, &out.expr));
    if (out.item < 0 && select.distinct && select.distinct_on.empty())
      return SqlError(sqlstate::kInvalidColumnReference, out.range) << "for SELECT DISTINCT, ORDER BY expressions must appear in select list";
    state->order.push_back(std::move(out));
  }
  return OkStatus();
}

// DISTINCT ON (a, b): a row for each of their values. What the rows are ordered by begins with them.
Status QueryBinder::BindDistinctOn(const ast::Select& select, SelectState* state) {
  for (const ast::ExpressionPtr& expression : select.distinct_on) {
    SelectState::Order out;
    out.range = expression->range;
    RETURN_IF_ERROR(BindOrderKey(*expression, "DISTINCT ON", state, &out.item, &out.expr));
    state->distinct_on.push_back(std::move(out));
  }
  auto value = [&](const SelectState::Order& key) -> const Expr& { return key.item >= 0 ? *state->items[key.item].bound : *key.expr; };
  std::vector<bool> seen(state->distinct_on.size());
  for (const SelectState::Order& key : state->order) {
    bool found = false;
    for (size_t i = 0; i < seen.size(); ++i) {
      if (!SameExpr(value(state->distinct_on[i]), value(key))) continue;
      found = seen[i] = true;
    }
    if (!found && std::find(seen.begin(), seen.end(), false) != seen.end())
      return SqlError(sqlstate::kInvalidColumnReference, key.range) << "SELECT DISTINCT ON expressions must match initial ORDER BY expressions";
  }
  return OkStatus();
}

// What aggregates read is there before them.
Status QueryBinder::PlaceForAggregates(SelectState* state) {
  SubqueryPlacer placer(context_, &state->subqueries);
  for (const AggregateCall& call : state->aggregates.calls) {
    for (const ExprPtr& arg : call.args) RETURN_IF_ERROR(placer.Place(*arg, &state->plan));
    for (const AggregateOrder& key : call.order) RETURN_IF_ERROR(placer.Place(*key.expr, &state->plan));
    if (call.filter != nullptr) RETURN_IF_ERROR(placer.Place(*call.filter, &state->plan));
  }
  return OkStatus();
}

// What the items, windows and orders read.
Status QueryBinder::PlaceForItems(SelectState* state) {
  SubqueryPlacer placer(context_, &state->subqueries);
  for (const SelectState::Item& item : state->items) RETURN_IF_ERROR(placer.Place(*item.bound, &state->plan));
  for (const auto* keys : {&state->order, &state->distinct_on}) {
    for (const SelectState::Order& key : *keys)
      if (key.expr != nullptr) RETURN_IF_ERROR(placer.Place(*key.expr, &state->plan));
  }
  for (WindowCall& call : state->windows.calls)
    RETURN_IF_ERROR(ForEachWindowExpr(&call, [&](ExprPtr* expr) { return placer.Place(**expr, &state->plan); }));
  return OkStatus();
}

StatusOr<LogicalPtr> QueryBinder::Where(const Relation& from, const ast::Expression& where) {
  ExpressionBinder binder(context_, &from.scope, nullptr, "WHERE");
  SubqueryCollector subqueries;
  binder.AllowSubqueries(this, &subqueries);
  binder.AllowClock();
  ASSIGN_OR_RETURN(ExprPtr predicate, binder.BindBoolean(where, "WHERE"));
  ClockBounds bounds;
  ASSIGN_OR_RETURN(predicate, TakeClockBounds(context_, predicate, &bounds));
  LogicalPtr plan = from.plan;
  if (predicate != nullptr) { ASSIGN_OR_RETURN(plan, SubqueryPlacer(context_, &subqueries).Filter(plan, predicate)); }
  plan = ForgettingJoins(plan);
  return bounds.empty() ? plan : PlaceClockBounds(context_, std::move(plan), std::move(bounds));
}

StatusOr<Projection> QueryBinder::BindSelect(const ast::Select& select, const ast::Query* order, bool top) {
  RETURN_IF_ERROR(CheckNamedWindows(select.windows));
  SelectState state;
  state.windows.named = &select.windows;
  if (!select.from.empty()) { ASSIGN_OR_RETURN(state.from, BindFromList(select.from)); }
  const auto is_set = [](const ast::GroupingElement& element) { return element.kind != ast::GroupingKind::kExpression; };
  if (std::any_of(select.group_by.begin(), select.group_by.end(), is_set)) TellApart(context_, &state.from);
  const bool no_from = select.from.empty();
  if (no_from) state.from.plan = context_->Node(ValuesOp{{{}}}, {}, {});  // one row without columns
  state.plan = state.from.plan;
  if (select.where != nullptr) { ASSIGN_OR_RETURN(state.plan, Where(state.from, *select.where)); }
  RETURN_IF_ERROR(ExpandItems(select, &state));
  RETURN_IF_ERROR(BindGroupBy(select, &state));
  if (order != nullptr) RETURN_IF_ERROR(BindOrderItems(*order, select, &state));
  RETURN_IF_ERROR(BindDistinctOn(select, &state));
  if (!context_->watermark_columns.empty()) RETURN_IF_ERROR(ExposeWatermarks(&state.plan, select.range));
  state.grouped = !select.group_by.empty() || select.having != nullptr || !state.aggregates.calls.empty() || !state.aggregates.groupings.empty();
  if (state.grouped && state.spread != nullptr) return NotSupported("a function that answers rows beside aggregates", state.spread->range);
  if (state.grouped) {
    RETURN_IF_ERROR(PlaceForAggregates(&state));
    RETURN_IF_ERROR(Aggregate(&state));
  }
  RETURN_IF_ERROR(PlaceForItems(&state));
  if (!state.windows.calls.empty()) {
    if (state.spread != nullptr) return NotSupported("a function that answers rows beside window functions", state.spread->range);
    state.plan = ExpirePartitions(PlaceWindows(context_, state.plan, std::move(state.windows.calls)));
  }

  Projection projection;
  projection.input = state.plan;
  for (SelectState::Item& item : state.items) {
    projection.exprs.push_back(item.bound);
    projection.names.push_back(item.name);
  }
  if (no_from && state.plan == state.from.plan && !state.grouped && !select.distinct &&
      (order == nullptr || (order->order_by.empty() && !order->limit && !order->offset))) {
    projection.input = nullptr;
    projection.rows = {std::move(projection.exprs)};
    projection.exprs.clear();
    return projection;
  }
  if (select.distinct && select.distinct_on.empty()) {
    ASSIGN_OR_RETURN(Relation relation, Project(std::move(projection), nullptr));
    ASSIGN_OR_RETURN(relation, Distinct(std::move(relation)));
    projection = Projection();
    projection.input = relation.plan;
    for (const ScopeColumn& column : relation.scope.columns) {
      projection.exprs.push_back(MakeColumn(column.column));
      projection.names.push_back(column.name);
    }
  }
  RETURN_IF_ERROR(OrderSelect(order, top, &state, &projection));
  return projection;
}

// DISTINCT ON, ORDER BY, LIMIT.
Status QueryBinder::OrderSelect(const ast::Query* order, bool top, SelectState* state, Projection* projection) {
  if (state->distinct_on.empty() && (order == nullptr || (state->order.empty() && order->limit == nullptr && order->offset == nullptr)))
    return OkStatus();
  // What the order reads must be a column: computed here, beside everything the items read.
  std::vector<std::pair<Column, ExprPtr>> computed;
  std::vector<Column> output = projection->input->output();
  auto column_of = [&](SelectState::Order* key) -> StatusOr<ColumnId> {
    ExprPtr& expr = key->item >= 0 ? projection->exprs[key->item] : key->expr;
    ASSIGN_OR_RETURN(expr, CoerceUnknownToText(context_, expr));
    for (const auto& [made, value] : computed) {
      if (SameExpr(*value, *expr)) expr = MakeColumn(made);
    }
    if (expr->kind != ExprKind::kColumn || FindColumn(output, expr->column) == nullptr) {
      const Column column = context_->NewColumn(key->item >= 0 ? projection->names[key->item] : "order", expr->type, expr->nullable);
      computed.emplace_back(column, expr);
      output.push_back(column);
      expr = MakeColumn(column);
    }
    return expr->column;
  };
  TopNOp distinct;
  for (SelectState::Order& key : state->distinct_on) {
    ASSIGN_OR_RETURN(const ColumnId id, column_of(&key));
    distinct.partition.push_back(id);
  }
  std::vector<SortOp::Key> keys;
  for (SelectState::Order& key : state->order) {
    ASSIGN_OR_RETURN(const ColumnId id, column_of(&key));
    keys.push_back({id, key.descending, key.nulls_first});
  }
  if (!computed.empty()) projection->input = context_->Node(ProjectOp{std::move(computed)}, {projection->input}, std::move(output));
  if (!distinct.partition.empty()) { ASSIGN_OR_RETURN(projection->input, FirstOf(projection->input, std::move(distinct), keys)); }
  if (order == nullptr) return OkStatus();
  ASSIGN_OR_RETURN(projection->input, Sort(projection->input, std::move(keys), *order, top));
  return OkStatus();
}

StatusOr<Relation> QueryBinder::Distinct(Relation relation) {
  std::vector<Column> keys;
  for (const ScopeColumn& column : relation.scope.columns) {
    if (FindColumn(keys, column.column.id) == nullptr) keys.push_back(column.column);
  }
  ASSIGN_OR_RETURN(relation.plan, MakeAggregate(relation.plan, std::move(keys), {}));
  return relation;
}

}  // namespace kappa
