// Conditions on the clock (NOW(), CURRENT_TIMESTAMP, PROCTIME()...) in WHERE of views and sinks: rows come and go as time passes.
#pragma once

#include <vector>

#include "planner/binder/context.h"

namespace kappa {

// When the clock lets a row be there: from all of `from` on (inclusive) until the first of `until` (exclusive). Of type timestamptz.
struct ClockBounds {
  std::vector<ExprPtr> from, until;
  bool empty() const { return from.empty() && until.empty(); }
};

// Takes what compares a time with the clock out of the condition of a view or sink; the rest of it, nullptr when that was all. In a SELECT the clock
// stands still, and nothing is taken. 0A000 for what else is made of the clock.
StatusOr<ExprPtr> TakeClockBounds(BindContext* context, const ExprPtr& predicate, ClockBounds* bounds);
// TemporalFilters over `plan`, which gives what it gave.
LogicalPtr PlaceClockBounds(BindContext* context, LogicalPtr plan, ClockBounds bounds);

// What to try where the clock is refused.
Hint ClockHint();

}  // namespace kappa
