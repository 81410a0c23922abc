// Numbers as text by a template and back: to_char(number, '9G999D00'), to_number (PostgreSQL's manual, table 9.30). In the C locale: the decimal
// point is
// '.', groups are parted by ',', there is no currency symbol.
#pragma once

#include "functions/call_context.h"
#include "types/values.h"

namespace kappa {

// What the template makes of a number's digits; false: failed. An empty template gives an empty text.
bool FormatNumberInt4(CallContext& c, int32_t value, const Text& format, Text* out);
bool FormatNumberInt8(CallContext& c, int64_t value, const Text& format, Text* out);
bool FormatNumberNumeric(CallContext& c, const Numeric& value, const Text& format, Text* out);
bool FormatNumberFloat4(CallContext& c, float value, const Text& format, Text* out);
bool FormatNumberFloat8(CallContext& c, double value, const Text& format, Text* out);

// The number that a text written by the template means; `*null`: the template is empty.
bool ReadNumber(CallContext& c, const Text& text, const Text& format, Numeric* out, bool* null);

}  // namespace kappa
