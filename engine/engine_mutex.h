// The lock of what the sessions of an engine share. Recursive; those who wait for it are let through by those who work long.
//
//   std::lock_guard lock(state->mutex)          as any mutex
//   mutex.LockUnless(cancelled)                 a session: gives up when it is cancelled while it waits
//   mutex.Yield()                               a long statement, or the background thread between its steps: whoever waits goes first
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "common/os/thread.h"

namespace kappa {

class EngineMutex {
 public:
  void lock() {
    if (!mutex_.try_lock()) {
      waiting_.fetch_add(1);
      mutex_.lock();
      waiting_.fetch_sub(1);
    }
    ++depth_;
  }
  void unlock() {
    --depth_;
    mutex_.unlock();
  }
  // False: `given_up` became true first.
  bool LockUnless(const std::atomic<bool>& given_up) {
    bool mine = mutex_.try_lock();
    if (!mine) {
      waiting_.fetch_add(1);
      while (!given_up.load() && !(mine = mutex_.try_lock_for(kLook))) {}
      waiting_.fetch_sub(1);
    }
    if (mine) ++depth_;
    return mine;
  }
  bool contended() const { return waiting_.load() > 0; }
  // For who holds it once: it is free for a while when others wait. Those who hold it more than once keep it.
  void Yield() {
    if (depth_ != 1 || !contended()) return;
    unlock();
    LetOthers();
    lock();
  }
  // Called without the lock: returns when those who waited have had it, or after a few milliseconds.
  void LetOthers() const {
    for (int i = 0; i < kMostNaps && contended(); ++i) os::SleepNanos(kNapNanos);
  }
  // For who holds it: so many times.
  int depth() const { return depth_; }

 private:
  static constexpr std::chrono::milliseconds kLook{20};
  static constexpr int64_t kNapNanos = 20'000;
  static constexpr int kMostNaps = 100;
  std::recursive_timed_mutex mutex_;
  std::atomic<int> waiting_{0};
  int depth_ = 0;  // of the holder's
};

}  // namespace kappa
