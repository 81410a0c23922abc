// An aggregate call in its general form, for what a state of fixed size cannot hold: DISTINCT, ORDER BY, WITHIN GROUP, argument types known only when
// a query is planned, and functions that must look back when a row is retracted. Called by generated code (exec/runtime/entry.cc), not inlined.
//
//   state: | multiset of the group's elements (functions/ordered_multiset.h) | kept 4 | size 4 | state of the function itself, if it folds |
//
// What the multiset orders by: the ORDER BY, then the other arguments. Of values that SQL calls equal the order does not depend on how they are
// written (1.0, 1.00); their forms come last, so that the order is total.
//
//   kOver        the function sees the elements in order, whenever its result is asked for
//   kDistinct    the function folds: it is told of the first row of each distinct value, and when the last one goes
//   kDistinctHash  the same of one argument whose equal values have equal bytes: its values need no order (functions/hashed_multiset.h)
//   kFold        no multiset: a Raw function
//
// Instead of a copy of a state a before-image keeps its result (KeepResult), which is small.
#pragma once

#include <cstring>
#include <memory>
#include <vector>

#include "functions/aggregate.h"
#include "functions/hashed_multiset.h"
#include "functions/ordered_multiset.h"
#include "types/any_value.h"

namespace kappa {

// Room for the values of a row, not initialized.
struct AnyValueBuffer {
  static constexpr size_t kMax = 32;
  AnyValueBuffer() {}  // NOLINT: leaves the values as they are
  union {
    AnyValue at[kMax];
  };
};

class GeneralAggregate {
 public:
  struct Order {
    size_t column = 0;  // of Spec::columns
    bool descending = false, nulls_first = false;
  };
  struct Spec {
    const AggregateEntry* entry = nullptr;
    std::vector<Type> columns;  // the arguments that are added, then what ORDER BY reads besides
    size_t arguments = 0;
    std::vector<Order> order;
    bool distinct = false;
    std::vector<std::pair<Type, Datum>> direct;  // the direct arguments; a Raw function is given them behind the others
    Type result;
  };
  static constexpr size_t kMaxColumns = AnyValueBuffer::kMax;

  explicit GeneralAggregate(Spec spec);
  size_t state_size() const;  // a multiple of 8; all zero: empty

  // `values`: one for each of Spec::columns.
  void Add(StateContext& context, void* state, const AnyValue* values, int64_t weight) const;
  // The values are columns first, first + 1, ... of a row.
  void AddRow(StateContext& context, void* state, const RowLayout& layout, size_t first, const char* row, int64_t weight) const;
  // Where AddRow will look at memory that is likely not in a cache: it may be fetched before its turn, by PrefetchRow.
  bool prefetches() const { return mode_ == Mode::kDistinctHash; }
  void PrefetchRow(const StateContext& context, const void* state, const RowLayout& layout, size_t first, const char* row) const;
  void Merge(StateContext& context, void* state, StateContext& from, const void* other) const;
  void Release(StateContext& context, void* state) const;
  void Copy(StateContext& from, const void* state, StateContext& to, void* out) const;
  // `out` becomes a state of which only the result can be asked, and which can be released.
  void KeepResult(StateContext& from, const void* state, StateContext& to, void* out) const;
  // Into a slot of the result's type (of a struct: a row of its descriptor's layout). False: failed, c says why. What it points to lives in
  // c.scratch, or of a kept result as long as that.
  bool Result(StateContext& context, CallContext& c, const void* state, void* out, bool* out_null) const;

 private:
  friend class OrderedValues;
  enum class Mode : uint8_t { kOver, kDistinct, kDistinctHash, kFold };
  struct State {
    union {
      OrderedMultiset set;
      HashedMultiset hashed;  // kDistinctHash
    };
    uint32_t kept;  // Kept
    uint32_t kept_bytes;
  };
  enum Kept : uint32_t { kLive = 0, kValue = 1, kError = 2 };

