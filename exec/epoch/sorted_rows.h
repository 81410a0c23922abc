// ORDER BY, LIMIT and OFFSET over rows that were collected.
#pragma once

#include <vector>

#include "planner/dataflow/dataflow.h"
#include "types/row_layout.h"

namespace kappa {

// Of `rows`, laid out as `layout` says for `columns`, those that `sort` wants, in its order. Ties are broken by the rows' bytes, so that the result
// is a function of the rows as a multiset.
std::vector<const char*> SortedRows(const SortOp& sort, const std::vector<Column>& columns, const RowLayout& layout,
                                    const std::vector<const char*>& rows);

}  // namespace kappa
