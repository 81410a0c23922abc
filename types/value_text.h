// PostgreSQL's text output of one value, for the host.
#pragma once

#include <string>
#include <string_view>

#include "types/type.h"

namespace kappa {

// Writes the text of a value without bytes (no text, bytea, json, array) at `out`, which has room for kMaxPlainText; answers its end.
inline constexpr size_t kMaxPlainText = 96;
char* FormatPlainValue(TypeId type, const char* slot, char* out);
// Appends the text of the value of `type` (not a struct nor an array: AppendAnyText; not NULL) that lies at `slot`.
void AppendValueText(TypeId type, const char* slot, std::string* out);

}  // namespace kappa
