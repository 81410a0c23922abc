// Changes of one epoch -> contents(n) - contents(n-1) in canonical order: equal rows are added up, rows that cancel disappear, the rest is ordered by
// row bytes (design section 3). Texts stay where they are.
#pragma once

#include <vector>

#include "types/change_batch.h"

namespace kappa {

struct ConsolidatedChanges {
  std::vector<const char*> rows;
  std::vector<int64_t> weights;  // retractions before insertions of the same key prefix order naturally by bytes
};

ConsolidatedChanges Consolidate(const RowSchema& schema, const std::vector<const char*>& rows, const std::vector<int64_t>& weights);

}  // namespace kappa
