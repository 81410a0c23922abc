// The errors that several topics share: out of line, so that the good path stays small. All answer false.
#pragma once

#include "functions/call_context.h"
#include "types/numeric.h"
#include "types/text_format.h"

namespace kappa {

KAPPA_COLD inline bool FailDivisionByZero(CallContext& c) { return c.Fail(sqlstate::kDivisionByZero, "division by zero"); }
KAPPA_COLD inline bool FailInt2(CallContext& c) { return c.Fail(sqlstate::kNumericValueOutOfRange, "smallint out of range"); }
KAPPA_COLD inline bool FailInt4(CallContext& c) { return c.Fail(sqlstate::kNumericValueOutOfRange, "integer out of range"); }
KAPPA_COLD inline bool FailInt8(CallContext& c) { return c.Fail(sqlstate::kNumericValueOutOfRange, "bigint out of range"); }
KAPPA_COLD inline bool FailFloatOverflow(CallContext& c) { return c.Fail(sqlstate::kNumericValueOutOfRange, "value out of range: overflow"); }
KAPPA_COLD inline bool FailFloatUnderflow(CallContext& c) { return c.Fail(sqlstate::kNumericValueOutOfRange, "value out of range: underflow"); }
KAPPA_COLD inline bool FailTimestamp(CallContext& c) { return c.Fail(sqlstate::kDatetimeFieldOverflow, "timestamp out of range"); }
KAPPA_COLD inline bool FailDate(CallContext& c) { return c.Fail(sqlstate::kDatetimeFieldOverflow, "date out of range"); }
KAPPA_COLD inline bool FailInterval(CallContext& c) { return c.Fail(sqlstate::kDatetimeFieldOverflow, "interval out of range"); }

KAPPA_COLD inline bool FailNumeric(CallContext& c, NumericStatus status) {
  switch (status) {
    case NumericStatus::kDivisionByZero:
      return FailDivisionByZero(c);
    case NumericStatus::kNegativeRoot:
      return c.Fail(sqlstate::kInvalidArgumentForPowerFunction, "cannot take square root of a negative number");
    case NumericStatus::kOk:
    case NumericStatus::kOverflow:
      break;
  }
  return c.Fail(sqlstate::kNumericValueOutOfRange, "value overflows numeric format");
}
KAPPA_INLINE bool CheckNumeric(CallContext& c, NumericStatus status) { return KAPPA_LIKELY(status == NumericStatus::kOk) || FailNumeric(c, status); }

template <typename T>
KAPPA_COLD bool FailInt(CallContext& c) {
  if constexpr (sizeof(T) == 2)
    return FailInt2(c);
  else if constexpr (sizeof(T) == 4)
    return FailInt4(c);
  else
    return FailInt8(c);
}

KAPPA_COLD inline bool FailParse(CallContext& c, TypeId type, ParseStatus status, const Text& text) {
  const ParseError error = DescribeParseError(type, status);
  const std::string_view subject = ParseErrorSubject(status, text.view());
  return c.Fail(error.state, error.message, subject.data(), subject.size());
}

}  // namespace kappa
