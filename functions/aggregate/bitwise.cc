// bit_and, bit_or, bit_xor: how many values have each bit set, so that values may go again.
#include <cstring>

#include "functions/aggregate.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace bitwise_aggregates {

struct BitCounts {
  StateArena::Ref ones;  // a count a bit
  int64_t count;
};

template <typename T, bool kAnd>
struct Combine {
  using State = BitCounts;
  static constexpr bool kInvertible = true;
  static constexpr int kBits = 8 * sizeof(T);
  static constexpr size_t kBytes = kBits * sizeof(int64_t);
  static int64_t* Ones(StateArena& arena, State* s) {
    if (s->ones == 0) {
      s->ones = arena.Allocate(kBytes);
      std::memset(arena.At(s->ones), 0, kBytes);
    }
    return reinterpret_cast<int64_t*>(arena.At(s->ones));
  }
  static void Add(StateContext& context, State* s, T value, int64_t weight) {
    int64_t* ones = Ones(context.arena, s);
    const auto bits = static_cast<uint64_t>(value);
    for (int bit = 0; bit < kBits; ++bit) ones[bit] += weight & -static_cast<int64_t>((bits >> bit) & 1);
    s->count += weight;
  }
  static void Merge(StateContext& context, State* s, StateContext& from, const State& other) {
    s->count += other.count;
    if (other.ones == 0) return;
    int64_t* ones = Ones(context.arena, s);
    const auto* others = reinterpret_cast<const int64_t*>(from.arena.At(other.ones));
    for (int bit = 0; bit < kBits; ++bit) ones[bit] += others[bit];
  }
  static Nullable<T> Result(StateContext& context, CallContext&, const State& s) {
    if (s.count == 0 || s.ones == 0) return {};
    const auto* ones = reinterpret_cast<const int64_t*>(context.arena.At(s.ones));
    uint64_t bits = 0;
    for (int bit = 0; bit < kBits; ++bit) bits |= static_cast<uint64_t>(kAnd ? ones[bit] == s.count : ones[bit] != 0) << bit;
    return static_cast<T>(bits);
  }
  static void Release(StateContext& context, State* s) {
    if (s->ones != 0) context.arena.Free(s->ones, kBytes);
    *s = State{};
  }
  static void Copy(StateContext& from, const State& s, StateContext& to, State* out) {
    *out = s;
    if (s.ones == 0) return;
    out->ones = to.arena.Allocate(kBytes);
    std::memcpy(to.arena.At(out->ones), from.arena.At(s.ones), kBytes);
  }
};

struct Parity {
  uint64_t bits;
  int64_t count;
};

template <typename T>
struct Xor {
  using State = Parity;
  static constexpr bool kInvertible = true;
  static void Add(StateContext&, State* s, T value, int64_t weight) {
    s->bits ^= static_cast<uint64_t>(value) & -static_cast<uint64_t>(weight & 1);
    s->count += weight;
  }
  static void Merge(StateContext&, State* s, StateContext&, const State& other) {
    s->bits ^= other.bits;
    s->count += other.count;
  }
  static Nullable<T> Result(StateContext&, CallContext&, const State& s) {
    if (s.count == 0) return {};
    return static_cast<T>(s.bits);
  }
};

template <typename T>
KAPPA_HOST_ONLY void AddType(TypeId type, std::vector<AggregateEntry>* table) {
  table->push_back(Aggregate("bit_and", {type}, type)
                       .Native<Combine<T, true>>()
                       .IgnoresDistinct()
                       .Doc("The bits that all values have set.")
                       .Example("bit_and(x)", "0"));
  table->push_back(Aggregate("bit_or", {type}, type)
                       .Native<Combine<T, false>>()
                       .IgnoresDistinct()
                       .Doc("The bits that some value has set.")
                       .Example("bit_or(x)", "3"));
  table->push_back(Aggregate("bit_xor", {type}, type).Native<Xor<T>>().Doc("The exclusive or of all values.").Example("bit_xor(x)", "0"));
}

}  // namespace bitwise_aggregates

using namespace bitwise_aggregates;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<AggregateEntry> BitwiseAggregates() {
  std::vector<AggregateEntry> table;
  AddType<int16_t>(TypeId::kInt2, &table);
  AddType<int32_t>(TypeId::kInt4, &table);
  AddType<int64_t>(TypeId::kInt8, &table);
  return table;
}

}  // namespace kappa
