#include "server/commit_queue.h"

#include <utility>

namespace kappa::server {
namespace {

constexpr int64_t kLookNanos = 1'000'000'000;

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
  }
  arrived_.Set();
}

std::vector<std::function<void()>> CommitQueue::Take() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(waiting_, {});
}

void CommitQueue::Work() {
  while (true) {
    const std::vector<std::function<void()>> group = Take();
    for (const auto& wait : group) wait();
    if (!group.empty()) continue;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_ && waiting_.empty()) return;
      if (!waiting_.empty()) continue;
    }
    arrived_.WaitFor(kLookNanos);
  }
}

}  // namespace kappa::server
