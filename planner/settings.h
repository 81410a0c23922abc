// What SET and the command line may change about planning.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace kappa {

struct PlannerSettings {
  std::set<std::string> disabled_rules;  // optimizer_disable
  std::optional<bool> validate_full;     // SET validate; none: what each source says
  // The program stops at the logs' ends as they are when it opens (--until latest; INSERT ... SELECT by itself).
  bool until_latest = false;
  // Replay: every scan reads this range instead of the source's own, offsets by partition.
  std::optional<std::map<int32_t, int64_t>> replay_from, replay_until;
  // Over them: each partition's first record at or after this time, milliseconds since 1970 UTC.
  std::optional<int64_t> replay_from_ms, replay_until_ms;
};

}  // namespace kappa
