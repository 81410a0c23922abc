// sum and avg of intervals, part by part: no order of additions and retractions overflows on the way.
#include "functions/aggregate.h"
#include "functions/aggregate/interval_parts.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace interval_sum_aggregates {

struct IntervalSum {
  int64_t months, days;
  uint64_t low;  // of the microseconds
  int64_t high;
  int64_t count;
};

Int128 MicrosOf(const IntervalSum& s) { return static_cast<Int128>((static_cast<UInt128>(static_cast<uint64_t>(s.high)) << 64) | s.low); }

struct Sums {
  using State = IntervalSum;
  static constexpr bool kInvertible = true;
  static void AddParts(State* s, int64_t months, int64_t days, Int128 micros, int64_t count) {
    s->months += months;
    s->days += days;
    const Int128 total = MicrosOf(*s) + micros;
    s->low = static_cast<uint64_t>(total);
    s->high = static_cast<int64_t>(total >> 64);
    s->count += count;
  }
  static void Add(StateContext&, State* s, Interval value, int64_t weight) {
    AddParts(s, value.months * weight, value.days * weight, static_cast<Int128>(value.micros) * weight, weight);
  }
  static void Merge(StateContext&, State* s, StateContext&, const State& other) {
    AddParts(s, other.months, other.days, MicrosOf(other), other.count);
  }
};

bool TotalOf(CallContext& c, const IntervalSum& s, Interval* out) {
  const Int128 micros = MicrosOf(s);
  *out = {static_cast<int64_t>(micros), static_cast<int32_t>(s.days), static_cast<int32_t>(s.months)};
  return (out->micros == micros && out->days == s.days && out->months == s.months) || FailInterval(c);
}

struct Total : Sums {
  static bool Result(StateContext&, CallContext& c, const State& s, Nullable<Interval>* out) {
    out->null = s.count == 0;
    return out->null || TotalOf(c, s, &out->value);
  }
};

struct Average : Sums {
  static bool Result(StateContext&, CallContext& c, const State& s, Nullable<Interval>* out) {
    out->null = s.count == 0;
    if (out->null) return true;
    Interval total;
    return TotalOf(c, s, &total) && DivideInterval(c, total, static_cast<double>(s.count), &out->value);
  }
};

}  // namespace interval_sum_aggregates

using namespace interval_sum_aggregates;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<AggregateEntry> IntervalSumAggregates() {
  using enum TypeId;
  return {
      Aggregate("sum", {kInterval}, kInterval).Native<Total>().Doc("The sum, part by part."),
      Aggregate("avg", {kInterval}, kInterval).Native<Average>().Doc("The sum divided by the number of values."),
  };
}

}  // namespace kappa
