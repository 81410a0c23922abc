#include "planner/binder/log_range.h"

#include <algorithm>

#include "types/datum.h"

namespace kappa {
namespace {

// Forgets where the source's definition says to begin.
void ClearStart(ScanOp* scan) {
  scan->from_offsets.clear();
  scan->from_timestamp_ms.reset();
  scan->from_latest = false;
  std::erase_if(scan->options, [](const auto& option) { return option.first.starts_with("scan.startup."); });
}

}  // namespace

StatusOr<std::map<int32_t, int64_t>> ParseOffsets(std::string_view text, TextRange range) {
  std::map<int32_t, int64_t> offsets;
  auto bad = [&] {
    return SqlError(sqlstate::kInvalidParameterValue, range)
           << "invalid offsets \"" << std::string(text) << "\"" << Hint("write partition:offset pairs, as in '0:120,1:98'");
  };
  size_t at = 0;
  while (at < text.size()) {
    size_t end = std::min(text.find(',', at), text.size());
    std::string_view pair = text.substr(at, end - at);
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    while (!pair.empty() && pair.back() == ' ') pair.remove_suffix(1);
    const size_t colon = pair.find(':');
    if (colon == std::string_view::npos) return bad();
    const auto partition = Datum::Parse(TypeId::kInt4, pair.substr(0, colon));
    const auto offset = Datum::Parse(TypeId::kInt8, pair.substr(colon + 1));
    if (!partition.ok() || !offset.ok() || partition->as_int() < 0 || offset->as_int() < 0) return bad();
    if (!offsets.emplace(static_cast<int32_t>(partition->as_int()), offset->as_int()).second) return bad();
    at = end + 1;
  }
  if (offsets.empty()) return bad();
  return offsets;
}

StatusOr<int64_t> ParseLogTime(std::string_view text, TextRange range) {
  const StatusOr<Datum> time = Datum::Parse(TypeId::kTimestampTz, text);
  if (!time.ok()) return WithRange(time.status(), range);
  const int64_t micros = time->as_int();
  if (micros == INT64_MIN || micros == INT64_MAX) {
    return SqlError(sqlstate::kInvalidParameterValue, range)
           << "\"" << std::string(text) << "\" is no time of a record" << Hint("write EARLIEST or LATEST for the ends of the log");
  }
  return micros / 1000 + (micros % 1000 > 0 ? 1 : 0);
}

Status ApplyLogRange(const ast::LogRange& range, ScanOp* scan) {
  if (range.from) {
    ClearStart(scan);
    scan->from_latest = range.from->kind == ast::LogPositionKind::kLatest;
    if (range.from->kind == ast::LogPositionKind::kTimestamp) {
      ASSIGN_OR_RETURN(scan->from_timestamp_ms, ParseLogTime(range.from->text, range.from->range));
    }
    if (range.from->kind == ast::LogPositionKind::kOffsets) {
      ASSIGN_OR_RETURN(scan->from_offsets, ParseOffsets(range.from->text, range.from->range));
    }
  }
  if (range.until) {
    scan->until_offsets.clear();
    scan->until_latest = range.until->kind == ast::LogPositionKind::kLatest;
    if (range.until->kind == ast::LogPositionKind::kTimestamp) {
      ASSIGN_OR_RETURN(scan->until_timestamp_ms, ParseLogTime(range.until->text, range.until->range));
      scan->until_latest = true;  // partitions that have not come so far end where their log does
    }
    if (range.until->kind == ast::LogPositionKind::kEarliest) {
      return SqlError(sqlstate::kInvalidParameterValue, range.until->range) << "FOR LOG UNTIL EARLIEST would read nothing";
    }
    if (range.until->kind == ast::LogPositionKind::kOffsets) {
      ASSIGN_OR_RETURN(scan->until_offsets, ParseOffsets(range.until->text, range.until->range));
      scan->until_latest = true;  // partitions that are not named end where their log does
    }
  }
  return OkStatus();
}

void ApplyReplay(const PlannerSettings& settings, ScanOp* scan) {
  if (settings.replay_from) {
    ClearStart(scan);
    scan->from_offsets = *settings.replay_from;
    scan->from_timestamp_ms = settings.replay_from_ms;
  }
  if (settings.replay_until) {
    scan->until_offsets = *settings.replay_until;
    scan->until_timestamp_ms = settings.replay_until_ms;
    scan->until_latest = true;
  }
}

}  // namespace kappa
