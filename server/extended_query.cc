// The extended protocol: prepared statements and portals.
#include <algorithm>

#include "engine/system_catalog/type_oid.h"
#include "server/binary_value.h"
#include "server/protocol_session.h"
#include "server/utf8.h"

namespace kappa::server {
namespace {

constexpr SqlState kDuplicatePreparedStatement{"42P05"};
constexpr SqlState kInvalidSqlStatementName{"26000"};
constexpr SqlState kInvalidCursorName{"34000"};
constexpr SqlState kDuplicateCursor{"42P03"};

// Formats of parameters or results: none: all text; one: of all; else one each. True: binary.
StatusOr<std::vector<bool>> ReadFormats(MessageReader* reader, size_t values, std::string_view what) {
  std::vector<bool> formats(reader->Int16());
  for (size_t i = 0; i < formats.size() && !reader->failed(); ++i) {
    const uint16_t format = reader->Int16();
    if (!reader->failed() && format > 1) return SqlError(sqlstate::kInvalidParameterValue) << "unsupported format code: " << static_cast<int>(format);
    formats[i] = format == 1;
  }
  if (!reader->failed() && formats.size() > 1 && formats.size() != values) {
    return SqlError(kProtocolViolation) << "bind message has " << formats.size() << " " << what << " formats but " << values << " " << what << "s";
  }
  if (formats.size() <= 1) formats.assign(values, !formats.empty() && formats[0]);
  return formats;
}

StatusOr<Datum> ReadValue(const Type& type, std::string_view bytes, bool binary) {
  if (binary) return ReadBinary(type, bytes);
  RETURN_IF_ERROR(CheckUtf8(bytes));
  return Datum::Parse(type.id() == TypeId::kUnknown ? Type(TypeId::kText) : type, bytes);
}

}  // namespace

StatusOr<ProtocolSession::Statement*> ProtocolSession::FindStatement(std::string_view name) {
  const auto found = statements_.find(name);
  if (found != statements_.end()) {
    about_ = found->second.text;
    return &found->second;
  }
  if (name.empty()) return SqlError(kInvalidSqlStatementName) << "unnamed prepared statement does not exist";
  return SqlError(kInvalidSqlStatementName) << "prepared statement \"" << name << "\" does not exist";
}

StatusOr<ProtocolSession::Portal*> ProtocolSession::FindPortal(std::string_view name) {
  const auto found = portals_.find(name);
  if (found == portals_.end()) return SqlError(kInvalidCursorName) << "portal \"" << name << "\" does not exist";
  about_ = found->second.text;
  return &found->second;
}

Status ProtocolSession::Parse(std::string_view body) {
  MessageReader reader(body);
  const std::string name(reader.Text());
  const std::string text(reader.Text());
  std::vector<Type> types;
  for (size_t left = reader.Int16(); left > 0 && !reader.failed(); --left) {
    const uint32_t oid = reader.Int32();
    const auto type = TypeOfOid(oid);
    if (!type) return SqlError(sqlstate::kFeatureNotSupported) << "parameters of the type with OID " << oid << " are not supported";
    types.push_back(*type);
  }
  RETURN_IF_ERROR(reader.Finish());
  if (name.empty()) {
    statements_.erase("");
  } else if (statements_.count(name) != 0) {
    return SqlError(kDuplicatePreparedStatement) << "prepared statement \"" << name << "\" already exists";
  }
  RETURN_IF_ERROR(CheckUtf8(text));
  about_ = text;
  ASSIGN_OR_RETURN(std::shared_ptr<PreparedStatement> prepared, session_->PrepareStatement(text, types));
  statements_[name] = {std::move(prepared), text};
  MessageWriter(outlet_->buffer(), '1');
  return OkStatus();
}

Status ProtocolSession::Bind(std::string_view body) {
  MessageReader reader(body);
  const std::string name(reader.Text());
  const std::string statement_name(reader.Text());
  ASSIGN_OR_RETURN(Statement * statement, FindStatement(statement_name));
  const std::vector<Type>& types = statement->prepared->parameters();
  ASSIGN_OR_RETURN(const std::vector<bool> binary, ReadFormats(&reader, types.size(), "parameter"));
  Portal portal{statement->prepared, statement->text, {}, false, {}, ""};
  const size_t values = reader.Int16();
  if (!reader.failed() && values != types.size()) {
    return SqlError(kProtocolViolation) << "bind message supplies " << values << " parameters, but prepared statement \"" << statement_name
                                        << "\" requires " << types.size();
  }
  for (size_t i = 0; i < values && !reader.failed(); ++i) {
    const uint32_t length = reader.Int32();
    if (length == UINT32_MAX) {
      portal.parameters.emplace_back();
      continue;
    }
    const std::string_view value = reader.Bytes(length);
    if (reader.failed()) break;
    auto parsed = ReadValue(types[i], value, binary[i]);
    if (!parsed.ok()) return SqlError(SqlStateOf(parsed.status())) << MessageOf(parsed.status()) << Hint(HintOf(parsed.status()));
    portal.parameters.push_back(*std::move(parsed));
  }
  const auto& result = statement->prepared->result();
  ASSIGN_OR_RETURN(const std::vector<bool> binary_results, ReadFormats(&reader, result ? ColumnsOf(*result).size() : 0, "result"));
  RETURN_IF_ERROR(reader.Finish());
  if (std::find(binary_results.begin(), binary_results.end(), true) != binary_results.end()) {
    return SqlError(sqlstate::kFeatureNotSupported) << "binary format of results is not supported yet" << Hint("ask for the text format");
  }
  if (!name.empty() && portals_.count(name) != 0) return SqlError(kDuplicateCursor) << "portal \"" << name << "\" already exists";
  portals_.insert_or_assign(name, std::move(portal));
  MessageWriter(outlet_->buffer(), '2');
  return OkStatus();
}

Status ProtocolSession::Describe(std::string_view body) {
  MessageReader reader(body);
  const uint8_t kind = reader.Byte();
  const std::string name(reader.Text());
  RETURN_IF_ERROR(reader.Finish());
  const PreparedStatement* prepared = nullptr;
  if (kind == 'S') {
    ASSIGN_OR_RETURN(const Statement* statement, FindStatement(name));
    prepared = statement->prepared.get();
    MessageWriter message(outlet_->buffer(), 't');
    message.Int16(static_cast<uint16_t>(prepared->parameters().size()));
    for (const Type& type : prepared->parameters()) message.Int32(WireTypeOf(type).oid);
  } else if (kind == 'P') {
    ASSIGN_OR_RETURN(const Portal* portal, FindPortal(name));
    prepared = portal->statement.get();
  } else {
    return SqlError(kProtocolViolation) << "invalid DESCRIBE message subtype " << static_cast<int>(kind);
  }
  if (prepared->result()) {
    AppendRowDescription(ColumnsOf(*prepared->result()), outlet_->buffer());
  } else {
    MessageWriter(outlet_->buffer(), 'n');
  }
  return OkStatus();
}

Status ProtocolSession::SendKept(Portal* portal, int64_t limit, int64_t* sent) {
  for (*sent = 0; (limit == 0 || *sent < limit) && !portal->kept.rows.empty(); ++*sent) {
    outlet_->buffer()->append(portal->kept.rows.front());
    portal->kept.bytes -= portal->kept.rows.front().size() + sizeof(std::string);
    portal->kept.rows.pop_front();
    if (outlet_->buffer()->size() >= Outlet::kSendBytes) RETURN_IF_ERROR(outlet_->Send());
  }
  return OkStatus();
}

// The first time: the statement runs to its end; rows past the limit are kept for the times to come.
Status ProtocolSession::Start(Portal* portal, int64_t limit, int64_t* sent) {
  portal->started = true;
  PreparedStatement* const statement = portal->statement.get();
  WireResults results(outlet_, false, limit, &portal->kept);
  const Status status = Watched([&] { return session_->ExecutePrepared(statement, portal->parameters, &results); });
  RETURN_IF_ERROR(WithoutWholeRange(status, portal->text));
  results.EndCopy();
  portal->tag = results.tag().empty() ? TagOfRows(statement->command(), results.rows()) : results.tag();
  TellParameters(portal->tag);
  *sent = results.sent();
  return OkStatus();
}

Status ProtocolSession::Execute(std::string_view body) {
  MessageReader reader(body);
  const std::string name(reader.Text());
  const int64_t limit = std::max(static_cast<int32_t>(reader.Int32()), 0);  // 0, or negative: none
  RETURN_IF_ERROR(reader.Finish());
  ASSIGN_OR_RETURN(Portal * portal, FindPortal(name));
  if (portal->statement->command().empty()) {
    MessageWriter(outlet_->buffer(), 'I');
    return OkStatus();
  }
  int64_t sent = 0;
  if (!portal->started) {
    RETURN_IF_ERROR(Start(portal, limit, &sent));
  } else if (!portal->statement->result()) {
    return SqlError(sqlstate::kObjectNotInPrerequisiteState) << "portal \"" << name << "\" cannot be run anymore";
  } else {
    RETURN_IF_ERROR(SendKept(portal, limit, &sent));
  }
  if (limit > 0 && sent == limit) {  // there may be none left: PostgreSQL too tells that the next time
    MessageWriter(outlet_->buffer(), 's');
  } else {
    AppendCommandComplete(portal->tag.starts_with("SELECT ") ? TagOfRows("SELECT", sent) : portal->tag, outlet_->buffer());
  }
  return OkStatus();
}

Status ProtocolSession::Close(std::string_view body) {
  MessageReader reader(body);
  const uint8_t kind = reader.Byte();
  const std::string name(reader.Text());
  RETURN_IF_ERROR(reader.Finish());
  if (kind == 'S') {
    statements_.erase(name);
  } else if (kind == 'P') {
    portals_.erase(name);
  } else {
    return SqlError(kProtocolViolation) << "invalid CLOSE message subtype " << static_cast<int>(kind);
  }
  MessageWriter(outlet_->buffer(), '3');  // also where there was none
  return OkStatus();
}

}  // namespace kappa::server
