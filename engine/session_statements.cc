// PREPARE, EXECUTE, DEALLOCATE; COPY ... TO; DESCRIBE of a query.
#include <algorithm>

#include "common/os/environment.h"
#include "engine/copy_text.h"
#include "engine/describe.h"
#include "engine/session.h"
#include "parser/ast/statement_names.h"
#include "parser/printer.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

constexpr SqlState kDuplicatePreparedStatement{"42P05"};
constexpr SqlState kInvalidSqlStatementName{"26000"};

// Errors of the prepared statement's text: their positions are not the EXECUTE's.
Status Elsewhere(const std::string& name, const Status& status) {
  if (status.ok() || SqlStateOf(status) == sqlstate::kQueryCanceled) return status;
  return SqlError(SqlStateOf(status)) << "in prepared statement \"" << name << "\": " << MessageOf(status) << Hint(HintOf(status));
}

}  // namespace

Status SessionImpl::Prepare(const ast::Prepare& prepare, StatementScope* scope, Results* results) {
  const std::string& name = prepare.name.name;
  if (prepared_.count(name) != 0) {
    return SqlError(kDuplicatePreparedStatement, prepare.name.range)
           << "prepared statement \"" << name << "\" already exists" << Hint("DEALLOCATE it first");
  }
  const ast::StatementKind kind = prepare.statement->kind;
  if (kind != ast::StatementKind::kQuery && kind != ast::StatementKind::kInsert && kind != ast::StatementKind::kUpdate &&
      kind != ast::StatementKind::kDelete) {
    return SqlError(sqlstate::kFeatureNotSupported, prepare.statement->range)
           << "PREPARE of " << ast::StatementName(*prepare.statement) << " is not supported"
           << Hint("SELECT, VALUES, INSERT, UPDATE and DELETE can be prepared");
  }
  if (kind == ast::StatementKind::kQuery) {  // a wrong name is told now, not when it is executed
    ProgramPlanner planner(scope->catalog, state_->connectors.get(), PlannerSettingsFor(scope->options));
    std::vector<Type> types;
    for (const ast::TypeName& written : prepare.types) {
      ASSIGN_OR_RETURN(Type type, ResolveTypeName(written));
      types.push_back(std::move(type));
    }
    const StatusOr<SelectPlan> plan = planner.PlanSelect(*prepare.statement, types);
    if (!plan.ok() && SqlStateOf(plan.status()) != sqlstate::kIndeterminateDatatype) return plan.status();
  }
  prepared_[name] = {ToSql(*prepare.statement), ToSql(prepare)};
  results->OnTag("PREPARE");
  return OkStatus();
}

Status SessionImpl::Execute(const ast::Execute& execute, StatementScope* scope, Results* results) {
  const auto found = prepared_.find(execute.name.name);
  if (found == prepared_.end()) {
    std::vector<std::string> names;
    for (const auto& [name, statement] : prepared_) names.push_back(name);
    return SqlError(kInvalidSqlStatementName, execute.name.range)
           << "prepared statement \"" << execute.name.name << "\" does not exist" << DidYouMean(execute.name.name, names);
  }
  ASSIGN_OR_RETURN(const ast::StatementPtr declared, ParseStatement(found->second.source));
  ASSIGN_OR_RETURN(const ast::StatementPtr statement, ParseStatement(found->second.text));
  const auto& prepare = *ast::As<ast::Prepare>(*declared);
  if (execute.arguments.size() < prepare.types.size()) {
    return SqlError(sqlstate::kSyntaxError, execute.range)
           << "wrong number of parameters for prepared statement \"" << execute.name.name << "\""
           << Hint("expected " + std::to_string(prepare.types.size()) + " parameters but got " + std::to_string(execute.arguments.size()));
  }
  executing_ = &execute;
  executed_ = &prepare;
  const Status status = Dispatch(*statement, found->second.text, scope, results);
  executing_ = nullptr;
  executed_ = nullptr;
  return Elsewhere(execute.name.name, status);
}

Status SessionImpl::Deallocate(const ast::Deallocate& deallocate, Results* results) {
  if (deallocate.name.name.empty()) {
    prepared_.clear();
  } else if (prepared_.erase(deallocate.name.name) == 0) {
    return SqlError(kInvalidSqlStatementName, deallocate.name.range) << "prepared statement \"" << deallocate.name.name << "\" does not exist";
  }
  results->OnTag(deallocate.name.name.empty() ? "DEALLOCATE ALL" : "DEALLOCATE");
  return OkStatus();
}

Status SessionImpl::CopyTo(const ast::Copy& copy, StatementScope* scope, Results* results) {
  if (copy.from) return CopyFrom(copy, scope, results);
  ASSIGN_OR_RETURN(const CopyFormat format, ParseCopyFormat(copy.options));
  std::string query;
  if (copy.query != nullptr) {
    query = ToSql(*copy.query);
  } else {
    query = "SELECT ";
    for (const ast::Identifier& column : copy.columns) query += (&column == copy.columns.data() ? "" : ", ") + QuoteIdentifier(column.name);
    query += std::string(copy.columns.empty() ? "*" : "") + " FROM ";
    for (const ast::Identifier& part : copy.table.parts) query += (&part == copy.table.parts.data() ? "" : ".") + QuoteIdentifier(part.name);
  }
  ASSIGN_OR_RETURN(const ast::StatementPtr select, ParseStatement(query));
  std::unique_ptr<os::WritableFile> file;
  if (copy.file) {
    if (state_->environment->files().Exists(*copy.file)) RETURN_IF_ERROR(state_->environment->files().Remove(*copy.file));
    ASSIGN_OR_RETURN(file, state_->environment->files().OpenForAppend(*copy.file));
  }
  CopyResults rows(format, [&](std::string_view bytes) {
    if (file != nullptr) return file->Append(bytes);
    return results->OnCopy(bytes) ? OkStatus() : state_->Output(bytes);
  });
  const Status status = Select(*select, scope, &rows);
  if (!status.ok()) {  // positions are those of a text that nobody wrote
    return SqlError(SqlStateOf(status), copy.query != nullptr ? copy.query->range : copy.table.range) << MessageOf(status) << Hint(HintOf(status));
  }
  RETURN_IF_ERROR(rows.Finish());
  if (file != nullptr) RETURN_IF_ERROR(file->Sync());
  results->OnTag("COPY " + std::to_string(rows.rows()));
  return OkStatus();
}

Status SessionImpl::DescribeQuery(const ast::Statement& query, const StatementScope& scope, Results* results) {
  ProgramPlanner planner(scope.catalog, state_->connectors.get(), PlannerSettingsFor(scope.options));
  ASSIGN_OR_RETURN(const SelectPlan plan, planner.PlanSelect(query));
  return DescribeColumns(plan.columns, results);
}

}  // namespace kappa
