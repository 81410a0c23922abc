// How long a fuzzer runs and from which seed. In ctest a fixed number of rounds from a fixed seed, which takes a second or two; scripts/nightly.sh
// gives the tests labelled `fuzz` longer, and a seed of the day. A failure is repeated by the seed and round that its message names:
//   KAPPA_FUZZ_SEED=20260101 KAPPA_FUZZ_ROUNDS=12346 ctest -R parser_fuzz
//
//   FuzzBudget budget(1, 20'000);
//   std::mt19937_64 random(budget.seed());
//   while (budget.Next()) ASSERT_TRUE(...) << budget.where();
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "common/os/environment.h"

namespace kappa {

class FuzzBudget {
 public:
  // KAPPA_FUZZ_SEED goes before `seed`; KAPPA_FUZZ_SECONDS, or else KAPPA_FUZZ_ROUNDS, before `rounds`.
  FuzzBudget(uint64_t seed, uint64_t rounds) : seed_(Setting("KAPPA_FUZZ_SEED", seed)), rounds_(Setting("KAPPA_FUZZ_ROUNDS", rounds)) {
    if (const uint64_t seconds = Setting("KAPPA_FUZZ_SECONDS", 0); seconds != 0)
      deadline_nanos_ = Clock().MonotonicNanos() + static_cast<int64_t>(seconds) * 1'000'000'000;
    std::printf("fuzz seed %llu\n", static_cast<unsigned long long>(seed_));
    std::fflush(stdout);  // before a crash
  }
  ~FuzzBudget() { std::printf("fuzz rounds %llu\n", static_cast<unsigned long long>(round_)); }

  uint64_t seed() const { return seed_; }
  uint64_t round() const { return round_; }  // of now, from 1 on
  std::string where() const { return "seed " + std::to_string(seed_) + " round " + std::to_string(round_); }
  // Begins the next round; false: enough.
  bool Next() {
    const bool more = deadline_nanos_ == 0 ? round_ < rounds_ : round_ % 64 != 0 || Clock().MonotonicNanos() < deadline_nanos_;
    round_ += more;
    return more;
  }

 private:
  static os::Clock& Clock() { return os::RealEnvironment().clock(); }
  static uint64_t Setting(const char* name, uint64_t otherwise) {
    const std::string text = os::EnvironmentVariable(name);
    return text.empty() ? otherwise : std::stoull(text);
  }

  const uint64_t seed_, rounds_;
  int64_t deadline_nanos_ = 0;  // 0: none, rounds_ counts
  uint64_t round_ = 0;
};

}  // namespace kappa
