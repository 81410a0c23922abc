// min and max over rows that only come; over others they look at the group's multiset (over_values.cc). Of values that are equal but print
// differently (1.0 and 1.00) the choice does not depend on the order of rows.
#include <cstring>

#include "functions/aggregate.h"
#include "functions/aggregate/over_values.h"
#include "functions/aggregate/total_order.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace min_max_aggregates {

template <typename T, int kSign>  // -1: min, 1: max
struct Extreme {
  struct State {
    T value;
    int64_t seen;
  };
  static constexpr bool kInvertible = false;
  static void Add(StateContext&, State* s, T value, int64_t) {
    if (s->seen == 0 || TotalOrder(value, s->value) * kSign > 0) s->value = value;
    s->seen = 1;
  }
  static void Merge(StateContext& context, State* s, StateContext&, const State& other) {
    if (other.seen != 0) Add(context, s, other.value, 1);
  }
  static Nullable<T> Result(StateContext&, CallContext&, const State& s) {
    if (s.seen == 0) return {};
    return s.value;
  }
};

// The text's bytes live in the arena; its block grows by doubling.
template <int kSign>
struct ExtremeText {
  struct State {
    StateArena::Ref block;
    uint32_t size;
    uint32_t capacity;
    int64_t seen;
  };
  static constexpr bool kInvertible = false;
  static Text Current(const StateContext& context, const State& s) { return s.size == 0 ? Text() : Text(context.arena.At(s.block), s.size); }
  static void Add(StateContext& context, State* s, Text value, int64_t) {
    if (s->seen == 0 || CompareValues(value, Current(context, *s)) * kSign > 0) Keep(context, s, value);
  }
  [[gnu::noinline]] static void Keep(StateContext& context, State* s, const Text& value) {
    if (value.size > s->capacity) {
      uint32_t capacity = s->capacity == 0 ? 16 : s->capacity;
      while (capacity < value.size) capacity = capacity > (1u << 30) ? value.size : capacity * 2;
      const StateArena::Ref block = context.arena.Allocate(capacity);
      if (s->block != 0) context.arena.Free(s->block, s->capacity);
      s->block = block;
      s->capacity = capacity;
    }
    if (value.size != 0) std::memcpy(context.arena.At(s->block), value.data, value.size);
    s->size = value.size;
    s->seen = 1;
  }
  static void Merge(StateContext& context, State* s, StateContext& from, const State& other) {
    if (other.seen != 0) Add(context, s, Current(from, other), 1);
  }
  // Points into the state: valid until it changes.
  static Nullable<Text> Result(StateContext& context, CallContext&, const State& s) {
    if (s.seen == 0) return {};
    return Current(context, s);
  }
  static void Release(StateContext& context, State* s) {
    if (s->block != 0) context.arena.Free(s->block, s->capacity);
    *s = State{};
  }
  static void Copy(StateContext& from, const State& s, StateContext& to, State* out) {
    *out = s;
    if (s.block == 0) return;
    out->block = to.arena.Allocate(s.capacity);
    std::memcpy(to.arena.At(out->block), from.arena.At(s.block), s.size);
  }
};

template <typename Min, typename Max>
KAPPA_HOST_ONLY void AddPair(TypeId type, std::vector<AggregateEntry>* table) {
  AggregateBuilder min = Aggregate("min", {type}, type), max = Aggregate("max", {type}, type);
  min.Native<Min>().Doc("The least value.").IgnoresDistinct().OverRows(FirstValueFunction());
  max.Native<Max>().Doc("The greatest value.").IgnoresDistinct().OverRows(LastValueFunction());
  if (Type(type).is_numeric()) {
    min.Example("min(x)", "1");
    max.Example("max(x)", "3");
  }
  table->push_back(min);
  table->push_back(max);
}
template <typename T>
KAPPA_HOST_ONLY void AddType(TypeId type, std::vector<AggregateEntry>* table) {
  AddPair<Extreme<T, -1>, Extreme<T, 1>>(type, table);
}

}  // namespace min_max_aggregates

using namespace min_max_aggregates;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<AggregateEntry> MinMaxAggregates() {
  std::vector<AggregateEntry> table;
  AddType<int16_t>(TypeId::kInt2, &table);
  AddType<int32_t>(TypeId::kInt4, &table);
  AddType<int64_t>(TypeId::kInt8, &table);
  AddType<float>(TypeId::kFloat4, &table);
  AddType<double>(TypeId::kFloat8, &table);
  AddType<Numeric>(TypeId::kNumeric, &table);
  AddType<Date>(TypeId::kDate, &table);
  AddType<Time>(TypeId::kTime, &table);
  AddType<Timestamp>(TypeId::kTimestamp, &table);
  AddType<TimestampTz>(TypeId::kTimestampTz, &table);
  AddType<Interval>(TypeId::kInterval, &table);
  AddType<Uuid>(TypeId::kUuid, &table);
  AddPair<ExtremeText<-1>, ExtremeText<1>>(TypeId::kText, &table);
  return table;
}

}  // namespace kappa
