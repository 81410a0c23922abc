// EXPLAIN (PIPELINES): the loops that a dataflow is compiled into, each from a source or a breaker to the next breakers.
#pragma once

#include <memory>
#include <string>

#include "common/status.h"

namespace kappa {

struct Dataflow;
StatusOr<std::string> ExplainPipelines(std::shared_ptr<const Dataflow> dataflow, int32_t workers);

}  // namespace kappa
