// One set of values for several DISTINCT aggregates of a group that have the same argument and differ in their FILTER:
//
//   count(DISTINCT x), count(DISTINCT x) FILTER (WHERE a), sum(DISTINCT x) FILTER (WHERE b)
//
// Where rows only come, a value needs no count, but a bit for each of the aggregates that has seen it; one look-up serves all of them. The set is a
// HashedMultiset whose weights are those bits. What each aggregate folds its values into lies beside it, in a state of its own.
#pragma once

#include <cstddef>
#include <cstdint>

#include "functions/aggregate.h"
#include "functions/hashed_multiset.h"
#include "types/row_layout.h"

namespace kappa {

class DistinctFamily {
 public:
  // Has the argument's type values that are equal when their bytes are, so that they need no order?
  static bool Serves(const Type& argument);
  explicit DistinctFamily(const Type& argument);

  static constexpr size_t kStateBytes = sizeof(HashedMultiset);  // all zero: empty
  // The value is column `column` of a row, and not NULL. Which of `bits` it did not have before; they are set.
  uint64_t Mark(StateContext& context, void* state, const RowLayout& layout, size_t column, const char* row, uint64_t bits) const;
  // Fetches the memory where Mark will look first.
  void Prefetch(const StateContext& context, const void* state, const RowLayout& layout, size_t column, const char* row) const;

  using ReleaseFunction = void (*)(StateContext*, void*);
  using CopyFunction = void (*)(StateContext*, const void*, StateContext*, void*);
  ReleaseFunction release() const;
  CopyFunction copy() const;

 private:
  bool long_values_;
  size_t short_bytes_;  // of the others
};

}  // namespace kappa
