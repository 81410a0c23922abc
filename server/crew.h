// The threads that execute what clients ask: one at a time, until one takes long.
//
// Statements are short, or wait for the engine's lock anyway: threads side by side would only wake one another. So one thread serves all clients; a
// watcher sees when it has been at one handler for more than a few milliseconds, and lets another take its place. When the long handler has ended,
// its thread goes to rest.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <vector>

#include "common/os/environment.h"
#include "server/commit_queue.h"

namespace kappa::server {

class Crew {
 public:
  // `most` threads run the handlers of `context`, and do what `commits` wants done when there is nothing more to run, or after some handlers. All
  // outlive it.
  Crew(boost::asio::io_context* context, os::Environment* environment, int most, CommitQueue* commits);
  ~Crew();  // Stop
  void Start();
  // Handlers call it first: how long they take is counted from here.
  static void BeginHandler();
  // The context must have been stopped.
  void Stop();

 private:
  struct Worker {
    std::atomic<int64_t> busy_since{0};  // 0: it waits for something to do
    std::atomic<bool> serving{false};    // it is the one; false: it rests, or ends what it is at and rests
    os::Event wake;
    os::Clock* clock = nullptr;
    std::unique_ptr<os::Thread> thread;
  };
  static thread_local Worker* current_;
  void Work(Worker* worker);
  void Commit(const Worker& worker);
  void Watch();

  boost::asio::io_context* const context_;
  os::Environment* const environment_;
  CommitQueue* const commits_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<bool> stop_{false};
  os::Event watcher_wake_;
  std::unique_ptr<os::Thread> watcher_;
};

}  // namespace kappa::server
