// A session: statements in order, each to the one who knows it.
#include "engine/session.h"

#include <algorithm>

#include "absl/cleanup/cleanup.h"
#include "engine/ad_hoc_source.h"
#include "engine/describe.h"
#include "engine/system_catalog/system_catalog.h"
#include "parser/printer.h"

namespace kappa {

Status TextOf(Status status, size_t index) {
  const std::string text =
      std::to_string(index);  // not moved into the Cord: that constructor's name is mangled differently by the library's compiler
  if (!status.ok() && !status.GetPayload("kappa/text")) status.SetPayload("kappa/text", absl::Cord(absl::string_view(text)));
  return status;
}

bool HasScans(const Dataflow& dataflow) {
  return std::any_of(dataflow.operators.begin(), dataflow.operators.end(), [](const PlanOperator& op) { return op.As<ScanOp>() != nullptr; });
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
    case ast::StatementKind::kCreateIndex:
    case ast::StatementKind::kCreateSecret:
    case ast::StatementKind::kCreateConnection:
    case ast::StatementKind::kCreateSchema:
    case ast::StatementKind::kCreateUser:
    case ast::StatementKind::kCreateFunction:
    case ast::StatementKind::kAlter:
    case ast::StatementKind::kComment:
    case ast::StatementKind::kReplay:
    case ast::StatementKind::kReplayCommand:
      return true;
    default:
      return false;
  }
}

Status SessionImpl::Execute(std::string_view text, Results* results, const std::vector<Datum>& parameters) {
  RETURN_IF_ERROR(FinishWrites());
  cancelled_.store(false);  // before waiting for the others: it may be cancelled while it waits
  ASSIGN_OR_RETURN(const std::unique_lock<EngineMutex> lock, LockEngine());
  ASSIGN_OR_RETURN(const std::vector<ast::StatementPtr> statements, Parse(text));
  StatementScope scope = EngineScope();
  scope.options.parameters = parameters;
  for (const ast::StatementPtr& statement : statements) {
    RETURN_IF_ERROR(state_->secrets->Redact(WithRange(Dispatch(*statement, text, &scope, results), statement->range)));
  }
  return OkStatus();
}

PlannerSettings SessionImpl::PlannerSettingsFor(const ProgramRunOptions& options) const {
  PlannerSettings settings = settings_.planner();
  settings.table_prefix = table_prefix_;
  if (executing_ != nullptr) {
    settings.arguments = &executing_->arguments;
    settings.argument_types = &executed_->types;
  }
  if (!options.parameters.empty()) settings.parameter_values = &options.parameters;
  settings.until_latest = options.until_latest;
  settings.system = std::make_shared<SystemCatalog>(&state_->catalog, &identity_, settings.search_path,
                                                    [this](std::string_view name) -> std::optional<std::string> {
                                                      auto value = settings_.Get(name);
                                                      return value.ok() ? std::optional<std::string>(*std::move(value)) : std::nullopt;
                                                    });
  settings.infer = [state = state_](const AdHocSource& wanted) {
    return InferSource(*state->connectors, {state->environment, state->options.data_directory, ""}, wanted);
  };
  if (options.replay) {
    settings.replay_from = options.from_offsets;
    settings.replay_until = options.until_offsets;
    settings.replay_from_ms = options.from_timestamp_ms;
    settings.replay_until_ms = options.until_timestamp_ms;
    settings.until_latest = true;
  }
  return settings;
}

void SessionImpl::SettingsChanged() {
  ++settings_version_;
  reads_epochs_ = settings_.Get("read_mode").value_or("") == "epoch";
}

Status SessionImpl::ApplySet(const ast::Set& set) {
  const absl::Cleanup changed = [this] { SettingsChanged(); };
  if (set.action == ast::SetAction::kReset || set.values.empty()) return WithRange(settings_.Reset(set.name.name), set.name.range);
  std::string value;
  for (const std::string& part : set.values) value += (value.empty() ? "" : ", ") + part;
  return WithRange(settings_.Set(set.name.name, value),
                   SqlStateOf(settings_.Set(set.name.name, value)) == sqlstate::kInvalidParameterValue ? set.value_range : set.name.range);
}

StatementScope SessionImpl::EngineScope() {
  return StatementScope{&state_->catalog, &state_->views, &state_->running, {}, false, nullptr, false, &state_->tables};
}

