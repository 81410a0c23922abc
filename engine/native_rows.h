// One-shot dataflows over few rows by native calls: no LLVM, no epoch. Constants or one view's rows, filtered and projected.
#pragma once

#include <functional>
#include <vector>

#include "engine/table_store.h"
#include "planner/dataflow/dataflow.h"

namespace kappa {

// Is it such a dataflow, and are its rows few? Views must be among `readers`.
bool RunsNatively(const Dataflow& dataflow, const ReaderMap& readers);
// The rows of its Result, in order, each as often as it comes. `now_micros`: NOW(), since 1970 UTC.
Status RunNatively(const Dataflow& dataflow, const ReaderMap& readers, const std::vector<Datum>& parameters, int64_t now_micros,
                   const std::function<Status(const TableRow& row)>& visit);

}  // namespace kappa
