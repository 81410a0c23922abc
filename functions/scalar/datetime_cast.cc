// Casts of dates, times, timestamps and intervals: among themselves, from and to text, and to fewer digits or fields.
#include <cstring>
#include <string>

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/zone.h"
#include "functions/tables.h"
#include "types/datetime.h"
#include "types/datetime_input.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace datetime_cast_functions {

// ---- among themselves

bool DateToTimestamp(CallContext& c, Date d, Timestamp* out) {
  if (KAPPA_UNLIKELY(!IsFinite(d))) {
    out->micros = d.days > 0 ? kInfinity64 : kMinusInfinity64;
    return true;
  }
  if (KAPPA_LIKELY(!__builtin_mul_overflow(int64_t{d.days}, kMicrosPerDay, &out->micros))) return true;
  return c.Fail(sqlstate::kDatetimeFieldOverflow, "date out of range for timestamp");
}
template <typename Ts>
Date TimestampToDate(CallContext&, Ts ts) {
  if (KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros))) return Date{ts.micros > 0 ? kInfinity32 : kMinusInfinity32};
  return Date{static_cast<int32_t>(FloorDivide(ts.micros, kMicrosPerDay))};
}
bool TimestampToTz(CallContext& c, Timestamp ts, Text zone, TimestampTz* out) {
  out->micros = ts.micros;
  return KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros)) || UtcOf(c, zone, ts.micros, &out->micros);
}
bool TzToTimestamp(CallContext& c, TimestampTz ts, Text zone, Timestamp* out) {
  out->micros = ts.micros;
  int64_t offset;
  return KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros)) || LocalOf(c, zone, ts.micros, &out->micros, &offset);
}
bool DateToTimestampTz(CallContext& c, Date d, Text zone, TimestampTz* out) {
  Timestamp midnight;
  return DateToTimestamp(c, d, &midnight) && TimestampToTz(c, midnight, zone, out);
}
bool TzToDate(CallContext& c, TimestampTz ts, Text zone, Date* out) {
  Timestamp local;
  if (!TzToTimestamp(c, ts, zone, &local)) return false;
  *out = TimestampToDate(c, local);
  return true;
}
Nullable<Time> TimestampToTime(CallContext&, Timestamp ts) {
  if (!IsFiniteMicros(ts.micros)) return {};
  return Time{ts.micros - FloorDivide(ts.micros, kMicrosPerDay) * kMicrosPerDay};
}
bool TzToTime(CallContext& c, TimestampTz ts, Text zone, Nullable<Time>* out) {
  Timestamp local;
  if (!TzToTimestamp(c, ts, zone, &local)) return false;
  *out = TimestampToTime(c, local);
  return true;
}
Interval TimeToInterval(CallContext&, Time t) { return Interval{t.micros, 0, 0}; }
Time IntervalToTime(CallContext&, Interval i) { return Time{((i.micros % kMicrosPerDay) + kMicrosPerDay) % kMicrosPerDay}; }

// ---- text out

KAPPA_INLINE char* Format(const Date& v, char* out) { return FormatDate(v, out); }
KAPPA_INLINE char* Format(const Time& v, char* out) { return FormatTime(v, out); }
KAPPA_INLINE char* Format(const Timestamp& v, char* out) { return FormatTimestamp(v, out); }
KAPPA_INLINE char* Format(const Interval& v, char* out) { return FormatInterval(v, out); }

template <typename T>
Text ToText(CallContext& c, T v) {
  char* text = c.Allocate(kMaxIntervalText);
  return Text(text, static_cast<size_t>(Format(v, text) - text));
}
bool TzToText(CallContext& c, TimestampTz ts, Text zone, Text* out) {
  int64_t offset = 0;
  if (KAPPA_LIKELY(IsFiniteMicros(ts.micros))) {
    const ZoneCache::Entry* entry = c.zones.AtUtc(zone, ts.micros);
    if (KAPPA_UNLIKELY(entry == nullptr)) return FailZone(c, zone);
    offset = entry->offset;
  }
  char* text = c.Allocate(kMaxDatetimeText);
  *out = Text(text, static_cast<size_t>(FormatTimestampTz(ts, offset, text) - text));
  return true;
}

