// SELECT: items, WHERE, GROUP BY, HAVING, DISTINCT, ORDER BY.
#include <algorithm>

#include "planner/binder/query.h"
#include "planner/binder/table_function.h"
#include "planner/binder/types.h"

namespace kappa {

struct QueryBinder::SelectState {
  Relation from;
  LogicalPtr plan;
  struct Item {
    const ast::Expression* expression = nullptr;  // nullptr: from a star, `bound` already
    ExprPtr bound;
    std::string name;
    std::string alias;  // "" when none was written
  };
  std::vector<Item> items;
  struct Key {
    ExprPtr expr;
    Column column;
  };
  std::vector<Key> keys;
  GroupingSets sets;  // of keys; one: plain GROUP BY
  bool grouped = false;
  AggregateCollector aggregates;
  ExprPtr having;
  const ast::Call* spread = nullptr;  // the item that answers rows: its column is in `plan`
  struct Order {
    ExprPtr expr;
    int item = -1;  // position of an item; -1: an expression of its own
    bool descending = false, nulls_first = false;
    TextRange range;
  };
  std::vector<Order> order;
};

namespace {

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
  for (const ast::SelectItem& item : select.items) {
    if (const auto* star = ast::As<ast::Star>(*item.expression)) {
      const std::string table = star->qualifier.empty() ? "" : star->qualifier.last().name;
      bool any = false;
      for (const ScopeColumn& column : scope.columns) {
        if ((!table.empty() && column.table != table) || column.computed != nullptr) continue;
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
  if (key->kind == ExprKind::kColumn) {
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
    ASSIGN_OR_RETURN(state->having, binder.BindBoolean(*select.having, "HAVING"));
  }
  return OkStatus();
}

Status QueryBinder::BindOrderItems(const ast::Query& order, const ast::Select& select, SelectState* state) {
  ExpressionBinder binder(context_, &state->from.scope, &state->aggregates, "ORDER BY");
  for (const ast::OrderItem& item : order.order_by) {
    SelectState::Order out;
    out.descending = item.descending;
    out.nulls_first = item.nulls_first.value_or(item.descending);
    out.range = item.range.known() ? item.range : item.expression->range;
    ASSIGN_OR_RETURN(std::optional<int> position, Ordinal(*item.expression, state->items.size(), "ORDER BY"));
    if (const std::string* name = SimpleName(*item.expression); name != nullptr && !position) {
      for (size_t i = 0; i < state->items.size(); ++i) {
        if (state->items[i].name != *name) continue;
        if (position && !SameExpr(*state->items[*position].bound, *state->items[i].bound)) {
          return SqlError(sqlstate::kAmbiguousColumn, out.range) << "ORDER BY \"" << *name << "\" is ambiguous";
        }
        if (!position) position = static_cast<int>(i);
      }
    }
    if (position) {
      out.item = *position;
    } else {
      ASSIGN_OR_RETURN(out.expr, binder.BindTyped(*item.expression));
      for (size_t i = 0; i < state->items.size() && out.item < 0; ++i) {
        if (SameExpr(*state->items[i].bound, *out.expr)) out.item = static_cast<int>(i);
      }
      if (out.item < 0 && select.distinct) {
        return SqlError(sqlstate::kInvalidColumnReference, out.range) << "for SELECT DISTINCT, ORDER BY expressions must appear in select list";
      }
    }
    state->order.push_back(std::move(out));
  }
  return OkStatus();
}

// The expression over the aggregate's output: keys and aggregates are columns there, anything else of the input is an error.
StatusOr<ExprPtr> QueryBinder::Grouped(const ExprPtr& expr, const SelectState& state) {
  for (const SelectState::Key& key : state.keys) {
    if (SameExpr(*key.expr, *expr)) return WithExprRange(MakeColumn(key.column), expr->range);
  }
  if (expr->kind == ExprKind::kColumn) {
    for (const AggregateCall& call : state.aggregates.calls)
      if (call.output == expr->column) return expr;
    for (const GroupingCall& call : state.aggregates.groupings)
      if (call.output.id == expr->column) return expr;
    std::string name;
    for (const ScopeColumn& column : state.from.scope.columns) {
      if (column.column.id == expr->column) name = column.table.empty() ? column.name : column.table + "." + column.name;
    }
    return SqlError(sqlstate::kGroupingError, expr->range)
           << "column \"" << name << "\" must appear in the GROUP BY clause or be used in an aggregate function";
  }
  if (expr->args.empty()) return expr;
  auto copy = std::make_shared<Expr>(*expr);
  for (ExprPtr& arg : copy->args) { ASSIGN_OR_RETURN(arg, Grouped(arg, state)); }
  return ExprPtr(copy);
}

Status QueryBinder::Aggregate(SelectState* state) {
  std::vector<std::pair<Column, ExprPtr>> computed;
  std::vector<Column> output = state->plan->output();
  std::vector<Column> keys;
  for (const SelectState::Key& key : state->keys) {
    keys.push_back(key.column);
    if (key.expr->kind == ExprKind::kColumn) continue;
    computed.emplace_back(key.column, key.expr);
    output.push_back(key.column);
  }
  LogicalPtr input = state->plan;
  if (!computed.empty()) input = context_->Node(ProjectOp{std::move(computed)}, {input}, std::move(output));
  if (state->sets.size() == 1 && state->sets[0].size() == keys.size() && state->aggregates.groupings.empty()) {
    ASSIGN_OR_RETURN(state->plan, MakeAggregate(std::move(input), std::move(keys), state->aggregates.calls));
  } else {
    std::vector<ExprPtr> exprs;
    for (const SelectState::Key& key : state->keys) exprs.push_back(key.expr);
    ASSIGN_OR_RETURN(state->plan, AggregateSets(std::move(input), exprs, &keys, state->aggregates, state->sets));
    for (size_t i = 0; i < keys.size(); ++i) state->keys[i].column = keys[i];
  }
  for (SelectState::Item& item : state->items) { ASSIGN_OR_RETURN(item.bound, Grouped(item.bound, *state)); }
  for (SelectState::Order& order : state->order) {
    if (order.expr == nullptr) continue;
    ASSIGN_OR_RETURN(order.expr, Grouped(order.expr, *state));
  }
  if (state->having != nullptr) {
    ASSIGN_OR_RETURN(ExprPtr having, Grouped(state->having, *state));
    state->plan = context_->Node(FilterOp{having}, {state->plan}, state->plan->output());
  }
  return OkStatus();
}

StatusOr<Projection> QueryBinder::BindSelect(const ast::Select& select, const ast::Query* order) {
  if (!select.distinct_on.empty()) return NotSupported("DISTINCT ON", select.distinct_on[0]->range);
  if (!select.windows.empty()) return NotSupported("WINDOW", select.windows[0].name.range);
  SelectState state;
  if (!select.from.empty()) { ASSIGN_OR_RETURN(state.from, BindFromList(select.from)); }
  const bool no_from = select.from.empty();
  if (no_from) state.from.plan = context_->Node(ValuesOp{{{}}}, {}, {});  // one row without columns
  state.plan = state.from.plan;
  if (select.where != nullptr) {
    ExpressionBinder binder(context_, &state.from.scope, nullptr, "WHERE");
    ASSIGN_OR_RETURN(ExprPtr predicate, binder.BindBoolean(*select.where, "WHERE"));
    state.plan = context_->Node(FilterOp{predicate}, {state.plan}, state.plan->output());
  }
  RETURN_IF_ERROR(ExpandItems(select, &state));
  RETURN_IF_ERROR(BindGroupBy(select, &state));
  if (order != nullptr) RETURN_IF_ERROR(BindOrderItems(*order, select, &state));
  if (!context_->watermark_columns.empty()) RETURN_IF_ERROR(ExposeWatermarks(&state.plan, select.range));
  state.grouped = !select.group_by.empty() || select.having != nullptr || !state.aggregates.calls.empty() || !state.aggregates.groupings.empty();
  if (state.grouped && state.spread != nullptr) return NotSupported("a function that answers rows beside aggregates", state.spread->range);
  if (state.grouped) RETURN_IF_ERROR(Aggregate(&state));

  Projection projection;
  projection.input = state.plan;
  for (SelectState::Item& item : state.items) {
    projection.exprs.push_back(item.bound);
    projection.names.push_back(item.name);
  }
  if (no_from && !state.grouped && state.spread == nullptr && select.where == nullptr && !select.distinct &&
      (order == nullptr || (order->order_by.empty() && !order->limit && !order->offset))) {
    projection.input = nullptr;
    projection.rows = {std::move(projection.exprs)};
    projection.exprs.clear();
    return projection;
  }
  if (select.distinct) {
    ASSIGN_OR_RETURN(Relation relation, Project(std::move(projection), nullptr));
    ASSIGN_OR_RETURN(relation, Distinct(std::move(relation)));
    projection = Projection();
    projection.input = relation.plan;
    for (const ScopeColumn& column : relation.scope.columns) {
      projection.exprs.push_back(MakeColumn(column.column));
      projection.names.push_back(column.name);
    }
  }
  if (order == nullptr || (state.order.empty() && order->limit == nullptr && order->offset == nullptr)) return projection;
  // What the order reads must be a column: computed here, beside everything the items read.
  std::vector<std::pair<Column, ExprPtr>> computed;
  std::vector<Column> output = projection.input->output();
  std::vector<SortOp::Key> keys;
  for (const SelectState::Order& item : state.order) {
    ExprPtr& expr = item.item >= 0 ? projection.exprs[item.item] : const_cast<ExprPtr&>(item.expr);
    ASSIGN_OR_RETURN(expr, CoerceUnknownToText(context_, expr));
    if (expr->kind != ExprKind::kColumn) {
      const Column column = context_->NewColumn(item.item >= 0 ? projection.names[item.item] : "order", expr->type, expr->nullable);
      computed.emplace_back(column, expr);
      output.push_back(column);
      expr = MakeColumn(column);
    }
    keys.push_back({expr->column, item.descending, item.nulls_first});
  }
  if (!computed.empty()) projection.input = context_->Node(ProjectOp{std::move(computed)}, {projection.input}, std::move(output));
  ASSIGN_OR_RETURN(projection.input, Sort(projection.input, std::move(keys), *order));
  return projection;
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
