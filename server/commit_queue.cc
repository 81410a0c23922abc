#include "server/commit_queue.h"

#include <utility>

namespace kappa::server {
namespace {

constexpr int64_t kLookNanos = 1'000'000'000;
constexpr int64_t kShortNanos = 500'000;  // a wait that costs about what waking a thread and being woken by it does

}  // namespace

void CommitQueue::Start() {
  thread_ = environment_->threads().Start("commits", [this] { Work(); });
}

void CommitQueue::Stop() {
  if (thread_ == nullptr) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  arrived_.Set();
  thread_->Join();
  thread_ = nullptr;
}

void CommitQueue::Add(std::function<void()> wait) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.push_back(std::move(wait));
    any_ = true;
  }
  if (!short_) arrived_.Set();
}

bool CommitQueue::WorkOff() {
  const std::vector<std::function<void()>> group = Take();
  if (group.empty()) return false;
  const int64_t begin = environment_->clock().MonotonicNanos();
  for (const auto& wait : group) wait();
  const bool is_short = environment_->clock().MonotonicNanos() - begin < kShortNanos;
  if (short_.exchange(is_short) && !is_short) arrived_.Set();  // for what was added while waits were short
  return true;
}

std::vector<std::function<void()>> CommitQueue::Take() {
  const std::lock_guard<std::mutex> lock(mutex_);
  any_ = false;
  return std::exchange(waiting_, {});
}

void CommitQueue::Work() {
  while (true) {
    if (WorkOff()) continue;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_ && waiting_.empty()) return;
      if (!waiting_.empty()) continue;
    }
    arrived_.WaitFor(kLookNanos);
  }
}

}  // namespace kappa::server
