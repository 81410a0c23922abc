#include "exec/runtime/worker_context.h"

namespace kappa {

size_t BytesOf(const WorkerContext& context) {
  size_t bytes = 0;
  for (const auto& table : context.tables) bytes += table->bytes();
  for (const auto& keyed : context.keyed) bytes += keyed->bytes();
  for (const auto& sessions : context.sessions) bytes += sessions == nullptr ? 0 : sessions->bytes();
  for (const auto& panes : context.panes) bytes += panes == nullptr ? 0 : panes->bytes();
  for (const auto& local : context.locals) bytes += local == nullptr ? 0 : local->bytes();
  for (const auto& output : context.outputs) bytes += output->bytes();
  return bytes;
}

Status PastBudget(size_t budget, size_t bytes) {
  return SqlError(sqlstate::kOutOfMemory)
         << "the statement needs more than its memory budget of " << budget << " bytes (state: " << bytes << ")"
         << Hint("raise it with SET memory_budget, or narrow the GROUP BY or the join; spilling to disk does not exist yet");
}

}  // namespace kappa
