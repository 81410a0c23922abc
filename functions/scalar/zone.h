// Between UTC and the local time of a zone that a function was given by name.
#pragma once

#include "functions/call_context.h"
#include "functions/scalar/errors.h"
#include "types/datetime.h"

namespace kappa {

KAPPA_COLD inline bool FailZone(CallContext& c, const Text& zone) {
  return c.Fail(sqlstate::kInvalidParameterValue, "time zone \"%s\" not recognized", zone.data, zone.size);
}

// Local micros of a finite UTC time, and its offset.
KAPPA_INLINE bool LocalOf(CallContext& c, const Text& zone, int64_t utc, int64_t* local, int64_t* offset) {
  const ZoneCache::Entry* entry = c.zones.AtUtc(zone, utc);
  if (KAPPA_UNLIKELY(entry == nullptr)) return FailZone(c, zone);
  *offset = entry->offset;
  return KAPPA_LIKELY(!__builtin_add_overflow(utc, entry->offset, local)) || FailTimestamp(c);
}

// UTC micros of a finite local time.
KAPPA_INLINE bool UtcOf(CallContext& c, const Text& zone, int64_t local, int64_t* utc) {
  if (KAPPA_UNLIKELY(c.zones.AtLocal(zone, local, utc) == nullptr)) return FailZone(c, zone);
  return KAPPA_LIKELY(IsValidMicros(*utc)) || FailTimestamp(c);
}

}  // namespace kappa
