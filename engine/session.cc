// A session: statements in order, each to the one who knows it.
#include <algorithm>
#include <atomic>

#include "engine/describe.h"
#include "engine/durable_program.h"
#include "engine/engine_state.h"
#include "engine/native_select.h"
#include "engine/pipeline_directory.h"
#include "engine/settings.h"
#include "exec/operators/explain_code.h"
#include "parser/parser.h"
#include "planner/planner.h"

namespace kappa {
namespace {

constexpr int64_t kIdleNanos = 10'000'000;
constexpr int64_t kProgressNanos = 250'000'000;

Status TextOf(Status status, size_t index) {
  const std::string text =
      std::to_string(index);  // not moved into the Cord: that constructor's name is mangled differently by the library's compiler
  if (!status.ok() && !status.GetPayload("kappa/text")) status.SetPayload("kappa/text", absl::Cord(absl::string_view(text)));
  return status;
}

bool HasScans(const Dataflow& dataflow) {
  return std::any_of(dataflow.operators.begin(), dataflow.operators.end(), [](const PlanOperator& op) { return op.As<ScanOp>() != nullptr; });
}

std::set<std::string> ViewsRead(const Dataflow& dataflow) {
  std::set<std::string> views;
  for (const PlanOperator& op : dataflow.operators) {
    if (const auto* scan = op.As<ViewScanOp>()) views.insert(scan->view);
  }
  return views;
}

bool IsStreaming(const ast::Statement& statement) {
  return statement.kind == ast::StatementKind::kCreateSink || statement.kind == ast::StatementKind::kInsert ||
         (statement.kind == ast::StatementKind::kCreateView && static_cast<const ast::CreateView&>(statement).materialized);
}

// What the planner takes; the others ask, or set.
bool ChangesProgram(const ast::Statement& statement) {
  switch (statement.kind) {
    case ast::StatementKind::kCreateRelation:
    case ast::StatementKind::kCreateView:
    case ast::StatementKind::kCreateSink:
    case ast::StatementKind::kInsert:
    case ast::StatementKind::kDrop:
    case ast::StatementKind::kStatementSet:
    case ast::StatementKind::kUnsupported:
      return true;
    default:
      return false;
  }
}

// Where statements find their objects: the engine's, or a program's own on top of them.
struct Scope {
  Catalog* catalog = nullptr;
  ViewMap* views = nullptr;
  std::list<std::unique_ptr<RunningProgram>>* running = nullptr;
  ProgramRunOptions options;
  bool program = false;  // streaming statements wait for each other and become one dataflow
  std::unique_ptr<ProgramPlanner> pending;
  bool has_pending = false;
};

class SessionImpl final : public Session {
 public:
  explicit SessionImpl(std::shared_ptr<EngineState> state) : state_(std::move(state)) {}

  Status Execute(std::string_view text, Results* results, const std::vector<Datum>& parameters) override {
    const std::lock_guard<std::recursive_mutex> lock(state_->mutex);
    cancelled_.store(false);
    ASSIGN_OR_RETURN(const std::vector<ast::StatementPtr> statements, Parse(text));
    Scope scope{&state_->catalog, &state_->views, &state_->running, {}, false, nullptr, false};
    scope.options.parameters = parameters;
    for (const ast::StatementPtr& statement : statements) {
      RETURN_IF_ERROR(WithRange(Dispatch(*statement, text, &scope, results), statement->range));
    }
    return OkStatus();
  }

