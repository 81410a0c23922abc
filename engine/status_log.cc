#include "engine/status_log.h"

#include <algorithm>

#include "common/logging.h"

namespace kappa {
namespace {

void LogState(const PipelineStatus* before, const PipelineStatus& now, bool told) {
  if (before != nullptr && before->state == now.state) return;
  const bool fresh = before == nullptr;
  switch (now.state) {
    case PipelineState::kRecovering:
      return LogInfo("program recovering", {{"program", now.name}});
    case PipelineState::kRunning:
      if (!fresh && before->state == PipelineState::kRecovering)
        return LogInfo("program recovered", {{"program", now.name}, {"epoch", now.epoch}, {"snapshot_epoch", now.snapshot_epoch}});
      return LogInfo("program started", {{"program", now.name}, {"durable", now.durable}, {"epoch", now.epoch}});
    case PipelineState::kStopped:
      return LogInfo("program stopped", {{"program", now.name}, {"epoch", now.epoch}, {"records", now.records}});
    case PipelineState::kFailed:
      return Log(told ? LogLevel::kInfo : LogLevel::kError, "program failed", {{"program", now.name}, {"epoch", now.epoch}, {"error", now.error}});
  }
}

void LogSnapshots(const PipelineStatus& before, const PipelineStatus& now) {
  if (now.snapshots > before.snapshots)
    LogInfo("snapshot written", {{"program", now.name}, {"epoch", now.snapshot_epoch}, {"bytes", now.snapshot_bytes}});
  if (now.snapshot_failures > before.snapshot_failures)
    LogWarning("snapshot failed", {{"program", now.name}, {"failures", now.snapshot_failures}, {"error", now.snapshot_error}});
  if (now.merge_failures > before.merge_failures)
    LogWarning("merging of snapshot files failed", {{"program", now.name}, {"failures", now.merge_failures}, {"error", now.merge_error}});
}

void LogTrouble(const PipelineStatus& before, const PipelineStatus& now) {
  for (size_t i = before.offsets_lost.size(); i < now.offsets_lost.size(); ++i)
    LogWarning("offsets lost", {{"program", now.name}, {"what", now.offsets_lost[i]}});
  if (before.commit_error.empty() && !now.commit_error.empty())
    LogError("commits stopped", {{"program", now.name}, {"epoch", now.epoch}, {"error", now.commit_error}});
  if (!before.commit_error.empty() && now.commit_error.empty()) LogInfo("commits go on", {{"program", now.name}, {"epoch", now.epoch}});
}

void LogLetters(const PipelineStatus& before, const PipelineStatus& now) {
  for (const auto& [table, count] : now.dead_letters) {
    const auto seen = before.dead_letters.find(table);
    if (table.empty() || count == 0 || (seen != before.dead_letters.end() && seen->second != 0)) continue;
    LogInfo("dead letters begin", {{"program", now.name}, {"table", table}, {"letters", count}});
  }
  if (before.late == 0 && now.late > 0) LogInfo("late rows begin", {{"program", now.name}, {"rows", now.late}});
}

void LogSinks(const PipelineStatus& before, const PipelineStatus& now) {
  if (!Logs(LogLevel::kDebug)) return;
  for (const SinkStatus& sink : now.sinks) {
    const auto same = std::find_if(before.sinks.begin(), before.sinks.end(), [&](const SinkStatus& other) { return other.name == sink.name; });
    if (sink.committed_epoch < 0 || (same != before.sinks.end() && same->committed_epoch == sink.committed_epoch)) continue;
    LogDebug("sink committed", {{"program", now.name}, {"sink", sink.name}, {"epoch", sink.committed_epoch}, {"changes", sink.changes}});
  }
}

}  // namespace

void LogChanges(const PipelineStatus* before, const PipelineStatus& now, bool told) {
  static const PipelineStatus nothing;
  const PipelineStatus& compared = before == nullptr ? nothing : *before;
  const bool ends = now.state == PipelineState::kStopped || now.state == PipelineState::kFailed;
  if (!ends) LogState(before, now, told);
  LogSnapshots(compared, now);
  LogTrouble(compared, now);
  if (before != nullptr) LogLetters(*before, now);  // what a recovered program brings with it has been told
  LogSinks(compared, now);
  if (ends) LogState(before, now, told);
}

}  // namespace kappa
