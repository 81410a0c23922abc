// Where the variable-length parts of aggregate states live: an arena that frees, addressed by offsets so that rows stay relocatable.
#pragma once

#include <cstdint>

#include "common/state_arena.h"

namespace kappa {

struct StateContext {
  StateArena arena;
};

}  // namespace kappa
