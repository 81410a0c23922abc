// sum and avg of numeric: exact, with PostgreSQL's display scale, which is the largest among the values that are there now.
//
// A state keeps one sum of 192 bits for the first scale it meets, which is the only one of most columns. Values of other scales, and NaN and the
// infinities, go to a block of the arena: a sum and a count for every scale.
#include <cstring>

#include "functions/aggregate.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"
#include "types/numeric.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace numeric_sum_aggregates {

struct ScaleSum {
  uint64_t word[3];  // two's complement
  int64_t count;
};

struct OtherSums {
  ScaleSum scale[kMaxNumericDigits + 1];
  int64_t special[4];  // by Numeric::Kind
};

struct NumericSum {
  ScaleSum sum;
  StateArena::Ref others;  // an OtherSums
  int64_t scale_plus_one;  // of `sum`; 0: none yet
};

KAPPA_INLINE void AddWords(ScaleSum* sum, UInt128 low, uint64_t high, int64_t count) {
  const UInt128 before = (static_cast<UInt128>(sum->word[1]) << 64) | sum->word[0];
  const UInt128 after = before + low;
  sum->word[0] = static_cast<uint64_t>(after);
  sum->word[1] = static_cast<uint64_t>(after >> 64);
  sum->word[2] += high + (after < before ? 1 : 0);
  sum->count += count;
}

KAPPA_INLINE void AddWeighted(ScaleSum* sum, const Numeric& value, int64_t weight) {
  if (KAPPA_LIKELY(weight == 1 || weight == -1)) {
    const Int128 mantissa = weight == 1 ? value.mantissa() : -value.mantissa();
    AddWords(sum, static_cast<UInt128>(mantissa), mantissa < 0 ? ~uint64_t{0} : 0, weight);
    return;
  }
  const UInt256 product = Multiply128(Magnitude(value.mantissa()), Magnitude(weight));
  UInt128 low = product.low128();
  uint64_t high = product.word[2];
  if ((value.high < 0) != (weight < 0)) {
    low = UInt128{0} - low;
    high = ~high + (low == 0 ? 1 : 0);
  }
  AddWords(sum, low, high, weight);
}

KAPPA_INLINE OtherSums* OthersOf(const StateArena& arena, const NumericSum& s) {
  return s.others == 0 ? nullptr : reinterpret_cast<OtherSums*>(arena.At(s.others));
}

[[gnu::noinline]] OtherSums* MakeOthers(StateArena& arena, NumericSum* s) {
  if (s->others == 0) {
    s->others = arena.Allocate(sizeof(OtherSums));
    std::memset(arena.At(s->others), 0, sizeof(OtherSums));
  }
  return OthersOf(arena, *s);
}

[[gnu::noinline]] void AddOther(StateContext& context, NumericSum* s, const Numeric& value, int64_t weight) {
  if (value.kind != Numeric::kFinite)
    MakeOthers(context.arena, s)->special[value.kind] += weight;
  else if (s->scale_plus_one == 0) {
    s->scale_plus_one = value.scale + 1;
    AddWeighted(&s->sum, value, weight);
  } else {
    AddWeighted(&MakeOthers(context.arena, s)->scale[value.scale], value, weight);
  }
}

KAPPA_INLINE ScaleSum* SumOfScale(StateArena& arena, NumericSum* s, int scale) {
  if (s->scale_plus_one == 0) s->scale_plus_one = scale + 1;
  return s->scale_plus_one == scale + 1 ? &s->sum : &MakeOthers(arena, s)->scale[scale];
}

bool IsEmpty(const ScaleSum& sum) { return (sum.word[0] | sum.word[1] | sum.word[2]) == 0 && sum.count == 0; }

void MergeSum(StateArena& arena, NumericSum* s, int scale, const ScaleSum& sum) {
  if (IsEmpty(sum)) return;
  AddWords(SumOfScale(arena, s, scale), (static_cast<UInt128>(sum.word[1]) << 64) | sum.word[0], sum.word[2], sum.count);
}

// total += sum * 10^digits, as 256 bits two's complement; false: it does not fit.
bool Accumulate(UInt256* total, const ScaleSum& sum, int digits) {
  const bool negative = (sum.word[2] >> 63) != 0;
  UInt256 value;
  uint64_t carry = negative;
  for (int i = 0; i < 3; ++i) {
    const uint64_t word = negative ? ~sum.word[i] : sum.word[i];
    value.word[i] = word + carry;
    carry = carry != 0 && value.word[i] == 0;
  }
  if (!MultiplyInPlace(&value, PowerOfTen(digits)) || (value.word[3] >> 62) != 0) return false;
  carry = negative;
  bool carry_out = false;
  for (int i = 0; i < 4; ++i) {
    uint64_t word = negative ? ~value.word[i] : value.word[i];
    word += carry;
    carry = carry != 0 && word == 0;
    const UInt128 added = static_cast<UInt128>(total->word[i]) + word + carry_out;
    total->word[i] = static_cast<uint64_t>(added);
    carry_out = (added >> 64) != 0;
  }
  return true;
}

