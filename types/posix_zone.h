// Time zones written as POSIX rules: EST5EDT,M3.2.0,M11.1.0 (IEEE Std 1003.1, Base Definitions, 8.3, TZ), as PostgreSQL reads them.
#pragma once

#include <memory>
#include <string_view>

#include "types/time_zone.h"

namespace kappa {

// nullptr: not such a rule. Offsets count west of UTC, as POSIX has them. Daylight saving without dates begins and ends as in the United States.
std::unique_ptr<TimeZone> ParsePosixZone(std::string_view rule);

}  // namespace kappa
