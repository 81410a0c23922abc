#include "cli/interrupt.h"

#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "cli/exit_code.h"

namespace kappa::cli {
namespace {

// A signal handler has no other way to what it needs.
sem_t arrived;
std::atomic<int> signals{0};
std::atomic<int> patience_left{0};
std::atomic<const char*> first_note{nullptr};

void OnSignal(int) {
  const int saved = errno;
  const int count = signals.fetch_add(1) + 1;
  if (count >= patience_left.load()) _exit(kInterrupted);
  if (const char* note = first_note.load(); note != nullptr && count == 1) {
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, note, std::strlen(note));
  }
  sem_post(&arrived);
  errno = saved;
}

// Of the canceller, which waits for signals and tells the session.
std::mutex watched_mutex;
Session* watched = nullptr;
bool ending = false;

void CancelWhenAsked() {
  while (true) {
    while (sem_wait(&arrived) != 0) {}
    const std::lock_guard lock(watched_mutex);
    if (ending) return;
    if (watched != nullptr && signals.load() > 0) watched->Cancel();
  }
}

void Handle(int signal, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;  // waits are polls, which end at a signal all the same
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

}  // namespace

InterruptScope::InterruptScope(os::Environment* environment, int patience, const char* note) {
  sem_init(&arrived, 0, 0);
  ending = false;
  canceller_ = environment->threads().Start("interrupts", CancelWhenAsked);
  patience_left = patience;
  first_note = note;
  signals = 0;
  Handle(SIGINT, OnSignal);
  Handle(SIGTERM, OnSignal);
  Handle(SIGPIPE, SIG_IGN);
}

InterruptScope::~InterruptScope() {
  Handle(SIGINT, SIG_DFL);
  Handle(SIGTERM, SIG_DFL);
  {
    const std::lock_guard lock(watched_mutex);
    watched = nullptr;
    ending = true;
  }
  sem_post(&arrived);
  canceller_->Join();
  sem_destroy(&arrived);
}

void InterruptScope::Watch(Session* session) {
  const std::lock_guard lock(watched_mutex);
  watched = session;
}
bool InterruptScope::interrupted() const { return signals.load() > 0; }
void InterruptScope::Reset() { signals = 0; }

}  // namespace kappa::cli
