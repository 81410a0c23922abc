// Values as they lie in memory, in registers, and in the arguments of functions. All trivially copyable.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace kappa {

// text and bytea: a 16-byte handle. Two texts are unequal when their first 8 bytes differ. The bytes belong to whoever made the handle:
// a batch (until it is released), a state table's arena, or the scratch arena of the row.
struct Text {
  uint32_t size = 0;
  char prefix[4] = {0, 0, 0, 0};  // the first bytes, zero padded
  const char* data = nullptr;

  Text() = default;
  Text(const char* bytes, size_t length) : size(static_cast<uint32_t>(length)), data(bytes) {
    if (length >= 4)
      std::memcpy(prefix, bytes, 4);
    else
      for (size_t i = 0; i < length; ++i) prefix[i] = bytes[i];
  }
  explicit Text(std::string_view bytes) : Text(bytes.data(), bytes.size()) {}
  std::string_view view() const { return {data, size}; }
};
static_assert(sizeof(Text) == 16);

struct Bytea : Text {
  using Text::Text;
};
struct JsonText : Text {  // the text as it was given, valid JSON
  using Text::Text;
};
struct Jsonb : Text {  // types/jsonb.h
  using Text::Text;
};
struct Array : Text {  // types/array_value.h
  using Text::Text;
};

// mantissa / 10^scale, |mantissa| < 10^38, 0 <= scale <= 38 (the display scale, as PostgreSQL shows it); or NaN, infinity, -infinity.
struct Numeric {
  enum Kind : int32_t { kFinite = 0, kNaN = 1, kInfinity = 2, kMinusInfinity = 3 };
  uint64_t low = 0;
  int64_t high = 0;
  int32_t scale = 0;
  int32_t kind = kFinite;

  Numeric() = default;
  Numeric(__int128 mantissa, int32_t digits) : low(static_cast<uint64_t>(mantissa)), high(static_cast<int64_t>(mantissa >> 64)), scale(digits) {}
  __int128 mantissa() const { return static_cast<__int128>((static_cast<unsigned __int128>(static_cast<uint64_t>(high)) << 64) | low); }
};
static_assert(sizeof(Numeric) == 24);

struct Date {
  int32_t days = 0;
};  // since 1970-01-01;          INT32_MAX/MIN: infinity, -infinity
struct Time {
  int64_t micros = 0;
};  // since midnight
struct Timestamp {
  int64_t micros = 0;
};  // since 1970-01-01 00:00:00; INT64_MAX/MIN: infinity, -infinity
struct TimestampTz {
  int64_t micros = 0;
};  // the same, in UTC
struct Interval {
  int64_t micros = 0;
  int32_t days = 0;
  int32_t months = 0;
};
static_assert(sizeof(Interval) == 16);
struct Uuid {
  uint64_t high = 0;
  uint64_t low = 0;
};

}  // namespace kappa