Text Joined(CallContext& c, const Text& a, const Text& b) {
  char* bytes = c.Allocate(size_t{a.size} + b.size);
  if (a.size != 0) std::memcpy(bytes, a.data, a.size);
  if (b.size != 0) std::memcpy(bytes + a.size, b.data, b.size);
  return Text(bytes, size_t{a.size} + b.size);
}
template <typename T>
Text TextThen(CallContext& c, Text a, T b) {
  return Joined(c, a, ToText<T>(c, b));
}
template <typename T>
Text ThenText(CallContext& c, T a, Text b) {
  return Joined(c, ToText<T>(c, a), b);
}
bool TextThenTz(CallContext& c, Text a, TimestampTz b, Text zone, Text* out) {
  Text text;
  if (!TzToText(c, b, zone, &text)) return false;
  *out = Joined(c, a, text);
  return true;
}
bool TzThenText(CallContext& c, TimestampTz a, Text b, Text zone, Text* out) {
  Text text;
  if (!TzToText(c, a, zone, &text)) return false;
  *out = Joined(c, text, b);
  return true;
}

// ---- text in

// A zone that nobody knows is named as it was read: the text is read again for it.
KAPPA_COLD bool FailInput(CallContext& c, TypeId type, ParseStatus status, const Text& text) {
  if (status != ParseStatus::kZoneUnknown) return FailParse(c, type, status, text);
  DatetimeInput input;
  std::string name;
  input.unknown_zone = &name;
  Timestamp ignored;
  Time time;
  if (type == TypeId::kTime)
    ReadTime(text.view(), input, &time);
  else
    ReadTimestamp(text.view(), input, &ignored);
  return FailZone(c, Text(name));
}

bool DateFromText(CallContext& c, Text text, Date* out) {
  const ParseStatus status = ParseDate(text.view(), out);
  return KAPPA_LIKELY(status == ParseStatus::kOk) || FailInput(c, TypeId::kDate, status, text);
}
bool TimeFromText(CallContext& c, Text text, Time* out) {
  const ParseStatus status = ParseTime(text.view(), out);
  return KAPPA_LIKELY(status == ParseStatus::kOk) || FailInput(c, TypeId::kTime, status, text);
}
bool TimestampFromText(CallContext& c, Text text, Timestamp* out) {
  const ParseStatus status = ParseTimestamp(text.view(), out);
  return KAPPA_LIKELY(status == ParseStatus::kOk) || FailInput(c, TypeId::kTimestamp, status, text);
}
bool IntervalFromText(CallContext& c, Text text, Interval* out) {
  const ParseStatus status = ParseInterval(text.view(), out);
  return KAPPA_LIKELY(status == ParseStatus::kOk) || FailInput(c, TypeId::kInterval, status, text);
}

// The zone by its name; out of line, so that the good path of a text with its own offset stays small.
KAPPA_COLD bool TzFromTextSlowly(CallContext& c, const Text& text, const Text& zone, TimestampTz* out) {
  const ZoneCache::Entry* entry = c.zones.AtUtc(zone, 0);
  if (entry == nullptr) return FailZone(c, zone);
  DatetimeInput input;
  input.zone = entry->zone;
  const ParseStatus status = ReadTimestampTz(text.view(), input, out);
  return status == ParseStatus::kOk || FailInput(c, TypeId::kTimestampTz, status, text);
}
bool TzFromText(CallContext& c, Text text, Text zone, TimestampTz* out) {
  int64_t micros;
  if (KAPPA_LIKELY(text.size != 0 && ParseTimestampFast(text.data, text.size, &micros))) {
    if (text.data[text.size - 1] != 'Z') return UtcOf(c, zone, micros, &out->micros);
    out->micros = micros;
    return true;
  }
  return TzFromTextSlowly(c, text, zone, out);
}

