// SELECT and INSERT: one-shot statements that read to the end and stop.
#include <algorithm>

#include "engine/describe.h"
#include "engine/native_rows.h"
#include "engine/native_select.h"
#include "engine/row_results.h"
#include "engine/session.h"
#include "engine/zoned_results.h"
#include "planner/planner.h"

namespace kappa {
namespace {

constexpr int64_t kProgressNanos = 250'000'000;

std::set<std::string> ViewsRead(const Dataflow& dataflow) {
  std::set<std::string> views;
  for (const PlanOperator& op : dataflow.operators) {
    if (const auto* scan = op.As<ViewScanOp>()) views.insert(scan->view);
  }
  return views;
}

}  // namespace

Status SessionImpl::Select(const ast::Statement& statement, StatementScope* scope, Results* given) {
  ZonedResults zoned(settings_.time_zone(), given);
  Results* const results = &zoned;
  ProgramPlanner planner(scope->catalog, state_->connectors.get(), PlannerSettingsFor(scope->options));
  ASSIGN_OR_RETURN(SelectPlan plan, planner.PlanSelect(statement));
  return RunSelect(std::make_shared<const Dataflow>(std::move(plan.dataflow)), scope, results);
}

Status SessionImpl::RunSelect(std::shared_ptr<const Dataflow> dataflow, StatementScope* scope, Results* results) {
  if (IsNativeSelect(*dataflow)) return RunNativeSelect(*dataflow, scope->options.parameters, results);
  RETURN_IF_ERROR(state_->Lock());
  RETURN_IF_ERROR(LeaveImplicit(ViewsRead(*dataflow), scope));
  ASSIGN_OR_RETURN(const ReaderMap readers, Readers(ViewsRead(*dataflow), "", scope, results));
  if (measuring_ == nullptr && RunsNatively(*dataflow, readers)) { return AnswerNatively(*dataflow, readers, scope->options.parameters, results); }
  RETURN_IF_ERROR(state_->EnsureJit());
  RETURN_IF_ERROR(EnsureDeadLetterTopics(*dataflow, *scope->catalog));
  shares_lock_ = !scope->program;
  reads_views_ = !readers.empty();
  const Status status = RunOneShot(dataflow, readers, scope, results).status();
  shares_lock_ = false;
  return status;
}

Status SessionImpl::AnswerNatively(const Dataflow& dataflow, const ReaderMap& readers, const std::vector<Datum>& parameters, Results* results) {
  std::vector<TableRow> rows;
  RETURN_IF_ERROR(RunNatively(dataflow, readers, parameters, state_->environment->clock().WallMicros(), [&](const TableRow& row) {
    rows.push_back(row);
    return OkStatus();
  }));
  std::vector<Column> columns = dataflow.operators.back().output;
  const auto& names = dataflow.operators.back().As<ResultOp>()->names;
  for (size_t i = 0; i < columns.size(); ++i) columns[i].name = names[i];
  return AnswerRows(columns, rows, results);
}

// A table of dead letters may be read before anything has died.
Status SessionImpl::EnsureDeadLetterTopics(const Dataflow& dataflow, const Catalog& catalog) {
  for (const PlanOperator& op : dataflow.operators) {
    const auto* scan = op.As<ScanOp>();
    if (scan == nullptr) continue;
    const CatalogObjectPtr object = catalog.Find(scan->source);
    const auto* source = object == nullptr ? nullptr : object->As<SourceObject>();
    if (source == nullptr || !source->dead_letters || state_->log->Describe(scan->source).ok()) continue;
    RETURN_IF_ERROR(state_->log->CreateTopic(scan->source, {}));
  }
  return OkStatus();
}

StatusOr<ProgramSummary> SessionImpl::RunOneShot(std::shared_ptr<const Dataflow> dataflow, const ReaderMap& readers, StatementScope* scope,
                                                 Results* results) {
  ProgramOptions options;
  options.run = settings_.run();
  options.one_shot = true;
  options.run.count_rows = measuring_ != nullptr;
  options.parameters = scope->options.parameters;
  options.readers = readers;
  ASSIGN_OR_RETURN(auto program, RunningProgram::Start(std::move(dataflow), state_->Host(scope->views), std::move(options), results));
  int64_t shown = state_->environment->clock().MonotonicNanos();
  while (!program->done()) {
    if (shares_lock_) state_->mutex.Yield();
    RETURN_IF_ERROR(Interrupted());
    ASSIGN_OR_RETURN(const DataflowRun::State step, program->Step());
    if (const int64_t now = state_->environment->clock().MonotonicNanos(); scope->options.on_progress && now - shown > kProgressNanos) {
      program->run().RefreshLag();
      shown = state_->environment->clock().MonotonicNanos();
      scope->options.on_progress(program->Summary().progress);
    }
    if (step == DataflowRun::State::kIdle) state_->wake.WaitFor(1'000'000);
  }
  RETURN_IF_ERROR(program->Finish());
  ProgramSummary summary = program->Summary();
  if (measuring_ != nullptr) {
    const Dataflow& ran = program->dataflow();
    *measuring_ = {std::make_shared<const Dataflow>(ran), program->run().Counts(), summary.progress.records, summary.progress.bytes};
  }
  for (const auto& [table, count] : summary.dead_letters) {
    passed_over_[table] += count;
    if (table.empty() && count > 0)
      results->OnNotice(std::to_string(count) + (count == 1 ? " record" : " records") + " could not be decoded and were left out");
  }
  return summary;
}

// INSERT ... VALUES, and any INSERT outside a program, reads to the end and stops; one that reads a stream inside a program is part of it.
Status SessionImpl::Insert(const ast::Statement& statement, std::string_view text, StatementScope* scope, Results* results) {
  if (ProgramPlanner(scope->catalog, state_->connectors.get(), PlannerSettingsFor(scope->options)).ChangedTable(statement) != nullptr)
    return Change(statement, scope, results);
  Catalog scratch = *scope->catalog;
  ProgramRunOptions bounded = scope->options;
  bounded.until_latest = true;
  ProgramPlanner planner(&scratch, state_->connectors.get(), PlannerSettingsFor(bounded));
  RETURN_IF_ERROR(planner.Add(statement, text));
  ASSIGN_OR_RETURN(std::optional<Dataflow> planned, planner.Finish());
  if (scope->program && HasScans(*planned)) return Define(statement, text, scope, results);
  if (scope->options.replay) return OkStatus();  // a replay writes nothing of its own
  RETURN_IF_ERROR(state_->Lock());
  RETURN_IF_ERROR(state_->EnsureJit());
  const auto dataflow = std::make_shared<const Dataflow>(std::move(*planned));
  ASSIGN_OR_RETURN(const ReaderMap readers, Readers(ViewsRead(*dataflow), "", scope, results));
  ASSIGN_OR_RETURN(const ProgramSummary summary, RunOneShot(dataflow, readers, scope, results));
  const auto* values = dataflow->operators.front().As<ValuesOp>();
  results->OnTag("INSERT 0 " + std::to_string(values != nullptr ? static_cast<int64_t>(values->rows.size()) : summary.progress.records));
  return OkStatus();
}

}  // namespace kappa
