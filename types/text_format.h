// The text forms of booleans, integers, floats and bytea: PostgreSQL's, byte for byte. Part of the runtime: nothing here allocates.
// Format* write at `out`, which must have room for what their comment says, and answer the end of what they wrote.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/sqlstate.h"
#include "types/type.h"

namespace kappa {

char* FormatInt(int64_t value, char* out);             // at most 20 bytes
char* FormatFloat8(double value, char* out);           // at most 32 bytes: the shortest text that reads back as the same value
char* FormatFloat4(float value, char* out);            // at most 32 bytes
char* FormatBytea(std::string_view bytes, char* out);  // 2 + 2 * size bytes: \x and hexadecimal digits

enum class ParseStatus : uint8_t {
  kOk,
  kSyntax,         // not a text of this type
  kRange,          // of the type's form, but beyond its range
  kFieldRange,     // date and time: a field beyond its range (month 13)
  kIntervalRange,  // interval: a field beyond its range
  kZoneRange,      // a zone offset beyond its range
  kZoneUnknown,    // a zone's name that is not known
  kNeedsClock,     // 'now', 'today' and the like where there is no clock
  kHexDigit,       // bytea: not a hexadecimal digit
  kHexOdd,         // bytea: half a byte
};

// Leading and trailing white space is skipped, as PostgreSQL does.
ParseStatus ParseInt(std::string_view text, int64_t min, int64_t max, int64_t* out);
ParseStatus ParseFloat8(std::string_view text, double* out);
ParseStatus ParseFloat4(std::string_view text, float* out);
ParseStatus ParseBool(std::string_view text, bool* out);
// \xDEADBEEF, or the escape form. `out` needs text.size() bytes.
ParseStatus ParseBytea(std::string_view text, char* out, size_t* size);

// SQLSTATE and message of a failed parse; "%s" in the message stands for the input.
struct ParseError {
  SqlState state;
  const char* message;
};
ParseError DescribeParseError(TypeId type, ParseStatus status);
// What stands for "%s": the input, or the part of it that is at fault.
std::string_view ParseErrorSubject(ParseStatus status, std::string_view text);

inline bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }
inline char AsciiLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
inline char AsciiUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
inline bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

inline std::string_view TrimSpace(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

// `word` is lower case.
inline bool EqualsIgnoringCase(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (AsciiLower(text[i]) != word[i]) return false;
  }
  return true;
}

// Bytes of the UTF-8 character that starts with `lead`; 1 for anything malformed.
inline size_t Utf8Length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xC0) return 1;
  if (byte < 0xE0) return 2;
  if (byte < 0xF0) return 3;
  return byte < 0xF8 ? 4 : 1;
}

}  // namespace kappa
