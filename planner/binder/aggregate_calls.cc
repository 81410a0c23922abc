// Aggregate calls: DISTINCT, ORDER BY, WITHIN GROUP, FILTER; GROUPING(...).
#include <algorithm>

#include "functions/registry.h"
#include "planner/binder/expressions.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

bool SameCall(const AggregateCall& a, const AggregateCall& b) {
  const bool same_filter = (a.filter == nullptr) == (b.filter == nullptr) && (a.filter == nullptr || SameExpr(*a.filter, *b.filter));
  return a.function == b.function && same_filter && a.distinct == b.distinct && a.args.size() == b.args.size() && a.order.size() == b.order.size() &&
         std::equal(a.args.begin(), a.args.end(), b.args.begin(), [](const ExprPtr& x, const ExprPtr& y) { return SameExpr(*x, *y); }) &&
         std::equal(a.order.begin(), a.order.end(), b.order.begin(), [](const AggregateOrder& x, const AggregateOrder& y) {
           return SameExpr(*x.expr, *y.expr) && x.descending == y.descending && x.nulls_first == y.nulls_first;
         });
}

bool IsOrderedSet(std::string_view name) {
  const auto overloads = FunctionRegistry::Get().FindAggregates(name);
  return std::any_of(overloads.begin(), overloads.end(), [](const AggregateEntry* entry) { return entry->ordered_set; });
}

// Reads neither columns nor parameters.
bool IsConstant(const Expr& expr) {
  return expr.kind != ExprKind::kColumn && expr.kind != ExprKind::kParameter &&
         std::all_of(expr.args.begin(), expr.args.end(), [](const ExprPtr& arg) { return IsConstant(*arg); });
}

// json has no equality and no order.
Status CheckComparable(const AggregateCall& call) {
  for (const AggregateOrder& key : call.order) {
    if (key.expr->type.id() != TypeId::kJson) continue;
    return SqlError(sqlstate::kUndefinedFunction, key.expr->range)
           << "could not identify an ordering operator for type json" << Hint("values of jsonb can be ordered: cast it");
  }
  for (const ExprPtr& arg : call.args) {
    if (!call.distinct || arg->type.id() != TypeId::kJson) continue;
    return SqlError(sqlstate::kUndefinedFunction, arg->range)
           << "could not identify an equality operator for type json" << Hint("values of jsonb can be compared: cast it");
  }
  return OkStatus();
}

// What PostgreSQL says of forms that do not fit the function.
Status CheckForm(const ast::Call& call, const std::string& name) {
  const bool ordered_set = IsOrderedSet(name), within = !call.within_group.empty();
  if (call.star && name != "count") return SqlError(sqlstate::kWrongObjectType, call.range) << name << "(*) is not defined: only count(*) is";
  if (within && call.distinct) return SqlError(sqlstate::kSyntaxError, call.range) << "cannot use DISTINCT with WITHIN GROUP";
  if (within && !call.order_by.empty())
    return SqlError(sqlstate::kSyntaxError, call.range) << "cannot use multiple ORDER BY clauses with WITHIN GROUP";
  if (ordered_set && !within) {
    return SqlError(sqlstate::kWrongObjectType, call.range)
           << "WITHIN GROUP is required for ordered-set aggregate " << name << Hint("write " + name + "(...) WITHIN GROUP (ORDER BY x)");
  }
  if (within && !ordered_set)
    return SqlError(sqlstate::kWrongObjectType, call.range) << name << " is not an ordered-set aggregate, so it cannot have WITHIN GROUP";
  if (name == "count" && !call.star && call.arguments.size() != 1) {
    return SqlError(sqlstate::kUndefinedFunction, call.range) << "function count() takes one argument, or *" << Hint("count(*) counts rows");
  }
  return OkStatus();
}

}  // namespace

StatusOr<std::vector<AggregateOrder>> ExpressionBinder::BindAggregateOrder(const std::vector<ast::OrderItem>& items) {
  std::vector<AggregateOrder> order;
  for (const ast::OrderItem& item : items) {
    ASSIGN_OR_RETURN(ExprPtr expr, Bind(*item.expression));
    order.push_back({std::move(expr), item.descending, item.nulls_first.value_or(item.descending)});
  }
  return order;
}

