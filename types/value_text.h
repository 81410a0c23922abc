// PostgreSQL's text output of one value, for the host.
#pragma once

#include <string>
#include <string_view>

#include "types/type.h"

namespace kappa {

// Appends the text of the value of `type` (not a struct, not NULL) that lies at `slot`.
void AppendValueText(TypeId type, const char* slot, std::string* out);
// Appends a field inside the text of a struct, quoted where PostgreSQL's record output quotes.
void AppendStructField(std::string_view field, std::string* out);

}  // namespace kappa
