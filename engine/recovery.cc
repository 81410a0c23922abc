// What the engine begins with: the catalog, durable programs where they stood; and programs brought to one position.
#include <algorithm>
#include <set>

#include "common/logging.h"
#include "engine/ad_hoc_source.h"
#include "engine/durable_program.h"
#include "engine/engine_state.h"
#include "engine/pipeline_directory.h"
#include "engine/settings.h"
#include "parser/parser.h"
#include "planner/planner.h"

namespace kappa {
namespace {
constexpr int64_t kIdleNanos = 10'000'000;

// Reading a large snapshot takes a while, in which the program does not exist yet.
void PublishLoading(const DurableProgram& durable, const SnapshotInfo& snapshot, StatusBoard* board) {
  PipelineStatus status;
  status.name = durable.name();
  status.durable = true;
  status.state = PipelineState::kRecovering;
  status.snapshot_epoch = snapshot.epoch;
  status.snapshot_micros = snapshot.created_micros;
  status.snapshot_bytes = snapshot.bytes;
  if (const auto meta = DecodeSnapshotMeta(snapshot.meta); meta.ok()) {  // else loading it will tell
    status.epoch = snapshot.epoch + 1;
    status.records = meta->records;
    status.bytes = meta->bytes;
    status.late = meta->late;
    status.errors = meta->errors;
  }
  board->Publish(std::move(status));
}

}  // namespace

StatusOr<std::unique_ptr<RunningProgram>> StartDurable(DurableProgram* durable, const RunOptions& run, bool until_latest, EngineState* state,
                                                       ViewMap* views, Results* results) {
  Dataflow dataflow = durable->definition()->dataflow;
  for (PlanOperator& op : dataflow.operators) {
    if (auto* scan = std::get_if<ScanOp>(&op.op)) scan->until_latest |= until_latest;
  }
  const auto shared = std::make_shared<const Dataflow>(std::move(dataflow));
  for (size_t skip = 0;; skip = 1) {  // each failure takes the newest snapshot away
    ProgramOptions options;
    options.run = run;
    options.name = durable->name();
    ASSIGN_OR_RETURN(options.durability, durable->Recover(skip));
    const bool restores = options.durability->restore.has_value();
    if (restores) PublishLoading(*durable, *options.durability->restore, state->board.get());
    auto program = RunningProgram::Start(shared, state->Host(views), std::move(options), results);
    if (!program.ok() && restores) state->board->Remove(durable->name());
    if (program.ok() || !restores || !program.status().GetPayload(kSnapshotUnreadable)) return program;
    LogInfo("snapshot unreadable", {{"program", durable->name()}, {"error", MessageOf(program.status())}});
    results->OnNotice("the newest snapshot of \"" + durable->name() + "\" cannot be read (" + MessageOf(program.status()) +
                      "): going back to the one before it");
  }
}

std::string DurableNameOf(const Dataflow& dataflow) {
  std::string name;
  bool scans = false;
  for (const PlanOperator& op : dataflow.operators) {
    if (op.As<ViewScanOp>()) return "";
    scans |= op.As<ScanOp>() != nullptr;
    if (!name.empty()) continue;
    if (const auto* view = op.As<MaterializeOp>()) name = "view." + EscapedPipelineName(view->view);
    if (const auto* sink = op.As<SinkOp>()) name = "sink." + EscapedPipelineName(sink->name);
  }
  return scans && CheckPipelineName(name).ok() ? name : "";
}

StatusOr<std::unique_ptr<RunningProgram>> StartStatement(const EngineState::Restored& statement, bool anew, const RunOptions& run, EngineState* state,
                                                         ViewMap* views, Results* results) {
  if (statement.name.empty()) {
    ProgramOptions options;
    options.run = run;
    return RunningProgram::Start(statement.dataflow, state->Host(views), std::move(options), results);
  }
  ASSIGN_OR_RETURN(const auto durable, DurableProgram::Open(*state->environment, state->options.data_directory, statement.name, anew));
  if (anew || !durable->definition()) RETURN_IF_ERROR(durable->Begin({{"", statement.text}}, *statement.dataflow));
  return StartDurable(durable.get(), run, false, state, views, results);
}

Status CatchUp(const std::vector<RunningProgram*>& programs, const PositionMap& limits, EngineState* state,
               const std::function<Status()>& interrupted) {
  // One target for all: where the furthest of them stands, or the log's end if that is further.
  PositionMap target;
  for (RunningProgram* program : programs) {
    ASSIGN_OR_RETURN(const PositionMap ends, program->run().Ends());
    const PositionMap positions = program->run().Positions();
    for (const auto& [source, partitions] : ends) {
      const auto limited = limits.find(source);
      for (const auto& [partition, end] : partitions) {
        Offset upto = end;
        if (limited != limits.end() && limited->second.count(partition) != 0)
          upto = std::max(positions.at(source).at(partition), std::min(end, limited->second.at(partition)));
        Offset& wanted = target[source].try_emplace(partition, upto).first->second;
        wanted = std::max(wanted, upto);
      }
    }
  }
  for (RunningProgram* program : programs) {
    program->run().StopAt(target);
    // At least one step: also over an empty log there is an epoch, with what is there from the beginning.
    for (bool begun = false; !program->done() && (!begun || !program->run().AtStop()); begun = true) {
      RETURN_IF_ERROR(interrupted());
      ASSIGN_OR_RETURN(const DataflowRun::State step, program->Step());
      if (step == DataflowRun::State::kIdle && !program->run().AtStop()) state->wake.WaitFor(kIdleNanos);
    }
    // Where a bounded log has ended, its windows close and its program is done.
    while (program->bounded() && !program->done()) {
      RETURN_IF_ERROR(interrupted());
      ASSIGN_OR_RETURN(const DataflowRun::State step, program->Step());
      if (step == DataflowRun::State::kIdle) break;
    }
    RETURN_IF_ERROR(program->EndEpoch());
  }
  for (RunningProgram* program : programs) program->run().StopAt({});
  return OkStatus();
}

Status EngineState::LoadCatalog() {
  const std::string path = options.data_directory + "/catalog.json";
  if (!environment->files().Exists(path)) return secrets->Load();
  ASSIGN_OR_RETURN(const std::string text, environment->files().ReadAll(path));
  ASSIGN_OR_RETURN(const Catalog::Saved saved, Catalog::Parse(text));
  catalog.RestoreSchemas(saved);
  PlannerSettings settings;
  settings.infer = [this](const AdHocSource& wanted) { return InferSource(*connectors, {environment, options.data_directory, ""}, wanted); };
  for (const Catalog::SavedObject& object : saved.objects) {
    StatusOr<std::optional<Dataflow>> planned = ProgramPlanner::RestoreObject(object, &catalog, connectors.get(), settings);
    if (!planned.ok()) {  // the others are there all the same
      LogWarning("object not restored", {{"name", object.object.qualified_name()}, {"error", MessageOf(planned.status())}});
      Catalog::SavedObject kept = object;
      kept.problem = MessageOf(planned.status());
      if (catalog.Find(object.object.name) != nullptr) RETURN_IF_ERROR(catalog.Drop(object.object.name, true).status());
      catalog.KeepUnrestored(std::move(kept));
      continue;
    }
    if (!*planned) continue;
    const auto dataflow = std::make_shared<const Dataflow>(std::move(**planned));
    restored.push_back({DurableNameOf(*dataflow), object.object.ddl, dataflow});
  }
  return secrets->Load();
}

Status EngineState::RemoveOrphans() {
  std::set<std::string> wanted;
  for (const Restored& statement : restored) wanted.insert(statement.name);
  for (const auto& program : running) wanted.insert(program->name());
  for (const Catalog::SavedObject& saved : catalog.unrestored()) {
    for (const char* kind : {"view.", "sink."}) wanted.insert(kind + EscapedPipelineName(saved.object.name));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, PipelineNames(environment->files(), options.data_directory));
  for (const std::string& name : names) {
    if ((!name.starts_with("view.") && !name.starts_with("sink.")) || wanted.count(name) != 0) continue;
    RETURN_IF_ERROR(DurableProgram::Remove(*environment, options.data_directory, name));
  }
  return OkStatus();
}

namespace {
// Nobody asked: what there is to say goes to the log.
class Unasked final : public Results {
 public:
  Status OnSchema(const std::string&, const RowSchema&) override { return OkStatus(); }
  Status OnRows(const ChangeBatch&) override { return OkStatus(); }
  Status OnEnd(int64_t) override { return OkStatus(); }
  void OnTag(std::string_view) override {}
  void OnNotice(std::string_view text) override { LogWarning("recovery", {{"notice", std::string(text)}}); }
};
}  // namespace

Status EngineState::StartRestoredSinks() {
  const std::lock_guard<EngineMutex> guard(mutex);
  Unasked results;
  for (const Restored& statement : restored) {
    const bool sinks = std::any_of(statement.dataflow->operators.begin(), statement.dataflow->operators.end(),
                                   [](const PlanOperator& op) { return op.As<SinkOp>() != nullptr; });
    if (!sinks) continue;
    RETURN_IF_ERROR(Lock());
    RETURN_IF_ERROR(EnsureJit());
    ASSIGN_OR_RETURN(auto program, StartStatement(statement, false, SessionSettings().run(), this, &views, &results));
    program->set_wake([this] { wake.Set(); });
    running.push_back(std::move(program));
  }
  return OkStatus();
}

}  // namespace kappa
