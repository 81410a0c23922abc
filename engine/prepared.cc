// Statements that clients prepare: parsed once, planned once for as long as objects and settings stay as they are.
#include <algorithm>

#include "engine/native_rows.h"
#include "engine/native_select.h"
#include "engine/row_results.h"
#include "engine/session.h"
#include "engine/zoned_results.h"
#include "parser/ast/statement_names.h"

namespace kappa {
namespace {

class PlannedStatement final : public PreparedStatement {
 public:
  const std::string& command() const override { return command_; }
  const std::vector<Type>& parameters() const override { return parameters_; }
  const std::optional<RowSchema>& result() const override { return result_; }

  std::string text_;
  std::vector<Type> declared_;
  ast::StatementPtr statement_;  // nullptr: none
  std::string command_;
  std::vector<Type> parameters_;
  std::optional<RowSchema> result_;
  // The plan, of the catalog and settings that had these numbers.
  std::shared_ptr<const Dataflow> select_;
  std::shared_ptr<const DmlPlan> dml_;
  int64_t catalog_version_ = -1, settings_version_ = -1;
  bool of_values_ = false;  // it is that of one execution: LIMIT $1
};

bool SameColumns(const std::optional<RowSchema>& a, const std::optional<RowSchema>& b) {
  if (a.has_value() != b.has_value()) return false;
  if (!a) return true;
  return std::equal(a->columns.begin(), a->columns.end(), b->columns.begin(), b->columns.end(),
                    [](const auto& x, const auto& y) { return x.name == y.name && x.type.SameId(y.type); });
}

// Does it answer rows that are known only once it runs, and does nothing else?
bool OnlyAnswers(const ast::Statement& statement) {
  if (const auto* explain = ast::As<ast::Explain>(statement)) return !explain->analyze;
  return statement.kind == ast::StatementKind::kShow || statement.kind == ast::StatementKind::kDescribe;
}

}  // namespace

StatusOr<std::shared_ptr<PreparedStatement>> SessionImpl::PrepareStatement(std::string_view text, const std::vector<Type>& types) {
  RETURN_IF_ERROR(FinishWrites());
  cancelled_.store(false);
  ASSIGN_OR_RETURN(const std::unique_lock<EngineMutex> lock, LockEngine());
  auto prepared = std::make_shared<PlannedStatement>();
  prepared->text_ = std::string(text);
  prepared->declared_ = types;
  ASSIGN_OR_RETURN(std::vector<ast::StatementPtr> statements, Parse(prepared->text_));
  if (statements.size() > 1) return SqlError(sqlstate::kSyntaxError) << "cannot insert multiple commands into a prepared statement";
  if (!statements.empty()) {
    prepared->statement_ = std::move(statements[0]);
    prepared->command_ = ast::StatementName(*prepared->statement_);
    Status status = CheckTransaction(*prepared->statement_);
    if (status.ok()) status = PlanPrepared(prepared.get(), {});
    if (!status.ok()) {
      if (transaction_ != nullptr) transaction_->failed = true;
      return state_->secrets->Redact(WithRange(status, prepared->statement_->range));
    }
  }
  return std::shared_ptr<PreparedStatement>(std::move(prepared));
}

Status SessionImpl::PlanPrepared(PreparedStatement* statement, const std::vector<Datum>& parameters) {
  auto* prepared = static_cast<PlannedStatement*>(statement);
  StatementScope scope = EngineScope();
  scope.options.parameters = parameters;
  ProgramPlanner planner(scope.catalog, state_->connectors.get(), PlannerSettingsFor(scope.options));
  prepared->catalog_version_ = state_->catalog_version;
  prepared->settings_version_ = settings_version_;
  prepared->select_.reset();
  prepared->dml_.reset();
  prepared->result_.reset();
  if (prepared->statement_->kind == ast::StatementKind::kQuery) {
    ASSIGN_OR_RETURN(SelectPlan plan, planner.PlanSelect(*prepared->statement_, prepared->declared_));
    prepared->parameters_ = plan.dataflow.parameters;
    prepared->result_ = SchemaOfColumns(plan.columns);
    prepared->select_ = std::make_shared<const Dataflow>(std::move(plan.dataflow));
  } else if (planner.ChangedTable(*prepared->statement_) != nullptr) {
    ASSIGN_OR_RETURN(DmlPlan plan, planner.PlanDml(*prepared->statement_, prepared->declared_));
    prepared->parameters_ = plan.rows.parameters;
    if (plan.returns) prepared->result_ = SchemaOfColumns(plan.returned);
    prepared->dml_ = std::make_shared<const DmlPlan>(std::move(plan));
  } else if (OnlyAnswers(*prepared->statement_)) {
    std::vector<TableRow> rows;
    RowCollector collector(&rows);
    RETURN_IF_ERROR(DispatchKind(*prepared->statement_, prepared->text_, &scope, &collector));
    if (!collector.schema().columns.empty()) prepared->result_ = collector.schema();
  }
  prepared->of_values_ = planner.needs_parameter_values();
  return OkStatus();
}

// A query of few rows over views at rest needs nothing that other sessions change: no lock.
std::optional<Status> SessionImpl::SelectPublished(PreparedStatement* statement, const std::vector<Datum>& parameters, Results* results) {
  auto* prepared = static_cast<PlannedStatement*>(statement);
  if (prepared->select_ == nullptr || prepared->of_values_ || transaction_ != nullptr || prepared->catalog_version_ != state_->catalog_version ||
      prepared->settings_version_ != settings_version_ || parameters.size() < prepared->parameters_.size() || IsNativeSelect(*prepared->select_)) {
    return std::nullopt;
  }
  std::set<std::string> views;
  for (const PlanOperator& op : prepared->select_->operators) {
    if (const auto* scan = op.As<ViewScanOp>()) views.insert(scan->view);
  }
  const std::optional<ReaderMap> readers = views.empty() ? std::nullopt : ReadersAtRest(views);
  if (!readers || !RunsNatively(*prepared->select_, *readers)) return std::nullopt;
  ZonedResults zoned(settings_.time_zone(), results);
  const Status status = AnswerNatively(*prepared->select_, *readers, parameters, &zoned);
  return state_->secrets->Redact(WithRange(status, prepared->statement_->range));
}

Status SessionImpl::ExecutePrepared(PreparedStatement* statement, const std::vector<Datum>& parameters, Results* results) {
  RETURN_IF_ERROR(FinishWrites());
  cancelled_.store(false);
  if (const auto done = SelectPublished(statement, parameters, results)) return *done;
  ASSIGN_OR_RETURN(const std::unique_lock<EngineMutex> lock, LockEngine());
  auto* prepared = static_cast<PlannedStatement*>(statement);
  if (prepared->statement_ == nullptr) return OkStatus();
  const ast::Statement& parsed = *prepared->statement_;
  const Status status = [&]() -> Status {
    RETURN_IF_ERROR(CheckTransaction(parsed));
    if ((prepared->select_ != nullptr || prepared->dml_ != nullptr) &&
        (prepared->of_values_ || prepared->catalog_version_ != state_->catalog_version || prepared->settings_version_ != settings_version_)) {
      const std::optional<RowSchema> before = prepared->result_;
      RETURN_IF_ERROR(PlanPrepared(prepared, parameters));
      if (!SameColumns(before, prepared->result_)) return SqlError(sqlstate::kFeatureNotSupported) << "cached plan must not change result type";
    }
    if (parameters.size() < prepared->parameters_.size()) {
      return SqlError(SqlState{"08P01"}) << "bind message supplies " << parameters.size() << " parameters, but prepared statement requires "
                                         << prepared->parameters_.size();
    }
    StatementScope scope = EngineScope();
    scope.options.parameters = parameters;
    if (prepared->dml_ != nullptr) return ExecuteDml(*prepared->dml_, &scope, results);
    if (prepared->select_ == nullptr) RETURN_IF_ERROR(LeaveImplicit(parsed, &scope));
    if (prepared->select_ == nullptr) return DispatchKind(parsed, prepared->text_, &scope, results);
    ZonedResults zoned(settings_.time_zone(), results);
    return RunSelect(prepared->select_, &scope, &zoned);
  }();
  if (!status.ok() && transaction_ != nullptr) transaction_->failed = true;
  return state_->secrets->Redact(WithRange(status, parsed.range));
}

}  // namespace kappa
