// What the rules share that decode parts of a column instead of the whole (field_pruning, json_path_pushdown).
#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "planner/logical/logical.h"

namespace kappa {

// The columns that take the place of one, in order.
using SplitParts = std::map<ColumnId, std::vector<ScanOp::ScanColumn>>;

// The columns that an operator reads as a whole, beside its expressions.
void AddColumnsReadWhole(const LogicalNode& node, std::set<ColumnId>* whole);

// `node` with the parts where the columns were: among what a scan decodes, in what the operator gives, and in its expressions wherever `part_of`
// knows a part that is equal to an expression (nullptr: none is).
LogicalPtr SplitColumns(const LogicalNode& node, const SplitParts& parts, const std::function<const Column*(const Expr&)>& part_of);

}  // namespace kappa
