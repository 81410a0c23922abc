#include "server/protocol_session.h"

#include <charconv>

#include "common/error_detail.h"
#include "server/utf8.h"

namespace kappa::server {
namespace {

bool IsConnectionLost(const Status& status) { return SqlStateOf(status) == sqlstate::kConnectionFailure; }

// The error's range, moved by where its statement begins in the text of the whole query.
Status Moved(const Status& error, const TextRange& statement, std::string_view whole) {
  const Status status = WithoutWholeRange(error, whole.substr(statement.begin, statement.end - statement.begin));
  TextRange range = RangeOf(status);
  if (range.known()) range = {range.begin + statement.begin, range.end + statement.begin};
  return WithDetail(SqlError(SqlStateOf(status), range) << MessageOf(status) << Hint(HintOf(status)), DetailOf(status));
}

}  // namespace

Status WithoutWholeRange(const Status& status, std::string_view statement) {
  const TextRange range = RangeOf(status);
  if (status.ok() || !range.known() || range.begin > 0 || range.end < statement.find_last_not_of(" \t\r\n;") + 1) return status;
  return WithDetail(SqlError(SqlStateOf(status)) << MessageOf(status) << Hint(HintOf(status)), DetailOf(status));
}

int64_t ProtocolSession::StatementTimeout() const {
  const auto text = session_->Get("statement_timeout");
  if (!text.ok()) return 0;
  int64_t millis = 0;
  std::from_chars(text->data(), text->data() + text->size(), millis);
  return millis;
}

void ProtocolSession::Answer(const Status& error, std::string_view text) {
  session_->FailTransaction();
  AppendError("ERROR", error, text, outlet_->buffer());
}

void ProtocolSession::Ready() {
  const TransactionState state = session_->transaction();
  AppendReadyForQuery(state == TransactionState::kNone ? 'I' : state == TransactionState::kOpen ? 'T' : 'E', outlet_->buffer());
}

void ProtocolSession::TellParameters(std::string_view tag) {
  if (tag != "SET" && tag != "RESET") return;
  for (const auto& [name, value] : ReportedOf(*session_)) {
    if (std::exchange(reported_[name], value) != value) AppendParameterStatus(name, value, outlet_->buffer());
  }
}

Status ProtocolSession::Watched(const std::function<Status()>& run) {
  watch_->Begin(StatementTimeout());
  return watch_->End(run());
}

Status ProtocolSession::RunStatement(std::string_view text, const StatementText& statement) {
  const std::string_view one = text.substr(statement.range.begin, statement.range.end - statement.range.begin);
  WireResults results(outlet_, true);
  const Status status = Watched([&] { return session_->Execute(one, &results); });
  if (!status.ok()) return Moved(status, statement.range, text);
  const std::string tag = results.tag().empty() ? TagOfRows(statement.command, results.rows()) : results.tag();
  AppendCommandComplete(tag, outlet_->buffer());
  TellParameters(tag);
  return OkStatus();
}

Status ProtocolSession::SimpleQuery(std::string_view body) {
  MessageReader reader(body);
  const std::string_view text = reader.Text();
  RETURN_IF_ERROR(reader.Finish());
  RETURN_IF_ERROR(CheckUtf8(text));
  about_ = std::string(text);
  ASSIGN_OR_RETURN(const std::vector<StatementText> statements, ParseStatements(text));
  if (statements.empty()) MessageWriter(outlet_->buffer(), 'I');
  for (const StatementText& statement : statements) {
    RETURN_IF_ERROR(RunStatement(text, statement));
    RETURN_IF_ERROR(outlet_->Send());
  }
  return OkStatus();
}

Status ProtocolSession::HandleExtended(const FrontendMessage& message) {
  switch (message.type) {
    case 'P':
      return Parse(message.body);
    case 'B':
      return Bind(message.body);
    case 'D':
      return Describe(message.body);
    case 'E':
      return Execute(message.body);
    case 'C':
      return Close(message.body);
    case 'F':
      return SqlError(sqlstate::kFeatureNotSupported) << "the function call protocol is not supported" << Hint("SELECT the function");
    default:  // 'p': nothing asked for a password
      return SqlError(kProtocolViolation) << "unexpected message type \"" << message.type << "\"";
  }
}

bool ProtocolSession::Handle(const FrontendMessage& message) {
  about_.clear();
  switch (message.type) {
    case 'X':
      return false;
    case 'H':
      return outlet_->Send().ok();
    case 'c':
    case 'd':
    case 'f':
      return true;  // of a COPY that has failed: PostgreSQL passes over them too
    case 'S':
      skipping_ = false;
      if (!in_block()) portals_.clear();
      Ready();
      return true;
    case 'Q':
      if (skipping_) return true;
      portals_.erase("");
      statements_.erase("");
      if (const Status status = SimpleQuery(message.body); !status.ok()) {
        if (IsConnectionLost(status)) return false;
        Answer(status, about_);
      }
      if (!in_block()) portals_.clear();
      Ready();
      return true;
    default:
      if (skipping_) return true;
      if (const Status status = HandleExtended(message); !status.ok()) {
        if (IsConnectionLost(status)) return false;
        Answer(status, about_);
        skipping_ = true;
      }
      return true;
  }
}

}  // namespace kappa::server
