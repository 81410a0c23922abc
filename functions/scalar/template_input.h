// Dates and times read by a template: to_date, to_timestamp (PostgreSQL's manual, table 9.26 and what follows it).
#pragma once

#include <string_view>

#include "functions/call_context.h"
#include "types/values.h"

namespace kappa {

// What a text said, by a template.
struct TemplateMoment {
  int64_t year = 0;  // astronomical
  int32_t month = 1, day = 1;
  int64_t micros = 0;  // of the day
  bool has_offset = false;
  int64_t offset = 0;       // seconds east of UTC
  int fraction_digits = 0;  // of FF1...FF6; 0: none
};

// False: failed (22007, 22008, 0A000), c says why.
bool ReadByTemplate(CallContext& c, const Text& text, const Text& format, TemplateMoment* out);

}  // namespace kappa
