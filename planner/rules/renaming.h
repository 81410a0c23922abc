// Rewriting a plan while columns get other names: a rule that makes two nodes one gives the columns of the second those of the first, above it. Where
// both come together in a join, the right side keeps names of its own by a projection.
#pragma once

#include <functional>
#include <map>

#include "planner/binder/context.h"
#include "planner/logical/logical.h"

namespace kappa {

using ColumnNames = std::map<ColumnId, ColumnId>;  // what a column was called -> what it is called

// Calls `fn` once for every node, inputs first, as it reads under the new names; what it answers takes the node's place. `names`, which holds those
// of the node's inputs, is what counts above it: `fn` may add to it.
void RewriteRenaming(LogicalPlan* plan, ProgramContext* program, const std::function<LogicalPtr(const LogicalPtr& node, ColumnNames* names)>& fn);

// For a join that gets new inputs: where they give more than its inputs gave, and so a column twice, they give only that.
void KeepApart(const LogicalNode& join, std::vector<LogicalPtr>* inputs);

}  // namespace kappa
