// Answers that wait for the disk. Who has changed a table is answered once the change is durable; the thread that executes statements does not wait
// for that, but goes on with those of others, so that one wait is for many.
//
//   client A  INSERT ─► appended ─┐                            ┌─► A's answers are sent
//   client B  INSERT ─► appended ─┼─► queue ─► one wait for all ┼─► B's
//   client C  INSERT ─► appended ─┘   (who comes meanwhile      └─► C's
//                                      is of the next one)
//
// Where the disk is fast, handing over to another thread costs more than the wait: then the thread that executes statements waits itself, once it has
// executed all that clients have sent.
#pragma once

#include <atomic>
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
  // `wait` is called by the queue's thread, or by one that calls WorkOff. Any thread; who adds something from a thread of the crew needs no more.
  void Add(std::function<void()> wait);
  // Is there something that a thread of the crew had better do, with WorkOff, once nothing else is to be done? Any thread.
  bool wants_work() const { return any_ && short_; }
  bool WorkOff();  // what waits: true, something did

 private:
  void Work();
  std::vector<std::function<void()>> Take();

  os::Environment* const environment_;
  std::mutex mutex_;  // of waiting_, stopping_, and changes of any_
  std::vector<std::function<void()>> waiting_;
  std::atomic<bool> any_{false};  // something waits
  bool stopping_ = false;
  std::atomic<bool> short_{false};  // the last wait was
  os::Event arrived_;
  std::unique_ptr<os::Thread> thread_;
};

}  // namespace kappa::server
