// Values of any type as JSON: PostgreSQL's to_json and to_jsonb. Numbers and booleans are themselves, json and jsonb are taken in, dates and
// timestamps are ISO 8601, arrays and structs become arrays and objects, all others strings of their text.
#pragma once

#include <cstring>
#include <string_view>

#include "functions/call_context.h"
#include "types/any_value.h"
#include "types/jsonb_build.h"

namespace kappa {

// Text that grows in an arena.
class ArenaText {
 public:
  explicit ArenaText(Arena* arena) : arena_(arena) {}
  char* Reserve(size_t more) {
    if (size_ + more > capacity_) Grow(size_ + more);
    return data_ + size_;
  }
  void Append(std::string_view text) {
    if (!text.empty()) std::memcpy(Reserve(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  void AppendJsonString(std::string_view text) {
    char* out = Reserve(JsonStringSize(text));
    size_ += static_cast<size_t>(FormatJsonString(text, out) - out);
  }
  void Append(JsonbView value) {
    char* out = Reserve(JsonbTextSize(value));
    size_ += static_cast<size_t>(FormatJsonb(value, out) - out);
  }
  std::string_view view() const { return {data_, size_}; }

 private:
  void Grow(size_t needed);
  Arena* arena_;
  char* data_ = nullptr;
  size_t size_ = 0, capacity_ = 0;
};

// `value` may be NULL (null). False: c says why (json text in a jsonb may be out of its bounds). Memory of c.scratch.
bool MakeJsonbNode(CallContext& c, const AnyValue& value, JsonbNode* out);
bool AppendJson(CallContext& c, const AnyValue& value, ArenaText* out);
// The same, with a line end between the elements of the outermost array, or the fields of the outermost struct.
bool AppendJsonLines(CallContext& c, const AnyValue& value, ArenaText* out);

// A value as a member's name. 22023: an array, struct, json or jsonb.
bool JsonKeyText(CallContext& c, const AnyValue& value, std::string_view* out);

}  // namespace kappa
