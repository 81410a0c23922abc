#include "cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "cli/exit_code.h"

namespace kappa::cli {
namespace {

// A signal handler has no other way to what it needs.
std::atomic<Session*> watched{nullptr};
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
  if (Session* session = watched.load(); session != nullptr) session->Cancel();
  errno = saved;
}

void Handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;   // waits are polls, which end at a signal all the same
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

}  // namespace

InterruptScope::InterruptScope(int patience, const char* note) {
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
  watched = nullptr;
}

void InterruptScope::Watch(Session* session) { watched = session; }
bool InterruptScope::interrupted() const { return signals.load() > 0; }
void InterruptScope::Reset() { signals = 0; }

}  // namespace kappa::cli
