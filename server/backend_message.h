// Messages to a client, appended to the bytes that wait to be sent (PostgreSQL 15 manual, chapter 55.7).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "types/change_batch.h"

namespace kappa::server {

// Appends one message: its type and length now, its fields by the calls, its length made right by the destructor.
class MessageWriter {
 public:
  MessageWriter(std::string* out, char type) : out_(out) {
    out_->push_back(type);
    begin_ = out_->size();
    out_->append(4, '\0');
  }
  ~MessageWriter() { PatchInt32(begin_, static_cast<uint32_t>(out_->size() - begin_)); }
  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;

  MessageWriter& Byte(char value) {
    out_->push_back(value);
    return *this;
  }
  MessageWriter& Int16(uint16_t value) {
    const char bytes[] = {static_cast<char>(value >> 8), static_cast<char>(value)};
    out_->append(bytes, 2);
    return *this;
  }
  MessageWriter& Int32(uint32_t value) {
    out_->append(4, '\0');
    PatchInt32(out_->size() - 4, value);
    return *this;
  }
  MessageWriter& Text(std::string_view value) {  // a NUL would end it: what follows one is left out
    out_->append(value.substr(0, value.find('\0'))).push_back('\0');
    return *this;
  }
  MessageWriter& Bytes(std::string_view value) {
    out_->append(value);
    return *this;
  }
  void PatchInt32(size_t at, uint32_t value) {
    for (int i = 0; i < 4; ++i) (*out_)[at + static_cast<size_t>(i)] = static_cast<char>(value >> (24 - 8 * i));
  }
  std::string* out() { return out_; }

 private:
  std::string* const out_;
  size_t begin_ = 0;
};

struct ColumnDescription {
  std::string name;
  Type type;
};

void AppendParameterStatus(std::string_view name, std::string_view value, std::string* out);
void AppendReadyForQuery(char transaction_status, std::string* out);
void AppendCommandComplete(std::string_view tag, std::string* out);
void AppendRowDescription(const std::vector<ColumnDescription>& columns, std::string* out);
void AppendNotice(std::string_view text, std::string* out);
// `severity`: ERROR, FATAL. `text`: what the error's range points into, for its position in characters; "": it has none.
void AppendError(std::string_view severity, const Status& status, std::string_view text, std::string* out);

// The position of a byte of a text as PostgreSQL counts: in characters, from 1.
size_t CharacterPosition(std::string_view text, size_t byte);

}  // namespace kappa::server
