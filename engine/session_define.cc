// DDL and streaming statements: what they start, and what becomes of it.
#include <algorithm>

#include "engine/describe.h"
#include "engine/session.h"

namespace kappa {

// DDL and streaming statements.
Status SessionImpl::Define(const ast::Statement& statement, std::string_view text, StatementScope* scope, Results* results) {
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
void SessionImpl::StopOrphans(StatementScope* scope) {
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
Status SessionImpl::StartPending(StatementScope* scope, Results* results, std::string_view text) {
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
    ASSIGN_OR_RETURN(program,
                     StartStatement({DurableNameOf(*dataflow), std::string(text), dataflow}, true, options.run, state_.get(), scope->views, results));
  }
  program->set_wake([state = state_.get()] { state->wake.Set(); });
  state_->board->Publish(program->Report());
  scope->running->push_back(std::move(program));
  state_->wake.Set();
  return OkStatus();
}

// Views of the saved catalog are rebuilt from the log when somebody first reads them.
Status SessionImpl::StartRestored(const std::set<std::string>& views, StatementScope* scope, Results* results) {
  for (const EngineState::Restored& statement : state_->restored) {
    const bool wanted = std::any_of(statement.dataflow->operators.begin(), statement.dataflow->operators.end(), [&](const PlanOperator& op) {
      const auto* view = op.As<MaterializeOp>();
      return view != nullptr && views.count(view->view) != 0 && scope->views->count(view->view) == 0;
    });
    if (!wanted) continue;
    // A program of its own makes the view for itself, from the log: the state belongs to the engine's.
    const EngineState::Restored passing{"", "", statement.dataflow};
    ASSIGN_OR_RETURN(auto program, StartStatement(scope->program ? passing : statement, false, settings_.run(), state_.get(), scope->views, results));
    program->set_on_demand();
    program->set_wake([state = state_.get()] { state->wake.Set(); });
    scope->running->push_back(std::move(program));
  }
  return OkStatus();
}

}  // namespace kappa
