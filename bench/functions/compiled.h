// Expressions of SQL as generated code over bench/functions/rows.h: planned, emitted and optimized as a pipeline's are (exec/operators), and folded
// into a checksum where the pipeline would hand them on.
#pragma once

#include <memory>
#include <string>

#include "bench/functions/rows.h"
#include "common/status.h"
#include "exec/codegen/jit.h"
#include "exec/runtime/worker_context.h"

namespace kappa::bench {

// One expression, or sum(expression). Used by one thread.
class CompiledExpression {
 public:
  virtual ~CompiledExpression() = default;
  // The sum of the values' words (below) over the rows, modulo 2^64; what the functions allocated is given back every 4,096 rows.
  //   bool: 0 or 1; integers and times: themselves; numeric: the mantissa's low word and the scale; text: its size and its first byte; NULL:
  //   kNullWord
  // A row that fails adds 2^40.
  virtual uint64_t Run(const Row* rows, size_t count) = 0;
};

StatusOr<std::unique_ptr<CompiledExpression>> CompileExpression(Jit* jit, const std::string& expression);

}  // namespace kappa::bench
