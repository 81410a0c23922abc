#include "common/os/thread.h"

#include <pthread.h>
#include <time.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "common/os/simulated_wait.h"

namespace kappa::os {

internal::SimulatedWait* internal::simulated_wait = nullptr;

struct Event::State {
  std::mutex mutex;
  std::condition_variable changed;
  bool set = false;
};

Event::Event() : state_(std::make_unique<State>()) {}
Event::~Event() = default;

void Event::Set() {
  // Notified under the lock: whoever waits may destroy the event as soon as it has woken.
  std::lock_guard<std::mutex> lock(state_->mutex);
  state_->set = true;
  state_->changed.notify_one();
}

bool Event::WaitFor(int64_t nanos) {
  std::unique_lock<std::mutex> lock(state_->mutex);
  if (internal::simulated_wait != nullptr) {
    while (!state_->set) {
      lock.unlock();
      const bool ran = internal::simulated_wait->RunOne();
      if (!ran) internal::simulated_wait->Pass(nanos);
      lock.lock();
      if (!ran) break;
    }
    return std::exchange(state_->set, false);
  }
  // A deadline far away would overflow the clock's range.
  constexpr int64_t kLongest = int64_t{1'000'000'000} * 60 * 60 * 24 * 365;
  const auto patience = std::chrono::nanoseconds(nanos > kLongest ? kLongest : nanos);
  const bool was_set = state_->changed.wait_for(lock, patience, [this] { return state_->set; });
  state_->set = false;
  return was_set;
}

namespace {

void* CallBody(void* argument) {
  (*static_cast<const std::function<void()>*>(argument))();
  return nullptr;
}

}  // namespace

void RunWithStack(size_t bytes, const std::function<void()>& body) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_t thread;
  const bool started = pthread_attr_setstacksize(&attributes, bytes) == 0 &&
                       pthread_create(&thread, &attributes, &CallBody, const_cast<std::function<void()>*>(&body)) == 0;
  pthread_attr_destroy(&attributes);
  if (!started) {
    std::fprintf(stderr, "kappa: cannot start a thread with a stack of %zu bytes\n", bytes);
    std::abort();
  }
  pthread_join(thread, nullptr);
}

void SleepNanos(int64_t nanos) {
  if (nanos <= 0) return;
  if (internal::simulated_wait != nullptr) {
    (void)internal::simulated_wait->RunOne();
    return internal::simulated_wait->Pass(nanos);
  }
  timespec left{static_cast<time_t>(nanos / 1'000'000'000), static_cast<long>(nanos % 1'000'000'000)};
  while (nanosleep(&left, &left) != 0) {}
}

}  // namespace kappa::os
