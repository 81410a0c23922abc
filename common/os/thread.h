// Threads and waiting. Mutexes are std::mutex; waiting goes through Event, so that every wait has a deadline.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace kappa::os {

// A thread that is joined when destroyed.
class Thread {
 public:
  virtual ~Thread() = default;
  virtual void Join() = 0;
};

class Threads {
 public:
  virtual ~Threads() = default;
  virtual std::unique_ptr<Thread> Start(const std::string& name, std::function<void()> body) = 0;
};

// Set() wakes one waiter (or the next to come). Any thread.
class Event {
 public:
  Event();
  ~Event();
  void Set();
  // True when set (and clears it); false when `nanos` have passed.
  bool WaitFor(int64_t nanos);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Runs `body` on a stack of `bytes` (statements nest deeply) and waits for it.
void RunWithStack(size_t bytes, const std::function<void()>& body);

void SleepNanos(int64_t nanos);

}  // namespace kappa::os
