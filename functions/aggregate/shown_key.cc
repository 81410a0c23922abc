// kappa_shown_key: of a group's equal keys (1.5 and 1.50, '1 mon' and '30 days') the least in TotalOrder that is present now. What min answers over
// rows that only come; this one lets them go too. Not for users: the planner adds it (AggregateOp::keys).
#include <cstring>

#include "functions/aggregate.h"
#include "functions/aggregate/total_order.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace shown_key_aggregates {

// How often each form is present. One group has few: nearly always one, which needs no block; a numeric at most 39.
template <typename T>
struct ShownKey {
  struct Form {
    T value;
    int64_t weight;
  };
  struct State {
    Form first;             // weight 0: there is no form at all
    StateArena::Ref block;  // of the other forms, in no order
    uint32_t count;
    uint32_t capacity;
  };
  static constexpr bool kInvertible = true;

  static Form* Others(const StateContext& context, const State& s) {
    return s.block == 0 ? nullptr : reinterpret_cast<Form*>(context.arena.At(s.block));  // blocks are aligned to 8
  }
  static void Add(StateContext& context, State* s, T value, int64_t weight) {
    if (weight == 0) return;
    if (KAPPA_LIKELY(s->first.weight != 0 && TotalOrder(value, s->first.value) == 0)) {
      s->first.weight += weight;
      if (s->first.weight == 0 && s->count != 0) s->first = Others(context, *s)[--s->count];
    } else if (s->first.weight == 0) {
      s->first = {value, weight};
    } else {
      AddOther(context, s, {value, weight});
    }
  }
  [[gnu::noinline]] static void AddOther(StateContext& context, State* s, const Form& form) {
    Form* others = Others(context, *s);
    for (uint32_t i = 0; i < s->count; ++i) {
      if (TotalOrder(form.value, others[i].value) != 0) continue;
      others[i].weight += form.weight;
      if (others[i].weight == 0) others[i] = others[--s->count];
      return;
    }
    if (s->count == s->capacity) {
      const uint32_t capacity = s->capacity == 0 ? 2 : s->capacity * 2;
      const StateArena::Ref block = context.arena.Allocate(capacity * sizeof(Form));
      if (s->count != 0) std::memcpy(context.arena.At(block), context.arena.At(s->block), s->count * sizeof(Form));
      if (s->block != 0) context.arena.Free(s->block, s->capacity * sizeof(Form));
      s->block = block;
      s->capacity = capacity;
    }
    Others(context, *s)[s->count++] = form;
  }
  static void Merge(StateContext& context, State* s, StateContext& from, const State& other) {
    Add(context, s, other.first.value, other.first.weight);
    for (uint32_t i = 0; i < other.count; ++i) {
      const Form form = Others(from, other)[i];
      Add(context, s, form.value, form.weight);
    }
  }
  static Nullable<T> Result(StateContext& context, CallContext&, const State& s) {
    const Form* least = s.first.weight > 0 ? &s.first : nullptr;
    for (uint32_t i = 0; i < s.count; ++i) {
      const Form& form = Others(context, s)[i];
      if (form.weight > 0 && (least == nullptr || TotalOrder(form.value, least->value) < 0)) least = &form;
    }
    if (least == nullptr) return {};
    return least->value;
  }
  static void Release(StateContext& context, State* s) {
    if (s->block != 0) context.arena.Free(s->block, s->capacity * sizeof(Form));
    *s = State{};
  }
  static void Copy(StateContext& from, const State& s, StateContext& to, State* out) {
    *out = s;
    if (s.block == 0) return;
    out->block = to.arena.Allocate(s.capacity * sizeof(Form));
    std::memcpy(to.arena.At(out->block), from.arena.At(s.block), s.count * sizeof(Form));
  }
};

}  // namespace shown_key_aggregates

using namespace shown_key_aggregates;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<AggregateEntry> ShownKeyAggregates() {
  using enum TypeId;
  return {
      Aggregate("kappa_shown_key", {kNumeric}, kNumeric).Native<ShownKey<Numeric>>().Doc("Of equal values the one with the fewest digits."),
      Aggregate("kappa_shown_key", {kInterval}, kInterval)
          .Native<ShownKey<Interval>>()
          .Doc("Of equal values the one with the fewest months, then days."),
  };
}

}  // namespace kappa
