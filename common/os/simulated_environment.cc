#include "common/os/simulated_environment.h"

#include <algorithm>
#include <utility>

namespace kappa::os {
namespace {

constexpr int64_t kLookNanos = 20'000;
constexpr uint64_t kLooksPerJump = 64;
constexpr uint64_t kLongestJumpNanos = 20'000'000;

class Waits final : public internal::SimulatedWait {
 public:
  explicit Waits(SimulatedEnvironment* environment) : environment_(environment) {}
  bool RunOne() override { return environment_->RunOne(); }
  void Pass(int64_t nanos) override { environment_->clock().Advance(nanos); }

 private:
  SimulatedEnvironment* environment_;
};

}  // namespace

int64_t SimulatedClock::Look() {
  nanos_ += kLookNanos;
  if (random_.Below(kLooksPerJump) == 0) nanos_ += static_cast<int64_t>(random_.Below(kLongestJumpNanos));
  return nanos_;
}

struct SimulatedEnvironment::Task {
  std::function<void()> body;
  bool begun = false;
};

class SimulatedEnvironment::TaskThread final : public Thread {
 public:
  TaskThread(SimulatedEnvironment* environment, std::shared_ptr<Task> task) : environment_(environment), task_(std::move(task)) {}
  ~TaskThread() override { TaskThread::Join(); }
  void Join() override { environment_->Run(task_.get()); }

 private:
  SimulatedEnvironment* environment_;
  std::shared_ptr<Task> task_;
};

SimulatedEnvironment::SimulatedEnvironment(uint64_t seed, std::unique_ptr<MemoryFileSystem> disk)
    : clock_(seed), random_(seed + 1), schedule_(seed + 2), files_(disk == nullptr ? std::make_unique<MemoryFileSystem>(&clock_) : std::move(disk)) {
  waits_ = std::make_unique<Waits>(this);
  outer_ = std::exchange(internal::simulated_wait, waits_.get());
}

SimulatedEnvironment::~SimulatedEnvironment() { internal::simulated_wait = outer_; }

void SimulatedEnvironment::Run(Task* task) {
  if (std::exchange(task->begun, true)) return;
  const auto at = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& other) { return other.get() == task; });
  if (at != waiting_.end()) waiting_.erase(at);
  const std::function<void()> body = std::move(task->body);
  body();
}

std::unique_ptr<Thread> SimulatedEnvironment::Start(const std::string& name, std::function<void()> body) {
  (void)name;
  auto task = std::make_shared<Task>(Task{std::move(body)});
  if (schedule_.Below(2) == 0)
    Run(task.get());
  else
    waiting_.push_back(task);
  return std::make_unique<TaskThread>(this, task);
}

bool SimulatedEnvironment::RunOne() {
  if (waiting_.empty()) return false;
  const std::shared_ptr<Task> task = waiting_[schedule_.Below(waiting_.size())];
  Run(task.get());
  return true;
}

void SimulatedEnvironment::Yield() {
  for (uint64_t count = schedule_.Below(waiting_.size() + 1); count > 0; --count) RunOne();
}

}  // namespace kappa::os
