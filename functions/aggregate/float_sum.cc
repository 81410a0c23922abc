// sum and avg of floats: exact inside (types/exact_sum.h), rounded once on output. NaN and infinities are counted beside.
#include <cmath>

#include "functions/aggregate.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"
#include "types/exact_sum.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace float_sum_aggregates {

struct FloatSum {
  ExactSum sum;
  int64_t count;  // of all values
  int64_t nans;
  int64_t infinities;
  int64_t minus_infinities;
};

KAPPA_COLD void AddSpecial(FloatSum* s, double value, int64_t weight) {
  if (value != value)
    s->nans += weight;
  else
    (value > 0 ? s->infinities : s->minus_infinities) += weight;
}

template <typename T>
struct Sums {
  using State = FloatSum;
  static constexpr bool kInvertible = true;
  static void Add(StateContext& context, State* s, T value, int64_t weight) {
    s->count += weight;
    if (KAPPA_UNLIKELY(!std::isfinite(value)))
      AddSpecial(s, static_cast<double>(value), weight);
    else
      ExactSumAdd(context.arena, &s->sum, static_cast<double>(value), weight);
  }
  static void Merge(StateContext& context, State* s, StateContext& from, const State& other) {
    ExactSumMerge(context.arena, &s->sum, from.arena, other.sum);
    s->count += other.count;
    s->nans += other.nans;
    s->infinities += other.infinities;
    s->minus_infinities += other.minus_infinities;
  }
  static void Release(StateContext& context, State* s) { ExactSumRelease(context.arena, &s->sum); }
  static void Copy(StateContext& from, const State& s, StateContext& to, State* out) {
    *out = s;
    ExactSumCopy(from.arena, s.sum, to.arena, &out->sum);
  }
};

// The sum divided by `divisor`, as F.
template <typename F>
bool Round(StateContext& context, CallContext& c, const FloatSum& s, uint64_t divisor, Nullable<F>* out) {
  if (s.nans != 0 || (s.infinities != 0 && s.minus_infinities != 0)) {
    *out = static_cast<F>(__builtin_nan(""));
  } else if (s.infinities != 0 || s.minus_infinities != 0) {
    *out = static_cast<F>(s.infinities != 0 ? __builtin_inf() : -__builtin_inf());
  } else {
    *out = static_cast<F>(ExactSumRound(context.arena, s.sum, divisor));
    if (KAPPA_UNLIKELY(std::isinf(out->value))) return FailFloatOverflow(c);
  }
  return true;
}

template <typename T>
struct Total : Sums<T> {
  static bool Result(StateContext& context, CallContext& c, const FloatSum& s, Nullable<T>* out) {
    return s.count == 0 || Round<T>(context, c, s, 1, out);
  }
};

template <typename T>
struct Average : Sums<T> {
  static bool Result(StateContext& context, CallContext& c, const FloatSum& s, Nullable<double>* out) {
    return s.count <= 0 || Round<double>(context, c, s, static_cast<uint64_t>(s.count), out);
  }
};

}  // namespace float_sum_aggregates

using namespace float_sum_aggregates;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<AggregateEntry> FloatSumAggregates() {
  using enum TypeId;
  constexpr std::string_view kSum = "The sum, exact and rounded once: it does not depend on the order of rows.",
                             kAverage = "The mean, exact and rounded once.";
  return {
      Aggregate("sum", {kFloat4}, kFloat4).Native<Total<float>>().Doc(kSum).Example("sum(x)", "6"),
      Aggregate("sum", {kFloat8}, kFloat8).Native<Total<double>>().Doc(kSum).Example("sum(x)", "6"),
      Aggregate("avg", {kFloat4}, kFloat8).Native<Average<float>>().Doc(kAverage).Example("avg(x)", "2"),
      Aggregate("avg", {kFloat8}, kFloat8).Native<Average<double>>().Doc(kAverage).Example("avg(x)", "2"),
  };
}

}  // namespace kappa
