#include "types/time_zone.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>

#include "absl/time/time.h"
#include "common/os/environment.h"
#include "types/posix_zone.h"
#include "types/text_format.h"
#include "types/zone_cache.h"

namespace kappa {

namespace {

constexpr int32_t kMaxOffset = 26 * 3600;  // seconds that no zone's offset exceeds

int64_t SecondsOf(const absl::CivilSecond& civil) { return civil - absl::CivilSecond(1970, 1, 1); }

// A zone of the database. What a rule says for ever comes again every 400 years; the library lists the changes of one such cycle.
class NamedZone final : public TimeZone {
 public:
  NamedZone(std::string name, absl::TimeZone zone) : TimeZone(std::move(name)), zone_(zone) {
    absl::TimeZone::CivilTransition change;
    repeats_ = zone_.NextTransition(absl::FromUnixSeconds(kEndOfCycle), &change);
  }
  ZoneSpan At(int64_t seconds) const override {
    const int64_t cycles = repeats_ && seconds >= kEndOfCycle ? (seconds - kEndOfCycle) / kCycle + 1 : 0;
    const int64_t shift = cycles * kCycle;
    const absl::Time time = absl::FromUnixSeconds(seconds - shift);
    const absl::TimeZone::CivilInfo info = zone_.At(time);
    ZoneSpan span;
    span.offset = info.offset;
    span.dst = info.is_dst;
    span.abbreviation = info.zone_abbr;
    absl::TimeZone::CivilTransition change;
    if (zone_.PrevTransition(time + absl::Seconds(1), &change)) span.begin = SecondsOf(change.to) - info.offset + shift;
    if (zone_.NextTransition(time, &change)) span.end = SecondsOf(change.from) - info.offset + shift;
    return span;
  }

 private:
  static constexpr int64_t kCycle = 12622780800;       // 400 years
  static constexpr int64_t kEndOfCycle = 14516236800;  // 2430-01-01; changes are listed until 2437 at least
  absl::TimeZone zone_;
  bool repeats_ = false;
};

class FixedZone final : public TimeZone {
 public:
  FixedZone(std::string name, int32_t offset, bool dst, std::string abbreviation) : TimeZone(std::move(name)) {
    span_.offset = offset;
    span_.dst = dst;
    span_.abbreviation = std::move(abbreviation);
  }
  ZoneSpan At(int64_t) const override { return span_; }

 private:
  ZoneSpan span_;
};

// What `name` meant around `seconds` in a zone: as it was last used by then, else as it was first used.
ZoneSpan MeaningOf(const TimeZone& zone, std::string_view name, int64_t seconds) {
  const ZoneSpan now = zone.At(seconds);
  constexpr int kMost = 1000;
  ZoneSpan span = now;
  for (int i = 0; i < kMost; ++i) {
    if (EqualsIgnoringCase(span.abbreviation, name)) return span;
    if (span.begin == INT64_MIN) break;
    span = zone.At(span.begin - 1);
  }
  span = now;
  for (int i = 0; i < kMost && span.end != INT64_MAX; ++i) {
    span = zone.At(span.end);
    if (EqualsIgnoringCase(span.abbreviation, name)) return span;
  }
  return now;
}

// An abbreviation whose meaning changed with time.
class ChangingAbbreviation final : public TimeZone {
 public:
  ChangingAbbreviation(std::string lower, const TimeZone* zone) : TimeZone(lower), zone_(zone) {}
  ZoneSpan At(int64_t seconds) const override {
    ZoneSpan span = MeaningOf(*zone_, name(), seconds);
    span.begin = seconds;
    span.end = seconds + 1;
    return span;
  }
  int32_t OffsetOfLocal(int64_t local) const override { return At(local - zone_->OffsetOfLocal(local)).offset; }