// The sum of everything at the largest scale that is there.
NumericStatus TotalOf(const StateArena& arena, const NumericSum& s, int64_t* count, Numeric* out) {
  const OtherSums* others = OthersOf(arena, s);
  const int first_scale = static_cast<int>(s.scale_plus_one) - 1;
  *count = s.sum.count;
  int scale = s.sum.count != 0 ? first_scale : 0;
  if (others != nullptr) {
    for (int i = 0; i <= kMaxNumericDigits; ++i) {
      *count += others->scale[i].count;
      if (others->scale[i].count != 0 && i > scale) scale = i;
    }
    for (int64_t special : others->special) *count += special;
    const bool nan = others->special[Numeric::kNaN] != 0, plus = others->special[Numeric::kInfinity] != 0,
               minus = others->special[Numeric::kMinusInfinity] != 0;
    if (nan || plus || minus) {
      *out = NumericSpecial(nan || (plus && minus) ? Numeric::kNaN : plus ? Numeric::kInfinity : Numeric::kMinusInfinity);
      return NumericStatus::kOk;
    }
  }
  UInt256 total;
  auto add = [&](const ScaleSum& sum, int from) {
    if (IsEmpty(sum)) return true;
    return from <= scale && Accumulate(&total, sum, scale - from);
  };
  if (!add(s.sum, first_scale)) return NumericStatus::kOverflow;
  for (int i = 0; others != nullptr && i <= kMaxNumericDigits; ++i) {
    if (!add(others->scale[i], i)) return NumericStatus::kOverflow;
  }
  const uint64_t sign = static_cast<int64_t>(total.word[1]) < 0 ? ~uint64_t{0} : 0;
  if (total.word[2] != sign || total.word[3] != sign) return NumericStatus::kOverflow;
  return MakeNumeric(static_cast<Int128>(total.low128()), scale, out) ? NumericStatus::kOk : NumericStatus::kOverflow;
}

struct Sums {
  using State = NumericSum;
  static constexpr bool kInvertible = true;
  static void Add(StateContext& context, State* s, Numeric value, int64_t weight) {
    if (KAPPA_LIKELY(value.kind == Numeric::kFinite && value.scale + 1 == s->scale_plus_one)) {
      AddWeighted(&s->sum, value, weight);
    } else {
      const Numeric other = value;  // a copy: a value whose address went to a call would have to lie in memory, in every row
      AddOther(context, s, other, weight);
    }
  }
  static void Merge(StateContext& context, State* s, StateContext& from, const State& other) {
    if (other.scale_plus_one != 0) MergeSum(context.arena, s, static_cast<int>(other.scale_plus_one) - 1, other.sum);
    if (other.others == 0) return;
    for (int i = 0; i <= kMaxNumericDigits; ++i) MergeSum(context.arena, s, i, OthersOf(from.arena, other)->scale[i]);
    for (int i = 0; i < 4; ++i) {
      const int64_t special = OthersOf(from.arena, other)->special[i];
      if (special != 0) MakeOthers(context.arena, s)->special[i] += special;
    }
  }
  static void Release(StateContext& context, State* s) {
    if (s->others != 0) context.arena.Free(s->others, sizeof(OtherSums));
    s->others = 0;
  }
  static void Copy(StateContext& from, const State& s, StateContext& to, State* out) {
    *out = s;
    if (s.others == 0) return;
    out->others = to.arena.Allocate(sizeof(OtherSums));
    std::memcpy(to.arena.At(out->others), from.arena.At(s.others), sizeof(OtherSums));
  }
};

struct Total : Sums {
  static bool Result(StateContext& context, CallContext& c, const State& s, Nullable<Numeric>* out) {
    int64_t count = 0;
    const NumericStatus status = TotalOf(context.arena, s, &count, &out->value);
    out->null = count == 0;
    return out->null || CheckNumeric(c, status);
  }
};

struct Average : Sums {
  static bool Result(StateContext& context, CallContext& c, const State& s, Nullable<Numeric>* out) {
    int64_t count = 0;
    Numeric total;
    const NumericStatus status = TotalOf(context.arena, s, &count, &total);
    out->null = count == 0;
    return out->null || (CheckNumeric(c, status) && CheckNumeric(c, NumericDivide(total, NumericFromInt(count), &out->value)));
  }
};

}  // namespace numeric_sum_aggregates

using namespace numeric_sum_aggregates;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<AggregateEntry> NumericSumAggregates() {
  using enum TypeId;
  return {
      Aggregate("sum", {kNumeric}, kNumeric).Native<Total>().Doc("The sum, exact.").Example("sum(x)", "6"),
      Aggregate("avg", {kNumeric}, kNumeric).Native<Average>().Doc("The mean.").Example("avg(x)", "2.0000000000000000"),
  };
}

}  // namespace kappa
