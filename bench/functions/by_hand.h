// What an engineer would write in C++ for a query over the rows of bench/functions/rows.h: the column's null bit, the function, and the checks that
// SQL asks for (overflow, 38 digits, infinite times, texts that are no numbers); a case that such code would hand to a slow path ends the program.
// Nothing of kappa's functions is used, and no pass over the rows is turned into a vector loop: rows come one by one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/functions/rows.h"

namespace kappa::bench {

using Pass = std::function<uint64_t(const Row* rows, size_t count)>;  // the checksum of CompiledExpression::Run

struct HandWritten {
  std::string expression;  // what it computes, as SQL says it
  ColumnIndex column;      // of which
  Pass pass;
};

// In the order of the table.
std::vector<HandWritten> TextsByHand();
std::vector<HandWritten> NumbersAndTimesByHand();
// The column itself.
Pass ColumnByHand(ColumnIndex column);

namespace by_hand {

template <ColumnIndex kColumn, typename F>
Pass Each(F f) {
  return [f](const Row* rows, size_t count) mutable {
    uint64_t sum = 0;
#pragma clang loop vectorize(disable) interleave(disable) unroll(disable)
    for (size_t i = 0; i < count; ++i) sum += (rows[i].nulls >> kColumn & 1) != 0 ? kNullWord : static_cast<uint64_t>(f(rows[i]));
    return sum;
  };
}

// A text's word: its size and its first byte.
inline uint64_t Word(const char* bytes, size_t size) { return size + (size == 0 ? 0 : static_cast<unsigned char>(*bytes)); }

}  // namespace by_hand
}  // namespace kappa::bench
