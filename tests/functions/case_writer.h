// The lines that oracle.sql reads: columns in COPY's text form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/type.h"

namespace kappa {

std::string QuotedText(std::string_view text);            // E'...'
std::string Literal(const Type& type, const char* text);  // E'...'::type, NULL::type

// An expression PostgreSQL is to evaluate as it stands, and what kappa makes of it: its text, NULL, or !SQLSTATE message.
void WriteCase(const std::string& sql, const std::string& kappa);

// An expression over arguments a[1], a[2]... which are texts, so that all calls of one function share one prepared expression. `type`: the result's.
void WriteCall(const std::string& sql, const std::string& kappa, const std::string& expression, const std::vector<const char*>& arguments);

}  // namespace kappa