// A statement that fails within a block takes the block with it.
Status SessionImpl::Dispatch(const ast::Statement& statement, std::string_view text, StatementScope* scope, Results* results) {
  RETURN_IF_ERROR(CheckTransaction(statement));
  RETURN_IF_ERROR(LeaveImplicit(statement, scope));
  Status status = DispatchKind(statement, text, scope, results);
  if (!status.ok() && transaction_ != nullptr) transaction_->failed = true;
  return status;
}

Status SessionImpl::DispatchKind(const ast::Statement& statement, std::string_view text, StatementScope* scope, Results* results) {
  switch (statement.kind) {
    case ast::StatementKind::kSet:
      RETURN_IF_ERROR(ApplySet(*ast::As<ast::Set>(statement)));
      results->OnTag(ast::As<ast::Set>(statement)->action == ast::SetAction::kSet ? "SET" : "RESET");
      return OkStatus();
    case ast::StatementKind::kShow:
      return Show(*ast::As<ast::Show>(statement), *scope->catalog, settings_, results);
    case ast::StatementKind::kDescribe:
      if (const auto& describe = *ast::As<ast::Describe>(statement); describe.query != nullptr || describe.file) {
        const std::string query =
            "SELECT * FROM (" + (describe.query != nullptr ? ToSql(*describe.query) : "SELECT * FROM " + QuoteString(*describe.file)) + ") AS q";
        StatusOr<ast::StatementPtr> parsed = ParseStatement(query);
        if (!parsed.ok()) return parsed.status();
        const Status status = DescribeQuery(**parsed, *scope, results);
        if (status.ok()) return status;
        return SqlError(SqlStateOf(status), statement.range) << MessageOf(status) << Hint(HintOf(status));
      }
      return Describe(*ast::As<ast::Describe>(statement), *scope->catalog, settings_, results);
    case ast::StatementKind::kExplain:
      return RunExplain(*ast::As<ast::Explain>(statement), text, scope, results);
    case ast::StatementKind::kQuery:
      return Select(statement, scope, results);
    case ast::StatementKind::kInsert:
      return Insert(statement, text, scope, results);
    case ast::StatementKind::kPrepare:
      return Prepare(*ast::As<ast::Prepare>(statement), scope, results);
    case ast::StatementKind::kExecute:
      return Execute(*ast::As<ast::Execute>(statement), scope, results);
    case ast::StatementKind::kDeallocate:
      return Deallocate(*ast::As<ast::Deallocate>(statement), results);
    case ast::StatementKind::kCopy:
      return CopyTo(*ast::As<ast::Copy>(statement), scope, results);
    case ast::StatementKind::kFlush:
      RETURN_IF_ERROR(Flush(scope, results));
      results->OnTag("FLUSH");
      return OkStatus();
    case ast::StatementKind::kUpdate:
    case ast::StatementKind::kDelete:
      return Change(statement, scope, results);
    case ast::StatementKind::kSubscribe:
      return Subscribe(*ast::As<ast::Subscribe>(statement), scope, results);
    case ast::StatementKind::kTransaction:
      return Transact(*ast::As<ast::Transaction>(statement), scope, results);
    default:
      return Define(statement, text, scope, results);
  }
}

StatusOr<std::unique_lock<EngineMutex>> SessionImpl::LockEngine() {
  if (!state_->mutex.LockUnless(cancelled_)) return Interrupted();
  std::unique_lock<EngineMutex> lock(state_->mutex, std::adopt_lock);
  RETURN_IF_ERROR(Interrupted());
  return lock;
}

bool SessionImpl::WhileWaiting(const std::function<void()>& wait) {
  if (!shares_lock_ || reads_views_ || state_->mutex.depth() != 1) return false;
  state_->mutex.unlock();
  wait();
  state_->mutex.lock();
  return true;
}

Status SessionImpl::Interrupted() const {
  if (!cancelled_.load()) return OkStatus();
  return SqlError(sqlstate::kQueryCanceled) << "canceling statement due to user request";
}

std::unique_ptr<Session> MakeSession(std::shared_ptr<EngineState> state) { return std::make_unique<SessionImpl>(std::move(state)); }

}  // namespace kappa
