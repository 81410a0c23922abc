// The places themselves: a process that is told to die there does, at the pass it was told, and at no other.
#include "common/os/kill_point.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace kappa::os {
namespace {

// The child is this binary again: the variable is read once, before main.
constexpr const char* kChild = "KAPPA_KILL_POINT_CHILD";

// Passes two places, three times each; its exit code is then 7.
TEST(KillPointChild, PassesItsPlaces) {
  if (std::getenv(kChild) == nullptr) GTEST_SKIP() << "runs as a child of the other tests";
  for (int pass = 0; pass < 3; ++pass) {
    KillPoint("journal-before-sync");
    if (write(STDOUT_FILENO, "a", 1) != 1) _exit(8);
    KillPoint("journal-after-sync");
  }
  _exit(7);
}

struct Outcome {
  int status = 0;
  std::string output;  // of the places: an "a" a pass
};

Outcome RunChild(const char* kill_at) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    setenv(kChild, "1", 1);
    if (kill_at == nullptr)
      unsetenv("KAPPA_KILL_AT");
    else
      setenv("KAPPA_KILL_AT", kill_at, 1);
    dup2(ends[1], STDOUT_FILENO);
    execl("/proc/self/exe", "os_kill_point_test", "--gtest_filter=KillPointChild.*", static_cast<char*>(nullptr));
    _exit(9);
  }
  close(ends[1]);
  Outcome outcome;
  char buffer[4096];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof(buffer))) > 0;) outcome.output.append(buffer, static_cast<size_t>(n));
  close(ends[0]);
  waitpid(child, &outcome.status, 0);
  // GoogleTest's own lines end with "...\n" before the first pass.
  outcome.output.erase(0, outcome.output.rfind('\n') + 1);
  return outcome;
}

void ExpectKilledAfter(const char* kill_at, size_t passes) {
  const Outcome outcome = RunChild(kill_at);
  ASSERT_TRUE(WIFSIGNALED(outcome.status)) << kill_at << ": exit " << WEXITSTATUS(outcome.status);
  EXPECT_EQ(WTERMSIG(outcome.status), SIGKILL);
  EXPECT_EQ(outcome.output, std::string(passes, 'a')) << kill_at;
}

TEST(KillPoint, ANormalRunPasses) {
  const Outcome outcome = RunChild(nullptr);
  ASSERT_TRUE(WIFEXITED(outcome.status));
  EXPECT_EQ(WEXITSTATUS(outcome.status), 7);
  EXPECT_EQ(outcome.output, "aaa");
}

TEST(KillPoint, DiesAtTheNamedPlaceAndPass) {
  ExpectKilledAfter("journal-before-sync", 0);
  ExpectKilledAfter("journal-before-sync:3", 2);
  ExpectKilledAfter("journal-after-sync", 1);
  ExpectKilledAfter("journal-after-sync:2", 2);
}

TEST(KillPoint, APassThatNeverComesChangesNothing) {
  for (const char* never : {"journal-before-sync:4", "between-sinks"}) {
    const Outcome outcome = RunChild(never);
    ASSERT_TRUE(WIFEXITED(outcome.status)) << never;
    EXPECT_EQ(WEXITSTATUS(outcome.status), 7) << never;
  }
}

TEST(KillPoint, AnUnknownNameOrCountIsRefused) {
  for (const char* bad : {"journal", "journal-before-sync:0", "journal-before-sync:x", "journal-before-sync:", "journal-before-sync:1x"}) {
    const Outcome outcome = RunChild(bad);
    ASSERT_TRUE(WIFEXITED(outcome.status)) << bad;
    EXPECT_EQ(WEXITSTATUS(outcome.status), 1) << bad;
  }
}

}  // namespace
}  // namespace kappa::os
