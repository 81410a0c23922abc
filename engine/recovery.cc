// What the engine begins with: the catalog, durable programs where they stood; and programs brought to one position.
#include <algorithm>

#include "common/logging.h"
#include "engine/durable_program.h"
#include "engine/engine_state.h"
#include "parser/parser.h"
#include "planner/planner.h"

namespace kappa {
namespace {
constexpr int64_t kIdleNanos = 10'000'000;
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
    auto program = RunningProgram::Start(shared, state->Host(views), std::move(options), results);
    if (program.ok() || !restores || !program.status().GetPayload(kSnapshotUnreadable)) return program;
    results->OnNotice("the newest snapshot of \"" + durable->name() + "\" cannot be read (" + MessageOf(program.status()) +
                      "): going back to the one before it");
  }
}

Status CatchUp(const std::vector<RunningProgram*>& programs, EngineState* state, const std::function<Status()>& interrupted) {
  // One target for all: where the furthest of them stands, or the log's end if that is further.
  std::map<std::string, std::map<int32_t, Offset>> target;
  for (RunningProgram* program : programs) {
    ASSIGN_OR_RETURN(const auto ends, program->run().Ends());
    for (const auto& [source, partitions] : ends) {
      for (const auto& [partition, end] : partitions) {
        Offset& wanted = target[source].try_emplace(partition, end).first->second;
        wanted = std::max(wanted, end);
      }
    }
  }
  for (RunningProgram* program : programs) {
    program->run().StopAt(target);
    while (!program->done() && !program->run().AtStop()) {
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
    RETURN_IF_ERROR(program->run().EndEpoch());
  }
  for (RunningProgram* program : programs) program->run().StopAt({});
  return OkStatus();
}

Status EngineState::LoadCatalog() {
  const std::string path = options.data_directory + "/catalog.json";
  if (!environment->files().Exists(path)) return OkStatus();
  ASSIGN_OR_RETURN(const std::string text, environment->files().ReadAll(path));
  ASSIGN_OR_RETURN(const std::vector<std::string> ddl, Catalog::Parse(text));
  for (const std::string& statement_text : ddl) {
    ASSIGN_OR_RETURN(const ast::StatementPtr statement, ParseStatement(statement_text));
    if (statement->kind == ast::StatementKind::kCreateSink) continue;  // running it again would write again: durable sinks come with recovery
    ProgramPlanner planner(&catalog, connectors.get(), {});
    RETURN_IF_ERROR(planner.Add(*statement, statement_text));
    ASSIGN_OR_RETURN(std::optional<Dataflow> planned, planner.Finish());
    if (planned) restored.push_back(std::make_shared<const Dataflow>(std::move(*planned)));
  }
  return OkStatus();
}

}  // namespace kappa
