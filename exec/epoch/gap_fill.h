// GapFillOp over all rows of a bounded input.
#pragma once

#include <vector>

#include "common/arena.h"
#include "planner/dataflow/dataflow.h"
#include "types/row_layout.h"

namespace kappa {

// `rows` of `columns` as `layout` has them, in any order -> the same and those between them, by partition and time, ties by the rows' bytes. Rows
// that are added lie in `arena`; their texts are those of the rows they are made from. A NULL or infinite time comes last or first and bounds no gap.
// 54000: too many rows to add.  22003: an interpolated numeric is out of range.
StatusOr<std::vector<const char*>> FillGaps(const GapFillOp& op, const std::vector<Column>& columns, const RowLayout& layout,
                                            const std::vector<const char*>& rows, Arena* arena);

}  // namespace kappa
