#include "common/os/kill_point.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>

namespace kappa::os::internal {

struct ArmedKillPoint {
  std::string name;
  std::atomic<int64_t> left{1};  // passes until the end
};

std::atomic<ArmedKillPoint*> armed_kill_point{nullptr};

namespace {

[[noreturn]] void Refuse(const char* value) {
  std::fprintf(stderr, "kappa: KAPPA_KILL_AT=%s: expected NAME or NAME:COUNT (from 1), NAME being one of common/os/kill_point.h\n", value);
  _exit(1);
}

ArmedKillPoint* Parse(const char* value) {
  if (value == nullptr || *value == '\0') return nullptr;
  const std::string_view text = value;
  const size_t colon = std::min(text.find(':'), text.size());
  auto* armed = new ArmedKillPoint;  // lives as long as the process: threads may pass to its very end
  armed->name = text.substr(0, colon);
  if (std::find(std::begin(kKillPoints), std::end(kKillPoints), armed->name) == std::end(kKillPoints)) Refuse(value);
  if (colon < text.size()) {
    int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size() || count < 1) Refuse(value);
    armed->left = count;
  }
  return armed;
}

[[maybe_unused]] const bool parsed = [] {
  armed_kill_point = Parse(std::getenv("KAPPA_KILL_AT"));
  return true;
}();

}  // namespace

void ReachedKillPoint(ArmedKillPoint* armed, std::string_view name) {
  if (name != armed->name || armed->left.fetch_sub(1) != 1) return;
  kill(getpid(), SIGKILL);
  for (;;) pause();  // the signal may be delivered to another thread first
}

}  // namespace kappa::os::internal
