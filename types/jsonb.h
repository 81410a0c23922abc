// jsonb in memory: relocatable, without pointers, every part of it a whole value by itself, so that -> and ->> answer slices and copy nothing.
//
//   null, true, false   n | t | f
//   string              " bytes
//   number              0 text                                   as PostgreSQL's numeric prints it: 1e3 is 1000, 1.50 stays 1.50, -0 is 0
//   array               [ count:4  end:4 * count                 element ends | elements
//   object              { count:4  end:4 * count  end:4 * count  key ends | value ends | keys | values
//
// A member's key is at the same place among the keys as its value among the values; ends count from the first byte after all the ends. Integers are
// little-endian and unaligned. Keys are unique, ordered by length and then bytes (PostgreSQL's order): a key is found by binary search. A value is
// shorter than 256 MB (54000 otherwise).
//
// The bytes stand in states and snapshots: another layout would be another version of those.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "common/arena.h"
#include "common/runtime.h"
#include "types/values.h"

namespace kappa {

enum class JsonKind : char { kNull = 'n', kTrue = 't', kFalse = 'f', kString = '"', kNumber = '0', kArray = '[', kObject = '{' };

inline constexpr uint32_t kMaxJsonbBytes = 0x0FFFFFFF;
inline constexpr int kMaxJsonDepth = 5000;  // objects and arrays within each other: 54001 beyond

// A value, read in place. Cheap to copy; the bytes are somebody else's. An empty view counts as null.
class JsonbView {
 public:
  JsonbView() = default;
  explicit JsonbView(std::string_view bytes) : bytes_(bytes) {}
  explicit JsonbView(const Jsonb& value) : bytes_(value.view()) {}

  std::string_view bytes() const { return bytes_; }
  Jsonb value() const { return Jsonb(bytes_.data(), bytes_.size()); }
  JsonKind kind() const { return bytes_.empty() ? JsonKind::kNull : static_cast<JsonKind>(bytes_[0]); }
  bool is_array() const { return kind() == JsonKind::kArray; }
  bool is_object() const { return kind() == JsonKind::kObject; }
  bool is_container() const { return is_array() || is_object(); }
  bool is_bool() const { return kind() == JsonKind::kTrue || kind() == JsonKind::kFalse; }
  std::string_view text() const { return bytes_.substr(1); }  // of a string or number

  // Of a container: elements or members.
  uint32_t count() const { return Load(1); }
  JsonbView Element(uint32_t index) const {
    const uint32_t base = 5 + 4 * count();
    return JsonbView(Slice(base, index == 0 ? 0 : Load(1 + 4 * index), Load(5 + 4 * index)));
  }
  std::string_view Key(uint32_t index) const { return Slice(5 + 8 * count(), index == 0 ? 0 : Load(1 + 4 * index), Load(5 + 4 * index)); }
  JsonbView Value(uint32_t index) const {
    const uint32_t n = count();
    return JsonbView(Slice(5 + 8 * n, Load(1 + 4 * (n + index)), Load(5 + 4 * (n + index))));  // the first value begins where the last key ends
  }
  JsonbView Child(uint32_t index) const { return is_array() ? Element(index) : Value(index); }

  // Of an object: the member's index, or -1.
  KAPPA_INLINE int64_t Find(std::string_view key) const {
    uint32_t low = 0, high = count();
    while (low < high) {
      const uint32_t middle = (low + high) / 2;
      const std::string_view at = Key(middle);
      int order = at.size() < key.size() ? -1 : at.size() > key.size();
      if (order == 0 && !key.empty()) order = std::memcmp(at.data(), key.data(), key.size());
      if (order == 0) return middle;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
    return -1;
  }
  // A member of an object; false for anything else too.
  KAPPA_INLINE bool Get(std::string_view key, JsonbView* out) const {
    if (!is_object()) return false;
    const int64_t index = Find(key);
    if (index < 0) return false;
    *out = Value(static_cast<uint32_t>(index));
    return true;
  }
  // An element of an array, counted from the end when negative.
  KAPPA_INLINE bool Get(int64_t index, JsonbView* out) const {
    if (!is_array()) return false;
    if (index < 0) index += count();
    if (index < 0 || index >= count()) return false;
    *out = Element(static_cast<uint32_t>(index));
    return true;
  }

 private:
  uint32_t Load(uint32_t offset) const {
    uint32_t value;
    std::memcpy(&value, bytes_.data() + offset, 4);
    return value;
  }
  std::string_view Slice(uint32_t base, uint32_t begin, uint32_t end) const { return {bytes_.data() + base + begin, end - begin}; }

  std::string_view bytes_;
};

// ---- text

// PostgreSQL's output: {"a": 1, "b": [true, null]}. Pretty: jsonb_pretty's.
size_t JsonbTextSize(JsonbView value);
char* FormatJsonb(JsonbView value, char* out);  // answers the end
void AppendJsonbText(JsonbView value, std::string* out);
void AppendJsonbPretty(JsonbView value, std::string* out);
// What ->> answers: a string's own bytes, a number as it is printed, other values as text in `arena`. Not for null, which is NULL.
Text JsonbContainerToText(JsonbView value, Arena* arena);
KAPPA_INLINE Text JsonbToText(JsonbView value, Arena* arena) {
  const JsonKind kind = value.kind();
  return KAPPA_LIKELY(kind == JsonKind::kString || kind == JsonKind::kNumber) ? Text(value.text()) : JsonbContainerToText(value, arena);
}

// "a\"b": PostgreSQL's escapes.
size_t JsonStringSize(std::string_view text);
char* FormatJsonString(std::string_view text, char* out);

// ---- order and equality

// PostgreSQL's btree order of jsonb: object > array > boolean > number > string > null, an empty array at the top below all; then the number of
// members or elements; then these in turn. 1.0 equals 1.
int CompareJsonb(JsonbView a, JsonbView b);
// Decimals in the form of a number's text.
int CompareJsonNumbers(std::string_view a, std::string_view b);
bool JsonbEqual(JsonbView a, JsonbView b);
// Bytes that memcmp orders as CompareJsonb does, then by the zeros at the ends of fractions; self-delimiting.
void AppendJsonbSortKey(JsonbView value, std::string* out);
// Of equal values one: numbers without zeros at the end of the fraction. `value` itself when it is that one, else bytes in `arena`.
Jsonb CanonicalJsonb(const Jsonb& value, Arena* arena);

}  // namespace kappa
