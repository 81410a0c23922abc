// Hypothetical-set aggregates: where a row would stand among the group's. Of rows that are counted the rank is known, so nothing else is kept of
// them:
//
//   rank(v) WITHIN GROUP (ORDER BY x)           1 + count(*) FILTER (x before v)
//   dense_rank(v) WITHIN GROUP (ORDER BY x)     1 + count(DISTINCT x) FILTER (x before v), and 1 for NULLs that stand before it
//   percent_rank(v) WITHIN GROUP (ORDER BY x)   count(*) FILTER (x before v) / count(*), of no rows 0
//   cume_dist(v) WITHIN GROUP (ORDER BY x)      (1 + count(*) FILTER (x before v, or its peer)) / (1 + count(*))
//
// ORDER BY may name several columns: a row stands before when it does in the first of them where it differs. PostgreSQL's hypothetical_rank_common.
#include <algorithm>

#include "planner/binder/expressions.h"
#include "planner/binder/types.h"
#include "planner/logical/logical.h"

namespace kappa {
namespace {

ExprPtr MakeBool(ExprKind kind, std::vector<ExprPtr> args) {
  if (args.size() == 1) return args[0];
  const bool nullable = std::any_of(args.begin(), args.end(), [](const ExprPtr& arg) { return arg->nullable; });
  return MakeExpr(kind, TypeId::kBool, nullable, std::move(args));
}

ExprPtr Both(const ExprPtr& a, const ExprPtr& b) { return a == nullptr ? b : b == nullptr ? a : MakeAnd({a, b}); }

ExprPtr Int8(int64_t value) { return MakeConstant(Datum::Int(value), TypeId::kInt8); }

Status CheckForm(const ast::Call& call, const std::string& name) {
  if (call.distinct) return SqlError(sqlstate::kSyntaxError, call.range) << "cannot use DISTINCT with WITHIN GROUP";
  if (!call.order_by.empty()) return SqlError(sqlstate::kSyntaxError, call.range) << "cannot use multiple ORDER BY clauses with WITHIN GROUP";
  if (call.star) return SqlError(sqlstate::kUndefinedFunction, call.range) << "function " << name << "(*) does not exist";
  const size_t direct = call.arguments.size(), keys = call.within_group.size();
  if (direct == keys) return OkStatus();
  return SqlError(sqlstate::kUndefinedFunction, call.name.range)
         << "function " << name << " with " << direct << " direct arguments and " << keys << " ordering columns does not exist"
         << Hint("To use the hypothetical-set aggregate " + name + ", the number of hypothetical direct arguments (here " + std::to_string(direct) +
                 ") must match the number of ordering columns (here " + std::to_string(keys) + ").");
}

}  // namespace

// The row's values beside those of ORDER BY, of one type each.
StatusOr<std::vector<ExpressionBinder::HypotheticalKey>> ExpressionBinder::BindHypotheticalKeys(const ast::Call& call) {
  std::vector<HypotheticalKey> keys;
  ASSIGN_OR_RETURN(const std::vector<ExprPtr> args, BindArguments(call));
  ASSIGN_OR_RETURN(const std::vector<AggregateOrder> order, BindAggregateOrder(call.within_group));
  for (size_t i = 0; i < order.size(); ++i) {
    std::vector<ColumnId> columns;
    CollectColumns(*args[i], &columns);
    if (!columns.empty())
      return NotSupported("a direct argument of " + call.name.last().name + " that is no constant", call.arguments[i].value->range);
    HypotheticalKey key;
    key.nulls_first = order[i].nulls_first;
    ASSIGN_OR_RETURN(Type type, CommonType({order[i].expr, args[i]}, "WITHIN GROUP"));
    if (type.id() == TypeId::kUnknown) type = TypeId::kText;
    if (type.id() == TypeId::kJson) {
      return SqlError(sqlstate::kUndefinedFunction, order[i].expr->range)
             << "could not identify an ordering operator for type json" << Hint("values of jsonb can be ordered: cast it");
    }
    ASSIGN_OR_RETURN(key.value, Coerce(context_, order[i].expr, type, Coercion::kImplicit));
    ASSIGN_OR_RETURN(const ExprPtr of_row, Coerce(context_, args[i], type, Coercion::kImplicit));
    const TextRange range = call.within_group[i].expression->range;
    ASSIGN_OR_RETURN(const ExprPtr before, CallOperator(context_, order[i].descending ? ">" : "<", {key.value, of_row}, range));
    const ExprPtr by_null = key.nulls_first ? MakeAnd({MakeIsNull(key.value), MakeNot(MakeIsNull(of_row))})
                                            : MakeAnd({MakeNot(MakeIsNull(key.value)), MakeIsNull(of_row)});
    key.before = MakeBool(ExprKind::kOr, {by_null, before});
    ASSIGN_OR_RETURN(const ExprPtr distinct, IsDistinct(key.value, of_row, range));
    key.peer = MakeNot(distinct);
    keys.push_back(std::move(key));
  }
  return keys;
}

StatusOr<ExprPtr> ExpressionBinder::CountHypothetical(AggregateCollector* of_query, const ast::Call& call, const std::vector<ExprPtr>& distinct,
                                                      ExprPtr filter) {
  ast::Call count;
  count.range = call.range;
  count.star = distinct.empty();
  count.distinct = !distinct.empty();
  if (count.distinct) count.arguments.emplace_back();
  ASSIGN_OR_RETURN(AggregateCall made, ResolveAggregateCall(count, "count", distinct, {}, std::move(filter)));
  return CollectAggregate(context_, of_query, "count", std::move(made));
}

StatusOr<ExprPtr> ExpressionBinder::BindHypothetical(const ast::Call& call, const std::string& name) {
  RETURN_IF_ERROR(CheckForm(call, name));
  if (inside_aggregate_) return SqlError(sqlstate::kGroupingError, call.range) << "aggregate function calls cannot be nested";
  inside_aggregate_ = true;
  StatusOr<std::vector<HypotheticalKey>> bound = BindHypotheticalKeys(call);
  StatusOr<ExprPtr> given = call.filter ? BindBoolean(*call.filter, "FILTER") : StatusOr<ExprPtr>(nullptr);
  inside_aggregate_ = false;
  if (!bound.ok()) return bound.status();
  if (!given.ok()) return given.status();
  const std::vector<HypotheticalKey>& keys = *bound;
  const ExprPtr& filter = *given;
  std::vector<ColumnId> read;
  for (const HypotheticalKey& key : keys) CollectColumns(*key.value, &read);
  if (filter != nullptr) CollectColumns(*filter, &read);
  AggregateCollector* of_query = QueryOf(read);
  if (of_query == nullptr) return SqlError(sqlstate::kGroupingError, call.range) << "aggregate functions are not allowed in " << clause_;

  std::vector<ExprPtr> ways, peers;
  for (const HypotheticalKey& key : keys) {
    std::vector<ExprPtr> way = peers;
    way.push_back(key.before);
    ways.push_back(MakeBool(ExprKind::kAnd, std::move(way)));
    peers.push_back(key.peer);
  }
  ExprPtr before = MakeBool(ExprKind::kOr, ways);
  if (name == "cume_dist") before = MakeBool(ExprKind::kOr, {before, MakeBool(ExprKind::kAnd, peers)});
  const auto count = [&](const std::vector<ExprPtr>& distinct, const ExprPtr& of) {
    return CountHypothetical(of_query, call, distinct, Both(of, filter));
  };
  const auto apply = [&](std::string_view op, ExprPtr a, ExprPtr b) { return CallOperator(context_, op, {std::move(a), std::move(b)}, call.range); };
  if (name == "dense_rank") {
    if (keys.size() > 1) {
      std::vector<ExprPtr> values;
      std::vector<StructField> types;
      for (const HypotheticalKey& key : keys) {
        types.push_back({"f" + std::to_string(types.size() + 1), key.value->type});
        values.push_back(key.value);
      }
      ASSIGN_OR_RETURN(ExprPtr rows, count({MakeExpr(ExprKind::kStruct, Type::Struct(std::move(types)), false, std::move(values))}, before));
      return apply("+", std::move(rows), Int8(1));
    }
    ASSIGN_OR_RETURN(ExprPtr rank, count({keys[0].value}, before));
    ASSIGN_OR_RETURN(rank, apply("+", std::move(rank), Int8(1)));
    if (!keys[0].value->nullable || !keys[0].nulls_first) return rank;
    ASSIGN_OR_RETURN(ExprPtr nulls, count({}, MakeAnd({before, MakeIsNull(keys[0].value)})));
    ASSIGN_OR_RETURN(ExprPtr any, apply(">", std::move(nulls), Int8(0)));
    return apply("+", std::move(rank), MakeExpr(ExprKind::kCase, TypeId::kInt8, false, {std::move(any), Int8(1), Int8(0)}));
  }
  ASSIGN_OR_RETURN(ExprPtr rank, count({}, before));
  if (name == "rank") return apply("+", std::move(rank), Int8(1));
  ASSIGN_OR_RETURN(ExprPtr rows, count({}, nullptr));
  const bool percent = name == "percent_rank";
  if (!percent) {
    ASSIGN_OR_RETURN(rank, apply("+", std::move(rank), Int8(1)));
    ASSIGN_OR_RETURN(rows, apply("+", std::move(rows), Int8(1)));
  }
  ASSIGN_OR_RETURN(const ExprPtr none, apply("=", rows, Int8(0)));
  ASSIGN_OR_RETURN(ExprPtr part, Coerce(context_, std::move(rank), TypeId::kFloat8, Coercion::kImplicit));
  ASSIGN_OR_RETURN(ExprPtr whole, Coerce(context_, std::move(rows), TypeId::kFloat8, Coercion::kImplicit));
  ASSIGN_OR_RETURN(ExprPtr share, apply("/", std::move(part), std::move(whole)));
  if (!percent) return share;
  return MakeExpr(ExprKind::kCase, TypeId::kFloat8, false, {none, MakeConstant(Datum::Float(0), TypeId::kFloat8), std::move(share)});
}

}  // namespace kappa