  void MakeKey(const AnyValue* values, std::string* key, uint32_t* class_size, Arena* arena) const;
  void AddElement(StateContext& context, State* state, std::string_view key, uint32_t class_size, std::string_view payload, int64_t weight) const;
  void AddDistinct(StateContext& context, State* state, std::string_view key, uint32_t class_size, std::string_view payload, int64_t weight) const;
  void AddHashed(StateContext& context, State* state, const AnyValue& value, int64_t weight) const;
  void Fold(StateContext& context, State* state, const AnyValue* values, int64_t weight) const;
  void FoldPayload(StateContext& context, State* state, const char* payload, int64_t weight) const;
  bool FoldResult(StateContext& context, CallContext& c, const State* state, void* out, bool* out_null) const;
  uint64_t ShortBits(const char* slot) const {
    uint64_t bits = 0;
    if (short_bytes_ == sizeof bits)
      std::memcpy(&bits, slot, sizeof bits);
    else
      std::memcpy(&bits, slot, short_bytes_);
    return bits;
  }
  static void* Inner(State* state) { return state + 1; }
  static const void* Inner(const State* state) { return state + 1; }
  CallContext& ScratchOf(StateContext& context) const;

  const Spec spec_;
  Mode mode_ = Mode::kOver;
  std::vector<const TypeDescriptor*> types_;  // of the columns
  struct DirectSlot {
    alignas(8) char bytes[24];
  };
  std::unique_ptr<DirectSlot[]> direct_slots_;
  std::vector<AnyValue> direct_;
  const TypeDescriptor* result_;
  RowLayout payload_;                // of the arguments
  RowLayout kept_;                   // of the result
  std::vector<bool> canonical_;      // per column: equal values may differ
  std::vector<size_t> class_order_;  // kDistinct: arguments that ORDER BY does not name
  std::vector<size_t> forms_;        // arguments whose bytes the key does not hold before
  bool long_values_ = false;         // kDistinctHash: texts and the like
  size_t short_bytes_ = 0;           // of the others
  bool has_forms_ = false;           // some argument has equal values that differ
};

// What a function over ordered values sees: the elements of a group, in order. With DISTINCT equal values count once. Weights below 1 are not shown.
class OrderedValues {
 public:
  OrderedValues(const GeneralAggregate& aggregate, const StateArena& arena, const OrderedMultiset& set, CallContext& c)
      : aggregate_(aggregate), arena_(arena), set_(set), c_(c) {}

  size_t arguments() const { return aggregate_.spec_.arguments; }
  const TypeDescriptor* type(size_t argument) const { return aggregate_.types_[argument]; }
  const AnyValue& direct(size_t index) const { return aggregate_.direct_[index]; }
  bool distinct() const { return aggregate_.spec_.distinct; }
  int64_t rows() const { return set_.rows; }  // equal ones too

  // fn(const AnyValue* arguments, int64_t times) -> go on?    The values are valid until the next call.
  template <typename Fn>
  void ForEach(const Fn& fn) const {
    AnyValueBuffer values;
    char* room = Room();
    std::string_view last;
    bool any = false;
    MultisetForEach(arena_, set_.root, [&](const MultisetElement& element) {
      if (element.weight <= 0) return true;
      if (distinct() && any && element.equal_class() == last) return true;
      any = true;
      last = element.equal_class();
      Load(element, room, values.at);
      return static_cast<bool>(fn(static_cast<const AnyValue*>(values.at), distinct() ? int64_t{1} : element.weight));
    });
  }
  // The arguments of the row of this rank; false: there is none. Not with DISTINCT. O(log n).
  bool At(int64_t rank, AnyValue* values) const;
  // The most frequent value, of several the first. O(log n); O(n) where equal values differ.
  bool Mode(AnyValue* values) const;

 private:
  char* Room() const;
  void Load(const MultisetElement& element, char* room, AnyValue* values) const;
  const GeneralAggregate& aggregate_;
  const StateArena& arena_;
  const OrderedMultiset& set_;
  CallContext& c_;
};

}  // namespace kappa
