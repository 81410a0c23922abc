// DataflowRun: operators that keep rows by key (exec/runtime/keyed_operator.h).
#include <algorithm>

#include "exec/epoch/dataflow_run_state.h"

namespace kappa {

void DataflowRun::UseKeyedCode() {
  for (const auto& [id, keyed] : plan_->keyed) {
    const auto match = code_->match.find(id);
    for (const auto& context : contexts_)
      context->keyed[static_cast<size_t>(keyed.index)]->SetCode(code_->emit.at(id), match == code_->match.end() ? nullptr : match->second);
  }
}

void DataflowRun::ExchangeKeyed(const PlanOperator& op) {
  const KeyedPlan& plan = plan_->keyed.at(op.id);
  for (const KeyedPlan::Input& input : plan.inputs) {
    const auto stage = static_cast<size_t>(input.stage);
    bool staged = false;
    for (const auto& context : contexts_) {
      for (int32_t target = 0; target < options_.workers; ++target) staged |= !context->keyed_stages[stage].rows->Empty(target);
    }
    if (!staged) continue;
    pool_->RunAll([&](int32_t worker) {
      const KeyedStage& own = contexts_[static_cast<size_t>(worker)]->keyed_stages[stage];
      for (const auto& from : contexts_) {  // in worker order, after the barrier
        for (StageChunk* chunk : from->keyed_stages[stage].rows->Chunks(worker))
          own.to->Apply(own.input, reinterpret_cast<const KeyedRow*>(chunk->rows.get()), chunk->count);
      }
      own.to->FlushOutput();
    });
    for (const auto& context : contexts_) {
      for (int32_t target = 0; target < options_.workers; ++target) context->keyed_stages[stage].rows->Clear(target);
    }
  }
}

KeyedEpoch DataflowRun::KeyedEpochOf(const PlanOperator& op) const { return {WatermarkOf(op.id), epoch_clock_micros_, EndsForGood()}; }

Status DataflowRun::FlushKeyed(const PlanOperator& op) {
  const auto index = static_cast<size_t>(plan_->keyed.at(op.id).index);
  const KeyedEpoch epoch = KeyedEpochOf(op);
  pool_->RunAll([&](int32_t worker) {
    KeyedOperator& keyed = *contexts_[static_cast<size_t>(worker)]->keyed[index];
    keyed.Flush(epoch);
    keyed.FlushOutput();
  });
  return OkStatus();
}

namespace {

// Gives no rows but at once, when some come.
bool PassesOn(const PlanOperator& op) {
  if (const auto* join = op.As<JoinOp>()) return join->kind == JoinOp::Kind::kInner && !join->left_expiry && !join->lookup && !join->closest;
  return op.As<FilterOp>() || op.As<ProjectOp>() || op.As<UnionOp>() || op.As<TableFunctionOp>();
}

}  // namespace

// The operator has given its last row, and that has been applied: so have those above that keep nothing back, and keyed operators are told.
void DataflowRun::NoteEnded(OperatorId id) {
  if (!options_.one_epoch || bindings_.durability != nullptr) return;
  ended_.insert(id);
  for (const PlanOperator& op : dataflow_->operators) {  // in topological order
    const bool all =
        !op.inputs.empty() && std::all_of(op.inputs.begin(), op.inputs.end(), [&](OperatorId input) { return ended_.count(input) != 0; });
    if (all && PassesOn(op)) ended_.insert(op.id);
    if (op.As<JoinOp>() == nullptr) continue;
    for (size_t input = 0; input < op.inputs.size(); ++input) {
      if (ended_.count(op.inputs[input]) == 0) continue;
      for (const auto& context : contexts_) context->keyed[static_cast<size_t>(plan_->keyed.at(op.id).index)]->EndInput(static_cast<int>(input));
    }
  }
}

}  // namespace kappa
