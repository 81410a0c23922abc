// Joins that forget. Of rows that carry a time:
//
//   interval join   a.ts BETWEEN b.ts - i AND b.ts + j     a row matters until the watermark is past the last time it may meet
//   window join     a.window_end = b.window_end            until the watermark has passed the window's end
//   ASOF            a.k = b.k AND a.ts >= b.ts             of the rows that match, the closest
//   temporal        FOR SYSTEM_TIME AS OF                  the right side as it is when the row comes, or as it was at the row's time
#include <algorithm>
#include <optional>

#include "planner/binder/query.h"
#include "planner/binder/time_attribute.h"
#include "planner/binder/types.h"
#include "planner/logical/join.h"

namespace kappa {
namespace {

using Kind = JoinOp::Kind;

bool IsOperator(const Expr& expr, std::string_view name) {
  return expr.kind == ExprKind::kCall && expr.function->kind == FunctionKind::kOperator && expr.function->name == name;
}

std::string Swapped(std::string op) {
  if (op[0] == '<')
    op[0] = '>';
  else if (op[0] == '>')
    op[0] = '<';
  return op;
}

// column a - column b op micros
struct Difference {
  ColumnId a = kNoColumn, b = kNoColumn;
  std::string op;
  int64_t micros = 0;
};

std::optional<int64_t> Micros(const Expr& expr) {
  if (expr.kind != ExprKind::kConstant || expr.type.id() != TypeId::kInterval || expr.constant.is_null()) return std::nullopt;
  const Interval& span = expr.constant.as_interval();
  if (span.months != 0 || std::abs(int64_t{span.days}) > 36'500 || std::abs(span.micros) > INT64_MAX / 8) return std::nullopt;
  return span.days * int64_t{86'400'000'000} + span.micros;
}

std::optional<Difference> DifferenceOf(const Expr& conjunct) {
  static constexpr std::string_view kOperators[] = {"<", "<=", ">", ">=", "="};
  const bool comparison = std::any_of(std::begin(kOperators), std::end(kOperators), [&](std::string_view op) { return IsOperator(conjunct, op); });
  if (!comparison || conjunct.args.size() != 2) return std::nullopt;
  const std::string op(conjunct.function->name);
  const Expr *left = conjunct.args[0].get(), *right = conjunct.args[1].get();
  const std::optional<ShiftedColumn> a = FindShiftedColumn(*left), b = FindShiftedColumn(*right);
  if (a && b && left->type.SameId(right->type)) return Difference{a->column, b->column, op, b->by - a->by};
  const bool swapped = left->kind == ExprKind::kConstant;
  if (swapped) std::swap(left, right);
  const std::optional<int64_t> span = Micros(*right);
  if (!span || !IsOperator(*left, "-") || left->args.size() < 2 || left->args[0]->kind != ExprKind::kColumn ||
      left->args[1]->kind != ExprKind::kColumn)
    return std::nullopt;
  return Difference{left->args[0]->column, left->args[1]->column, swapped ? Swapped(op) : op, *span};
}

// How far the time of a left row may be from that of a right row it meets: least <= left - right <= most.
struct TimeDistance {
  ColumnId left = kNoColumn, right = kNoColumn;
  std::optional<int64_t> least, most;
};

void Narrow(const std::string& op, int64_t micros, TimeDistance* bounds) {
  const auto at_most = [&](int64_t bound) { bounds->most = std::min(bounds->most.value_or(bound), bound); };
  const auto at_least = [&](int64_t bound) { bounds->least = std::max(bounds->least.value_or(bound), bound); };
  if (op == "<" || op == "<=" || op == "=") at_most(op == "<" ? micros - 1 : micros);
  if (op == ">" || op == ">=" || op == "=") at_least(op == ">" ? micros + 1 : micros);
}

// Pairs of columns, one of each side, that the conjuncts keep near one another.
std::vector<TimeDistance> TimeDistances(const std::vector<ExprPtr>& conjuncts, const JoinOp& join, const LogicalNode& left,
                                        const LogicalNode& right) {
  std::vector<TimeDistance> found;
  const auto add = [&](ColumnId a, ColumnId b, std::string op, int64_t micros) {
    const auto given = [&](ColumnId id, const LogicalNode& side) { return FindColumn(side.output(), id) != nullptr; };
    if (given(a, right) && given(b, left)) {
      std::swap(a, b);
      op = Swapped(op);
      micros = -micros;
    }
    if (!given(a, left) || !given(b, right)) return;
    auto same = std::find_if(found.begin(), found.end(), [&](const TimeDistance& one) { return one.left == a && one.right == b; });
    if (same == found.end()) same = found.insert(found.end(), {a, b, std::nullopt, std::nullopt});
    Narrow(op, micros, &*same);
  };
  for (const ExprPtr& conjunct : conjuncts) {
    if (const std::optional<Difference> difference = DifferenceOf(*conjunct)) add(difference->a, difference->b, difference->op, difference->micros);
  }
  for (const JoinOp::Key& key : join.keys) {
    if (!key.null_safe) add(key.left, key.right, "=", 0);
  }
  std::erase_if(found, [](const TimeDistance& one) { return !one.least || !one.most || *one.least > *one.most; });
  return found;
}

WindowSpec AtTime(ColumnId time) {  // whose rows are late once they are behind the watermark
  WindowSpec window;
  window.kind = WindowSpec::Kind::kSession;
  window.time = time;
  return window;
}

bool WaitsForTime(Kind kind) { return kind == Kind::kLeft || kind == Kind::kFull || kind == Kind::kAnti; }

}  // namespace

// With expiries, where both sides follow a watermark; the node itself otherwise. `conjuncts` hold of its rows, beside its own condition.
LogicalPtr QueryBinder::ForgettingJoin(const LogicalPtr& node, std::vector<ExprPtr> conjuncts) {
  const auto& join = *node->As<JoinOp>();
  const LogicalPtr &left = node->inputs[0], &right = node->inputs[1];
  if (join.left_expiry || join.closest || join.lookup || join.kind == Kind::kSingle) return node;
  if (!left->op.append_only || !right->op.append_only) return node;
  if (join.kind != Kind::kInner) conjuncts.clear();  // those above say nothing of rows without match
  if (join.condition != nullptr) {
    const std::vector<ExprPtr> own = Conjuncts(join.condition);
    conjuncts.insert(conjuncts.end(), own.begin(), own.end());
  }
  for (const TimeDistance& bounds : TimeDistances(conjuncts, join, *left, *right)) {
    JoinOp made = join;
    std::vector<LogicalPtr> inputs = {left, right};
    const std::optional<TimeAttribute> left_end = FindWindowBound(*left, bounds.left), right_end = FindWindowBound(*right, bounds.right);
    const std::optional<TimeAttribute> left_time = left_end ? left_end : FindTimeAttribute(*left, bounds.left);
    const std::optional<TimeAttribute> right_time = right_end ? right_end : FindTimeAttribute(*right, bounds.right);
    if (!left_time || !right_time || left_end.has_value() != right_end.has_value()) continue;
    if (left_end) {  // rows of equal windows have all come with the watermark past their end
      if (*bounds.least != 0 || *bounds.most != 0) continue;
      const int64_t lag = std::max(left_end->lag, right_end->lag) - 1;
      made.left_expiry = {bounds.left, lag};
      made.right_expiry = {bounds.right, lag};
      inputs[0] = CheckLatenessOfWindow(left, {*FindColumn(left->output(), bounds.left)});
      inputs[1] = CheckLatenessOfWindow(right, {*FindColumn(right->output(), bounds.right)});
    } else {
      made.left_expiry = {bounds.left, -*bounds.least + right_time->lag};
      made.right_expiry = {bounds.right, *bounds.most + left_time->lag};
      if (!left_time->derived) inputs[0] = CheckLateness(left, AtTime(bounds.left));
      if (!right_time->derived) inputs[1] = CheckLateness(right, AtTime(bounds.right));
    }
    if (context_->emit_on_close) {
      made.emit_on_close = WaitsForTime(made.kind);
      ++context_->closing_aggregates;
    }
    return context_->Node(std::move(made), std::move(inputs), node->output());
  }
  return node;
}

LogicalPtr QueryBinder::ForgettingJoins(const LogicalPtr& plan, std::vector<ExprPtr> conjuncts) {
  if (plan->As<ProjectOp>() || plan->As<FilterOp>()) {
    if (const auto* filter = plan->As<FilterOp>()) {
      const std::vector<ExprPtr> own = Conjuncts(filter->predicate);
      conjuncts.insert(conjuncts.end(), own.begin(), own.end());
    }
    const LogicalPtr input = ForgettingJoins(plan->inputs[0], std::move(conjuncts));
    return input == plan->inputs[0] ? plan : WithInputs(*plan, {input});
  }
  const auto* join = plan->As<JoinOp>();
  if (join == nullptr) return plan;
  LogicalPtr node = plan;
  if (join->kind == Kind::kInner) {
    std::vector<ExprPtr> below = conjuncts;
    if (join->condition != nullptr) {
      const std::vector<ExprPtr> own = Conjuncts(join->condition);
      below.insert(below.end(), own.begin(), own.end());
    }
    const std::vector<LogicalPtr> inputs = {ForgettingJoins(plan->inputs[0], below), ForgettingJoins(plan->inputs[1], below)};
    if (inputs != plan->inputs) node = WithInputs(*plan, inputs);
  }
  return ForgettingJoin(node, std::move(conjuncts));
}

namespace {

// The inequality of an ASOF join: the one of `conjuncts` that is <, <=, > or >= and reads both sides.
struct Inequality {
  ExprPtr left, right;
  bool forward = false, or_equal = true;
};

std::optional<Inequality> InequalityOf(const Expr& conjunct, const LogicalNode& left, const LogicalNode& right) {
  static constexpr std::string_view kOperators[] = {"<", "<=", ">", ">="};
  const bool comparison = std::any_of(std::begin(kOperators), std::end(kOperators), [&](std::string_view op) { return IsOperator(conjunct, op); });
  if (!comparison || conjunct.args.size() != 2) return std::nullopt;
  std::string op(conjunct.function->name);
  ExprPtr a = conjunct.args[0], b = conjunct.args[1];
  if (SidesOf(*a, left, right) == Sides::kRight && SidesOf(*b, left, right) == Sides::kLeft) {
    std::swap(a, b);
    op = Swapped(op);
  }
  if (SidesOf(*a, left, right) != Sides::kLeft || SidesOf(*b, left, right) != Sides::kRight || !a->type.SameId(b->type)) return std::nullopt;
  return Inequality{std::move(a), std::move(b), op[0] == '<', op.size() == 2};
}

// The expression as a column, computed over `plan` where it is none.
ColumnId AsColumn(BindContext* context, const ExprPtr& expr, LogicalPtr* plan) {
  if (expr->kind == ExprKind::kColumn) return expr->column;
  const Column column = context->NewColumn("time", expr->type, expr->nullable);
  std::vector<Column> output = (*plan)->output();
  output.push_back(column);
  *plan = context->Node(ProjectOp{{{column, expr}}}, {*plan}, std::move(output));
  return column.id;
}

StatusOr<Kind> ClosestKind(const ast::Join& join, std::string_view what) {
  if (join.natural || !join.using_columns.empty()) return NotSupported(std::string(what) + " with NATURAL or USING", join.range);
  if (join.join == ast::JoinKind::kRight || join.join == ast::JoinKind::kFull) return NotSupported("RIGHT or FULL " + std::string(what), join.range);
  return join.join == ast::JoinKind::kLeft ? Kind::kLeft : Kind::kInner;
}

}  // namespace

// The two sides and ON of a join that is neither USING nor NATURAL.
StatusOr<std::vector<ExprPtr>> QueryBinder::BindOn(const ast::Join& join, const Relation& left, const Relation& right) {
  if (join.on == nullptr) return std::vector<ExprPtr>();
  Scope both = left.scope;
  both.columns.insert(both.columns.end(), right.scope.columns.begin(), right.scope.columns.end());
  ExpressionBinder binder(context_, &both, nullptr, "JOIN conditions");
  ASSIGN_OR_RETURN(const ExprPtr on, binder.BindBoolean(*join.on, "JOIN/ON"));
  return Conjuncts(on);
}

// What the join gives, by the names of both sides.
Relation QueryBinder::JoinSides(JoinOp op, const Relation& left, const Relation& right, const std::vector<ExprPtr>& on) {
  Relation all;
  all.plan = MakeJoin(std::move(op), left.plan, right.plan, on, context_->program, context_->query, context_->on_error);
  all.scope = left.scope;
  all.scope.columns.insert(all.scope.columns.end(), right.scope.columns.begin(), right.scope.columns.end());
  for (ScopeColumn& column : all.scope.columns) {
    if (const Column* given = FindColumn(all.plan->output(), column.column.id)) column.column.nullable = given->nullable;
    if (column.computed != nullptr) column.computed = WithNullability(column.computed, all.plan->output());
  }
  return all;
}

// a ASOF [LEFT] JOIN b ON a.k = b.k AND a.ts >= b.ts
StatusOr<Relation> QueryBinder::BindAsof(const ast::Join& join, Relation left, Relation right) {
  JoinOp op;
  ASSIGN_OR_RETURN(op.kind, ClosestKind(join, "ASOF JOIN"));
  ASSIGN_OR_RETURN(std::vector<ExprPtr> on, BindOn(join, left, right));
  std::optional<Inequality> inequality;
  for (auto conjunct = on.begin(); conjunct != on.end();) {
    std::optional<Inequality> found = InequalityOf(**conjunct, *left.plan, *right.plan);
    if (!found) {
      ++conjunct;
      continue;
    }
    if (inequality) {
      return SqlError(sqlstate::kFeatureNotSupported, (*conjunct)->range)
             << "an ASOF JOIN has one condition by which rows are close: this is a second one" << Hint("put other conditions into WHERE");
    }
    inequality = std::move(found);
    conjunct = on.erase(conjunct);
  }
  if (!inequality) {
    return SqlError(sqlstate::kSyntaxError, join.on != nullptr ? join.on->range : join.range)
           << "an ASOF JOIN needs a condition by which rows are close" << Hint("ON a.key = b.key AND a.ts >= b.ts");
  }
  JoinOp::Closest closest;
  closest.left = AsColumn(context_, inequality->left, &left.plan);
  closest.right = AsColumn(context_, inequality->right, &right.plan);
  closest.forward = inequality->forward;
  closest.or_equal = inequality->or_equal;
  op.closest = closest;
  return JoinSides(std::move(op), left, right, on);
}

namespace {

// The rows of which a table is the last of each key, and the column that tells when each began to be.
struct Versions {
  LogicalPtr plan;
  ColumnId time = kNoColumn;
};

// A stream is its own history, by the column of its watermark. What keeps the last row of each key by such a column (DISTINCT ON, ROW_NUMBER() = 1)
// has the rows beneath for its history.
std::optional<Versions> FindVersions(const LogicalPtr& plan, const Scope& scope) {
  for (const ScopeColumn& column : scope.columns) {
    const std::optional<TimeAttribute> time = FindTimeAttribute(*plan, column.column.id);
    if (plan->op.append_only && time && !time->derived) return Versions{plan, column.column.id};
  }
  if (plan->As<ProjectOp>()) {
    std::optional<Versions> below = FindVersions(plan->inputs[0], scope);
    if (!below) return std::nullopt;
    auto copy = std::make_shared<LogicalNode>(*WithInputs(*plan, {below->plan}));
    if (FindColumn(copy->op.output, below->time) == nullptr) copy->op.output.push_back(*FindColumn(below->plan->output(), below->time));
    below->plan = copy;
    return below;
  }
  const auto* top = plan->As<TopNOp>();
  const bool last = top != nullptr && top->limit == 1 && !top->offset && !top->partition.empty() && top->ties == TopNOp::Ties::kRowNumber &&
                    !top->order.empty() && top->order[0].descending && top->rank.id == kNoColumn;
  if (!last) return std::nullopt;
  const LogicalPtr& history = plan->inputs[0];
  const std::optional<TimeAttribute> time = FindTimeAttribute(*history, top->order[0].column);
  if (!history->op.append_only || !time || time->derived) return std::nullopt;
  return Versions{history, top->order[0].column};
}

Status NoVersions(TextRange range) {
  return SqlError(sqlstate::kFeatureNotSupported, range)
         << "FOR SYSTEM_TIME AS OF a time of the left side needs a right side whose versions are known: it keeps only what is there now"
         << Hint(
                "read a source with a watermark on the right, or DISTINCT ON (key) ... ORDER BY key, ts DESC over it; or look up what is there now, "
                "AS OF "
                "PROCTIME()");
}

}  // namespace

// The table beside FOR SYSTEM_TIME AS OF.
StatusOr<Relation> QueryBinder::BindVersioned(const ast::NamedTable& table) {
  ASSIGN_OR_RETURN(Relation relation, BindTable(table.name, table.log_range));
  RETURN_IF_ERROR(Alias(table.alias, table.name.last().name, &relation));
  return relation;
}

// a JOIN b FOR SYSTEM_TIME AS OF PROCTIME() ON ...   or   AS OF a.ts
StatusOr<Relation> QueryBinder::BindTemporal(const ast::Join& join, const ast::SystemTime& at, Relation left, Relation right) {
  if (at.time == nullptr) return NotSupported("FOR SYSTEM_TIME AS OF EPOCH in a join", at.range);
  JoinOp op;
  ASSIGN_OR_RETURN(op.kind, ClosestKind(join, "JOIN ... FOR SYSTEM_TIME AS OF"));
  ExpressionBinder binder(context_, &left.scope, nullptr, "FOR SYSTEM_TIME AS OF");
  ExprPtr time;
  if (!IsProcTime(*at.time)) { ASSIGN_OR_RETURN(time, binder.BindTyped(*at.time)); }
  ASSIGN_OR_RETURN(const std::vector<ExprPtr> on, BindOn(join, left, right));
  const bool keyed = std::any_of(on.begin(), on.end(), [](const ExprPtr& conjunct) { return EqualityOf(*conjunct).has_value(); });
  if (!keyed) return SqlError(sqlstate::kFeatureNotSupported, join.range) << "FOR SYSTEM_TIME AS OF needs an equality between the two sides in ON";
  if (time == nullptr || (time->kind == ExprKind::kColumn && IsClock(*left.plan, time->column))) {
    if (!left.plan->op.append_only) {
      return SqlError(sqlstate::kFeatureNotSupported, at.range)
             << "rows that may be retracted cannot be looked up AS OF PROCTIME(): which of its versions a row "
                "met is not kept"
             << Hint("a plain JOIN follows changes of both sides");
    }
    op.lookup = context_->streaming;  // a SELECT sees all of the right side, at one time
    return JoinSides(std::move(op), left, right, on);
  }
  std::optional<Versions> versions = FindVersions(right.plan, right.scope);
  if (!versions) return NoVersions(at.range);
  const Column begins = *FindColumn(versions->plan->output(), versions->time);
  ASSIGN_OR_RETURN(time, Coerce(context_, time, begins.type, Coercion::kImplicit));
  right.plan = versions->plan;
  JoinOp::Closest closest;
  closest.left = AsColumn(context_, time, &left.plan);
  closest.right = versions->time;
  op.closest = closest;
  return JoinSides(std::move(op), left, right, on);
}

}  // namespace kappa
