// COPY table FROM a file, or from what a client has sent.
#include "common/error_detail.h"
#include "engine/copy_input.h"
#include "engine/native_rows.h"
#include "engine/session.h"
#include "formats/csv/format.h"
#include "parser/printer.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

// The INSERT that takes one row of texts.
std::string InsertOfTexts(const CatalogObject& table, const std::vector<size_t>& targets) {
  std::string columns, values;
  for (size_t i = 0; i < targets.size(); ++i) {
    const CatalogColumn& column = (*table.columns())[targets[i]];
    columns += (i > 0 ? ", " : "") + QuoteIdentifier(column.name);
    values += (i > 0 ? ", $" : "$") + std::to_string(i + 1) + "::text::" + WithoutModifiers(column.type).ToString();
  }
  return "INSERT INTO " + QuoteIdentifier(table.schema) + "." + QuoteIdentifier(table.shown_name()) + " (" + columns + ") VALUES (" + values + ")";
}

}  // namespace

Status SessionImpl::CopyIn(std::string_view text, std::string_view data, Results* results) {
  copy_data_ = data;
  const Status status = Execute(text, results, {});
  copy_data_.reset();
  return status;
}

Status SessionImpl::CopyFrom(const ast::Copy& copy, StatementScope* scope, Results* results) {
  ASSIGN_OR_RETURN(const CopyFormat format, ParseCopyFormat(copy.options));
  const std::string schema = copy.table.parts.size() == 2 ? copy.table.parts[0].name : "";
  const CatalogObjectPtr object =
      scope->catalog->Resolve(Catalog::Family::kRelation, schema, copy.table.last().name, settings_.planner().search_path);
  if (object == nullptr) {
    return SqlError(sqlstate::kUndefinedTable, copy.table.range)
           << "relation \"" << ast::ToString(copy.table) << "\" does not exist" << DidYouMean(copy.table.last().name, scope->catalog->Names());
  }
  const auto* table = object->As<TableObject>();
  if (table == nullptr)
    return SqlError(sqlstate::kWrongObjectType, copy.table.range) << "cannot copy to " << object->KindName() << " \"" << object->shown_name() << "\"";
  std::vector<size_t> targets;
  std::vector<std::string> names;
  for (const CatalogColumn& column : table->source.columns) names.push_back(column.name);
  for (const ast::Identifier& wanted : copy.columns) {
    const auto found = std::find(names.begin(), names.end(), wanted.name);
    if (found == names.end()) {
      return SqlError(sqlstate::kUndefinedColumn, wanted.range)
             << "column \"" << wanted.name << "\" of relation \"" << object->shown_name() << "\" does not exist" << DidYouMean(wanted.name, names);
    }
    targets.push_back(static_cast<size_t>(found - names.begin()));
  }
  for (size_t i = 0; copy.columns.empty() && i < names.size(); ++i) {
    if (!table->generated[i]) targets.push_back(i);
  }
  const std::string insert = InsertOfTexts(*object, targets);
  ASSIGN_OR_RETURN(const ast::StatementPtr statement, ParseStatement(insert));
  ProgramPlanner planner(scope->catalog, state_->connectors.get(), PlannerSettingsFor(scope->options));
  StatusOr<DmlPlan> plan = planner.PlanDml(*statement);
  if (!plan.ok()) return SqlError(SqlStateOf(plan.status()), copy.table.range) << MessageOf(plan.status()) << Hint(HintOf(plan.status()));

  std::string read;
  std::string_view data;
  if (copy.file) {
    ASSIGN_OR_RETURN(read, state_->environment->files().ReadAll(*copy.file));
    data = read;
  } else if (copy_data_) {
    data = *copy_data_;
  } else {
    return SqlError(sqlstate::kFeatureNotSupported, copy.range)
           << "COPY FROM STDIN needs a client that sends the rows" << Hint("COPY ... FROM 'file' reads a file");
  }
  ASSIGN_OR_RETURN(CopyInput input, CopyInput::Open(format, data));
  std::vector<TableRow> rows;
  std::vector<std::optional<std::string>> fields;
  std::vector<Datum> parameters(targets.size());
  const int64_t now = state_->environment->clock().WallMicros();
  for (;;) {
    RETURN_IF_ERROR(Interrupted());
    const auto where = [&](const std::string& column) {
      return "COPY " + object->shown_name() + ", line " + std::to_string(input.line()) + (column.empty() ? "" : ", column " + column);
    };
    StatusOr<bool> more = input.Next(&fields);
    if (!more.ok()) return WithDetail(more.status(), where(""));
    if (!*more) break;
    if (fields.size() < targets.size()) {
      return WithDetail(SqlError(sqlstate::kBadCopyFileFormat) << "missing data for column \"" << names[targets[fields.size()]] << "\"", where(""));
    }
    if (fields.size() > targets.size())
      return WithDetail(SqlError(sqlstate::kBadCopyFileFormat) << "extra data after last expected column", where(""));
    for (size_t i = 0; i < fields.size(); ++i) parameters[i] = fields[i] ? Datum::Bytes(*fields[i]) : Datum();
    const Status status = RunNatively(plan->rows, {}, parameters, now, [&](const TableRow& row) {
      rows.push_back(row);
      return OkStatus();
    });
    if (!status.ok()) return WithDetail(SqlError(SqlStateOf(status)) << MessageOf(status), where(""));
  }
  int64_t affected = 0;
  RETURN_IF_ERROR(ApplyRows(*plan, std::move(rows), {}, {}, scope, results, &affected, nullptr));
  results->OnTag("COPY " + std::to_string(affected));
  return OkStatus();
}

}  // namespace kappa
