// PostgreSQL's text output of a value whose type is known only when a query is planned: for functions over "any".
#pragma once

#include "functions/call_context.h"
#include "types/any_value.h"

namespace kappa {

// `value` is not NULL. A text's own bytes, else bytes in c.scratch.
Text OutputText(CallContext& c, const AnyValue& value);

}  // namespace kappa
