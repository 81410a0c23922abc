// Identifiers and literals in quotes, as PostgreSQL writes them.
#pragma once

#include "functions/call_context.h"
#include "types/values.h"

namespace kappa {

Text QuoteIdentifier(CallContext& c, const Text& name);  // name itself when it needs no quotes
Text QuoteLiteral(CallContext& c, const Text& text);     // 'text', or E'text' when it holds a backslash

}  // namespace kappa
