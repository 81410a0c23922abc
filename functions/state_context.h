// Where the variable-length parts of aggregate states live: an arena that frees, addressed by offsets so that rows stay relocatable.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/state_arena.h"

namespace kappa {

struct CallContext;

struct StateContext {
  StateArena arena;
  // Scratch of functions/general_aggregate.cc, kept between calls.
  std::string key, payload;
  std::shared_ptr<CallContext> call;
};

}  // namespace kappa
