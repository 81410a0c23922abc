// What EXPLAIN ANALYZE knows of an operator.
#pragma once

#include <cstdint>

namespace kappa {

struct OperatorCounts {
  int64_t rows = 0;         // handed on to the operators above: insertions and retractions alike
  int64_t nanos_above = 0;  // CPU time of those while it handed rows on
  int64_t state_bytes = 0;  // held at the end
};

}  // namespace kappa
