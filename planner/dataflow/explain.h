// EXPLAIN of a dataflow with something said about each operator, and as JSON.
#pragma once

#include <functional>
#include <string>

#include "planner/dataflow/dataflow.h"

namespace kappa {

// As Explain(), with `note` of each operator behind its first line ("": nothing).
std::string Explain(const Dataflow& dataflow, const std::function<std::string(OperatorId)>& note);
// An array of operators in topological order: id, operator, inputs, output columns, and the lines that Explain prints. `more` may add members: it
// answers a JSON object's inside, such as "rows": 3 ("": nothing).
std::string ExplainJson(const Dataflow& dataflow, const std::function<std::string(OperatorId)>& more);

}  // namespace kappa
