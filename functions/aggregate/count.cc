// count, bool_and, bool_or: numbers of rows.
#include "functions/aggregate.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace count_aggregates {

struct Counter {
  int64_t rows;
};

struct CountRows {
  using State = Counter;
  static constexpr bool kInvertible = true;
  static void Add(StateContext&, State* s, int64_t weight) { s->rows += weight; }
  static void Merge(StateContext&, State* s, StateContext&, const State& other) { s->rows += other.rows; }
  static int64_t Result(StateContext&, CallContext&, const State& s) { return s.rows; }
};

// NULLs are never added, so the value does not matter.
struct CountValues {
  using State = Counter;
  static constexpr bool kInvertible = true;
  static void Add(StateContext&, State* s, unsigned char, int64_t weight) { s->rows += weight; }
  static void Merge(StateContext&, State* s, StateContext&, const State& other) { s->rows += other.rows; }
  static int64_t Result(StateContext&, CallContext&, const State& s) { return s.rows; }
};

struct Booleans {
  int64_t trues;
  int64_t falses;
};

template <bool kAnd>
struct Combine {
  using State = Booleans;
  static constexpr bool kInvertible = true;
  static void Add(StateContext&, State* s, bool value, int64_t weight) { (value ? s->trues : s->falses) += weight; }
  static void Merge(StateContext&, State* s, StateContext&, const State& other) {
    s->trues += other.trues;
    s->falses += other.falses;
  }
  static Nullable<bool> Result(StateContext&, CallContext&, const State& s) {
    if (s.trues == 0 && s.falses == 0) return {};
    return kAnd ? s.falses == 0 : s.trues != 0;
  }
};

}  // namespace count_aggregates

using namespace count_aggregates;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<AggregateEntry> CountAggregates() {
  using enum TypeId;
  return {
      Aggregate("count", {}, kInt8).Native<CountRows>().Doc("The number of rows: count(*).").Example("count(*)", "3"),
      Aggregate("count", {kAny}, kInt8).Native<CountValues>().Doc("The number of rows where the argument is not NULL.").Example("count(x)", "3"),
      Aggregate("bool_and", {kBool}, kBool)
          .Native<Combine<true>>()
          .IgnoresDistinct()
          .Doc("True when every value is true.")
          .Example("bool_and(b)", "f"),
      Aggregate("every", {kBool}, kBool).Native<Combine<true>>().IgnoresDistinct().Doc("True when every value is true.").Example("every(b)", "f"),
      Aggregate("bool_or", {kBool}, kBool).Native<Combine<false>>().IgnoresDistinct().Doc("True when some value is true.").Example("bool_or(b)", "t"),
  };
}

}  // namespace kappa
