// EXPLAIN (LLVM): the optimized code of a dataflow, as text.
#pragma once

#include <memory>
#include <string>

#include "common/status.h"

namespace kappa {

struct Dataflow;
class Jit;
StatusOr<std::string> ExplainCode(std::shared_ptr<const Dataflow> dataflow, int32_t workers, Jit* jit);

}  // namespace kappa
