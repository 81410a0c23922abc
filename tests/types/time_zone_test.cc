// Time zones against themselves: the cache against the zone, rules against the database, texts there and back.
#include "types/time_zone.h"

#include <gtest/gtest.h>

#include "types/datetime.h"
#include "types/datetime_input.h"
#include "types/zone_cache.h"

namespace kappa {
namespace {

constexpr const char* kZones[] = {
    "UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "EST5EDT,M3.2.0,M11.1.0", "<-03>3", "MSK",
    ":CET"};

struct Numbers {
  uint64_t state = 7;
  int64_t Below(int64_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int64_t>((state >> 20) % static_cast<uint64_t>(n));
  }
};

TEST(TimeZone, NamesAreFoundInAnyCase) {
  ASSERT_NE(FindTimeZone("america/new_york"), nullptr);
  EXPECT_EQ(FindTimeZone("america/new_york")->name(), "America/New_York");
  EXPECT_EQ(FindTimeZone("Mars/Phobos"), nullptr);
  EXPECT_EQ(FindTimeZone("../../etc/passwd"), nullptr);
  EXPECT_EQ(FindTimeZone("/etc/localtime"), nullptr);
  EXPECT_EQ(FindTimeZone("America"), nullptr);
  EXPECT_EQ(FindTimeZone(""), nullptr);
  EXPECT_EQ(*CanonicalTimeZone("-7.5"), "<-07:30>+07:30");
  EXPECT_EQ(*CanonicalTimeZone("europe/berlin"), "Europe/Berlin");
  EXPECT_EQ(SqlStateOf(CanonicalTimeZone("x/y").status()), sqlstate::kInvalidParameterValue);
}

TEST(TimeZone, AnAbbreviationIsNotTheZoneOfItsName) {
  const int64_t summer = 1719835200;  // 2024-07-01 12:00
  EXPECT_EQ(FindZoneOrAbbreviation("CET")->At(summer).offset, 3600);
  EXPECT_EQ(FindTimeZone("CET")->At(summer).offset, 7200);
  EXPECT_EQ(NameForPlan(*FindTimeZone("CET")), ":CET");
  EXPECT_EQ(FindZoneOfPlan(":CET")->At(summer).offset, 7200);
  EXPECT_EQ(NameForPlan(*UtcZone()), "UTC");
}

TEST(TimeZone, AChangedAbbreviationMeansWhatItMeantThen) {
  EXPECT_EQ(FindZoneOrAbbreviation("MSK")->At(1275393600).offset, 3 * 3600);  // 2010
  EXPECT_EQ(FindZoneOrAbbreviation("MSK")->At(1338552000).offset, 4 * 3600);  // 2012
}

TEST(TimeZone, SkippedAndRepeatedTimes) {
  const TimeZone* zone = FindTimeZone("America/New_York");
  const auto local = [](int64_t day, int64_t hour, int64_t minute) { return day * 86400 + hour * 3600 + minute * 60; };
  const int64_t march = DaysFromCivil(2024, 3, 10), november = DaysFromCivil(2024, 11, 3);
  EXPECT_EQ(zone->OffsetOfLocal(local(march, 1, 59)), -5 * 3600);
  EXPECT_EQ(zone->OffsetOfLocal(local(march, 2, 30)), -5 * 3600);  // not yet changed
  EXPECT_EQ(zone->OffsetOfLocal(local(march, 3, 0)), -4 * 3600);
  EXPECT_EQ(zone->OffsetOfLocal(local(november, 0, 59)), -4 * 3600);
  EXPECT_EQ(zone->OffsetOfLocal(local(november, 1, 30)), -5 * 3600);  // the second
}

TEST(TimeZone, RulesGoOnForEver) {
  const TimeZone* zone = FindTimeZone("America/New_York");
  Numbers numbers;
  for (int i = 0; i < 5000; ++i) {
    const int64_t at = 1893456000 + numbers.Below(200000000), later = at + 12622780800 * (1 + numbers.Below(600));
    ASSERT_EQ(zone->At(at).offset, zone->At(later).offset) << at << " " << later;
    ASSERT_EQ(zone->At(at).end - at, zone->At(later).end - later);
    ASSERT_EQ(zone->At(at).begin - at, zone->At(later).begin - later);
    ASSERT_EQ(zone->OffsetOfLocal(at), zone->OffsetOfLocal(later));
  }
}

TEST(TimeZone, RulesAgreeWithTheDatabase) {
  const TimeZone* rule = FindTimeZone("EST5EDT,M3.2.0,M11.1.0");
  const TimeZone* zone = FindTimeZone("America/New_York");
  ASSERT_NE(rule, nullptr);
  Numbers numbers;
  for (int i = 0; i < 20000; ++i) {
    const int64_t at = 1199145600 + numbers.Below(900000000);  // from 2008 on
    const ZoneSpan a = rule->At(at), b = zone->At(at);
    ASSERT_EQ(a.offset, b.offset) << at;
    ASSERT_EQ(a.begin, b.begin) << at;
    ASSERT_EQ(a.end, b.end) << at;
    ASSERT_EQ(a.abbreviation, b.abbreviation) << at;
  }
  for (const char* bad : {"EST5EDT,M3.2.0", "EST5EDT,M13.1.0,M1.1.0", "EST", "EST5EDT,M3.2.0,M11.1.0x", "<EST5", "EST999"})
    EXPECT_EQ(FindTimeZone(bad) == nullptr || std::string_view(bad) == "EST", true) << bad;
}

TEST(ZoneCache, AnswersWhatTheZoneSays) {
  ZoneCache cache;
  Numbers numbers;
  for (int i = 0; i < 50000; ++i) {
    const std::string_view name = kZones[numbers.Below(std::size(kZones))];
    const TimeZone* zone = FindZoneOfPlan(name);
    ASSERT_NE(zone, nullptr) << name;
    int64_t seconds = numbers.Below(6000000000) - 2500000000;
    if (i % 2 == 0) {  // about a change
      const ZoneSpan span = zone->At(seconds);
      if (span.end != INT64_MAX) seconds = span.end + numbers.Below(20000) - 10000;
    }
    const Text text(name);
    const ZoneCache::Entry* entry = cache.AtUtc(text, seconds * kMicrosPerSecond);
    ASSERT_NE(entry, nullptr);
    ASSERT_EQ(entry->offset, zone->At(seconds).offset * kMicrosPerSecond) << name << " " << seconds;
    int64_t utc = 0;
    ASSERT_NE(cache.AtLocal(text, seconds * kMicrosPerSecond, &utc), nullptr);
    ASSERT_EQ(utc, (seconds - zone->OffsetOfLocal(seconds)) * kMicrosPerSecond) << name << " " << seconds;
  }
  EXPECT_EQ(cache.AtUtc(Text("Mars/Phobos"), 0), nullptr);
  EXPECT_EQ(cache.AtUtc(Text(std::string(300, 'x')), 0), nullptr);
}

TEST(DatetimeInput, TextsComeBack) {
  Numbers numbers;
  for (int i = 0; i < 50000; ++i) {
    DatetimeInput input;
    input.zone = FindTimeZone(kZones[numbers.Below(6)]);
    const TimestampTz ts{numbers.Below(8000000000000000) - 3000000000000000};
    char text[kMaxDatetimeText];
    char* end = FormatTimestampTz(ts, int64_t{input.zone->At(FloorDivide(ts.micros, kMicrosPerSecond)).offset} * kMicrosPerSecond, text);
    TimestampTz back;
    ASSERT_EQ(ReadTimestampTz({text, static_cast<size_t>(end - text)}, input, &back), ParseStatus::kOk) << std::string(text, end);
    ASSERT_EQ(back.micros, ts.micros) << std::string(text, end);
    Interval interval{numbers.Below(800000000000) - 400000000000, static_cast<int32_t>(numbers.Below(100)) - 50,
                      static_cast<int32_t>(numbers.Below(100)) - 50},
        read;
    char interval_text[kMaxIntervalText];
    end = FormatInterval(interval, interval_text);
    ASSERT_EQ(ParseInterval({interval_text, static_cast<size_t>(end - interval_text)}, &read), ParseStatus::kOk);
    ASSERT_TRUE(read.micros == interval.micros && read.days == interval.days && read.months == interval.months) << std::string(interval_text, end);
  }
}

TEST(DatetimeInput, TheClockIsAskedOnlyWhereThereIsOne) {
  EXPECT_TRUE(NeedsClock(" Tomorrow 12:00"));
  EXPECT_FALSE(NeedsClock("2024-01-01"));
  Date date;
  EXPECT_EQ(ReadDate("today", {}, &date), ParseStatus::kNeedsClock);
  DatetimeInput input;
  input.now = 1436918400000000;
  ASSERT_EQ(ReadDate("yesterday", input, &date), ParseStatus::kOk);
  EXPECT_EQ(date.days, 1436918400 / 86400 - 1);
  input.zone = FindTimeZone("America/New_York");
  ASSERT_EQ(ReadDate("today", input, &date), ParseStatus::kOk);
  EXPECT_EQ(date.days, 1436918400 / 86400 - 1);
}

}  // namespace
}  // namespace kappa
