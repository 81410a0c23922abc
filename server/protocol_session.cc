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
  const Status status =
      Watched([&] { return statement.copies_in ? session_->CopyIn(one, copy_->data, &results) : session_->Execute(one, &results); });
  if (!status.ok()) return Moved(status, statement.range, text);
  results.EndCopy();
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
  ASSIGN_OR_RETURN(std::vector<StatementText> statements, ParseStatements(text));
  if (statements.empty()) MessageWriter(outlet_->buffer(), 'I');
  if (statements.size() > 1) BeginBatch();
  return RunStatements(std::move(statements), 0);
}

// From the one at `next` on. At a COPY FROM STDIN it waits for what the client copies.
Status ProtocolSession::RunStatements(std::vector<StatementText> statements, size_t next) {
  for (; next < statements.size(); ++next) {
    if (statements[next].copies_in && !copy_) {
      if (session_->transaction() != TransactionState::kFailed) {
        copy_ = CopyFromClient{about_, std::move(statements), next, ""};
        MessageWriter(outlet_->buffer(), 'G').Byte('\0').Int16(0);
        return outlet_->Send();
      }
      copy_ = CopyFromClient{};  // it is refused without waiting for what would be copied
    }
    const Status status = RunStatement(about_, statements[next]);
    copy_.reset();
    RETURN_IF_ERROR(status);
    if (next + 1 < statements.size()) RETURN_IF_ERROR(outlet_->Send());  // the last one's answer goes with what ends the query
  }
  return OkStatus();
}

// A message while the client copies: data, its end, or that there will be none.
Status ProtocolSession::HandleCopy(const FrontendMessage& message) {
  constexpr size_t kMostBytes = size_t{1} << 30;
  if (message.type == 'H' || message.type == 'S') return OkStatus();
  about_ = copy_->text;
  if (message.type == 'd') {
    if (copy_->data.size() + message.body.size() > kMostBytes) {
      copy_.reset();
      return SqlError(sqlstate::kStatementTooLong) << "COPY takes at most " << (kMostBytes >> 20) << " MiB at a time" << Hint("copy it in parts");
    }
    copy_->data.append(message.body);
    return OkStatus();
  }
  if (message.type == 'c') {
    std::vector<StatementText> statements = std::move(copy_->statements);
    return RunStatements(std::move(statements), copy_->at);
  }
  MessageReader reader(message.body);
  const std::string why(message.type == 'f' ? reader.Text() : "");
  copy_.reset();
  if (message.type == 'f') return SqlError(sqlstate::kQueryCanceled) << "COPY from stdin failed: " << why;
  return SqlError(kProtocolViolation) << "unexpected message type \"" << message.type << "\" during COPY from stdin";
}

Status ProtocolSession::HandleExtended(const FrontendMessage& message, bool sync_follows) {
  switch (message.type) {
    case 'P':
      return Parse(message.body);
    case 'B':
      return Bind(message.body);
    case 'D':
      return Describe(message.body);
    case 'E':
      if (!sync_follows) BeginBatch();  // others may come that belong to it
      return Execute(message.body);
    case 'C':
      return Close(message.body);
    case 'F':
      return SqlError(sqlstate::kFeatureNotSupported) << "the function call protocol is not supported" << Hint("SELECT the function");
    default:  // 'p': nothing asked for a password
      return SqlError(kProtocolViolation) << "unexpected message type \"" << message.type << "\"";
  }
}

void ProtocolSession::BeginBatch() {
  batch_ = true;
  session_->BeginBatch();
}

Status ProtocolSession::EndBatch() {
  if (!std::exchange(batch_, false)) return OkStatus();
  return Watched([&] { return session_->EndBatch(); });
}

bool ProtocolSession::EndQuery(const Status& status) {
  if (!status.ok()) {
    if (IsConnectionLost(status)) return false;
    Answer(status, about_);
  }
  if (copy_) return true;
  if (const Status ended = EndBatch(); !ended.ok()) Answer(ended, "");
  if (!in_block()) portals_.clear();
  Ready();
  return true;
}

bool ProtocolSession::Handle(const FrontendMessage& message, bool sync_follows) {
  if (copy_ && message.type != 'X') {
    const bool done = message.type != 'd' && message.type != 'H' && message.type != 'S';
    const Status status = HandleCopy(message);
    return done || !status.ok() ? EndQuery(status) : true;
  }
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
      if (const Status ended = EndBatch(); !ended.ok()) Answer(ended, "");
      if (!in_block()) portals_.clear();
      Ready();
      return true;
    case 'Q':
      if (skipping_) return true;
      portals_.erase("");
      statements_.erase("");
      return EndQuery(SimpleQuery(message.body));
    default:
      if (skipping_) return true;
      if (const Status status = HandleExtended(message, sync_follows); !status.ok()) {
        if (IsConnectionLost(status)) return false;
        Answer(status, about_);
        skipping_ = true;
      }
      return true;
  }
}

}  // namespace kappa::server