// percentile_cont(array of fractions): the fractions are float8, the result is an array of what one fraction gives.
StatusOr<ResolvedAggregate> ExpressionBinder::ResolvePercentiles(const std::string& name, std::vector<ExprPtr> args) {
  ASSIGN_OR_RETURN(args[0], Coerce(context_, args[0], Type::Array(TypeId::kFloat8), Coercion::kImplicit));
  TypeId over = TypeId::kAnyElement;
  if (name == "percentile_cont") {
    over = args[1]->type.id() == TypeId::kInterval ? TypeId::kInterval : TypeId::kFloat8;
    ASSIGN_OR_RETURN(args[1], Coerce(context_, args[1], over, Coercion::kImplicit));
  } else {
    ASSIGN_OR_RETURN(args[1], CoerceUnknownToText(context_, args[1]));
  }
  const Type result = Type::Array(args[1]->type);
  for (const AggregateEntry* entry : FunctionRegistry::Get().FindAggregates(name)) {
    if (entry->arguments[0] == TypeId::kArray && entry->arguments[1] == over) return ResolvedAggregate{entry, std::move(args), result};
  }
  return SqlError(sqlstate::kInternalError) << name << " over arrays is lost";
}

// Casts what ORDER BY names as it casts the arguments it repeats; DISTINCT orders by arguments alone.
Status ExpressionBinder::OrderArguments(const ast::Call& call, const std::vector<ExprPtr>& given, AggregateCall* made) {
  for (size_t i = 0; i < made->order.size(); ++i) {
    AggregateOrder& key = made->order[i];
    const auto found = std::find_if(given.begin(), given.end(), [&](const ExprPtr& arg) { return SameExpr(*arg, *key.expr); });
    if (found != given.end() && static_cast<size_t>(found - given.begin()) < made->args.size()) {
      key.expr = made->args[static_cast<size_t>(found - given.begin())];
    } else if (made->distinct) {
      return SqlError(sqlstate::kInvalidColumnReference, call.order_by[i].expression->range)
             << "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list";
    }
    ASSIGN_OR_RETURN(key.expr, CoerceUnknownToText(context_, key.expr));
  }
  return OkStatus();
}

StatusOr<ExprPtr> ExpressionBinder::BindAggregate(const ast::Call& call, const std::string& name) {
  if (inside_aggregate_) return SqlError(sqlstate::kGroupingError, call.range) << "aggregate function calls cannot be nested";
  inside_aggregate_ = true;
  StatusOr<std::vector<ExprPtr>> bound = BindArguments(call);
  StatusOr<std::vector<AggregateOrder>> order = BindAggregateOrder(call.within_group.empty() ? call.order_by : call.within_group);
  StatusOr<ExprPtr> filter = call.filter ? BindBoolean(*call.filter, "FILTER") : StatusOr<ExprPtr>(nullptr);
  inside_aggregate_ = false;
  if (!bound.ok()) return bound.status();
  if (!order.ok()) return order.status();
  if (!filter.ok()) return filter.status();
  std::vector<ExprPtr> args = *std::move(bound);
  if (!call.within_group.empty()) {
    for (const AggregateOrder& key : *order) args.push_back(key.expr);
  }
  std::vector<ColumnId> read;
  for (const ExprPtr& arg : args) CollectColumns(*arg, &read);
  if (*filter != nullptr) CollectColumns(**filter, &read);
  AggregateCollector* of_query = QueryOf(read);
  if (of_query == nullptr) return SqlError(sqlstate::kGroupingError, call.range) << "aggregate functions are not allowed in " << clause_;
  ASSIGN_OR_RETURN(AggregateCall made, ResolveAggregateCall(call, name, std::move(args), *std::move(order), *std::move(filter)));
  return CollectAggregate(context_, of_query, name, std::move(made));
}

// The column that the call gives; equal calls give one.
StatusOr<ExprPtr> ExpressionBinder::CollectAggregate(BindContext* context, AggregateCollector* of_query, const std::string& name,
                                                     AggregateCall made) {
  for (const AggregateCall& other : of_query->calls) {
    if (SameCall(other, made)) return MakeColumn({other.output, other.name, other.type, other.nullable});
  }
  const Column output = context->NewColumn(name, made.type, made.nullable);
  made.output = output.id;
  of_query->calls.push_back(std::move(made));
  return MakeColumn(output);
}

