#include "exec/runtime/keyed_operator.h"

#include "exec/runtime/worker_context.h"

namespace kappa {

void KeyedOperator::ReportError(SqlState state, const char* message, int64_t weight) {
  RowError& error = context_->errors.emplace_back();
  error.kind = RowError::Kind::kExpression;
  error.operator_id = id_;
  error.weight = weight;
  error.state = state;
  error.message = message;
}

void KeyedOperator::Fail(Status status) {
  stopped_ = true;
  if (context_->failure.ok()) context_->failure = std::move(status);
}

void KeyedOperator::CheckLimits() {
  work_ = 0;
  if (!context_->failure.ok()) stopped_ = true;
  if (context_->cancelled != nullptr && context_->cancelled->load(std::memory_order_relaxed))
    return Fail(SqlError(sqlstate::kQueryCanceled) << "canceling statement due to user request");
  if (context_->memory_budget == 0) return;
  const size_t bytes = BytesOf(*context_) + context_->call.scratch.bytes_reserved();
  if (bytes > context_->memory_budget) Fail(PastBudget(context_->memory_budget, bytes));
}

void ApplyFullStage(KeyedStage* stage) {
  StageChunk* chunk = stage->rows->open(0);
  stage->to->Apply(stage->input, reinterpret_cast<const KeyedRow*>(chunk->rows.get()), chunk->count);
  stage->to->FlushOutput();
  chunk->count = 0;
}

}  // namespace kappa
