#include "server/backend_message.h"

#include <algorithm>

#include "common/error_detail.h"
#include "engine/system_catalog/type_oid.h"

namespace kappa::server {

void AppendParameterStatus(std::string_view name, std::string_view value, std::string* out) { MessageWriter(out, 'S').Text(name).Text(value); }

void AppendReadyForQuery(char transaction_status, std::string* out) { MessageWriter(out, 'Z').Byte(transaction_status); }

void AppendCommandComplete(std::string_view tag, std::string* out) { MessageWriter(out, 'C').Text(tag); }

void AppendRowDescription(const std::vector<ColumnDescription>& columns, std::string* out) {
  MessageWriter message(out, 'T');
  message.Int16(static_cast<uint16_t>(columns.size()));
  for (const ColumnDescription& column : columns) {
    const WireType type = WireTypeOf(column.type);
    message.Text(column.name).Int32(0).Int16(0).Int32(type.oid).Int16(static_cast<uint16_t>(type.size)).Int32(static_cast<uint32_t>(type.modifier));
    message.Int16(0);  // text
  }
}

void AppendNotice(std::string_view text, std::string* out) {
  MessageWriter message(out, 'N');
  message.Byte('S').Text("NOTICE").Byte('V').Text("NOTICE").Byte('C').Text("00000").Byte('M').Text(text).Byte('\0');
}

size_t CharacterPosition(std::string_view text, size_t byte) {
  const std::string_view before = text.substr(0, byte);
  return 1 + static_cast<size_t>(std::count_if(before.begin(), before.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void AppendError(std::string_view severity, const Status& status, std::string_view text, std::string* out) {
  MessageWriter message(out, 'E');
  message.Byte('S').Text(severity).Byte('V').Text(severity).Byte('C').Text(SqlStateOf(status).view()).Byte('M').Text(MessageOf(status));
  if (const std::string detail = DetailOf(status); !detail.empty()) message.Byte('D').Text(detail);
  if (const std::string hint = HintOf(status); !hint.empty()) message.Byte('H').Text(hint);
  if (const TextRange range = RangeOf(status); range.known() && !text.empty() && range.begin <= text.size()) {
    message.Byte('P').Text(std::to_string(CharacterPosition(text, range.begin)));
  }
  message.Byte('\0');
}

}  // namespace kappa::server
