// A row satisfies  x > now() - i  until the clock reaches x + i,  x <= now() from x on:
//
//   Filter(ts > now() - '1 hour' AND k > 0)    ->    TemporalFilter(until #u) <- Project(#u = ts + '1 hour') <- Filter(k > 0)
#include "planner/binder/temporal_filter.h"

#include <algorithm>
#include <optional>

#include "planner/binder/types.h"

namespace kappa {
namespace {

bool IsClock(const Expr& expr) {
  return expr.kind == ExprKind::kCall && expr.function->kind == FunctionKind::kScalar &&
         (expr.function->name == "now" || expr.function->name == "proctime");
}

const Expr* FindClock(const Expr& expr) {
  if (IsClock(expr)) return &expr;
  for (const ExprPtr& arg : expr.args) {
    if (const Expr* found = FindClock(*arg)) return found;
  }
  return nullptr;
}

bool ReadsClock(const Expr& expr) { return FindClock(expr) != nullptr; }

bool IsOperator(const Expr& expr, std::string_view name) {
  return expr.kind == ExprKind::kCall && expr.function->kind == FunctionKind::kOperator && expr.function->name == name;
}

// `time` compared with the clock: time op now().
struct Comparison {
  ExprPtr time;
  std::string op;
};

ExprPtr Microsecond() { return MakeConstant(Datum::Of(Interval{1, 0, 0}), TypeId::kInterval); }

std::string Swapped(std::string op) {
  if (op[0] == '<')
    op[0] = '>';
  else if (op[0] == '>')
    op[0] = '<';
  return op;
}

class ClockConditions {
 public:
  ClockConditions(BindContext* context, ClockBounds* bounds) : context_(context), bounds_(*bounds) {}

  // Finds out when the conjunct is true; false: nobody knows.
  StatusOr<bool> Add(const Expr& conjunct) {
    static constexpr std::string_view kOperators[] = {"<", "<=", ">", ">=", "="};
    const bool comparison = std::any_of(std::begin(kOperators), std::end(kOperators), [&](std::string_view op) { return IsOperator(conjunct, op); });
    if (!comparison || conjunct.args.size() < 2) return false;
    Comparison found{conjunct.args[0], std::string(conjunct.function->name)};
    ExprPtr clock = conjunct.args[1];
    if (ReadsClock(*found.time)) {
      std::swap(found.time, clock);
      found.op = Swapped(found.op);
    }
    if (ReadsClock(*found.time)) return false;
    ASSIGN_OR_RETURN(const bool bare, Peel(std::move(clock), &found));
    if (!bare) return false;
    RETURN_IF_ERROR(Bound(found));
    return true;
  }

 private:
  // Moves what is done to the clock to the other side; false: it cannot be moved.
  StatusOr<bool> Peel(ExprPtr clock, Comparison* found) {
    while (!IsClock(*clock)) {
      const TextRange range = clock->range;
      if (clock->kind != ExprKind::kCall || clock->args.empty()) return false;
      const bool first = ReadsClock(*clock->args[0]), second = clock->args.size() > 1 && ReadsClock(*clock->args[1]);
      if (first == second) return false;
      const TypeId from = clock->args[first ? 0 : 1]->type.id();
      if ((IsOperator(*clock, "+") || (IsOperator(*clock, "-") && first)) && clock->args[first ? 1 : 0]->type.id() == TypeId::kInterval) {
        ASSIGN_OR_RETURN(found->time, CallOperator(context_, IsOperator(*clock, "+") ? "-" : "+", {found->time, clock->args[first ? 1 : 0]}, range));
      } else if (IsOperator(*clock, "-") && clock->type.id() == TypeId::kInterval) {
        // now() - x < i  is  now() < x + i;  x - now() < i  is  now() > x - i.
        const ExprPtr& other = clock->args[first ? 1 : 0];
        if (other->type.id() == TypeId::kInterval) return false;
        const ExprPtr span = found->time;
        ASSIGN_OR_RETURN(found->time, CallOperator(context_, first ? "+" : "-", {other, span}, range));
        if (!first) found->op = Swapped(found->op);
      } else if (clock->function->kind == FunctionKind::kCast && from == TypeId::kTimestampTz && clock->type.id() == TypeId::kTimestamp &&
                 clock->type.modifier() < 0) {
        ASSIGN_OR_RETURN(found->time, Coerce(context_, found->time, TypeId::kTimestampTz, Coercion::kExplicit));
      } else if (clock->function->kind == FunctionKind::kCast && clock->type.id() == TypeId::kDate) {
        if (!FromDate(found)) return false;
        if (found->op == ">=" || found->op == "<") {  // the day after
          ASSIGN_OR_RETURN(found->time, CallOperator(context_, "+", {found->time, MakeConstant(Datum::Int(1), TypeId::kInt4)}, range));
          found->op = found->op == "<" ? "<=" : ">";
        }
        ASSIGN_OR_RETURN(found->time, Coerce(context_, found->time, from, Coercion::kExplicit));
      } else if (clock->function->kind == FunctionKind::kScalar && clock->function->name == "timezone" && second &&
                 clock->args[0]->kind == ExprKind::kConstant) {
        ASSIGN_OR_RETURN(found->time, CallFunction(context_, "timezone", {clock->args[0], found->time}, range));
      } else {
        return false;
      }
      clock = clock->args[first ? 0 : 1];
    }
    return true;
  }

