#include "cli/remote_session.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "common/error_detail.h"
#include "connectors/registry.h"
#include "engine/system_catalog/type_oid.h"

namespace kappa::cli {
namespace {

struct ConnectionCloser {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, ConnectionCloser>;
struct ResultCloser {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ResultCloser>;

// host:port/database in libpq's words.
std::string ConnectionText(const std::string& address) {
  if (address.find("://") != std::string::npos || address.find('=') != std::string::npos) return address;
  const size_t slash = address.find('/');
  return "postgresql://" + address.substr(0, slash) + "/" + (slash == std::string::npos ? "kappa" : address.substr(slash + 1));
}

std::string Trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

StatusOr<Connection> Connect(const std::string& address) {
  const std::string text = ConnectionText(address);
  const char* const keywords[] = {"dbname", "fallback_application_name", "connect_timeout", nullptr};
  const char* const values[] = {text.c_str(), "kappa shell", "10", nullptr};
  Connection connection(PQconnectdbParams(keywords, values, 1));
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return SqlError(sqlstate::kCannotConnect) << Trimmed(PQerrorMessage(connection.get()))
                                              << Hint("is a server there? kappa serve --listen says where it listens");
  }
  return connection;
}

// The byte at which the character `position`, counted from 1, begins.
uint32_t ByteOf(std::string_view text, size_t position) {
  size_t byte = 0;
  for (size_t character = 1; byte < text.size(); ++byte) {
    if ((text[byte] & 0xC0) == 0x80) continue;
    if (character++ == position) break;
  }
  return static_cast<uint32_t>(byte);
}

Status ErrorOf(const PGresult* result, PGconn* connection, std::string_view text) {
  const auto field = [&](int code) {
    const char* value = PQresultErrorField(result, code);
    return std::string(value == nullptr ? "" : value);
  };
  const std::string code = field(PG_DIAG_SQLSTATE);
  if (PQstatus(connection) != CONNECTION_OK || code.size() != 5) return SqlError(sqlstate::kConnectionFailure) << Trimmed(PQerrorMessage(connection));
  SqlState state = sqlstate::kInternalError;
  std::copy(code.begin(), code.end(), state.code);
  TextRange range;
  if (const std::string position = field(PG_DIAG_STATEMENT_POSITION); !position.empty()) {
    range.begin = ByteOf(text, std::strtoul(position.c_str(), nullptr, 10));
    range.end = std::min<uint32_t>(range.begin + 1, static_cast<uint32_t>(text.size()));
  }
  return WithDetail(SqlError(state, range) << field(PG_DIAG_MESSAGE_PRIMARY) << Hint(field(PG_DIAG_MESSAGE_HINT)), field(PG_DIAG_MESSAGE_DETAIL));
}

// The type of a column as it was before it became a text; text for those that are not here.
Type ColumnType(const PGresult* result, int column) {
  const auto type = TypeOfOid(PQftype(result, column));
  if (!type || type->id() == TypeId::kUnknown) return TypeId::kText;
  const int modifier = PQfmod(result, column);
  if (type->id() == TypeId::kNumeric && modifier > 4) return Type::Numeric((modifier - 4) >> 16, (modifier - 4) & 0xFFFF);
  return *type;
}

// Rows of one result, handed on as those of an engine are.
class RowsOf {
 public:
  RowsOf(const PGresult* first, Results* results) : results_(results) {
    std::vector<RowLayout::Column> columns;
    for (int i = 0; i < PQnfields(first); ++i) {
      schema_.columns.push_back({PQfname(first, i), ColumnType(first, i), true});
      columns.push_back({schema_.columns.back().type, true});
    }
    schema_.layout = RowLayout(columns);
  }
  Status Begin() { return results_->OnSchema("", schema_); }
  Status Add(const PGresult* result) {
    for (int i = 0; i < PQntuples(result); ++i) RETURN_IF_ERROR(AddRow(result, i));
    return OkStatus();
  }
  Status End() { return results_->OnEnd(rows_); }

