// The content of quoted text.
#pragma once

#include <string>
#include <string_view>

#include "common/status.h"

namespace kappa {

// Of a constant as written: '...', E'...', U&'...', $tag$...$tag$. 22025 for a bad escape; 22021 where E'' makes bytes that are not UTF-8.
// `range` is the constant's.
StatusOr<std::string> DecodeStringConstant(std::string_view written, TextRange range);

// Of "..." as written.
std::string DecodeQuotedIdentifier(std::string_view written);

// As PostgreSQL folds names: ASCII letters to lower case.
std::string FoldIdentifier(std::string_view written);

}  // namespace kappa
