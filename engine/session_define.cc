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
  RETURN_IF_ERROR(KeepSecret(statement, scope));
  scope->has_pending = true;
  if (scope->program) return OkStatus();
  const std::vector<std::string> dropped = scope->pending->dropped();
  if (!dropped.empty()) StopOrphans(scope, {dropped.begin(), dropped.end()});
  RETURN_IF_ERROR(StartPending(scope, results, text.substr(statement.range.begin, statement.range.end - statement.range.begin)));
  RETURN_IF_ERROR(state_->SaveCatalog());
  // What the catalog does not know any more is forgotten only now: a crash before leaves all of it.
  if (!dropped.empty()) RETURN_IF_ERROR(state_->RemoveOrphans());
  for (const std::string& key : dropped) RETURN_IF_ERROR(state_->secrets->Erase(key));
  results->OnTag(TagOf(statement));
  return OkStatus();
}

// The values of secrets do not go through the catalog. A program without a name keeps them to itself.
Status SessionImpl::KeepSecret(const ast::Statement& statement, StatementScope* scope) {
  const ast::QualifiedName* name = nullptr;
  std::optional<std::string> value;
  if (const auto* create = ast::As<ast::CreateSecret>(statement)) {
    name = &create->name;
    value = create->value;
    const CatalogObjectPtr present = SecretNamed(*name, *scope->catalog);
    if (create->if_not_exists && present != nullptr && state_->secrets->Has(present->name)) return OkStatus();
  } else if (const auto* alter = ast::As<ast::Alter>(statement); alter != nullptr && alter->object == ast::ObjectKind::kSecret) {
    name = &alter->name;
    for (const ast::AlterStep& step : alter->steps) {
      if (step.action == ast::AlterAction::kSecretValue) value = step.value;
    }
  }
  if (!value) return OkStatus();
  const CatalogObjectPtr secret = SecretNamed(*name, *scope->catalog);
  if (secret == nullptr && ast::As<ast::CreateSecret>(statement) == nullptr) return OkStatus();  // ALTER IF EXISTS of none
  // A program that goes on is not planned again: its secrets have the keys that they got then.
  const std::string schema = name->parts.size() == 2 ? name->parts[0].name : kPublicSchema;
  const std::string key = secret != nullptr ? secret->name : scope->catalog->NewKey(Catalog::Family::kSecret, schema, name->last().name);
  return state_->secrets->Put(key, *value, !scope->program || !scope->options.name.empty());
}

CatalogObjectPtr SessionImpl::SecretNamed(const ast::QualifiedName& name, const Catalog& catalog) const {
  const std::string schema = name.parts.size() == 2 ? name.parts[0].name : "";
  return catalog.Resolve(Catalog::Family::kSecret, schema, name.last().name, settings_.planner().search_path);
}

// Programs whose every output was dropped.
void SessionImpl::StopOrphans(StatementScope* scope, const std::set<std::string>& dropped) {
  const auto gone = [&](const std::string& name) { return !name.empty() && (dropped.count(name) != 0 || scope->catalog->Find(name) == nullptr); };
  scope->running->remove_if([&](const std::unique_ptr<RunningProgram>& program) {
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
      if (const auto* view = op.As<MaterializeOp>()) return gone(view->view);
      if (const auto* sink = op.As<SinkOp>()) return gone(sink->name);
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
