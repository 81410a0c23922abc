// An environment in which a run is a function of a seed: virtual time, seeded randomness, files in memory that can fail, threads that run one after
// the other.
//
//   clock     each look advances it by 20 microseconds, now and then by a seeded jump; wall time can be set back
//   threads   a body runs to its end on the caller's thread: at once, or when the starter waits, yields or joins, as the seed chooses
//   waits     Event::WaitFor and SleepNanos run what is waiting, then let virtual time pass: nobody really waits
//
// A body that waits in a loop for another thread would never come back: whoever has such threads asks deterministic() and does without
// (exec/epoch/worker_pool.cc). One thread in the process. Of several
// simulations the newest is the one whose time passes; they end in the opposite order of their beginning.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/os/environment.h"
#include "common/os/fault_file_system.h"
#include "common/os/seeded_random.h"
#include "common/os/simulated_wait.h"

namespace kappa::os {

class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(uint64_t seed) : random_(seed) {}
  int64_t WallMicros() override { return Look() / 1000 + wall_offset_micros_; }
  int64_t MonotonicNanos() override { return Look(); }
  int64_t CpuNanos() override { return Look(); }
  void Advance(int64_t nanos) { nanos_ += nanos; }
  void SetWallBack(int64_t micros) { wall_offset_micros_ -= micros; }

 private:
  int64_t Look();
  SeededRandom random_;
  int64_t nanos_ = 1'000'000'000;
  int64_t wall_offset_micros_ = 1'700'000'000'000'000;  // November 2023
};

class SimulatedEnvironment final : public Environment, public Threads {
 public:
  // On `disk`; null: an empty one.
  explicit SimulatedEnvironment(uint64_t seed, std::unique_ptr<MemoryFileSystem> disk = nullptr);
  ~SimulatedEnvironment() override;  // what was started has ended or been joined by then

  SimulatedClock& clock() override { return clock_; }
  FaultFileSystem& files() override { return files_; }
  SeededRandom& random() override { return random_; }
  Threads& threads() override { return *this; }
  bool deterministic() const override { return true; }

  std::unique_ptr<Thread> Start(const std::string& name, std::function<void()> body) override;
  // Runs none, some or all of the bodies that wait to run.
  void Yield();
  // Runs one of the bodies that wait; false: there is none.
  bool RunOne();

 private:
  struct Task;
  class TaskThread;
  void Run(Task* task);

  SimulatedClock clock_;
  SeededRandom random_;    // handed out
  SeededRandom schedule_;  // decides
  FaultFileSystem files_;
  std::vector<std::shared_ptr<Task>> waiting_;
  std::unique_ptr<internal::SimulatedWait> waits_;
  internal::SimulatedWait* outer_ = nullptr;  // of the simulation around this one
};

}  // namespace kappa::os