 private:
  Status AddRow(const PGresult* result, int index) {
    std::vector<uint64_t> memory(schema_.layout.size() / sizeof(uint64_t) + 1);
    char* const row = reinterpret_cast<char*>(memory.data());
    std::vector<Datum> values(schema_.columns.size());  // hold the texts
    for (size_t i = 0; i < values.size(); ++i) {
      const int column = static_cast<int>(i);
      if (!PQgetisnull(result, index, column)) {
        const std::string_view text(PQgetvalue(result, index, column), static_cast<size_t>(PQgetlength(result, index, column)));
        ASSIGN_OR_RETURN(values[i], Datum::Parse(schema_.columns[i].type, text));
      }
      schema_.layout.Store(row, schema_.layout.slots()[i], values[i]);
    }
    ++rows_;
    const char* const rows[] = {row};
    ChangeBatch batch;
    batch.schema = &schema_;
    batch.rows = rows;
    return results_->OnRows(batch);
  }

  Results* const results_;
  RowSchema schema_;
  int64_t rows_ = 0;
};

class RemoteSession final : public Session {
 public:
  RemoteSession(Connection connection, std::string address) : connection_(std::move(connection)), address_(std::move(address)) {
    cancel_ = PQgetCancel(connection_.get());
    PQsetNoticeReceiver(connection_.get(), OnNotice, this);
  }
  ~RemoteSession() override { PQfreeCancel(cancel_); }

  Status Execute(std::string_view text, Results* results, const std::vector<Datum>& parameters) override {
    if (!parameters.empty()) return NotHere("a statement with parameters");
    results_ = results;
    const Status status = Send(std::string(text));
    results_ = nullptr;
    return status;
  }
  StatusOr<std::shared_ptr<PreparedStatement>> PrepareStatement(std::string_view, const std::vector<Type>&) override { return NotHere("this"); }
  Status ExecutePrepared(PreparedStatement*, const std::vector<Datum>&, Results*) override { return NotHere("this"); }
  Status CopyIn(std::string_view, std::string_view, Results*) override { return NotHere("COPY FROM STDIN"); }
  TransactionState transaction() const override {
    const PGTransactionStatusType status = PQtransactionStatus(connection_.get());
    return status == PQTRANS_INTRANS ? TransactionState::kOpen : status == PQTRANS_INERROR ? TransactionState::kFailed : TransactionState::kNone;
  }
  void FailTransaction() override {}
  bool WhileWaiting(const std::function<void()>&) override { return false; }
  StatusOr<ProgramSummary> RunProgram(const std::vector<ProgramText>&, const ProgramRunOptions&, Results*) override { return NotHere("a program"); }
  Status Check(const std::vector<ProgramText>&) override { return NotHere("a program"); }
  StatusOr<std::string> Explain(const std::vector<ProgramText>&, std::string_view) override { return NotHere("a program"); }
  void Identify(const SessionIdentity&) override {}
  Status Set(std::string_view name, std::string_view value) override {
    Result result(PQexec(connection_.get(), ("SET " + std::string(name) + " = '" + std::string(value) + "'").c_str()));
    return PQresultStatus(result.get()) == PGRES_COMMAND_OK ? OkStatus() : ErrorOf(result.get(), connection_.get(), "");
  }
  StatusOr<std::string> Get(std::string_view name) const override {
    Result result(PQexec(connection_.get(), ("SHOW " + std::string(name)).c_str()));
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return ErrorOf(result.get(), connection_.get(), "");
    return std::string(PQgetvalue(result.get(), 0, 0));
  }
  void Cancel() override {
    char message[256];
    (void)PQcancel(cancel_, message, sizeof message);
  }

 private:
  static Status NotHere(std::string_view what) { return SqlError(sqlstate::kFeatureNotSupported) << what << " is not supported over a connection"; }
  static void OnNotice(void* self, const PGresult* result) {
    const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    auto* session = static_cast<RemoteSession*>(self);
    if (session->results_ != nullptr && text != nullptr) session->results_->OnNotice(text);
  }

  // With a key of its own for cancelling.
  void Reconnect() {
    PQreset(connection_.get());
    PQfreeCancel(cancel_);
    cancel_ = PQgetCancel(connection_.get());
  }

