#include "server/crew.h"

namespace kappa::server {
namespace {

constexpr int64_t kLookNanos = 5'000'000;  // between two looks of the watcher
constexpr int64_t kLongNanos = 4'000'000;  // a handler that takes longer gets a stand-in
constexpr int64_t kRestNanos = 1'000'000'000;
constexpr int kHandlersTogether = 16;

}  // namespace

thread_local Crew::Worker* Crew::current_ = nullptr;

Crew::Crew(boost::asio::io_context* context, os::Environment* environment, int most, CommitQueue* commits)
    : context_(context), environment_(environment), commits_(commits) {
  for (int i = 0; i < most; ++i) {
    workers_.push_back(std::make_unique<Worker>());
    workers_.back()->clock = &environment->clock();
  }
}

Crew::~Crew() { Stop(); }

void Crew::Start() {
  workers_.front()->serving = true;
  for (auto& worker : workers_) {
    worker->thread = environment_->threads().Start("statements", [this, raw = worker.get()] { Work(raw); });
  }
  watcher_ = environment_->threads().Start("watcher", [this] { Watch(); });
}

void Crew::Stop() {
  if (watcher_ == nullptr) return;
  stop_ = true;
  watcher_wake_.Set();
  watcher_->Join();
  watcher_ = nullptr;
  for (auto& worker : workers_) worker->wake.Set();
  for (auto& worker : workers_) worker->thread->Join();
}

void Crew::BeginHandler() {
  if (current_ != nullptr) current_->busy_since.store(current_->clock->MonotonicNanos(), std::memory_order_relaxed);
}

void Crew::Work(Worker* worker) {
  current_ = worker;
  while (!stop_) {
    if (worker->serving.load()) {
      context_->run_one();
      worker->busy_since.store(0, std::memory_order_relaxed);
    }
    if (commits_->wants_work()) Commit(*worker);
    if (!worker->serving.load()) worker->wake.WaitFor(kRestNanos);
  }
}

// First the handlers that are ready: their commits share the wait.
void Crew::Commit(const Worker& worker) {
  for (int handled = 0; handled < kHandlersTogether && worker.serving.load() && context_->poll_one() > 0;) ++handled;
  BeginHandler();  // a long wait gets a stand-in too
  commits_->WorkOff();
  current_->busy_since.store(0, std::memory_order_relaxed);
}

void Crew::Watch() {
  while (!stop_) {
    watcher_wake_.WaitFor(kLookNanos);
    const int64_t now = environment_->clock().MonotonicNanos();
    for (auto& worker : workers_) {
      const int64_t since = worker->busy_since.load(std::memory_order_relaxed);
      if (!worker->serving.load() || since == 0 || now - since < kLongNanos) continue;
      for (auto& other : workers_) {
        if (other->serving.load() || other->busy_since.load() != 0) continue;
        worker->serving = false;
        other->serving = true;
        other->wake.Set();
        break;
      }
      break;  // one serves at a time
    }
  }
}

}  // namespace kappa::server
