// What the files of OrderedIndex share about the words of its nodes.
#pragma once

#include "exec/state/ordered_index.h"

namespace kappa::ordered_index {

// The lowest `bits` bits.
inline uint64_t Below(uint32_t bits) { return bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1; }

// An entry with a negative weight counts as no row.
inline int64_t Counted(int64_t weight) { return weight > 0 ? weight : 0; }

inline int64_t SumUpTo(const int64_t* values, uint32_t end) {
  int64_t sum = 0;
  for (uint32_t i = 0; i < end; ++i) sum += values[i];
  return sum;
}

}  // namespace kappa::ordered_index
