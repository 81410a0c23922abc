// Text forms of uuid: PostgreSQL's.
#pragma once

#include <string_view>

#include "types/text_format.h"
#include "types/values.h"

namespace kappa {

// 32 hexadecimal digits, a hyphen allowed after every four, all in braces or not.
ParseStatus ParseUuid(std::string_view text, Uuid* out);
char* FormatUuid(const Uuid& uuid, char* out);  // 36 bytes

}  // namespace kappa
