// to_char of numbers, to_number, to_date, to_timestamp: by templates.
#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/number_template.h"
#include "functions/scalar/template_input.h"
#include "functions/scalar/zone.h"
#include "functions/tables.h"
#include "types/datetime.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace formatting_functions {

bool Int4ToChar(CallContext& c, int32_t value, Text format, Text* out) { return FormatNumberInt4(c, value, format, out); }
bool Int8ToChar(CallContext& c, int64_t value, Text format, Text* out) { return FormatNumberInt8(c, value, format, out); }
bool NumericToChar(CallContext& c, Numeric value, Text format, Text* out) { return FormatNumberNumeric(c, value, format, out); }
bool Float4ToChar(CallContext& c, float value, Text format, Text* out) { return FormatNumberFloat4(c, value, format, out); }
bool Float8ToChar(CallContext& c, double value, Text format, Text* out) { return FormatNumberFloat8(c, value, format, out); }

bool ToNumber(CallContext& c, Text text, Text format, Nullable<Numeric>* out) { return ReadNumber(c, text, format, &out->value, &out->null); }

bool DaysOf(const TemplateMoment& moment, int64_t* days) {
  *days = DaysFromCivil(moment.year, moment.month, moment.day);
  return *days >= kMinDate && *days < kEndDate + 152;  // Julian days end in May 5874898
}

bool ToDate(CallContext& c, Text text, Text format, Date* out) {
  TemplateMoment moment;
  if (!ReadByTemplate(c, text, format, &moment)) return false;
  int64_t days = 0;
  if (!DaysOf(moment, &days) || !IsValidDays(days))
    return c.Fail(sqlstate::kDatetimeFieldOverflow, "date out of range: \"%s\"", text.data, text.size);
  out->days = static_cast<int32_t>(days);
  return true;
}

bool ToTimestamp(CallContext& c, Text text, Text format, Text zone, TimestampTz* out) {
  TemplateMoment moment;
  if (!ReadByTemplate(c, text, format, &moment)) return false;
  int64_t days = 0, local;
  if (!DaysOf(moment, &days) || __builtin_mul_overflow(days, kMicrosPerDay, &local) || __builtin_add_overflow(local, moment.micros, &local))
    return FailTimestamp(c);
  if (moment.has_offset) {
    if (__builtin_sub_overflow(local, moment.offset * kMicrosPerSecond, &out->micros) || !IsValidMicros(out->micros)) return FailTimestamp(c);
  } else if (!UtcOf(c, zone, local, &out->micros)) {
    return false;
  }
  if (moment.fraction_digits > 0) out->micros = RoundTimestamp(out->micros, moment.fraction_digits);
  return true;
}

}  // namespace formatting_functions

using namespace formatting_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> FormattingFunctions() {
  using enum TypeId;
  constexpr std::string_view kNumber =
      "The number as text by a template: 9 a digit, 0 a digit or zero, . or D the point, , or G a group, S MI PL SG PR the sign, FM without padding, "
      "RN "
      "Roman, TH an ordinal, EEEE scientific, V times a power of ten.";
  std::vector<FunctionEntry> table;
  const auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Formatting")); };
  add(Scalar("to_char", {kInt4, kText}, kText).Native<&Int4ToChar>().Doc(kNumber).Example("to_char(485, 'FMRN')", "CDLXXXV"));
  add(Scalar("to_char", {kInt8, kText}, kText).Native<&Int8ToChar>().Doc(kNumber).Example("to_char(12454::bigint, 'FM999,999')", "12,454"));
  add(Scalar("to_char", {kNumeric, kText}, kText).Native<&NumericToChar>().Doc(kNumber).Example("to_char(-12454.8, '99G999D9S')", "12,454.8-"));
  add(Scalar("to_char", {kFloat4, kText}, kText).Native<&Float4ToChar>().Doc(kNumber).Example("to_char(125.8::real, '999D9')", " 125.8"));
  add(Scalar("to_char", {kFloat8, kText}, kText).Native<&Float8ToChar>().Doc(kNumber).Example("to_char(0.00485::float8, '9.99EEEE')", " 4.85e-03"));
  add(Scalar("to_number", {kText, kText}, kNumeric)
          .Native<&ToNumber>()
          .Doc("The number that a text written by the template means.")
          .Example("to_number('12,454.8-', '99G999D9S')", "-12454.8"));
  add(Scalar("to_date", {kText, kText}, kDate)
          .Native<&ToDate>()
          .Doc("The date that a text written by the template means.")
          .Example("to_date('05 Dec 2000', 'DD Mon YYYY')", "2000-12-05"));
  add(Scalar("to_timestamp", {kText, kText, kText}, kTimestampTz)
          .Native<&ToTimestamp>()
          .Zoned()
          .Doc("The timestamp that a text written by the template means, in the session's time zone unless it says another (TZH, TZM).")
          .Example("to_timestamp('05 Dec 2000', 'DD Mon YYYY')", "2000-12-05 00:00:00+00"));
  return table;
}

}  // namespace kappa
