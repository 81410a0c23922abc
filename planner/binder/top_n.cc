// ORDER BY over what a query shows, LIMIT, OFFSET, FETCH FIRST, DISTINCT ON.
#include <algorithm>

#include "planner/binder/query.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

Status CheckOrderable(const LogicalNode& input, const std::vector<SortOp::Key>& keys, TextRange range) {
  for (const SortOp::Key& key : keys) {
    const Column* column = FindColumn(input.output(), key.column);
    if (column != nullptr && column->type.id() == TypeId::kJson) {
      return SqlError(sqlstate::kUndefinedFunction, range)
             << "could not identify an ordering operator for type json" << Hint("values of jsonb can be ordered: cast it");
    }
  }
  return OkStatus();
}

// How many parameters there must be for it: the highest number that it names.
int ParametersOf(const Expr& expr) {
  int most = expr.kind == ExprKind::kParameter ? expr.parameter + 1 : 0;
  for (const ExprPtr& arg : expr.args) most = std::max(most, ParametersOf(*arg));
  return most;
}

LogicalPtr MakeTopN(BindContext* context, LogicalPtr input, TopNOp top) {
  top.user_keys = static_cast<int>(top.order.size());
  std::vector<Column> output = input->output();
  return context->Node(std::move(top), {std::move(input)}, std::move(output));
}

// WITH TIES: those that are peers of the last row stay too. An OFFSET leaves out rows, not groups of peers, and counts before.
LogicalPtr WithTies(BindContext* context, LogicalPtr input, const std::vector<SortOp::Key>& keys, int64_t limit, int64_t offset) {
  TopNOp top;
  top.order = keys;
  top.ties = TopNOp::Ties::kRank;
  top.limit = limit > INT64_MAX - offset ? INT64_MAX : limit + offset;
  if (limit == 0) top.limit = 0;
  input = MakeTopN(context, std::move(input), std::move(top));
  if (offset == 0) return input;
  TopNOp rest;
  rest.order = keys;
  rest.offset = offset;
  return MakeTopN(context, std::move(input), std::move(rest));
}

}  // namespace

// ORDER BY over VALUES and UNION: names and positions of the output only.
StatusOr<Projection> QueryBinder::OrderOutput(Projection projection, const ast::Query& query, bool top) {
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
  ASSIGN_OR_RETURN(out.input, Sort(relation.plan, std::move(keys), query, top));
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
  ASSIGN_OR_RETURN(bound, Coerce(context_, std::move(bound), TypeId::kInt8, Coercion::kAssignment));
  static const std::vector<Datum> kNone;
  const std::vector<Datum>* values = context_->settings->parameter_values != nullptr ? context_->settings->parameter_values : &kNone;
  if (const int parameters = ParametersOf(*bound); parameters > 0) {
    context_->program->needs_parameter_values = true;
    if (static_cast<int>(values->size()) < parameters) return std::optional<int64_t>();
  }
  CallContext calls;
  StatusOr<Datum> value = Evaluate(*bound, &calls, *values);
  if (!value.ok()) return WithRange(value.status(), expression->range);
  if (value->is_null()) return std::optional<int64_t>();
  if (value->as_int() < 0) {
    return SqlError(limit ? sqlstate::kInvalidRowCountInLimit : sqlstate::kInvalidRowCountInOffset, expression->range)
           << clause << " must not be negative";
  }
  return std::optional<int64_t>(value->as_int());
}

// In a view, and where rows share a rank, the rows that stay are maintained (TopN); a SELECT sorts at its end. A view's own order shows nowhere.
StatusOr<LogicalPtr> QueryBinder::Sort(LogicalPtr input, std::vector<SortOp::Key> keys, const ast::Query& query, bool top) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> limit, RowCount(query.limit.get(), true));
  ASSIGN_OR_RETURN(const std::optional<int64_t> offset, RowCount(query.offset.get(), false));
  RETURN_IF_ERROR(CheckOrderable(*input, keys, query.range));
  if (query.with_ties && keys.empty())
    return SqlError(sqlstate::kSyntaxError, query.range) << "WITH TIES cannot be specified without ORDER BY clause";
  const bool bounded = limit || offset.value_or(0) > 0, ties = query.with_ties && limit;
  const bool shown = top && (!context_->streaming || context_->keep_order);
  if (ties) {
    input = WithTies(context_, std::move(input), keys, *limit, offset.value_or(0));
  } else if (bounded && context_->streaming) {
    TopNOp first;
    first.order = keys;
    first.limit = limit;
    first.offset = offset;
    input = MakeTopN(context_, std::move(input), std::move(first));
    if (!shown) return input;
  }
  if (!shown && (ties || !bounded)) return input;
  SortOp sort;
  sort.keys = std::move(keys);
  if (!ties && !context_->streaming) {
    sort.limit = limit;
    sort.offset = offset;
  }
  if (sort.keys.empty() && !sort.limit && !sort.offset) return input;
  std::vector<Column> output = input->output();
  return context_->Node(std::move(sort), {std::move(input)}, std::move(output));
}

// DISTINCT ON: of the rows that agree in its columns the first one.
StatusOr<LogicalPtr> QueryBinder::FirstOf(LogicalPtr input, TopNOp distinct, const std::vector<SortOp::Key>& order) {
  for (ColumnId id : distinct.partition) {
    if (const Column* column = FindColumn(input->output(), id); column != nullptr && column->type.id() == TypeId::kJson) {
      return SqlError(sqlstate::kUndefinedFunction)
             << "could not identify an equality operator for type json" << Hint("values of jsonb can be compared: cast it");
    }
  }
  for (const SortOp::Key& key : order) {
    if (std::find(distinct.partition.begin(), distinct.partition.end(), key.column) == distinct.partition.end()) distinct.order.push_back(key);
  }
  distinct.limit = 1;
  return ExpirePartitions(MakeTopN(context_, std::move(input), std::move(distinct)));
}

}  // namespace kappa
