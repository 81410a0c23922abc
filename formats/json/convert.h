// A JSON value, already walked over by scan.h, into a slot of the row.
#pragma once

#include "formats/decoder.h"
#include "formats/json/scan.h"

namespace kappa::json {

// Texts that are still to be checked for UTF-8 and escapes: under kRead, where the walk did not look.
enum class Strings { kChecked, kUnchecked };

// Converts the value [p, q) (not null) for `field` into `slot` (zero on entry; untouched on failure). False: `problem` says why, `where` = p.
// `call` gives memory for texts that cannot be shown in place.
bool ConvertValue(const Type& type, const char* p, const char* q, Strings strings, CallContext* call, char* slot, Problem* problem);

// An array, of `type`; the rest as ConvertValue.
bool ConvertArray(const TypeDescriptor* type, const char* p, const char* q, Strings strings, CallContext* call, char* slot, Problem* problem);

// The text form of a value, as it stands in a field of CSV: what PostgreSQL's input functions take. No NUL among its bytes. False: `problem` says
// why. A text's handle points at `text`; what else has bytes gets them from `call`.
bool ConvertInput(const Type& type, std::string_view text, CallContext* call, char* slot, Problem* problem);

// The timestamps one meets in logs: YYYY-MM-DD, then [ T]HH:MM[:SS[.f+]], then [Z | +HH[[:]MM]]. False: something else, which may still be a
// timestamp.
bool ParseIsoTimestamp(std::string_view text, int64_t* micros);

}  // namespace kappa::json
