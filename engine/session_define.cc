// DDL and streaming statements: what they start, and what becomes of it.
#include <algorithm>

#include "engine/describe.h"
#include "engine/row_results.h"
#include "engine/session.h"
#include "parser/printer.h"

namespace kappa {

// DDL and streaming statements.
Status SessionImpl::Define(const ast::Statement& statement, std::string_view text, StatementScope* scope, Results* results) {
  RETURN_IF_ERROR(state_->Lock());
  if (const auto* create = ast::As<ast::CreateRelation>(statement);
      create != nullptr && create->relation == ast::RelationKind::kTable && create->query)
    return CreateTableAs(*create, scope, results);
  if (transaction_ != nullptr && !scope->program) results->OnNotice(TagOf(statement) + " takes effect at once: ROLLBACK does not undo it");
  if (scope->pending == nullptr)
    scope->pending = std::make_unique<ProgramPlanner>(scope->catalog, state_->connectors.get(), PlannerSettingsFor(scope->options));
  const std::vector<CatalogObjectPtr> before = scope->catalog->Objects();
  RETURN_IF_ERROR(scope->pending->Add(statement, text));
  const CatalogObjectPtr made = scope->catalog->Objects().empty() ? nullptr : scope->catalog->Objects().back();
  if (made != nullptr && made->As<TableObject>() != nullptr && std::find(before.begin(), before.end(), made) == before.end() &&
      statement.kind == ast::StatementKind::kCreateRelation) {
    RETURN_IF_ERROR(MakeTopic(*made));
  }
  RETURN_IF_ERROR(KeepSecret(statement, scope));
  scope->has_pending = true;
  if (scope->program) return OkStatus();
  ++state_->catalog_version;
  const std::vector<std::string> dropped = scope->pending->dropped();
  if (const auto* index = made == nullptr ? nullptr : made->As<IndexObject>();
      index != nullptr && statement.kind == ast::StatementKind::kCreateIndex && std::find(before.begin(), before.end(), made) == before.end()) {
    if (const auto view = scope->views->find(index->table); view != scope->views->end()) view->second->EnsureIndex(index->columns);
  }
  if (!dropped.empty()) StopOrphans(scope, {dropped.begin(), dropped.end()});
  RETURN_IF_ERROR(StartPending(scope, results, text.substr(statement.range.begin, statement.range.end - statement.range.begin)));
  RETURN_IF_ERROR(state_->SaveCatalog());
  // What the catalog does not know any more is forgotten only now: a crash before leaves all of it.
  if (!dropped.empty()) RETURN_IF_ERROR(state_->RemoveOrphans());
  for (const std::string& key : dropped) RETURN_IF_ERROR(state_->secrets->Erase(key));
  std::vector<CatalogObjectPtr> gone;
  std::copy_if(before.begin(), before.end(), std::back_inserter(gone),
               [&](const CatalogObjectPtr& object) { return std::find(dropped.begin(), dropped.end(), object->name) != dropped.end(); });
  RETURN_IF_ERROR(RemoveTopics(gone, scope->tables));
  results->OnTag(TagOf(statement));
  return OkStatus();
}

// A new table begins with an empty changelog: what a table of the name that was dropped has left goes.
Status SessionImpl::MakeTopic(const CatalogObject& table) {
  const std::string& topic = table.As<TableObject>()->topic;
  if (topic.empty()) return OkStatus();
  if (state_->log->Describe(topic).ok()) RETURN_IF_ERROR(state_->log->DeleteTopic(topic));
  return state_->log->CreateTopic(topic, {});
}

Status SessionImpl::RemoveTopics(const std::vector<CatalogObjectPtr>& dropped, TableMap* tables) {
  for (const CatalogObjectPtr& object : dropped) {
    const auto* table = object->As<TableObject>();
    if (table == nullptr || table->topic.empty()) continue;
    tables->erase(object->name);
    if (state_->log->Describe(table->topic).ok()) RETURN_IF_ERROR(state_->log->DeleteTopic(table->topic));
  }
  return OkStatus();
}

// The table by the columns that its query has, then what the query answers.
Status SessionImpl::CreateTableAs(const ast::CreateRelation& create, StatementScope* scope, Results* results) {
  if (!create.columns.empty()) {
    return SqlError(sqlstate::kFeatureNotSupported, create.columns[0].range)
           << "columns of CREATE TABLE AS are not supported" << Hint("name them in the query, with AS");
  }
  const std::string query = ToSql(*create.query), name = ast::ToString(create.name);
  ASSIGN_OR_RETURN(const ast::StatementPtr select, ParseStatement(query));
  ProgramPlanner planner(scope->catalog, state_->connectors.get(), PlannerSettingsFor(scope->options));
  StatusOr<SelectPlan> plan = planner.PlanSelect(*select);
  if (!plan.ok()) return SqlError(SqlStateOf(plan.status()), create.query->range) << MessageOf(plan.status()) << Hint(HintOf(plan.status()));
  std::string quoted;
  for (const ast::Identifier& part : create.name.parts) quoted += (quoted.empty() ? "" : ".") + QuoteIdentifier(part.name);
  std::string text = std::string("CREATE TABLE ") + (create.if_not_exists ? "IF NOT EXISTS " : "") + quoted + " (";
  for (const Column& column : plan->columns)
    text += (&column == plan->columns.data() ? "" : ", ") + QuoteIdentifier(column.name) + " " + column.type.ToString();
  for (const ast::Identifier& key : create.primary_key)
    text += (&key == create.primary_key.data() ? ", PRIMARY KEY (" : ", ") + QuoteIdentifier(key.name);
  text += create.primary_key.empty() ? ")" : "))";
  if (create.append_only) text += " APPEND ONLY";
  ASSIGN_OR_RETURN(const ast::StatementPtr table, ParseStatement(text));
  const size_t objects = scope->catalog->Objects().size();
  std::vector<TableRow> none;
  RowCollector unshown(&none);
  if (const Status defined = Define(*table, text, scope, &unshown); !defined.ok())
    return SqlError(SqlStateOf(defined), create.name.range) << MessageOf(defined) << Hint(HintOf(defined));
  if (scope->catalog->Objects().size() == objects) {  // IF NOT EXISTS
    results->OnTag("CREATE TABLE AS");
    return OkStatus();
  }
  const std::string insert = "INSERT INTO " + quoted + " " + query;
  ASSIGN_OR_RETURN(const ast::StatementPtr rows, ParseStatement(insert));
  std::unique_ptr<OpenTransaction> block = std::move(transaction_);  // as the table, what it holds is there at once
  const bool batch = std::exchange(batch_, false);
  std::string tag;
  class Tag final : public Results {
   public:
    explicit Tag(std::string* tag) : tag_(tag) {}
    Status OnSchema(const std::string&, const RowSchema&) override { return OkStatus(); }
    Status OnRows(const ChangeBatch&) override { return OkStatus(); }
    Status OnEnd(int64_t) override { return OkStatus(); }
    void OnTag(std::string_view tag) override { *tag_ = tag; }
    void OnNotice(std::string_view) override {}

   private:
    std::string* const tag_;
  } tagged(&tag);
  const Status filled = Change(*rows, scope, &tagged);
  transaction_ = std::move(block);
  batch_ = batch;
  if (!filled.ok()) {
    const std::string drop = "DROP TABLE " + quoted;
    ASSIGN_OR_RETURN(const ast::StatementPtr gone, ParseStatement(drop));
    if (!scope->program) RETURN_IF_ERROR(Define(*gone, drop, scope, &unshown));
    return SqlError(SqlStateOf(filled), create.query->range) << MessageOf(filled) << Hint(HintOf(filled));
  }
  results->OnTag("SELECT " + tag.substr(tag.rfind(' ') + 1));
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
  if (scope->views == &state_->views) state_->domain->Forget(dropped);
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
