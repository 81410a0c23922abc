#include "functions/random_bits.h"

#include "common/os/environment.h"
#include "common/os/seeded_random.h"
#include "functions/function_caches.h"

namespace kappa {

// Two sequences of 64 bits each, so that the state is wide enough for 122 random bits.
class RandomSequence {
 public:
  explicit RandomSequence(os::Random& seeds) : first_(seeds.Next()), second_(seeds.Next()) {}
  uint64_t Next() {
    const uint64_t next = (turn_ ? first_ : second_).Next();
    turn_ = !turn_;
    return next;
  }

 private:
  os::SeededRandom first_, second_;
  bool turn_ = true;
};

uint64_t NextRandomBits(CallContext& c) {
  FunctionCaches& caches = FunctionCaches::Of(c);
  if (caches.random == nullptr) caches.random = std::make_shared<RandomSequence>(os::RealEnvironment().random());
  return caches.random->Next();
}

}  // namespace kappa
