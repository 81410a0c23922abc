// Answers that wait for the disk. Who has changed a table is answered once the change is durable; the thread that executes statements does not wait
// for that, but goes on with those of others, so that one wait is for many.
//
//   client A  INSERT ─► appended ─┐                            ┌─► A's answers are sent
//   client B  INSERT ─► appended ─┼─► queue ─► one wait for all ┼─► B's
//   client C  INSERT ─► appended ─┘   (who comes meanwhile      └─► C's
//                                      is of the next one)
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "common/os/environment.h"

namespace kappa::server {

class CommitQueue {
 public:
  explicit CommitQueue(os::Environment* environment) : environment_(environment) {}
  ~CommitQueue() { Stop(); }
  void Start();
  // What is in the queue is done first.
  void Stop();
  // `wait` is called by the queue's thread. Any thread.
  void Add(std::function<void()> wait);

 private:
  void Work();
  std::vector<std::function<void()>> Take();

  os::Environment* const environment_;
  std::mutex mutex_;  // of the next two
  std::vector<std::function<void()>> waiting_;
  bool stopping_ = false;
  os::Event arrived_;
  std::unique_ptr<os::Thread> thread_;
};

}  // namespace kappa::server
