#include "cli/record_text.h"

#include "absl/strings/escaping.h"
#include "formats/encoder.h"

namespace kappa::cli {
namespace {

bool IsUtf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const size_t size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (size == 0 || at + size > text.size()) return false;
    for (size_t i = 1; i < size; ++i) {
      if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return false;
    }
    const auto second = size > 1 ? static_cast<unsigned char>(text[at + 1]) : 0;
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool beyond = (lead == 0xED && second >= 0xA0) || (lead == 0xF4 && second >= 0x90);  // surrogates, past U+10FFFF
    if (overlong || beyond) return false;
    at += size;
  }
  return true;
}

// "name":"bytes"
void AppendMember(std::string_view name, bool null, std::string_view bytes, std::string* out) {
  const bool text = null || IsUtf8(bytes);
  out->append("\"").append(name).append(text ? "\":" : "_base64\":");
  if (null)
    out->append("null");
  else if (text)
    AppendJsonString(bytes, out);
  else
    out->append("\"" + absl::Base64Escape(absl::string_view(bytes.data(), bytes.size())) + "\"");
}

}  // namespace

OutgoingRecord RecordOfLine(std::string_view line, const ProduceFormat& format) {
  OutgoingRecord record;
  if (!format.key_separator.empty()) {
    const size_t at = line.find(format.key_separator);
    if (at != std::string_view::npos) {
      record.has_key = true;
      record.key = line.substr(0, at);
      line.remove_prefix(at + format.key_separator.size());
    }
  }
  record.value = line;
  record.has_value = !(format.empty_is_tombstone && line.empty());
  return record;
}

OutgoingRecord Outgoing(const Record& record, int32_t partition) {
  OutgoingRecord out;
  out.has_value = record.value != nullptr;
  if (out.has_value) out.value = {record.value, record.value_size};
  out.has_key = record.key != nullptr;
  if (out.has_key) out.key = {record.key, record.key_size};
  out.partition = partition;
  out.timestamp_ms = record.timestamp_ms;
  if (record.headers != nullptr) out.headers = *record.headers;
  return out;
}

void AppendRecordJson(std::string_view topic, int32_t partition, const Record& record, std::string* out) {
  out->append("{\"topic\":");
  AppendJsonString(topic, out);
  out->append(",\"partition\":").append(std::to_string(partition)).append(",\"offset\":").append(std::to_string(record.offset));
  out->append(",\"timestamp\":").append(record.timestamp_ms < 0 ? "null" : std::to_string(record.timestamp_ms)).append(",");
  AppendMember("key", record.key == nullptr, {record.key, record.key_size}, out);
  out->append(",");
  AppendMember("value", record.value == nullptr, {record.value, record.value_size}, out);
  out->append(",\"headers\":[");
  if (record.headers != nullptr) {
    for (size_t i = 0; i < record.headers->size(); ++i) {
      const RecordHeader& header = (*record.headers)[i];
      out->append(i == 0 ? "{" : ",{");
      AppendMember("name", false, header.name, out);
      out->append(",");
      AppendMember("value", header.null_value, header.value, out);
      out->append("}");
    }
  }
  out->append("]}\n");
}

void AppendRecordValue(const Record& record, std::string* out) {
  if (record.value != nullptr) out->append(record.value, record.value_size);
  out->push_back('\n');
}

}  // namespace kappa::cli