  // A day compared with today; = is told apart by nobody yet.
  static bool FromDate(Comparison* found) { return found->time->type.id() == TypeId::kDate && found->op != "="; }

  Status Bound(const Comparison& found) {
    ASSIGN_OR_RETURN(const ExprPtr time, Coerce(context_, found.time, TypeId::kTimestampTz, Coercion::kExplicit));
    auto after = [&]() -> StatusOr<ExprPtr> { return CallOperator(context_, "+", {time, Microsecond()}, time->range); };
    if (found.op == "<=" || found.op == "=") bounds_.from.push_back(time);
    if (found.op == "<") {
      ASSIGN_OR_RETURN(ExprPtr bound, after());
      bounds_.from.push_back(std::move(bound));
    }
    if (found.op == ">") bounds_.until.push_back(time);
    if (found.op == ">=" || found.op == "=") {
      ASSIGN_OR_RETURN(ExprPtr bound, after());
      bounds_.until.push_back(std::move(bound));
    }
    return OkStatus();
  }

  BindContext* const context_;
  ClockBounds& bounds_;
};

}  // namespace

Hint ClockHint() { return Hint("in a view a time may be compared with the clock in WHERE: ts > now() - interval '1 hour'"); }

StatusOr<ExprPtr> TakeClockBounds(BindContext* context, const ExprPtr& predicate, ClockBounds* bounds) {
  if (!context->streaming || !ReadsClock(*predicate)) return predicate;
  std::vector<ExprPtr> rest;
  ClockConditions conditions(context, bounds);
  for (const ExprPtr& conjunct : Conjuncts(predicate)) {
    const Expr* clock = FindClock(*conjunct);
    if (clock == nullptr) {
      rest.push_back(conjunct);
      continue;
    }
    ASSIGN_OR_RETURN(const bool added, conditions.Add(*conjunct));
    if (!added)
      return SqlError(sqlstate::kFeatureNotSupported, clock->range)
             << "this condition on the clock in a view or sink is not supported yet" << ClockHint();
  }
  return rest.empty() ? nullptr : MakeAnd(std::move(rest));
}

LogicalPtr PlaceClockBounds(BindContext* context, LogicalPtr plan, ClockBounds bounds) {
  const std::vector<Column> shown = plan->output();
  std::vector<Column> output = shown;
  std::vector<std::pair<Column, ExprPtr>> computed;
  auto column_of = [&](const std::vector<ExprPtr>& of, size_t i, std::string_view name) {
    if (i >= of.size()) return kNoColumn;
    if (of[i]->kind == ExprKind::kColumn) return of[i]->column;
    const Column column = context->NewColumn(std::string(name), of[i]->type, of[i]->nullable);
    computed.emplace_back(column, of[i]);
    output.push_back(column);
    return column.id;
  };
  std::vector<TemporalFilterOp> filters;
  for (size_t i = 0; i < std::max(bounds.from.size(), bounds.until.size()); ++i)
    filters.push_back({column_of(bounds.from, i, "there_from"), column_of(bounds.until, i, "there_until")});
  if (!computed.empty()) plan = context->Node(ProjectOp{std::move(computed)}, {std::move(plan)}, output);
  for (size_t i = 0; i < filters.size(); ++i) plan = context->Node(filters[i], {std::move(plan)}, i + 1 == filters.size() ? shown : output);
  return plan;
}

}  // namespace kappa
