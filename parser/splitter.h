// Cuts a text into statements at semicolons outside quotes, comments and EXECUTE STATEMENT SET BEGIN ... END. One pass over the bytes,
// no allocation per token: what the shell calls at every line, and what keeps an over-long file from the parser.
#pragma once

#include <string_view>
#include <vector>

#include "common/status.h"

namespace kappa {

// The statements' texts, trimmed of white space and without their semicolons; empty ones are left out. The last may be incomplete.
std::vector<TextRange> SplitStatements(std::string_view text);

// Whether a shell should read on: the text ends within a statement (no semicolon yet), a quote or a comment.
bool EndsInsideStatement(std::string_view text);

}  // namespace kappa
