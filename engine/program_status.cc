// What a running program tells of itself.
#include "engine/observed_sink.h"
#include "engine/program.h"

namespace kappa {

PipelineStatus RunningProgram::Report() const {
  PipelineStatus status;
  const RunProgress& progress = run_->progress();
  status.name = name_;
  status.durable = !name_.empty();
  if (progress.recovering) status.state = PipelineState::kRecovering;
  status.epoch = progress.epoch;
  status.records = progress.records;
  status.bytes = progress.bytes;
  status.lag = progress.lag;
  status.watermark_micros = progress.watermark;
  status.state_bytes = progress.state_bytes;
  status.memory_budget = memory_budget_;
  status.snapshot_epoch = progress.snapshot_epoch;
  status.snapshot_micros = progress.snapshot_micros;
  status.snapshot_bytes = static_cast<uint64_t>(progress.snapshot_bytes);
  status.snapshots = progress.snapshots;
  status.snapshot_failures = progress.snapshot_failures;
  status.snapshot_error = progress.snapshot_error;
  status.merge_failures = progress.merge_failures;
  status.merge_error = progress.merge_error;
  status.journal_bytes = static_cast<uint64_t>(progress.journal_bytes);
  status.longest_pause_nanos = progress.longest_pause_nanos;
  status.commit_error = progress.commit_error;
  status.offsets_lost = progress.offsets_lost;
  status.late = progress.late;
  status.errors = progress.errors;
  status.dead_letters = errors_->counts();
  if (!failure_.ok()) {
    status.state = PipelineState::kFailed;
    status.error = std::string(SqlStateOf(failure_).view()) + ": " + MessageOf(failure_);
  } else if (done_) {
    status.state = PipelineState::kStopped;
  }
  for (const PlanOperator& op : dataflow_->operators) {
    const auto* view = op.As<MaterializeOp>();
    const auto* sink = op.As<SinkOp>();
    if (status.name.empty() && (view != nullptr || sink != nullptr)) status.name = view != nullptr ? view->view : sink->name;
    if (sink == nullptr) continue;
    SinkStatus& told = status.sinks.emplace_back();
    told.name = sink->name;
    told.connector = sink->connector;
    if (sink->folds_checksum) {
      told.changes = static_cast<int64_t>(run_->Fold(op.id).second);
    } else if (const auto made = observed_.find(op.id); made != observed_.end()) {
      told.exactly_once = made->second->guarantee() == Guarantee::kExactlyOnce;
      told.changes = made->second->changes();
      told.committed_epoch = made->second->committed();
    }
  }
  return status;
}

}  // namespace kappa
