// Time zones as PostgreSQL 15 knows them: the names of the system's IANA database in any case (America/New_York), abbreviations (PST), and POSIX
// specifications (EST5EDT,M3.2.0,M11.1.0, <+05>-5). Zones are read once and live as long as the process; everything here may be called from any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/status.h"

namespace kappa {

// A stretch of time in which a zone's offset, name and daylight saving stay the same. Seconds since 1970 UTC, [begin, end).
struct ZoneSpan {
  int64_t begin = INT64_MIN, end = INT64_MAX;
  int32_t offset = 0;  // seconds east of UTC
  bool dst = false;
  std::string abbreviation;
};

class TimeZone {
 public:
  virtual ~TimeZone() = default;
  const std::string& name() const { return name_; }  // as the database spells it
  virtual ZoneSpan At(int64_t utc_seconds) const = 0;
  // The offset of a local time (seconds since 1970, were it UTC). Of a time that the clocks jump over, the offset before the jump; of one that they
  // show twice, the offset of the second.
  virtual int32_t OffsetOfLocal(int64_t local_seconds) const;
  // Has it had one offset for ever? Then `*offset` is it.
  bool IsFixed(int32_t* offset) const;

 protected:
  explicit TimeZone(std::string name) : name_(std::move(name)) {}

 private:
  std::string name_;
};

const TimeZone* UtcZone();
// A name of the database or a POSIX specification; nullptr: neither.
const TimeZone* FindTimeZone(std::string_view name);

// An abbreviation in lower case, as in '12:00 pst'.
struct ZoneAbbreviation {
  int32_t offset = 0;  // seconds east of UTC, when `zone` is nullptr
  bool dst = false;
  const TimeZone* zone = nullptr;  // what it stood for changed with time: as this zone used it
};
bool FindZoneAbbreviation(std::string_view lower, ZoneAbbreviation* out);
// What the abbreviation of a zone of its own meant around the local time.
int32_t AbbreviationOffset(const ZoneAbbreviation& abbreviation, std::string_view name, int64_t local_seconds);

// What AT TIME ZONE, timezone() and make_timestamptz() take: an abbreviation, else a zone. An abbreviation of one meaning is a zone of one offset.
// nullptr: none of them.
const TimeZone* FindZoneOrAbbreviation(std::string_view name);

// A zone as a plan names it, for functions that are given the session's: a name of the database that is an abbreviation too has a colon before it,
// for TimeZone = CET has summers and AT TIME ZONE 'CET' has none. FindZoneOfPlan reads these and what users write.
std::string NameForPlan(const TimeZone& zone);
const TimeZone* FindZoneOfPlan(std::string_view name);

// The value of SET TimeZone in its lasting form: 'america/new_york' -> America/New_York, '-7.5' -> <-07:30>+07:30. 22023 when it is none.
StatusOr<std::string> CanonicalTimeZone(std::string_view value);
// A zone of one offset: <+05:30>-05:30.
std::string FixedZoneName(int32_t offset_seconds);

}  // namespace kappa