 private:
  const TimeZone* zone_;
};

std::string ZoneDirectory() {
  std::string directory = os::EnvironmentVariable("TZDIR");
  return directory.empty() ? "/usr/share/zoneinfo" : directory;
}

// The database's spelling of a name that was written in any case; "": there is no such file.
std::string SpellingOf(std::string_view name) {
  if (name.empty() || name.size() > 255 || name.front() == '.' || name.find("..") != std::string_view::npos) return "";
  os::FileSystem& files = os::RealEnvironment().files();
  std::string path = ZoneDirectory(), spelling;
  while (!name.empty()) {
    const size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    name.remove_prefix(slash == std::string_view::npos ? name.size() : slash + 1);
    std::string lower(part);
    std::transform(lower.begin(), lower.end(), lower.begin(), AsciiLower);
    const auto names = files.List(path);
    if (part.empty() || !names.ok()) return "";
    const auto found = std::find_if(names->begin(), names->end(), [&](const std::string& entry) { return EqualsIgnoringCase(entry, lower); });
    if (found == names->end()) return "";
    path += "/" + *found;
    spelling += (spelling.empty() ? "" : "/") + *found;
  }
  return spelling;
}

// Zones that somebody asked for, by what they were asked for. Never emptied: whoever holds a zone may keep it.
class ZoneTable {
 public:
  static ZoneTable& Get() {
    static auto* const table = new ZoneTable();
    return *table;
  }
  template <typename Make>
  const TimeZone* Find(const std::string& key, const Make& make) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = zones_.find(key);
    if (found != zones_.end()) return found->second.get();
    std::unique_ptr<TimeZone> zone = make();
    if (zone == nullptr) return nullptr;  // names that are none are not kept: rows may bring any number of them
    return zones_.emplace(key, std::move(zone)).first->second.get();
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<TimeZone>> zones_;
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), AsciiLower);
  return lower;
}

std::unique_ptr<TimeZone> MakeZone(std::string_view name) {
  if (EqualsIgnoringCase(name, "utc")) return std::make_unique<FixedZone>("UTC", 0, false, "UTC");
  if (EqualsIgnoringCase(name, "gmt")) return std::make_unique<FixedZone>("GMT", 0, false, "GMT");
  if (const std::string spelling = SpellingOf(name); !spelling.empty()) {
    absl::TimeZone zone;
    if (absl::LoadTimeZone(absl::string_view(spelling), &zone)) return std::make_unique<NamedZone>(spelling, zone);
  }
  return ParsePosixZone(name);
}

}  // namespace

int32_t TimeZone::OffsetOfLocal(int64_t local) const {
  ZoneSpan span = At(local - kMaxOffset);
  while (span.end != INT64_MAX) {
    const ZoneSpan next = At(span.end);
    if (local < span.end + std::min(span.offset, next.offset)) return span.offset;
    if (local < span.end + std::max(span.offset, next.offset)) return next.offset > span.offset ? span.offset : next.offset;
    span = next;
  }
  return span.offset;
}

bool TimeZone::IsFixed(int32_t* offset) const {
  ZoneSpan span = At(-(int64_t{1} << 40));
  *offset = span.offset;
  for (int i = 0; i < 1000 && span.end != INT64_MAX; ++i) {
    span = At(span.end);
    if (span.offset != *offset) return false;
  }
  return span.end == INT64_MAX;
}

const TimeZone* UtcZone() {
  static const TimeZone* const utc = FindTimeZone("UTC");
  return utc;
}

const TimeZone* FindTimeZone(std::string_view name) {
  return ZoneTable::Get().Find(Lower(name), [&] { return MakeZone(name); });
}

int32_t AbbreviationOffset(const ZoneAbbreviation& abbreviation, std::string_view name, int64_t local_seconds) {
  if (abbreviation.zone == nullptr) return abbreviation.offset;
  return MeaningOf(*abbreviation.zone, Lower(name), local_seconds - abbreviation.zone->OffsetOfLocal(local_seconds)).offset;
}

const TimeZone* FindZoneOrAbbreviation(std::string_view name) {
  const std::string lower = Lower(name);
  ZoneAbbreviation abbreviation;
  if (!FindZoneAbbreviation(lower, &abbreviation)) return FindTimeZone(name);
  return ZoneTable::Get().Find("abbreviation " + lower, [&]() -> std::unique_ptr<TimeZone> {
    if (abbreviation.zone != nullptr) return std::make_unique<ChangingAbbreviation>(lower, abbreviation.zone);
    std::string upper(name);
    std::transform(upper.begin(), upper.end(), upper.begin(), AsciiUpper);
    return std::make_unique<FixedZone>(upper, abbreviation.offset, abbreviation.dst, upper);
  });
}

const TimeZone* FindZoneOfPlan(std::string_view name) {
  return !name.empty() && name.front() == ':' ? FindTimeZone(name.substr(1)) : FindZoneOrAbbreviation(name);
}

std::string NameForPlan(const TimeZone& zone) {
  ZoneAbbreviation abbreviation;
  const bool utc = &zone == UtcZone();
  return !utc && FindZoneAbbreviation(Lower(zone.name()), &abbreviation) ? ":" + zone.name() : zone.name();
}

