// The offsets of the time zones that a worker's rows were last seen in: what a conversion costs on the per-row path is a range check.
#pragma once

#include <cstdint>
#include <cstring>

#include "common/runtime.h"
#include "types/values.h"

namespace kappa {

class TimeZone;

// Used by one thread. A zone's name is what AT TIME ZONE and the setting TimeZone take (types/time_zone.h).
class ZoneCache {
 public:
  struct Entry {
    char name[64] = {};  // as asked for
    uint32_t size = 0;   // of the name; 0: an empty entry
    uint32_t prefix = 0;
    int64_t utc_begin = 0, utc_end = 0;      // micros since 1970 UTC: [begin, end) has this offset
    int64_t local_begin = 0, local_end = 0;  // micros of local time that belong to this stretch alone
    int64_t offset = 0;                      // micros east of UTC
    const TimeZone* zone = nullptr;
    bool dst = false;
    char abbreviation[16] = {};
  };

  // The stretch of time around `utc` (finite); nullptr: no such time zone.
  KAPPA_INLINE const Entry* AtUtc(const Text& zone, int64_t utc) {
    Entry& e = entries_[IndexOf(zone)];
    if (KAPPA_LIKELY(Matches(e, zone) && utc >= e.utc_begin && utc < e.utc_end)) return &e;
    return LookUpUtc(zone, utc, &e);
  }
  // The same for a local time. One that a change of the clocks leaves out counts as if the clocks had not changed yet, one that comes twice is the
  // second. `*utc` is the time in UTC.
  KAPPA_INLINE const Entry* AtLocal(const Text& zone, int64_t local, int64_t* utc) {
    Entry& e = entries_[IndexOf(zone)];
    if (KAPPA_LIKELY(Matches(e, zone) && local >= e.local_begin && local < e.local_end)) {
      *utc = local - e.offset;
      return &e;
    }
    return LookUpLocal(zone, local, &e, utc);
  }

 private:
  static constexpr uint32_t kEntries = 4;

  KAPPA_INLINE static uint32_t Prefix(const Text& zone) {
    uint32_t prefix;
    std::memcpy(&prefix, zone.prefix, sizeof prefix);
    return prefix;
  }
  KAPPA_INLINE static uint32_t IndexOf(const Text& zone) { return (zone.size + (Prefix(zone) >> 8)) % kEntries; }
  KAPPA_INLINE static bool Matches(const Entry& e, const Text& zone) {
    if (e.size != zone.size || e.prefix != Prefix(zone)) return false;
    return zone.size <= 4 || std::memcmp(e.name + 4, zone.data + 4, zone.size - 4) == 0;
  }
  static const Entry* LookUpUtc(const Text& zone, int64_t utc, Entry* entry);
  static const Entry* LookUpLocal(const Text& zone, int64_t local, Entry* entry, int64_t* utc);

  Entry entries_[kEntries];
};

}  // namespace kappa