// Literals that speak of the clock: 'now', 'tomorrow 12:00'. The binder puts these where a query says so.
DatetimeInput ClockInput(CallContext& c, const Text& zone) {
  DatetimeInput input;
  const ZoneCache::Entry* entry = c.zones.AtUtc(zone, 0);
  if (entry != nullptr) input.zone = entry->zone;
  input.now = c.epoch_micros;
  return input;
}
bool DateOfClock(CallContext& c, Text text, Text zone, Date* out) {
  const ParseStatus status = ReadDate(text.view(), ClockInput(c, zone), out);
  return status == ParseStatus::kOk || FailInput(c, TypeId::kDate, status, text);
}
bool TimeOfClock(CallContext& c, Text text, Text zone, Time* out) {
  const ParseStatus status = ReadTime(text.view(), ClockInput(c, zone), out);
  return status == ParseStatus::kOk || FailInput(c, TypeId::kTime, status, text);
}
bool TimestampOfClock(CallContext& c, Text text, Text zone, Timestamp* out) {
  const ParseStatus status = ReadTimestamp(text.view(), ClockInput(c, zone), out);
  return status == ParseStatus::kOk || FailInput(c, TypeId::kTimestamp, status, text);
}
bool TzOfClock(CallContext& c, Text text, Text zone, TimestampTz* out) {
  const ParseStatus status = ReadTimestampTz(text.view(), ClockInput(c, zone), out);
  return status == ParseStatus::kOk || FailInput(c, TypeId::kTimestampTz, status, text);
}

// ---- type modifiers

template <typename Ts>
Ts TimestampModifier(CallContext&, Ts ts, int32_t digits) {
  return Ts{RoundTimestamp(ts.micros, digits)};
}
Time TimeModifier(CallContext&, Time t, int32_t digits) {
  static constexpr int64_t kUnits[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
  if (digits < 0 || digits >= 6) return t;
  const int64_t unit = kUnits[digits];
  return Time{(t.micros + unit / 2) / unit * unit};
}
bool IntervalModifier(CallContext& c, Interval i, int32_t modifier, Interval* out) {
  *out = i;
  return KAPPA_LIKELY(ApplyIntervalModifier(modifier, out)) || FailInterval(c);
}

// ---- the table

template <auto kIn, auto kOut, auto kTextThen, auto kThenText>
KAPPA_HOST_ONLY void AddText(std::vector<FunctionEntry>* table, TypeId type, bool zoned, std::string_view in_call, std::string_view in_result,
                             std::string_view out_call, std::string_view out_result) {
  using enum TypeId;
  const auto arguments = [&](std::vector<TypeId> list) {
    if (zoned) list.push_back(kText);
    return list;
  };
  const auto add = [&](FunctionBuilder row, std::string_view category, std::string_view doc) {
    if (zoned) row.Zoned();
    table->push_back(row.Category(category).Doc(doc));
  };
  FunctionBuilder in(FunctionKind::kCast, "cast", arguments({kText}), type), out(FunctionKind::kCast, "cast", arguments({type}), kText);
  if (!zoned) in.Example(in_call, in_result);
  if (!zoned) out.Example(out_call, out_result);
  in.template Native<kIn>();
  out.template Native<kOut>().Assignment();
  add(in, "Casts", "Conversion.");
  add(out, "Casts", "Conversion.");
  FunctionBuilder text_then = Operator("||", arguments({kText, type}), kText), then_text = Operator("||", arguments({type, kText}), kText);
  text_then.template Native<kTextThen>();
  then_text.template Native<kThenText>();
  add(text_then, "String", "The text followed by the text form of the value.");
  add(then_text, "String", "The text form of the value followed by the text.");
}

KAPPA_HOST_ONLY void AddModifiers(std::vector<FunctionEntry>* table) {
  using enum TypeId;
  const auto add = [&](FunctionBuilder row, std::string_view call, std::string_view result) {
    table->push_back(row.Category("Casts").Doc("Conversion.").Example(call, result));
  };
  const auto modifier = [](TypeId type) { return FunctionBuilder(FunctionKind::kCast, "typmod", {type, kInt4}, type); };
  add(modifier(kTimestamp).Native<&TimestampModifier<Timestamp>>(), "'2024-01-01 00:00:00.1256'::timestamp(3)", "2024-01-01 00:00:00.126");
  add(modifier(kTimestampTz).Native<&TimestampModifier<TimestampTz>>(), "'2024-01-01 00:00:00.1256Z'::timestamptz(3)", "2024-01-01 00:00:00.126+00");
  add(modifier(kTime).Native<&TimeModifier>(), "'12:00:00.1256'::time(3)", "12:00:00.126");
  add(modifier(kInterval).Native<&IntervalModifier>(), "'1 day 02:03:04'::interval day", "1 day");
}

}  // namespace datetime_cast_functions

