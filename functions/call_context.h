// What a function may use while it runs: scratch memory, and a place to say why it failed. One per worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "common/arena.h"
#include "common/runtime.h"
#include "common/sqlstate.h"
#include "types/zone_cache.h"

namespace kappa {

class FunctionCaches;  // functions/function_caches.h

struct CallContext {
  Arena scratch;             // emptied after each batch of rows
  int64_t epoch_micros = 0;  // NOW() and PROCTIME(): the epoch's clock, microseconds since 1970 UTC
  // What functions keep from row to row (compiled patterns): made when first needed, never part of a result.
  std::shared_ptr<FunctionCaches> caches;
  ZoneCache zones;  // the offsets of time zones around the last rows
  // Why the last call failed.
  SqlState error_state = sqlstate::kOk;
  std::string error_message;

  // Always false, so that an implementation can say `return c.Fail(...)`. `message` is copied; `subject` is quoted into it at "%s" when given.
  KAPPA_COLD bool Fail(SqlState state, const char* message);
  KAPPA_COLD bool Fail(SqlState state, const char* message, const char* subject, size_t subject_size);
  KAPPA_INLINE char* Allocate(size_t bytes) { return scratch.Allocate(bytes); }
};

}  // namespace kappa
