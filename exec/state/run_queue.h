// Entries on their way to a snapshot, first in, first out, in runs of limited size, so that they leave in slices.
#pragma once

#include <deque>
#include <utility>

#include "exec/state/snapshot_store.h"

namespace kappa {

class RunQueue {
 public:
  RunQueue() = default;
  RunQueue(RunQueue&& other) noexcept : runs_(std::exchange(other.runs_, {})) {}
  RunQueue& operator=(RunQueue&& other) noexcept {
    runs_ = std::exchange(other.runs_, {});
    return *this;
  }

  // Where the next entry goes.
  StateRun* Tail() {
    if (runs_.empty() || runs_.back().bytes() >= kRunBytes) runs_.emplace_back();
    return &runs_.back();
  }
  // Moves runs until `run` holds `enough` bytes. True: none is left.
  bool MoveTo(StateRun* run, size_t enough) {
    for (; !runs_.empty(); runs_.pop_front()) {
      if (run->bytes() >= enough) return false;
      runs_.front().MoveTo(run);
    }
    return true;
  }

  // Of the entries, for accounting.
  size_t bytes() const {
    size_t sum = 0;
    for (const StateRun& run : runs_) sum += run.bytes() + run.entries() * sizeof(StateRun::Entry);
    return sum;
  }

 private:
  static constexpr size_t kRunBytes = 256 << 10;
  std::deque<StateRun> runs_;
};

}  // namespace kappa
