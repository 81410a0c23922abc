// How many rows a plan gives, guessed from its shape alone: no statistics are kept. Only the order of magnitude means something, and only against
// other guesses.
#pragma once

#include "planner/logical/logical.h"

namespace kappa {

double EstimatedRows(const LogicalNode& node);
// The share of rows for which the condition is guessed to be true.
double Selectivity(const Expr& condition);
// Rows of a join of sides of `left` and `right` rows by `keys` (column pairs); without keys the product.
double EstimatedJoin(const LogicalNode& left, double left_rows, const LogicalNode& right, double right_rows, const std::vector<JoinOp::Key>& keys);

}  // namespace kappa
