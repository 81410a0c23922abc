// Variances and standard deviations of integers and numerics: numerics, with PostgreSQL's scales and rounding (numeric_stddev_internal of its
// utils/adt/numeric.c), from exact sums.
#include <cstring>

#include "functions/aggregate.h"
#include "functions/aggregate/numeric_moments.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"
#include "types/numeric.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace numeric_variance_aggregates {

template <int kWords>
void AddWords(uint64_t* to, const uint64_t* words) {
  UInt128 carry = 0;
  for (int i = 0; i < kWords; ++i) {
    carry += static_cast<UInt128>(to[i]) + words[i];
    to[i] = static_cast<uint64_t>(carry);
    carry >>= 64;
  }
}

// magnitude * |weight|, with the sign, as kWords words.
template <int kWords>
void AddProduct(uint64_t* to, const UInt256& magnitude, int64_t weight, bool negative) {
  const uint64_t times = weight < 0 ? 0 - static_cast<uint64_t>(weight) : static_cast<uint64_t>(weight);
  uint64_t words[kWords] = {};
  UInt128 carry = 0;
  for (int i = 0; i < kWords; ++i) {
    if (i < 4) carry += static_cast<UInt128>(magnitude.word[i]) * times;
    words[i] = static_cast<uint64_t>(carry);
    carry >>= 64;
  }
  if (negative != (weight < 0)) {
    carry = 1;
    for (uint64_t& word : words) {
      carry += static_cast<uint64_t>(~word);
      word = static_cast<uint64_t>(carry);
      carry >>= 64;
    }
  }
  AddWords<kWords>(to, words);
}

OtherMoments* MakeOthers(StateArena& arena, NumericMoments* s) {
  if (s->others == 0) {
    s->others = arena.Allocate(sizeof(OtherMoments));
    std::memset(arena.At(s->others), 0, sizeof(OtherMoments));
  }
  return OthersOf(arena, *s);
}
Moments* OfScale(StateArena& arena, NumericMoments* s, int scale) {
  if (s->scale_plus_one == 0) s->scale_plus_one = scale + 1;
  return s->scale_plus_one == scale + 1 ? &s->first : &MakeOthers(arena, s)->scale[scale];
}

void AddMoments(Moments* to, const Moments& from) {
  AddWords<3>(to->sum, from.sum);
  AddWords<5>(to->squares, from.squares);
  to->count += from.count;
}
KAPPA_INLINE Numeric ToNumeric(const Numeric& value) { return value; }
KAPPA_INLINE Numeric ToNumeric(int64_t value) { return NumericFromInt(value); }

template <typename T, VarianceMeasure kMeasure>
struct Variance {
  using State = NumericMoments;
  static constexpr bool kInvertible = true;
  static void Add(StateContext& context, State* s, T given, int64_t weight) {
    const Numeric value = ToNumeric(given);
    if (value.kind != Numeric::kFinite) {
      MakeOthers(context.arena, s)->special += weight;
      return;
    }
    Moments* m = OfScale(context.arena, s, value.scale);
    const UInt128 magnitude = Magnitude(value.mantissa());
    AddProduct<3>(m->sum, Multiply128(magnitude, 1), weight, value.high < 0);
    AddProduct<5>(m->squares, Multiply128(magnitude, magnitude), weight, false);
    m->count += weight;
  }
  static void Merge(StateContext& context, State* s, StateContext& from, const State& other) {
    if (other.scale_plus_one != 0 && !IsEmpty(other.first)) {
      AddMoments(OfScale(context.arena, s, static_cast<int>(other.scale_plus_one) - 1), other.first);
    }
    const OtherMoments* others = OthersOf(from.arena, other);
    if (others == nullptr) return;
    for (int i = 0; i <= kMaxNumericDigits; ++i) {
      if (!IsEmpty(others->scale[i])) AddMoments(OfScale(context.arena, s, i), others->scale[i]);
    }
    if (others->special != 0) MakeOthers(context.arena, s)->special += others->special;
  }
  static void Release(StateContext& context, State* s) {
    if (s->others != 0) context.arena.Free(s->others, sizeof(OtherMoments));
    s->others = 0;
  }
  static void Copy(StateContext& from, const State& s, StateContext& to, State* out) {
    *out = s;
    if (s.others == 0) return;
    out->others = to.arena.Allocate(sizeof(OtherMoments));
    std::memcpy(to.arena.At(out->others), from.arena.At(s.others), sizeof(OtherMoments));
  }
  static bool Result(StateContext& context, CallContext& c, const State& s, Nullable<Numeric>* out) {
    return NumericVariance(context.arena, c, s, kMeasure, out);
  }
};

template <VarianceMeasure kMeasure>
KAPPA_HOST_ONLY void AddAll(std::string_view name, std::string_view doc, std::string_view example, std::vector<AggregateEntry>* table) {
  auto add = [&](AggregateBuilder builder) { table->push_back(builder.Doc(doc).Example("f(x)", example)); };
  add(Aggregate(name, {TypeId::kInt2}, TypeId::kNumeric).Native<Variance<int16_t, kMeasure>>());
  add(Aggregate(name, {TypeId::kInt4}, TypeId::kNumeric).Native<Variance<int32_t, kMeasure>>());
  add(Aggregate(name, {TypeId::kInt8}, TypeId::kNumeric).Native<Variance<int64_t, kMeasure>>());
  add(Aggregate(name, {TypeId::kNumeric}, TypeId::kNumeric).Native<Variance<Numeric, kMeasure>>());
}

}  // namespace numeric_variance_aggregates

using namespace numeric_variance_aggregates;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<AggregateEntry> NumericVarianceAggregates() {
  std::vector<AggregateEntry> table;
  for (std::string_view name : {"var_samp", "variance"})
    AddAll<VarianceMeasure::kVarSamp>(name, "The sample variance; NULL of fewer than two values.", "1.00000000000000000000", &table);
  for (std::string_view name : {"stddev_samp", "stddev"})
    AddAll<VarianceMeasure::kStddevSamp>(name, "The sample standard deviation; NULL of fewer than two values.", "1.00000000000000000000", &table);
  AddAll<VarianceMeasure::kVarPop>("var_pop", "The population variance.", "0.66666666666666666667", &table);
  AddAll<VarianceMeasure::kStddevPop>("stddev_pop", "The population standard deviation.", "0.81649658092772603273", &table);
  return table;
}

}  // namespace kappa
