// to_char of timestamps by templates that are constants of the query and made of numbers of fixed width alone: YYYY MM DD HH24 MI SS, what lies
// between them, and "texts". The template is read once, into the text with its numbers left open and the places where they go.
#include <cstring>

#include "functions/constant_form.h"
#include "functions/scalar/calendar.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace to_char_functions {
Nullable<Text> ToChar(CallContext& c, Timestamp ts, Text format);  // to_char.cc
}

namespace to_char_forms {

constexpr char kTwoDigits[] =
    "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
    "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
constexpr int kNumbers = 7;  // two digits each: of the year the first and the last two, month, day, hour, minute, second

KAPPA_COLD Nullable<Text> AnyYear(CallContext& c, int64_t micros, Text format) {
  if (!IsFiniteMicros(micros)) return {};
  return to_char_functions::ToChar(c, Timestamp{micros}, format);
}

// `places`: of each number in `open` its byte there, and which it is.
KAPPA_INLINE Nullable<Text> Fill(CallContext& c, int64_t micros, const Text& format, const Text& open, const Text& places) {
  const CivilDate date = DateOfTimestampDay(DayOfTimestamp(micros));
  if (KAPPA_UNLIKELY(!IsFiniteMicros(micros) || date.year < 1 || date.year > 9999)) return AnyYear(c, micros, format);
  const auto second = static_cast<uint32_t>(MicrosOfDay(micros) / kMicrosPerSecond);
  const auto year = static_cast<uint32_t>(date.year);
  const uint8_t numbers[kNumbers] = {static_cast<uint8_t>(year / 100), static_cast<uint8_t>(year % 100),    static_cast<uint8_t>(date.month),
                                     static_cast<uint8_t>(date.day),   static_cast<uint8_t>(second / 3600), static_cast<uint8_t>(second / 60 % 60),
                                     static_cast<uint8_t>(second % 60)};
  char* const out = c.Allocate(open.size);
  std::memcpy(out, open.data, open.size);
  for (uint32_t i = 0; i < places.size; i += 2) {
    std::memcpy(out + static_cast<uint8_t>(places.data[i]), kTwoDigits + 2 * numbers[static_cast<uint8_t>(places.data[i + 1])], 2);
  }
  return Text(out, open.size);
}

KAPPA_INLINE Nullable<Text> Stamp(CallContext& c, Timestamp ts, Text format, Text open, Text places) {
  return Fill(c, ts.micros, format, open, places);
}
KAPPA_INLINE Nullable<Text> StampUtc(CallContext& c, TimestampTz ts, Text format, Text open, Text places) {
  return Fill(c, ts.micros, format, open, places);
}

struct Template {
  std::string open, places;
};

// nullopt: something else stands in it.
KAPPA_HOST_ONLY std::optional<Template> Read(std::string_view format) {
  struct Number {
    std::string_view upper, lower;
    char first, count;
  };
  static constexpr Number kPatterns[] = {{"YYYY", "yyyy", 0, 2}, {"MM", "mm", 2, 1}, {"DD", "dd", 3, 1},
                                         {"HH24", "hh24", 4, 1}, {"MI", "mi", 5, 1}, {"SS", "ss", 6, 1}};
  Template read;
  for (size_t i = 0; i < format.size();) {
    const char c = format[i];
    if (c == '"') {
      const size_t end = format.find('"', i + 1);
      if (end == std::string_view::npos) return std::nullopt;
      read.open += format.substr(i + 1, end - i - 1);
      i = end + 1;
      continue;
    }
    if (AsciiLower(c) < 'a' || AsciiLower(c) > 'z') {
      read.open += c;
      ++i;
      continue;
    }
    const Number* number = nullptr;
    for (const Number& pattern : kPatterns) {
      if (format.substr(i).starts_with(pattern.upper) || format.substr(i).starts_with(pattern.lower)) number = &pattern;
    }
    if (number == nullptr) return std::nullopt;
    i += number->upper.size();
    const char next = i < format.size() ? AsciiUpper(format[i]) : ' ';
    if (next == 'D' || next == 'S' || next == 'T') return std::nullopt;  // DDD, SSSS, TH, SP
    for (int k = 0; k < number->count; ++k) {
      read.places += {static_cast<char>(read.open.size()), static_cast<char>(number->first + k)};
      read.open += "00";
    }
  }
  if (format.find('\\') != std::string_view::npos || read.open.size() > 200 || read.places.empty()) return std::nullopt;
  return read;
}

}  // namespace to_char_forms

KAPPA_HOST_ONLY std::optional<ConstantForm> ToCharConstantForm(const FunctionEntry& function, const std::vector<const Datum*>& constants) {
  using namespace to_char_forms;  // NOLINT: of this function only
  constexpr TypeId kText = TypeId::kText;
  if (function.name != "to_char" || function.kind != FunctionKind::kScalar || constants[1] == nullptr) return std::nullopt;
  const bool zoned = function.arguments[0] == TypeId::kTimestampTz;
  if (!zoned && function.arguments[0] != TypeId::kTimestamp) return std::nullopt;
  if (zoned && (constants[2] == nullptr || constants[2]->as_bytes() != "UTC")) return std::nullopt;
  const std::optional<Template> read = Read(constants[1]->as_bytes());
  if (!read) return std::nullopt;
  ConstantForm form{zoned ? Scalar("to_char", {TypeId::kTimestampTz, kText, kText, kText}, kText).Native<&StampUtc>()
                          : Scalar("to_char", {TypeId::kTimestamp, kText, kText, kText}, kText).Native<&Stamp>(),
                    {{0, ""}, {1, ""}, {-1, read->open}, {-1, read->places}}};
  return form;
}

}  // namespace kappa
