// Random values of every type, as texts: what the pools of corner values do not think of. The same seed gives the same values everywhere.
#pragma once

#include <cstdint>
#include <string>

#include "types/type.h"

namespace kappa {

struct Random {
  uint64_t state;
  uint64_t Next() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    uint64_t x = state;  // the low bits of such a generator are poor
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    return x ^ (x >> 32);
  }
  size_t Below(size_t n) { return static_cast<size_t>(Next() % n); }
  bool Chance(size_t percent) { return Below(100) < percent; }
};

// PostgreSQL's input of a value of `type`; not NULL.
std::string RandomText(const Type& type, Random* random);

}  // namespace kappa
