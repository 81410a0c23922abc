// Files as one program: without a name as long as it runs, with one kept and gone on with.
#include <fmt/format.h>

#include <algorithm>

#include "engine/durable_program.h"
#include "engine/pipeline_directory.h"
#include "engine/session.h"
#include "planner/planner.h"

namespace kappa {
namespace {

constexpr int64_t kIdleNanos = 10'000'000;
constexpr int64_t kProgressNanos = 250'000'000;

}  // namespace

StatusOr<ProgramSummary> SessionImpl::RunProgram(const std::vector<ProgramText>& texts, const ProgramRunOptions& options, Results* results) {
  StatusOr<ProgramSummary> summary = RunTexts(texts, options, results);
  if (!summary.ok()) return state_->secrets->Redact(summary.status());
  for (std::string& line : summary->lines) line = state_->secrets->RedactText(std::move(line));
  return summary;
}

StatusOr<ProgramSummary> SessionImpl::RunTexts(const std::vector<ProgramText>& texts, const ProgramRunOptions& options, Results* results) {
  cancelled_.store(false);
  // A file brings its own objects: they live as long as its program.
  Catalog catalog = state_->catalog;
  ViewMap views = state_->views;
  std::list<std::unique_ptr<RunningProgram>> running;
  TableMap tables;
  StatementScope scope{&catalog, &views, &running, options, true, nullptr, false, &tables};
  table_prefix_ = options.name.empty() ? fmt::format("run-{:016x}.", state_->environment->random().Next()) : "program-" + options.name + ".";
  const std::vector<CatalogObjectPtr> before = catalog.Objects();
  StatusOr<ProgramSummary> summary = RunScope(texts, &scope, results);
  table_prefix_.clear();
  running.clear();
  if (!options.name.empty()) return summary;
  // Tables of a file live as long as its program.
  std::vector<CatalogObjectPtr> own;
  for (const CatalogObjectPtr& object : catalog.Objects()) {
    if (std::find(before.begin(), before.end(), object) == before.end()) own.push_back(object);
  }
  const Status removed = RemoveTopics(own, &tables);
  return summary.ok() && !removed.ok() ? StatusOr<ProgramSummary>(removed) : std::move(summary);
}

StatusOr<ProgramSummary> SessionImpl::RunScope(const std::vector<ProgramText>& texts, StatementScope* given, Results* results) {
  StatementScope& scope = *given;
  std::list<std::unique_ptr<RunningProgram>>& running = *scope.running;
  const ProgramRunOptions& options = scope.options;
  const int64_t begin = state_->environment->clock().MonotonicNanos(), cpu_begin = state_->environment->clock().CpuNanos();
  if (!options.name.empty()) {
    RETURN_IF_ERROR(OpenDurable(texts, &scope, results));
  } else {
    RETURN_IF_ERROR(ForEachStatement(
        texts, [&](const ast::Statement& statement, const ProgramText& text) { return Dispatch(statement, text.text, &scope, results); }));
    RETURN_IF_ERROR(StartPending(&scope, results));
  }
  const Status status = Drive(&running, options, [](const RunningProgram& program) { return program.done() || program.on_demand(); });
  state_->Publish(running, true);
  ProgramSummary summary = Sum(running, passed_over_);
  passed_over_.clear();
  summary.seconds = static_cast<double>(state_->environment->clock().MonotonicNanos() - begin) / 1e9;
  summary.cpu_seconds = static_cast<double>(state_->environment->clock().CpuNanos() - cpu_begin) / 1e9;
  if (!status.ok() && SqlStateOf(status) != sqlstate::kQueryCanceled) return status;
  for (auto& program : running) RETURN_IF_ERROR(program->Finish());
  return summary;
}

// A program with a name: a new one is planned and kept, one that is there goes on where it stood.
Status SessionImpl::OpenDurable(const std::vector<ProgramText>& given, StatementScope* scope, Results* results) {
  const ProgramRunOptions& options = scope->options;
  if (options.replay) return SqlError(sqlstate::kFeatureNotSupported) << "a replay keeps no state: it has no name";
  RETURN_IF_ERROR(state_->Lock());
  ASSIGN_OR_RETURN(const auto durable, DurableProgram::Open(*state_->environment, state_->options.data_directory, options.name, options.rebuild));
  if (given.empty() && !durable->definition()) return FindPipeline(state_->environment->files(), state_->options.data_directory, options.name);
  const std::vector<ProgramText> texts = given.empty() ? durable->definition()->texts : given;
  const bool same = durable->definition() && durable->definition()->SameTexts(texts);
  if (same) {
    RETURN_IF_ERROR(ForEachStatement(texts, [&](const ast::Statement& statement, const ProgramText&) {
      const auto* set = ast::As<ast::Set>(statement);
      if (set != nullptr) return ApplySet(*set);
      return given.empty() ? OkStatus() : KeepSecret(statement, scope);  // what was saved has no values
    }));
    if (options.rebuild) {
      Dataflow dataflow = durable->definition()->dataflow;
      RETURN_IF_ERROR(durable->Begin(texts, std::move(dataflow)));
    }
  } else {
    ASSIGN_OR_RETURN(Dataflow planned, PlanDurable(texts, scope));
    if (!durable->definition()) {
      RETURN_IF_ERROR(RunConstants(texts, scope, results));
    } else if (!options.rebuild && Serialize(planned) != Serialize(durable->definition()->dataflow)) {
      const std::string difference = durable->Difference(texts, planned);
      return SqlError(sqlstate::kObjectNotInPrerequisiteState)
             << "program \"" << options.name << "\" is not the one whose state is kept; what differs (- kept, + given):" << difference
             << Hint(
                    "--rebuild makes the state of the new one from the log (its sinks get only what comes after what they have); "
                    "another --name starts it beside the old one");
    }
    if (!durable->definition() || options.rebuild) {
      RETURN_IF_ERROR(durable->Begin(texts, std::move(planned)));
    } else {
      RETURN_IF_ERROR(durable->Rename(texts));  // the same dataflow in other words
    }
  }
  RETURN_IF_ERROR(state_->EnsureJit());
  RunOptions run = settings_.run();
  run.stop_at_end = options.stop_at_end;
  auto program = StartDurable(durable.get(), run, options.until_latest, state_.get(), scope->views, results);
  if (!program.ok()) return program.status();
  if ((*program)->run().progress().ended)
    results->OnNotice("program \"" + options.name + "\" has ended: its input ended, all its results are there; --rebuild runs it again from the log");
  (*program)->set_wake([state = state_.get()] { state->wake.Set(); });
  state_->board->Publish((*program)->Report());
  scope->running->push_back(std::move(*program));
  return OkStatus();
}

// INSERT ... VALUES writes once, when a program is made.
StatusOr<bool> SessionImpl::IsConstantInsert(const ast::Statement& statement, std::string_view text, const StatementScope& scope) {
  if (statement.kind != ast::StatementKind::kInsert) return false;
  Catalog scratch = *scope.catalog;
  ProgramPlanner planner(&scratch, state_->connectors.get(), PlannerSettingsFor({}));
  RETURN_IF_ERROR(planner.Add(statement, text));
  ASSIGN_OR_RETURN(const std::optional<Dataflow> planned, planner.Finish());
  return planned && !HasScans(*planned);
}

StatusOr<Dataflow> SessionImpl::PlanDurable(const std::vector<ProgramText>& texts, StatementScope* scope) {
  ProgramPlanner planner(scope->catalog, state_->connectors.get(), PlannerSettingsFor({}));
  RETURN_IF_ERROR(ForEachStatement(texts, [&](const ast::Statement& statement, const ProgramText& text) -> Status {
    if (const auto* set = ast::As<ast::Set>(statement)) return ApplySet(*set);
    if (!ChangesProgram(statement)) {
      return SqlError(sqlstate::kFeatureNotSupported)
             << "a program with a name consists of CREATE, INSERT and SET statements" << Hint("run the others without --name");
    }
    if (planner.ChangedTable(statement) != nullptr) {
      return SqlError(sqlstate::kFeatureNotSupported)
             << "a program with a name cannot change the rows of a table" << Hint("do so in a shell, or write to a source of the log connector");
    }
    ASSIGN_OR_RETURN(const bool constant, IsConstantInsert(statement, text.text, *scope));
    if (constant) return OkStatus();
    RETURN_IF_ERROR(planner.Add(statement, text.text));
    return KeepSecret(statement, scope);
  }));
  ASSIGN_OR_RETURN(std::optional<Dataflow> planned, planner.Finish());
  if (!planned)
    return SqlError(sqlstate::kObjectNotInPrerequisiteState) << "the program writes nothing" << Hint("it needs a sink or a materialized view");
  return std::move(*planned);
}

Status SessionImpl::RunConstants(const std::vector<ProgramText>& texts, StatementScope* scope, Results* results) {
  return ForEachStatement(texts, [&](const ast::Statement& statement, const ProgramText& text) -> Status {
    ASSIGN_OR_RETURN(const bool constant, IsConstantInsert(statement, text.text, *scope));
    return constant ? Insert(statement, text.text, scope, results) : OkStatus();
  });
}

ProgramSummary SessionImpl::Sum(const std::list<std::unique_ptr<RunningProgram>>& running, const std::map<std::string, int64_t>& passed_over) {
  ProgramSummary sum;
  sum.dead_letters = passed_over;
  sum.progress.bounded = true;
  for (const auto& program : running) {
    const ProgramSummary one = program->Summary();
    sum.progress.records += one.progress.records;
    sum.progress.bytes += one.progress.bytes;
    if (one.progress.lag >= 0) sum.progress.lag = std::max<int64_t>(sum.progress.lag, 0) + one.progress.lag;
    sum.progress.epoch = std::max(sum.progress.epoch, one.progress.epoch);
    sum.progress.errors += one.progress.errors;
    sum.progress.late += one.progress.late;
    sum.progress.state_bytes += one.progress.state_bytes;
    sum.progress.watermark_micros = one.progress.watermark_micros;
    sum.progress.bounded &= one.progress.bounded;
    sum.lines.insert(sum.lines.end(), one.lines.begin(), one.lines.end());
    for (const auto& [table, count] : one.dead_letters) sum.dead_letters[table] += count;
  }
  return sum;
}

// Steps programs until all satisfy `finished`. A cancel commits what was read.
Status SessionImpl::Drive(std::list<std::unique_ptr<RunningProgram>>* running, const ProgramRunOptions& options,
                          const std::function<bool(const RunningProgram&)>& finished) {
  int64_t shown = state_->environment->clock().MonotonicNanos();
  for (;;) {
    if (const Status interrupted = Interrupted(); !interrupted.ok()) {
      for (auto& program : *running) {
        if (!program->done()) RETURN_IF_ERROR(program->run().Checkpoint());
      }
      return interrupted;
    }
    bool worked = false, all = true;
    for (auto& program : *running) {
      if (finished(*program)) continue;
      ASSIGN_OR_RETURN(const DataflowRun::State step, program->Step());
      worked |= step == DataflowRun::State::kWorked;
      all &= finished(*program);
    }
    if (all) return OkStatus();
    if (const int64_t now = state_->environment->clock().MonotonicNanos(); now - shown > kProgressNanos) {
      state_->Publish(*running);
      shown = state_->environment->clock().MonotonicNanos();  // asking for the lag may take longer than the pause between two questions
      if (options.on_progress) options.on_progress(Sum(*running, {}).progress);
    }
    if (!worked) state_->wake.WaitFor(kIdleNanos);
  }
}

}  // namespace kappa
