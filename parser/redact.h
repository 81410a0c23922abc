// Texts as they may be shown and kept: the values of secrets are not.
#pragma once

#include <string>
#include <string_view>

namespace kappa {

// The text with every string constant of CREATE SECRET, ALTER SECRET, after SECRET ... AS, and after the word PASSWORD, replaced by asterisks of the
// same length, so that positions in the text stay what they are. Works on text that does not parse, and on text that ends within a constant.
std::string RedactSecrets(std::string_view text);

}  // namespace kappa
