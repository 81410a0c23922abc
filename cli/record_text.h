// Records of a topic as lines of text.
#pragma once

#include <string>
#include <string_view>

#include "common/record.h"

namespace kappa::cli {

struct ProduceFormat {
  std::string key_separator;        // "": lines are values
  bool empty_is_tombstone = false;  // an empty value becomes none
};

// What a line says; views into it. A line without the separator has no key.
OutgoingRecord RecordOfLine(std::string_view line, const ProduceFormat& format);
// A record as it was read, for another topic; points into it.
OutgoingRecord Outgoing(const Record& record, int32_t partition);

// Appends {"topic":..,"partition":0,"offset":0,"timestamp":MILLISECONDS|null,"key":..,"value":..,"headers":[{"name":..,"value":..}]} and a newline.
// Keys and values are JSON strings, null where there is none; where they are not UTF-8 the members are key_base64, value_base64.
void AppendRecordJson(std::string_view topic, int32_t partition, const Record& record, std::string* out);
// Appends the value's bytes and a newline; a tombstone is an empty line.
void AppendRecordValue(const Record& record, std::string* out);

}  // namespace kappa::cli