  Status Send(const std::string& text) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) Reconnect();  // it was lost before: the server may be back
    if (PQsendQuery(connection_.get(), text.c_str()) == 0)
      return SqlError(sqlstate::kConnectionFailure) << Trimmed(PQerrorMessage(connection_.get()));
    PQsetSingleRowMode(connection_.get());
    Status status = OkStatus();
    std::unique_ptr<RowsOf> rows;
    while (Result result{PQgetResult(connection_.get())}) {
      if (!status.ok()) continue;  // what else comes is read, and left
      status = Take(result.get(), text, &rows);
    }
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
      const Status lost = SqlError(sqlstate::kConnectionFailure) << Trimmed(PQerrorMessage(connection_.get()));
      Reconnect();
      return lost;
    }
    return status;
  }

  Status Take(const PGresult* result, std::string_view text, std::unique_ptr<RowsOf>* rows) {
    switch (PQresultStatus(result)) {
      case PGRES_SINGLE_TUPLE:
      case PGRES_TUPLES_OK: {
        if (*rows == nullptr) {
          *rows = std::make_unique<RowsOf>(result, results_);
          RETURN_IF_ERROR((*rows)->Begin());
        }
        RETURN_IF_ERROR((*rows)->Add(result));
        if (PQresultStatus(result) == PGRES_SINGLE_TUPLE) return OkStatus();
        RETURN_IF_ERROR((*rows)->End());
        rows->reset();
        const std::string tag = PQcmdStatus(const_cast<PGresult*>(result));
        if (tag.starts_with("INSERT") || tag.starts_with("UPDATE") || tag.starts_with("DELETE")) results_->OnTag(tag);
        return OkStatus();
      }
      case PGRES_COMMAND_OK:
        results_->OnTag(PQcmdStatus(const_cast<PGresult*>(result)));
        return OkStatus();
      case PGRES_EMPTY_QUERY:
        return OkStatus();
      case PGRES_COPY_IN:
        (void)PQputCopyEnd(connection_.get(), "the shell sends no data: COPY FROM 'file', or psql");
        return OkStatus();
      case PGRES_COPY_OUT: {
        char* line = nullptr;
        while (PQgetCopyData(connection_.get(), &line, 0) > 0) PQfreemem(line);
        return NotHere("COPY TO STDOUT");
      }
      default:
        return ErrorOf(result, connection_.get(), text);
    }
  }

  Connection connection_;
  const std::string address_;
  PGcancel* cancel_ = nullptr;
  Results* results_ = nullptr;  // of the statement that runs
};

class RemoteEngine final : public Engine {
 public:
  RemoteEngine(std::string address, Connection first) : address_(std::move(address)), place_("the server at " + address_), first_(std::move(first)) {}
  std::unique_ptr<Session> NewSession() override {
    Connection connection = std::move(first_);
    if (connection == nullptr) {
      auto another = Connect(address_);
      if (!another.ok()) return nullptr;
      connection = *std::move(another);
    }
    return std::make_unique<RemoteSession>(std::move(connection), address_);
  }
  Status Acquire() override { return OkStatus(); }
  void StartBackground() override {}
  const ConnectorRegistry& connectors() const override { return *connectors_; }
  std::vector<std::string> ObjectNames() const override {
    std::vector<std::string> names;
    auto connection = Connect(address_);
    if (!connection.ok()) return names;
    const Result result(PQexec(connection->get(), "SELECT table_name FROM information_schema.tables"));
    for (int i = 0; i < PQntuples(result.get()); ++i) names.emplace_back(PQgetvalue(result.get(), i, 0));
    return names;
  }
  const std::string& data_directory() const override { return place_; }

 private:
  const std::string address_, place_;
  Connection first_;
  std::unique_ptr<ConnectorRegistry> connectors_ = MakeConnectors({});
};

}  // namespace

StatusOr<std::unique_ptr<Engine>> ConnectRemote(const std::string& address) {
  ASSIGN_OR_RETURN(Connection connection, Connect(address));
  return std::unique_ptr<Engine>(std::make_unique<RemoteEngine>(address, std::move(connection)));
}

}  // namespace kappa::cli
