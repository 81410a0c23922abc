// Ranges of a log as statements write them: FOR LOG FROM ... UNTIL ..., start positions of sources, the range of a replay.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "common/status.h"
#include "parser/ast/query.h"
#include "planner/dataflow/dataflow.h"
#include "planner/settings.h"

namespace kappa {

// Offsets '0:120,1:98'. 22023 for anything else.
StatusOr<std::map<int32_t, int64_t>> ParseOffsets(std::string_view text, TextRange range);
// A time of FOR LOG: milliseconds since 1970 UTC, rounded up; without a zone it is UTC. 22007: no time.
StatusOr<int64_t> ParseLogTime(std::string_view text, TextRange range);

// Overrides where the source's definition begins and ends, where `range` says so.
Status ApplyLogRange(const ast::LogRange& range, ScanOp* scan);
// The range of a replay, over everything else.
void ApplyReplay(const PlannerSettings& settings, ScanOp* scan);

}  // namespace kappa
