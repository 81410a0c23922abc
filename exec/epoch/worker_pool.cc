#include "exec/epoch/worker_pool.h"

#include <atomic>
#include <numeric>
#include <utility>
#include <vector>

namespace kappa {
namespace {

class InlinePool final : public WorkerPool {
 public:
  int32_t workers() const override { return 1; }
  void RunAll(const std::function<void(int32_t)>& phase) override { phase(0); }
};

// Of a simulation: the workers' shares of a phase one after the other, in an order that the seed chooses.
class SequentialPool final : public WorkerPool {
 public:
  SequentialPool(int32_t workers, os::Environment* environment) : order_(static_cast<size_t>(workers)), random_(environment->random()) {
    std::iota(order_.begin(), order_.end(), 0);
  }
  int32_t workers() const override { return static_cast<int32_t>(order_.size()); }
  void RunAll(const std::function<void(int32_t)>& phase) override {
    for (size_t left = order_.size(); left > 1; --left) std::swap(order_[left - 1], order_[random_.Next() % left]);
    for (const int32_t worker : order_) phase(worker);
  }

 private:
  std::vector<int32_t> order_;
  os::Random& random_;
};

class ThreadPool final : public WorkerPool {
 public:
  ThreadPool(int32_t workers, os::Environment* environment) : slots_(static_cast<size_t>(workers)) {
    for (int32_t worker = 1; worker < workers; ++worker) {
      Slot& slot = slots_[static_cast<size_t>(worker)];
      slot.thread = environment->threads().Start("worker-" + std::to_string(worker), [this, worker, &slot] {
        for (;;) {
          while (!slot.go.WaitFor(kNanosPerSecond)) {}
          if (stop_.load()) return;
          (*phase_)(worker);
          if (left_.fetch_sub(1) == 1) done_.Set();
        }
      });
    }
  }
  ~ThreadPool() override {
    stop_.store(true);
    for (Slot& slot : slots_) slot.go.Set();
    for (Slot& slot : slots_) {
      if (slot.thread) slot.thread->Join();
    }
  }
  int32_t workers() const override { return static_cast<int32_t>(slots_.size()); }
  void RunAll(const std::function<void(int32_t)>& phase) override {
    phase_ = &phase;
    left_.store(workers() - 1);
    for (size_t worker = 1; worker < slots_.size(); ++worker) slots_[worker].go.Set();
    phase(0);
    while (left_.load() != 0) done_.WaitFor(kNanosPerSecond);
  }

 private:
  static constexpr int64_t kNanosPerSecond = 1'000'000'000;
  struct Slot {
    os::Event go;
    std::unique_ptr<os::Thread> thread;
  };
  std::vector<Slot> slots_;
  const std::function<void(int32_t)>* phase_ = nullptr;
  std::atomic<int32_t> left_{0};
  std::atomic<bool> stop_{false};
  os::Event done_;
};

}  // namespace

std::unique_ptr<WorkerPool> WorkerPool::Make(int32_t workers, os::Environment* environment) {
  if (workers <= 1) return std::make_unique<InlinePool>();
  if (environment->deterministic()) return std::make_unique<SequentialPool>(workers, environment);
  return std::make_unique<ThreadPool>(workers, environment);
}

}  // namespace kappa
