// DataflowRun: what EXPLAIN ANALYZE asks for.
#include <algorithm>

#include "exec/epoch/dataflow_run_state.h"

namespace kappa {

std::map<OperatorId, OperatorCounts> DataflowRun::Counts() const {
  std::map<OperatorId, OperatorCounts> counts;
  const int64_t nanos = environment_->clock().MonotonicNanos() - run_begin_nanos_;
  const uint64_t ticks = plan_->counted ? __builtin_readcyclecounter() - begin_ticks_ : 0;
  const double per_tick = ticks == 0 ? 0 : static_cast<double>(nanos) / static_cast<double>(ticks);
  for (const PlanOperator& op : dataflow_->operators) {
    OperatorCounts& count = counts[op.id];
    uint64_t above = 0;
    for (const auto& context : contexts_) {
      if (static_cast<size_t>(op.id) < context->counters.size()) {
        const RowCounter& counter = context->counters[static_cast<size_t>(op.id)];
        count.rows += counter.rows;
        above += counter.ticks;
      }
      if (const auto keyed = plan_->keyed.find(op.id); keyed != plan_->keyed.end())
        count.state_bytes += static_cast<int64_t>(context->keyed[static_cast<size_t>(keyed->second.index)]->bytes());
      const auto aggregate = plan_->aggregates.find(op.id);
      if (aggregate == plan_->aggregates.end()) continue;
      const auto state = static_cast<size_t>(aggregate->second.state);
      count.state_bytes += static_cast<int64_t>(context->tables[state]->bytes());
      if (context->panes[state] != nullptr) count.state_bytes += static_cast<int64_t>(context->panes[state]->bytes());
      if (context->sessions[state] != nullptr) count.state_bytes += static_cast<int64_t>(context->sessions[state]->bytes());
    }
    count.nanos_above = static_cast<int64_t>(static_cast<double>(above) * per_tick);
  }
  return counts;
}

}  // namespace kappa
