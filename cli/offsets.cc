#include "cli/offsets.h"

#include <charconv>

#include "engine/engine.h"  // Datum, as its options use it

namespace kappa::cli {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

template <typename Int>
bool ParseWhole(std::string_view text, Int* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() && *out >= 0;
}

SqlError NoPosition(std::string_view text) {
  return SqlError(sqlstate::kInvalidParameterValue)
         << "\"" << text << "\" is no position in a log"
         << Hint("write earliest, latest, an offset for each partition, as in 0:120,1:98, or a time, as in '2026-01-01 00:00:00'");
}

// Years come before a minus, partitions before a colon.
bool LooksLikeTime(std::string_view text) {
  const size_t sign = text.find_first_not_of("0123456789");
  return sign != std::string_view::npos && sign > 0 && text[sign] == '-';
}

}  // namespace

StatusOr<LogPosition> ParseLogPosition(std::string_view text) {
  LogPosition position;
  const std::string_view whole = Trim(text);
  if (whole == "earliest") return position;
  if (whole == "latest") {
    position.kind = LogPosition::Kind::kLatest;
    return position;
  }
  if (LooksLikeTime(whole)) {
    const StatusOr<Datum> time = Datum::Parse(TypeId::kTimestampTz, whole);
    if (!time.ok()) return NoPosition(whole);
    position.kind = LogPosition::Kind::kTime;
    const int64_t micros = time->as_int();
    position.time_ms = micros / 1000 + (micros % 1000 > 0 ? 1 : 0);
    return position;
  }
  position.kind = LogPosition::Kind::kOffsets;
  size_t begin = 0;
  while (begin <= whole.size()) {
    const size_t comma = std::min(whole.find(',', begin), whole.size());
    const std::string_view part = Trim(whole.substr(begin, comma - begin));
    const size_t colon = part.find(':');
    int32_t partition = 0;
    int64_t offset = 0;
    if (colon == std::string_view::npos || !ParseWhole(Trim(part.substr(0, colon)), &partition) ||
        !ParseWhole(Trim(part.substr(colon + 1)), &offset)) {
      return NoPosition(part);
    }
    if (!position.offsets.emplace(partition, offset).second) {
      return SqlError(sqlstate::kInvalidParameterValue) << "partition " << partition << " has two offsets in \"" << whole << "\"";
    }
    begin = comma + 1;
  }
  return position;
}

}  // namespace kappa::cli
