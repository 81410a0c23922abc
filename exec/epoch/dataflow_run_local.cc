// DataflowRun: local pre-aggregation (runtime/local_groups.h).
#include <algorithm>

#include "exec/epoch/dataflow_run_state.h"

namespace kappa {

// What is staged for a worker's local groups goes to them, before what it points to does.
void DataflowRun::ApplyLocally(const PlanOperator& op, WorkerContext* context) {
  const auto state = static_cast<size_t>(plan_->aggregates.at(op.id).state);
  Stage& stage = *context->stages[state];
  StageChunk* chunk = stage.open(options_.workers);
  if (chunk->count == 0) return;
  code_->apply.at(op.id)(context, context->locals[state]->ToAdd(chunk->count), chunk->rows.get(), chunk->count);
  stage.Clear(options_.workers);
}

void DataflowRun::ApplyLocally(WorkerContext* context) {
  for (const auto& [id, aggregate] : plan_->aggregates) {
    if (aggregate.local) ApplyLocally(dataflow_->Get(id), context);
  }
}

// Every worker merges what all have of its shards' groups. Before an epoch's end only where that should not wait.
void DataflowRun::MergeLocal(const PlanOperator& op, bool epoch_ends) {
  const auto state = static_cast<size_t>(plan_->aggregates.at(op.id).state);
  auto wanted = [&](const auto& context) {
    const LocalGroups& local = *context->locals[state];
    return epoch_ends ? !local.empty() : local.MergeNow();
  };
  if (std::any_of(contexts_.begin(), contexts_.end(), wanted)) {
    const MergeFunction merge = code_->merge.at(op.id);
    pool_->RunAll([&](int32_t worker) {
      for (const auto& from : contexts_) merge(contexts_[static_cast<size_t>(worker)].get(), from->locals[state]->groups());
    });
    for (const auto& context : contexts_) context->locals[state]->Forget();
  }
  if (epoch_ends) return;
  for (const auto& context : contexts_) context->locals[state]->EndRound();
}

}  // namespace kappa
