// How scans of views read: all rows, or those that a lookup wants.
#pragma once

#include <functional>
#include <vector>

#include "exec/epoch/dataflow_run.h"

namespace kappa {

// The rows that `scan` reads of `view`, each with its weight. The values that a lookup wants are computed now: their errors are the answer.
Status VisitView(const ViewScanOp& scan, const ViewReader& view, const std::vector<Datum>& parameters, CallContext* context,
                 const std::function<void(const char* row, int64_t weight)>& visit);

}  // namespace kappa
