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

void ApplyFullStage(KeyedStage* stage) {
  StageChunk* chunk = stage->rows->open(0);
  stage->to->Apply(stage->input, reinterpret_cast<const KeyedRow*>(chunk->rows.get()), chunk->count);
  stage->to->FlushOutput();
  chunk->count = 0;
}

}  // namespace kappa
