// What the rules share that decode parts of a column instead of the whole (field_pruning, json_path_pushdown).
#pragma once

#include <map>
#include <vector>

#include "planner/logical/logical.h"

namespace kappa {

// The columns that take the place of one, in order.
using SplitParts = std::map<ColumnId, std::vector<ScanOp::ScanColumn>>;

// Puts the parts where the columns were: among what a scan decodes, and in what any operator gives.
void SplitColumns(const SplitParts& parts, LogicalNode* node);

}  // namespace kappa
