#include "engine/memory_share.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace kappa {
namespace {

constexpr uint64_t kUnlimited = UINT64_MAX;

// The number that follows `label`; kUnlimited where there is none ("max").
uint64_t NumberAfter(const std::string& text, std::string_view label) {
  size_t at = text.find(label);
  if (at == std::string::npos) return kUnlimited;
  at = text.find_first_not_of(" \t", at + label.size());
  uint64_t value = 0;
  if (at == std::string::npos || std::from_chars(text.data() + at, text.data() + text.size(), value).ec != std::errc()) return kUnlimited;
  return value;
}

uint64_t LimitIn(os::FileSystem& files, const std::string& path) {
  const auto text = files.Exists(path) ? files.ReadAll(path) : StatusOr<std::string>(std::string());
  return text.ok() ? NumberAfter(*text, "") : kUnlimited;
}

// Control groups, man 7 cgroups: /proc/self/cgroup has "0::/a/b" for version 2 and "4:memory:/a/b" for version 1.
uint64_t LimitOfGroups(os::FileSystem& files) {
  constexpr char kRoot[] = "/sys/fs/cgroup";
  uint64_t limit = std::min(LimitIn(files, std::string(kRoot) + "/memory.max"), LimitIn(files, std::string(kRoot) + "/memory/memory.limit_in_bytes"));
  const auto groups = files.Exists("/proc/self/cgroup") ? files.ReadAll("/proc/self/cgroup") : StatusOr<std::string>(std::string());
  if (!groups.ok()) return limit;
  for (size_t begin = 0; begin < groups->size();) {
    const size_t end = std::min(groups->find('\n', begin), groups->size());
    const std::string line = groups->substr(begin, end - begin);
    begin = end + 1;
    const bool second = line.starts_with("0::");
    const size_t first = line.find(":memory:");
    if (!second && first == std::string::npos) continue;
    std::string group = second ? line.substr(3) : line.substr(first + 8);
    for (; group.size() > 1; group.erase(group.rfind('/'))) {  // a group's limit holds for those below it
      limit =
          std::min(limit, LimitIn(files, second ? kRoot + group + "/memory.max" : std::string(kRoot) + "/memory" + group + "/memory.limit_in_bytes"));
    }
  }
  return limit;
}

}  // namespace

uint64_t MemoryOfProcess(os::FileSystem& files) {
  constexpr uint64_t kKilobyte = 1024;
  const auto info = files.Exists("/proc/meminfo") ? files.ReadAll("/proc/meminfo") : StatusOr<std::string>(std::string());
  const uint64_t kilobytes = info.ok() ? NumberAfter(*info, "MemTotal:") : kUnlimited;
  const uint64_t memory = std::min(kilobytes == kUnlimited ? kUnlimited : kilobytes * kKilobyte, LimitOfGroups(files));
  return memory == kUnlimited ? 0 : memory;
}

}  // namespace kappa