  StatusOr<ProgramSummary> RunProgram(const std::vector<ProgramText>& texts, const ProgramRunOptions& options, Results* results) override {
    cancelled_.store(false);
    const int64_t begin = state_->environment->clock().MonotonicNanos(), cpu_begin = state_->environment->clock().CpuNanos();
    // A file brings its own objects: they live as long as its program.
    Catalog catalog = state_->catalog;
    ViewMap views = state_->views;
    std::list<std::unique_ptr<RunningProgram>> running;
    Scope scope{&catalog, &views, &running, options, true, nullptr, false};
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

  Status Check(const std::vector<ProgramText>& texts) override { return Explain(texts, "DATAFLOW").status(); }

  StatusOr<std::string> Explain(const std::vector<ProgramText>& texts, std::string_view what) override {
    const std::lock_guard<std::recursive_mutex> lock(state_->mutex);
    Catalog catalog = state_->catalog;
    ProgramPlanner planner(&catalog, state_->connectors.get(), PlannerSettingsFor({}));
    std::string out;
    for (size_t i = 0; i < texts.size(); ++i) {
      auto statements = Parse(texts[i].text);
      if (!statements.ok()) return TextOf(statements.status(), i);
      for (const ast::StatementPtr& statement : *statements) {
        Status status;
        if (const auto* set = As<ast::Set>(*statement)) {
          status = ApplySet(*set);
        } else if (statement->kind == ast::StatementKind::kQuery || (what == "LOGICAL" && IsStreaming(*statement))) {
          auto plan = planner.Explain(*statement, texts[i].text);
          status = plan.status();
          if (plan.ok()) {
            auto text = ExplainPlan(*plan, what);
            status = text.status();
            if (text.ok()) out += *text;
          }
        }
        if (status.ok() && ChangesProgram(*statement)) status = planner.Add(*statement, texts[i].text);
        if (!status.ok()) return TextOf(WithRange(status, statement->range), i);
      }
    }
    ASSIGN_OR_RETURN(std::optional<Dataflow> program, planner.Finish());
    if (program && what != "LOGICAL") {
      ASSIGN_OR_RETURN(const std::string text, ExplainDataflow(*program, what));
      out += text;
    }
    return out;
  }

  Status Set(std::string_view name, std::string_view value) override { return settings_.Set(name, value); }
  StatusOr<std::string> Get(std::string_view name) const override { return settings_.Get(name); }
  void Cancel() override {
    cancelled_.store(true);
    state_->wake.Set();
  }

 private:
  template <typename T>
  static const T* As(const ast::Statement& statement) {
    return statement.kind == T::kKind ? static_cast<const T*>(&statement) : nullptr;
  }

  PlannerSettings PlannerSettingsFor(const ProgramRunOptions& options) const {
    PlannerSettings settings = settings_.planner();
    settings.until_latest = options.until_latest;
    if (options.replay) {
      settings.replay_from = options.from_offsets;
      settings.replay_until = options.until_offsets;
      settings.replay_from_ms = options.from_timestamp_ms;
      settings.replay_until_ms = options.until_timestamp_ms;
      settings.until_latest = true;
    }
    return settings;
  }

  Status ApplySet(const ast::Set& set) {
    if (set.action == ast::SetAction::kReset || set.values.empty()) return WithRange(settings_.Reset(set.name.name), set.name.range);
    std::string value;
    for (const std::string& part : set.values) value += (value.empty() ? "" : ", ") + part;
    return WithRange(settings_.Set(set.name.name, value),
                     SqlStateOf(settings_.Set(set.name.name, value)) == sqlstate::kInvalidParameterValue ? set.value_range : set.name.range);
  }

  Status Dispatch(const ast::Statement& statement, std::string_view text, Scope* scope, Results* results) {
    switch (statement.kind) {
      case ast::StatementKind::kSet:
        RETURN_IF_ERROR(ApplySet(*As<ast::Set>(statement)));
        results->OnTag(As<ast::Set>(statement)->action == ast::SetAction::kSet ? "SET" : "RESET");
        return OkStatus();
      case ast::StatementKind::kShow:
        return Show(*As<ast::Show>(statement), *scope->catalog, settings_, results);
      case ast::StatementKind::kDescribe:
        return Describe(*As<ast::Describe>(statement), *scope->catalog, results);
      case ast::StatementKind::kExplain:
        return RunExplain(*As<ast::Explain>(statement), text, scope, results);
      case ast::StatementKind::kQuery:
        return Select(statement, scope, results);
      case ast::StatementKind::kInsert:
        return Insert(statement, text, scope, results);
      case ast::StatementKind::kUnsupported:
        return SqlError(sqlstate::kFeatureNotSupported, statement.range) << As<ast::UnsupportedStatement>(statement)->name << " is not supported yet";
      case ast::StatementKind::kTransaction:
        return SqlError(sqlstate::kFeatureNotSupported, statement.range) << "transaction blocks are not supported yet";
      default:
        return Define(statement, text, scope, results);
    }
  }

  // Errors carry the text they are about.
  template <typename Visit>
  static Status ForEachStatement(const std::vector<ProgramText>& texts, Visit visit) {
    for (size_t i = 0; i < texts.size(); ++i) {
      auto statements = Parse(texts[i].text);
      if (!statements.ok()) return TextOf(statements.status(), i);
      for (const ast::StatementPtr& statement : *statements) RETURN_IF_ERROR(TextOf(WithRange(visit(*statement, texts[i]), statement->range), i));
    }
    return OkStatus();
  }

  // A program with a name: a new one is planned and kept, one that is there goes on where it stood.
  Status OpenDurable(const std::vector<ProgramText>& given, Scope* scope, Results* results) {
    const ProgramRunOptions& options = scope->options;
    if (options.replay) return SqlError(sqlstate::kFeatureNotSupported) << "a replay keeps no state: it has no name";
    RETURN_IF_ERROR(state_->Lock());
    ASSIGN_OR_RETURN(const auto durable, DurableProgram::Open(*state_->environment, state_->options.data_directory, options.name, options.rebuild));
    if (given.empty() && !durable->definition()) return FindPipeline(state_->environment->files(), state_->options.data_directory, options.name);
    const std::vector<ProgramText> texts = given.empty() ? durable->definition()->texts : given;
    const bool same = durable->definition() && durable->definition()->SameTexts(texts);
    if (same) {
      RETURN_IF_ERROR(ForEachStatement(texts, [&](const ast::Statement& statement, const ProgramText&) {
        const auto* set = As<ast::Set>(statement);
        return set == nullptr ? OkStatus() : ApplySet(*set);
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
      results->OnNotice("program \"" + options.name +
                        "\" has ended: its input ended, all its results are there; --rebuild runs it again from the log");
    (*program)->set_wake([state = state_.get()] { state->wake.Set(); });
    state_->board->Publish((*program)->Report());
    scope->running->push_back(std::move(*program));
    return OkStatus();
  }

  // INSERT ... VALUES writes once, when a program is made.
  StatusOr<bool> IsConstantInsert(const ast::Statement& statement, std::string_view text, const Scope& scope) {
    if (statement.kind != ast::StatementKind::kInsert) return false;
    Catalog scratch = *scope.catalog;
    ProgramPlanner planner(&scratch, state_->connectors.get(), PlannerSettingsFor({}));
    RETURN_IF_ERROR(planner.Add(statement, text));
    ASSIGN_OR_RETURN(const std::optional<Dataflow> planned, planner.Finish());
    return planned && !HasScans(*planned);
  }

  StatusOr<Dataflow> PlanDurable(const std::vector<ProgramText>& texts, Scope* scope) {
    ProgramPlanner planner(scope->catalog, state_->connectors.get(), PlannerSettingsFor({}));
    RETURN_IF_ERROR(ForEachStatement(texts, [&](const ast::Statement& statement, const ProgramText& text) -> Status {
      if (const auto* set = As<ast::Set>(statement)) return ApplySet(*set);
      if (!ChangesProgram(statement)) {
        return SqlError(sqlstate::kFeatureNotSupported)
               << "a program with a name consists of CREATE, INSERT and SET statements" << Hint("run the others without --name");
      }
      ASSIGN_OR_RETURN(const bool constant, IsConstantInsert(statement, text.text, *scope));
      return constant ? OkStatus() : planner.Add(statement, text.text);
    }));
    ASSIGN_OR_RETURN(std::optional<Dataflow> planned, planner.Finish());
    if (!planned)
      return SqlError(sqlstate::kObjectNotInPrerequisiteState) << "the program writes nothing" << Hint("it needs a sink or a materialized view");
    return std::move(*planned);
  }

  Status RunConstants(const std::vector<ProgramText>& texts, Scope* scope, Results* results) {
    return ForEachStatement(texts, [&](const ast::Statement& statement, const ProgramText& text) -> Status {
      ASSIGN_OR_RETURN(const bool constant, IsConstantInsert(statement, text.text, *scope));
      return constant ? Insert(statement, text.text, scope, results) : OkStatus();
    });
  }

  // DDL and streaming statements.
  Status Define(const ast::Statement& statement, std::string_view text, Scope* scope, Results* results) {
    RETURN_IF_ERROR(state_->Lock());
    if (scope->pending == nullptr)
      scope->pending = std::make_unique<ProgramPlanner>(scope->catalog, state_->connectors.get(), PlannerSettingsFor(scope->options));
    RETURN_IF_ERROR(scope->pending->Add(statement, text));
    scope->has_pending = true;
    if (scope->program) return OkStatus();
    RETURN_IF_ERROR(StartPending(scope, results, text.substr(statement.range.begin, statement.range.end - statement.range.begin)));
    StopOrphans(scope);
    RETURN_IF_ERROR(state_->SaveCatalog());
    // What the catalog does not know any more is forgotten only now: a crash before leaves all of it.
    if (statement.kind == ast::StatementKind::kDrop) RETURN_IF_ERROR(state_->RemoveOrphans());
    results->OnTag(TagOf(statement));
    return OkStatus();
  }

  // Programs whose every output was dropped.
  void StopOrphans(Scope* scope) {
    scope->running->remove_if([&](const std::unique_ptr<RunningProgram>& program) {
      const auto gone = [&](const std::string& name) { return !name.empty() && scope->catalog->Find(name) == nullptr; };
      bool all_gone = true;
      for (const PlanOperator& op : program->dataflow().operators) {
        if (const auto* sink = op.As<SinkOp>()) all_gone &= gone(sink->name);
        if (const auto* view = op.As<MaterializeOp>()) {
          all_gone &= gone(view->view);
          if (gone(view->view)) scope->views->erase(view->view);
        }
      }
      if (all_gone) state_->board->Remove(program->Report().name);
      return all_gone;
    });
    std::erase_if(state_->restored, [&](const EngineState::Restored& statement) {
      return std::all_of(statement.dataflow->operators.begin(), statement.dataflow->operators.end(), [&](const PlanOperator& op) {
        if (const auto* view = op.As<MaterializeOp>()) return scope->catalog->Find(view->view) == nullptr;
        if (const auto* sink = op.As<SinkOp>()) return scope->catalog->Find(sink->name) == nullptr;
        return true;
      });
    });
  }

  // `text`: of the one statement that a shell was given.
  Status StartPending(Scope* scope, Results* results, std::string_view text = "") {
    if (!std::exchange(scope->has_pending, false)) return OkStatus();
    ASSIGN_OR_RETURN(std::optional<Dataflow> planned, scope->pending->Finish());
    scope->pending.reset();
    if (!planned) return OkStatus();
    RETURN_IF_ERROR(state_->EnsureJit());
    ProgramOptions options;
    options.run = settings_.run();
    options.run.stop_at_end = scope->options.stop_at_end;
    options.replay = scope->options.replay;
    options.into = scope->options.into;
    options.parameters = scope->options.parameters;
    const auto dataflow = std::make_shared<const Dataflow>(std::move(*planned));
    std::unique_ptr<RunningProgram> program;
    if (scope->program || !options.parameters.empty()) {
      ASSIGN_OR_RETURN(program, RunningProgram::Start(dataflow, state_->Host(scope->views), std::move(options), results));
    } else {
      ASSIGN_OR_RETURN(
          program, StartStatement({DurableNameOf(*dataflow), std::string(text), dataflow}, true, options.run, state_.get(), scope->views, results));
    }
    program->set_wake([state = state_.get()] { state->wake.Set(); });
    state_->board->Publish(program->Report());
    scope->running->push_back(std::move(program));
    state_->wake.Set();
    return OkStatus();
  }

  // Views of the saved catalog are rebuilt from the log when somebody first reads them.
  Status StartRestored(const std::set<std::string>& views, Scope* scope, Results* results) {
    for (const EngineState::Restored& statement : state_->restored) {
      const bool wanted = std::any_of(statement.dataflow->operators.begin(), statement.dataflow->operators.end(), [&](const PlanOperator& op) {
        const auto* view = op.As<MaterializeOp>();
        return view != nullptr && views.count(view->view) != 0 && scope->views->count(view->view) == 0;
      });
      if (!wanted) continue;
      // A program of its own makes the view for itself, from the log: the state belongs to the engine's.
      const EngineState::Restored passing{"", "", statement.dataflow};
      ASSIGN_OR_RETURN(auto program,
                       StartStatement(scope->program ? passing : statement, false, settings_.run(), state_.get(), scope->views, results));
      program->set_on_demand();
      program->set_wake([state = state_.get()] { state->wake.Set(); });
      scope->running->push_back(std::move(program));
    }
    return OkStatus();
  }

  Status Select(const ast::Statement& statement, Scope* scope, Results* results) {
    Catalog* catalog = scope->catalog;
    ProgramPlanner planner(catalog, state_->connectors.get(), PlannerSettingsFor(scope->options));
    ASSIGN_OR_RETURN(SelectPlan plan, planner.PlanSelect(statement));
    const auto dataflow = std::make_shared<const Dataflow>(std::move(plan.dataflow));
    if (IsNativeSelect(*dataflow)) return RunNativeSelect(*dataflow, scope->options.parameters, results);
    const std::set<std::string> views = ViewsRead(*dataflow);
    RETURN_IF_ERROR(state_->Lock());
    RETURN_IF_ERROR(state_->EnsureJit());
    if (!views.empty()) {
      RETURN_IF_ERROR(StartPending(scope, results));
      RETURN_IF_ERROR(StartRestored(views, scope, results));
      std::vector<RunningProgram*> programs;
      for (auto& program : *scope->running) {
        const std::set<std::string> maintained = program->Views();
        if (std::any_of(views.begin(), views.end(), [&](const std::string& view) { return maintained.count(view) != 0; }))
          programs.push_back(program.get());
      }
      RETURN_IF_ERROR(CatchUp(programs, state_.get(), [this] { return Interrupted(); }));
    }
    RETURN_IF_ERROR(EnsureDeadLetterTopics(*dataflow, *catalog));
    return RunOneShot(dataflow, scope, results).status();
  }

  // A table of dead letters may be read before anything has died.
  Status EnsureDeadLetterTopics(const Dataflow& dataflow, const Catalog& catalog) {
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

  StatusOr<ProgramSummary> RunOneShot(std::shared_ptr<const Dataflow> dataflow, Scope* scope, Results* results) {
    ProgramOptions options;
    options.run = settings_.run();
    options.one_shot = true;
    options.parameters = scope->options.parameters;
    ASSIGN_OR_RETURN(auto program, RunningProgram::Start(std::move(dataflow), state_->Host(scope->views), std::move(options), results));
    int64_t shown = state_->environment->clock().MonotonicNanos();
    while (!program->done()) {
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
    for (const auto& [table, count] : summary.dead_letters) {
      passed_over_[table] += count;
      if (table.empty() && count > 0)
        results->OnNotice(std::to_string(count) + (count == 1 ? " record" : " records") + " could not be decoded and were left out");
    }
    return summary;
  }

  // INSERT ... VALUES, and any INSERT outside a program, reads to the end and stops; one that reads a stream inside a program is part of it.
  Status Insert(const ast::Statement& statement, std::string_view text, Scope* scope, Results* results) {
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
    ASSIGN_OR_RETURN(const ProgramSummary summary, RunOneShot(dataflow, scope, results));
    const auto* values = dataflow->operators.front().As<ValuesOp>();
    results->OnTag("INSERT 0 " + std::to_string(values != nullptr ? static_cast<int64_t>(values->rows.size()) : summary.progress.records));
    return OkStatus();
  }

  Status RunExplain(const ast::Explain& explain, std::string_view text, Scope* scope, Results* results) {
    if (explain.analyze) return SqlError(sqlstate::kFeatureNotSupported, explain.range) << "EXPLAIN ANALYZE is not supported yet";
    if (explain.json || explain.stage == ast::ExplainStage::kPipelines || explain.stage == ast::ExplainStage::kAsm) {
      return SqlError(sqlstate::kFeatureNotSupported, explain.range)
             << "this form of EXPLAIN is not supported yet" << Hint("EXPLAIN (LOGICAL), (DATAFLOW) and (LLVM) are");
    }
    Catalog scratch = *scope->catalog;
    ProgramPlanner planner(&scratch, state_->connectors.get(), PlannerSettingsFor(scope->options));
    const std::string_view what = explain.stage == ast::ExplainStage::kLogical ? "LOGICAL"
                                  : explain.stage == ast::ExplainStage::kLlvm  ? "LLVM"
                                                                               : "DATAFLOW";
    ASSIGN_OR_RETURN(const ExplainedPlan plan, planner.Explain(*explain.statement, text));
    ASSIGN_OR_RETURN(const std::string out, ExplainPlan(plan, what));
    return AnswerLines("QUERY PLAN", out, results);
  }

  StatusOr<std::string> ExplainPlan(const ExplainedPlan& plan, std::string_view what) {
    if (what == "LOGICAL") return plan.optimized;
    return ExplainDataflow(plan.dataflow, what);
  }
  StatusOr<std::string> ExplainDataflow(const Dataflow& dataflow, std::string_view what) {
    if (what != "LLVM") return kappa::Explain(dataflow);
    RETURN_IF_ERROR(state_->EnsureJit());
    return ExplainCode(std::make_shared<const Dataflow>(dataflow), settings_.run().workers, state_->jit.get());
  }

  Status Interrupted() const {
    if (!cancelled_.load()) return OkStatus();
    return SqlError(sqlstate::kQueryCanceled) << "canceling statement due to user request";
  }

  static ProgramSummary Sum(const std::list<std::unique_ptr<RunningProgram>>& running, const std::map<std::string, int64_t>& passed_over) {
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
  Status Drive(std::list<std::unique_ptr<RunningProgram>>* running, const ProgramRunOptions& options,
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

  std::shared_ptr<EngineState> state_;
  SessionSettings settings_;
  std::atomic<bool> cancelled_{false};
  std::map<std::string, int64_t> passed_over_;
};

}  // namespace

std::unique_ptr<Session> MakeSession(std::shared_ptr<EngineState> state) { return std::make_unique<SessionImpl>(std::move(state)); }

}  // namespace kappa
