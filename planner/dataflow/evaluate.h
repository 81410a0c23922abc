// Evaluates expressions over one row by native calls: few rows, no LLVM. Constants alone: Evaluate of expression.h.
#pragma once

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "planner/dataflow/expression.h"

namespace kappa {

// A row: where each column stands among `values`.
struct ColumnValues {
  absl::flat_hash_map<ColumnId, size_t> places;
  const std::vector<Datum>* values = nullptr;
};

// `context`: its scratch memory is used during the call only. Errors carry SQLSTATE and the expression's range.
StatusOr<Datum> EvaluateRow(const Expr& expr, CallContext* context, const std::vector<Datum>& parameters, const ColumnValues& row);

}  // namespace kappa