using namespace datetime_cast_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> DatetimeCastFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  const auto add = [&](FunctionBuilder row, std::string_view call = "", std::string_view result = "") {
    row.Category("Casts").Doc("Conversion.");
    table.push_back(call.empty() ? row : row.Example(call, result));
  };
  const auto zoned = [](TypeId from, TypeId to) { return FunctionBuilder(FunctionKind::kCast, "cast", {from, kText}, to).Zoned(); };
  add(Cast(kDate, kTimestamp).Native<&DateToTimestamp>().Implicit(), "'2024-02-29'::date::timestamp", "2024-02-29 00:00:00");
  add(zoned(kDate, kTimestampTz).Native<&DateToTimestampTz>().Implicit());
  add(Cast(kTimestamp, kDate).Native<&TimestampToDate<Timestamp>>().Assignment(), "'2024-02-29 23:59'::timestamp::date", "2024-02-29");
  add(zoned(kTimestampTz, kDate).Native<&TzToDate>().Assignment());
  add(zoned(kTimestamp, kTimestampTz).Native<&TimestampToTz>().Implicit());
  add(zoned(kTimestampTz, kTimestamp).Native<&TzToTimestamp>().Assignment());
  add(Cast(kTimestamp, kTime).Native<&TimestampToTime>().Assignment(), "'2024-02-29 12:00'::timestamp::time", "12:00:00");
  add(zoned(kTimestampTz, kTime).Native<&TzToTime>().Assignment());
  add(Cast(kTime, kInterval).Native<&TimeToInterval>().Implicit(), "'12:00'::time::interval", "12:00:00");
  add(Cast(kInterval, kTime).Native<&IntervalToTime>().Assignment(), "'25 hours'::interval::time", "01:00:00");
  AddText<&DateFromText, &ToText<Date>, &TextThen<Date>, &ThenText<Date>>(&table, kDate, false, "'2024-02-30'::date", "ERROR 22008",
                                                                          "'2024-02-29'::date::text", "2024-02-29");
  AddText<&TimeFromText, &ToText<Time>, &TextThen<Time>, &ThenText<Time>>(&table, kTime, false, "'3:30 pm'::time", "15:30:00", "'12:30'::time::text",
                                                                          "12:30:00");
  AddText<&TimestampFromText, &ToText<Timestamp>, &TextThen<Timestamp>, &ThenText<Timestamp>>(
      &table, kTimestamp, false, "'29 Feb 2024 12:30'::timestamp", "2024-02-29 12:30:00", "'2024-02-29'::timestamp::text", "2024-02-29 00:00:00");
  AddText<&TzFromText, &TzToText, &TextThenTz, &TzThenText>(&table, kTimestampTz, true, "", "", "", "");
  AddText<&IntervalFromText, &ToText<Interval>, &TextThen<Interval>, &ThenText<Interval>>(&table, kInterval, false, "'P1DT2H'::interval",
                                                                                          "1 day 02:00:00", "'90 min'::interval::text", "01:30:00");
  AddModifiers(&table);
  const auto clock = [&](FunctionBuilder row) {
    table.push_back(row.Zoned().Stable().Category("Date and time").Doc("A literal such as 'tomorrow 12:00', by the clock of the epoch."));
  };
  clock(Scalar("kappa_clock_date", {kText, kText}, kDate).Native<&DateOfClock>());
  clock(Scalar("kappa_clock_time", {kText, kText}, kTime).Native<&TimeOfClock>());
  clock(Scalar("kappa_clock_timestamp", {kText, kText}, kTimestamp).Native<&TimestampOfClock>());
  clock(Scalar("kappa_clock_timestamptz", {kText, kText}, kTimestampTz).Native<&TzOfClock>());
  return table;
}

}  // namespace kappa
