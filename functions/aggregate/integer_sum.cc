// sum and avg of integers, in 128 bits: no order of additions and retractions overflows on the way.
#include "functions/aggregate.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"
#include "types/numeric.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace integer_sum_aggregates {

struct IntegerSum {
  uint64_t low;  // of the sum, two's complement
  int64_t high;
  int64_t count;
};
KAPPA_INLINE Int128 SumOf(const IntegerSum& s) { return static_cast<Int128>((static_cast<UInt128>(static_cast<uint64_t>(s.high)) << 64) | s.low); }
KAPPA_INLINE void SetSum(IntegerSum* s, Int128 sum) {
  s->low = static_cast<uint64_t>(sum);
  s->high = static_cast<int64_t>(sum >> 64);
}

template <typename T>
struct Sums {
  using State = IntegerSum;
  static constexpr bool kInvertible = true;
  static void Add(StateContext&, State* s, T value, int64_t weight) {
    SetSum(s, SumOf(*s) + static_cast<Int128>(value) * weight);
    s->count += weight;
  }
  static void Merge(StateContext&, State* s, StateContext&, const State& other) {
    SetSum(s, SumOf(*s) + SumOf(other));
    s->count += other.count;
  }
};

template <typename T>
struct SumToInt8 : Sums<T> {
  static bool Result(StateContext&, CallContext& c, const IntegerSum& s, Nullable<int64_t>* out) {
    if (s.count == 0) return true;
    *out = static_cast<int64_t>(s.low);
    return KAPPA_LIKELY(SumOf(s) == static_cast<int64_t>(s.low)) || FailInt8(c);
  }
};

struct SumToNumeric : Sums<int64_t> {
  static Nullable<Numeric> Result(StateContext&, CallContext&, const IntegerSum& s) {
    if (s.count == 0) return {};
    return Numeric(SumOf(s), 0);  // below 2^126: 2^63 rows of 2^63
  }
};

template <typename T>
struct Average : Sums<T> {
  static bool Result(StateContext&, CallContext& c, const IntegerSum& s, Nullable<Numeric>* out) {
    if (s.count == 0) return true;
    out->null = false;
    return CheckNumeric(c, NumericDivide(Numeric(SumOf(s), 0), NumericFromInt(s.count), &out->value));
  }
};

}  // namespace integer_sum_aggregates

using namespace integer_sum_aggregates;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<AggregateEntry> IntegerSumAggregates() {
  using enum TypeId;
  constexpr std::string_view kSum = "The sum, exact.", kAverage = "The mean, as numeric.";
  return {
      Aggregate("sum", {kInt2}, kInt8).Native<SumToInt8<int16_t>>().Doc(kSum).Example("sum(x)", "6"),
      Aggregate("sum", {kInt4}, kInt8).Native<SumToInt8<int32_t>>().Doc(kSum).Example("sum(x)", "6"),
      Aggregate("sum", {kInt8}, kNumeric).Native<SumToNumeric>().Doc(kSum).Example("sum(x)", "6"),
      Aggregate("avg", {kInt2}, kNumeric).Native<Average<int16_t>>().Doc(kAverage).Example("avg(x)", "2.0000000000000000"),
      Aggregate("avg", {kInt4}, kNumeric).Native<Average<int32_t>>().Doc(kAverage).Example("avg(x)", "2.0000000000000000"),
      Aggregate("avg", {kInt8}, kNumeric).Native<Average<int64_t>>().Doc(kAverage).Example("avg(x)", "2.0000000000000000"),
  };
}

}  // namespace kappa
