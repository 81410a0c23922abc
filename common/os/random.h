#pragma once
#include <cstdint>

namespace kappa::os {

class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t Next() = 0;
};

}  // namespace kappa::os