// An aggregate belongs to the innermost query of whose columns it reads any; to its own where it reads none.
AggregateCollector* ExpressionBinder::QueryOf(const std::vector<ColumnId>& columns) const {
  const auto gives = [&](const Scope& scope) {
    return std::any_of(scope.columns.begin(), scope.columns.end(), [&](const ScopeColumn& column) {
      std::vector<ColumnId> ids = {column.column.id};
      if (column.computed != nullptr) CollectColumns(*column.computed, &ids);
      return std::any_of(ids.begin(), ids.end(), [&](ColumnId id) { return std::find(columns.begin(), columns.end(), id) != columns.end(); });
    });
  };
  if (columns.empty() || gives(*scope_)) return aggregates_;
  for (const OuterScope* outer = context_->outer; outer != nullptr; outer = outer->previous)
    if (gives(*outer->scope)) return outer->aggregates;
  return aggregates_;
}

// The call without its output: what is called, its arguments cast.
StatusOr<AggregateCall> ExpressionBinder::ResolveAggregateCall(const ast::Call& call, const std::string& name, std::vector<ExprPtr> args,
                                                               std::vector<AggregateOrder> order, ExprPtr filter) {
  RETURN_IF_ERROR(CheckForm(call, name));
  AggregateCall made;
  made.name = name;
  made.filter = std::move(filter);
  made.order = std::move(order);
  made.distinct = call.distinct;
  // count(x) counts the rows where x is not NULL: one kind of counting for every type.
  if (name == "count" && !call.star && !call.distinct) {
    ASSIGN_OR_RETURN(ExprPtr arg, CoerceUnknownToText(context_, args[0]));
    if (arg->nullable) {
      ExprPtr given = MakeNot(MakeIsNull(arg));
      made.filter = made.filter == nullptr ? given : MakeAnd({made.filter, given});
    }
    args.clear();
    made.order.clear();
  }
  const std::vector<ExprPtr> given = args;
  const bool percentiles = args.size() == 2 && IsOrderedSet(name) && args[0]->type.id() == TypeId::kArray;
  ASSIGN_OR_RETURN(ResolvedAggregate resolved,
                   percentiles ? ResolvePercentiles(name, std::move(args)) : ResolveAggregate(context_, name, std::move(args), call.range));
  made.function = resolved.entry;
  made.args = std::move(resolved.args);
  for (size_t i = 0; i < made.args.size(); ++i) { ASSIGN_OR_RETURN(made.args[i], CoerceUnknownToText(context_, made.args[i])); }
  RETURN_IF_ERROR(OrderArguments(call, given, &made));
  made.distinct = made.distinct && !made.function->ignores_distinct;
  if (!made.function->order_matters && !made.function->ordered_set) made.order.clear();
  for (size_t i = 0; i < made.function->direct; ++i) {
    if (!IsConstant(*made.args[i])) return NotSupported("a direct argument of " + name + " that is no constant", made.args[i]->range);
  }
  RETURN_IF_ERROR(CheckComparable(made));
  made.type = resolved.type;
  made.nullable = made.function->nullable_result;
  return made;
}

// Which of its arguments a row of grouping sets is not grouped by, as bits, the last one lowest.
StatusOr<ExprPtr> ExpressionBinder::BindGrouping(const ast::Call& call) {
  if (aggregates_ == nullptr || inside_aggregate_) {
    return SqlError(sqlstate::kGroupingError, call.range)
           << "grouping operations are not allowed in " << (inside_aggregate_ ? std::string("aggregate functions") : clause_);
  }
  if (call.arguments.size() > 31) return SqlError(SqlState{"54023"}, call.range) << "GROUPING must have fewer than 32 arguments";
  ASSIGN_OR_RETURN(std::vector<ExprPtr> args, BindArguments(call));
  for (const GroupingCall& other : aggregates_->groupings) {
    if (std::equal(other.args.begin(), other.args.end(), args.begin(), args.end(),
                   [](const ExprPtr& a, const ExprPtr& b) { return SameExpr(*a, *b); }))
      return MakeColumn(other.output);
  }
  const Column output = context_->NewColumn("grouping", TypeId::kInt4, false);
  aggregates_->groupings.push_back({output, std::move(args), call.range});
  return MakeColumn(output);
}

}  // namespace kappa
