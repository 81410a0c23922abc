#include "tests/slt/runner/postgres_target.h"

#include <algorithm>

namespace kappa::slt {
namespace {

// Types' identifiers in PostgreSQL's catalog (pg_type.dat).
char TypeLetter(Oid type) {
  switch (type) {
    case 20:
    case 21:
    case 23:
      return 'I';
    case 700:
    case 701:
    case 1700:
      return 'R';
    default:
      return 'T';
  }
}

Status ErrorOf(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  SqlState code = sqlstate::kInternalError;
  if (state != nullptr) std::copy_n(state, 5, code.code);
  return SqlError(code) << PQresultErrorMessage(result);
}

// A view of PostgreSQL's always holds what kappa's materialized ones hold; its own materialized ones would stay as they were made.
std::string AsView(const std::string& sql) {
  for (const std::string verb : {"CREATE ", "DROP "}) {
    const std::string materialized = verb + "MATERIALIZED VIEW ";
    if (sql.compare(0, materialized.size(), materialized) == 0) return verb + "VIEW " + sql.substr(materialized.size());
  }
  return sql;
}

// The columns of a stream without what only a stream has.
std::string TableColumns(std::string columns) {
  const size_t watermark = columns.find(", WATERMARK FOR");
  if (watermark != std::string::npos) columns = columns.substr(0, watermark) + ")";
  return columns;
}

}  // namespace

StatusOr<std::unique_ptr<PostgresTarget>> PostgresTarget::Open(const std::string& connection_string) {
  std::unique_ptr<PostgresTarget> target(new PostgresTarget);
  target->connection_ = PQconnectdb((connection_string + " connect_timeout=10").c_str());
  if (PQstatus(target->connection_) != CONNECTION_OK) return SqlError(sqlstate::kCannotConnect) << PQerrorMessage(target->connection_);
  PQsetNoticeReceiver(target->connection_, [](void*, const PGresult*) {}, nullptr);
  RETURN_IF_ERROR(target->Execute("SET timezone = 'UTC'; SET client_min_messages = error; SET statement_timeout = '30s'").status);
  // What a file makes is its own.
  target->schema_ = "slt_" + std::to_string(PQbackendPID(target->connection_));
  RETURN_IF_ERROR(target->Execute("CREATE SCHEMA " + target->schema_ + "; SET search_path = " + target->schema_ + ", public").status);
  return target;
}

PostgresTarget::~PostgresTarget() {
  if (connection_ == nullptr) return;
  if (!schema_.empty()) Execute("ROLLBACK; DROP SCHEMA " + schema_ + " CASCADE");
  PQfinish(connection_);
}

Outcome PostgresTarget::Execute(const std::string& sql) {
  Outcome outcome;
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_, AsView(sql).c_str()), &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) {
    outcome.status = ErrorOf(result.get());
    outcome.error_text = FormatError(outcome.status, "", sql);
    return outcome;
  }
  for (int column = 0; column < PQnfields(result.get()); ++column) outcome.types += TypeLetter(PQftype(result.get(), column));
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    auto& values = outcome.rows.emplace_back();
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      values.push_back(ShowValue(PQgetvalue(result.get(), row, column), PQgetisnull(result.get(), row, column) != 0));
    }
  }
  return outcome;
}

Outcome PostgresTarget::RunProgram(const Record&, const std::string&) { return {}; }
Status PostgresTarget::AppendToLog(const Record&) { return OkStatus(); }

Status PostgresTarget::MakeStream(const Record& record) {
  RETURN_IF_ERROR(Execute("CREATE TEMP TABLE " + record.name + " " + TableColumns(record.columns)).status);
  for (const std::string& line : record.lines) {
    const char* values[] = {line.c_str()};
    const std::string sql = "INSERT INTO " + record.name + " SELECT * FROM json_populate_record(NULL::" + record.name + ", $1::json)";
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexecParams(connection_, sql.c_str(), 1, nullptr, values, nullptr, nullptr, 0),
                                                               &PQclear);
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return ErrorOf(result.get());
  }
  return OkStatus();
}

}  // namespace kappa::slt