std::string FixedZoneName(int32_t offset) {
  const auto text = [](int32_t seconds) {
    char buffer[32];
    const int32_t positive = std::abs(seconds);
    int size = std::snprintf(buffer, sizeof buffer, "%c%02d", seconds < 0 ? '-' : '+', positive / 3600);
    std::string out(buffer, static_cast<size_t>(size));
    if (positive % 3600 != 0) {
      size = std::snprintf(buffer, sizeof buffer, ":%02d", positive / 60 % 60);
      out.append(buffer, static_cast<size_t>(size));
    }
    if (positive % 60 != 0) {
      size = std::snprintf(buffer, sizeof buffer, ":%02d", positive % 60);
      out.append(buffer, static_cast<size_t>(size));
    }
    return out;
  };
  return "<" + text(offset) + ">" + text(-offset);
}

StatusOr<std::string> CanonicalTimeZone(std::string_view value) {
  const std::string text(TrimSpace(value));
  double hours = 0;
  if (ParseFloat8(text, &hours) == ParseStatus::kOk && hours > -168 && hours < 168)
    return FixedZoneName(static_cast<int32_t>(hours * 3600));  // hours east of UTC, as SQL counts
  const TimeZone* zone = FindTimeZone(text);
  if (zone == nullptr) {
    return SqlError(sqlstate::kInvalidParameterValue) << "invalid value for parameter \"TimeZone\": \"" << std::string(value) << "\""
                                                      << Hint("it takes a name such as 'Europe/Berlin' or 'UTC', or hours east of UTC");
  }
  return zone->name();
}

// ---- the workers' cache

namespace {

int64_t Micros(int64_t seconds, int64_t if_min, int64_t if_max) {
  if (seconds == INT64_MIN) return if_min;
  if (seconds == INT64_MAX) return if_max;
  int64_t micros;
  return __builtin_mul_overflow(seconds, int64_t{1000000}, &micros) ? (seconds < 0 ? INT64_MIN : INT64_MAX) : micros;
}
int64_t FloorSeconds(int64_t micros) { return micros / 1000000 - (micros % 1000000 < 0); }

const TimeZone* FillEntry(const Text& name, ZoneCache::Entry* e) {
  const bool same = e->zone != nullptr && name.size == e->size && name.view() == std::string_view(e->name, e->size);
  const TimeZone* zone = same ? e->zone : name.size < sizeof e->name ? FindZoneOfPlan(name.view()) : nullptr;
  if (zone == nullptr) return nullptr;
  e->zone = zone;
  e->size = name.size;
  std::memcpy(&e->prefix, name.prefix, sizeof e->prefix);
  std::memcpy(e->name, name.data, name.size);
  return zone;
}

void SetSpan(const ZoneSpan& span, ZoneCache::Entry* e) {
  constexpr int64_t kMargin = int64_t{2} * kMaxOffset * 1000000;
  e->utc_begin = Micros(span.begin, INT64_MIN, INT64_MAX);
  e->utc_end = Micros(span.end, INT64_MIN, INT64_MAX);
  e->offset = int64_t{span.offset} * 1000000;
  e->dst = span.dst;
  std::snprintf(e->abbreviation, sizeof e->abbreviation, "%s", span.abbreviation.c_str());
  // Near a change a local time may belong to either side: those are looked up one by one.
  e->local_begin = span.begin == INT64_MIN ? -(int64_t{1} << 62) : e->utc_begin + kMargin;
  e->local_end = span.end == INT64_MAX ? int64_t{1} << 62 : e->utc_end - kMargin;
}

}  // namespace

const ZoneCache::Entry* ZoneCache::LookUpUtc(const Text& name, int64_t utc, Entry* e) {
  const TimeZone* zone = FillEntry(name, e);
  if (zone == nullptr) return nullptr;
  SetSpan(zone->At(FloorSeconds(utc)), e);
  return e;
}

const ZoneCache::Entry* ZoneCache::LookUpLocal(const Text& name, int64_t local, Entry* e, int64_t* utc) {
  const TimeZone* zone = FillEntry(name, e);
  if (zone == nullptr) return nullptr;
  const int64_t seconds = FloorSeconds(local);
  const int32_t offset = zone->OffsetOfLocal(seconds);
  if (__builtin_sub_overflow(local, int64_t{offset} * 1000000, utc)) *utc = local < 0 ? INT64_MIN : INT64_MAX;
  SetSpan(zone->At(seconds - offset), e);
  return e;
}

}  // namespace kappa
