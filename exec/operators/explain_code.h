// EXPLAIN (LLVM) and (ASM): the optimized code of a dataflow, as text.
#pragma once

#include <memory>
#include <string>

#include "common/status.h"

namespace kappa {

struct Dataflow;
class Jit;
enum class CodeForm { kLlvm, kAssembly };
StatusOr<std::string> ExplainCode(std::shared_ptr<const Dataflow> dataflow, int32_t workers, CodeForm form, Jit* jit);

}  // namespace kappa
