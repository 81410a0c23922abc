// date_trunc, extract and date_part.
#include <cstring>

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/zone.h"
#include "functions/tables.h"
#include "types/datetime.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace datetime_fields_functions {

enum class Field : uint8_t {
  kUnknown,
  kMicroseconds,
  kMilliseconds,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
  kDecade,
  kCentury,
  kMillennium,
  kIsoYear,
  kDayOfWeek,
  kIsoDayOfWeek,
  kDayOfYear,
  kJulian,
  kEpoch,
  kZone,
  kZoneHour,
  kZoneMinute,
};

struct FieldName {
  const char* name;
  Field field;
};

// PostgreSQL looks at the first 10 letters only.
constexpr FieldName kFieldNames[] = {
    {"second", Field::kSecond},
    {"minute", Field::kMinute},
    {"hour", Field::kHour},
    {"day", Field::kDay},
    {"month", Field::kMonth},
    {"year", Field::kYear},
    {"epoch", Field::kEpoch},
    {"week", Field::kWeek},
    {"quarter", Field::kQuarter},
    {"dow", Field::kDayOfWeek},
    {"doy", Field::kDayOfYear},
    {"isodow", Field::kIsoDayOfWeek},
    {"isoyear", Field::kIsoYear},
    {"decade", Field::kDecade},
    {"century", Field::kCentury},
    {"millennium", Field::kMillennium},
    {"millisecon", Field::kMilliseconds},
    {"microsecon", Field::kMicroseconds},
    {"julian", Field::kJulian},
    {"timezone", Field::kZone},
    {"timezone_h", Field::kZoneHour},
    {"timezone_m", Field::kZoneMinute},
    {"s", Field::kSecond},
    {"sec", Field::kSecond},
    {"secs", Field::kSecond},
    {"seconds", Field::kSecond},
    {"m", Field::kMinute},
    {"min", Field::kMinute},
    {"mins", Field::kMinute},
    {"minutes", Field::kMinute},
    {"h", Field::kHour},
    {"hr", Field::kHour},
    {"hrs", Field::kHour},
    {"hours", Field::kHour},
    {"d", Field::kDay},
    {"days", Field::kDay},
    {"w", Field::kWeek},
    {"weeks", Field::kWeek},
    {"mon", Field::kMonth},
    {"mons", Field::kMonth},
    {"months", Field::kMonth},
    {"qtr", Field::kQuarter},
    {"y", Field::kYear},
    {"yr", Field::kYear},
    {"yrs", Field::kYear},
    {"years", Field::kYear},
    {"dec", Field::kDecade},
    {"decs", Field::kDecade},
    {"decades", Field::kDecade},
    {"c", Field::kCentury},
    {"cent", Field::kCentury},
    {"centuries", Field::kCentury},
    {"mil", Field::kMillennium},
    {"mils", Field::kMillennium},
    {"millennia", Field::kMillennium},
    {"ms", Field::kMilliseconds},
    {"msec", Field::kMilliseconds},
    {"msecs", Field::kMilliseconds},
    {"mseconds", Field::kMilliseconds},
    {"us", Field::kMicroseconds},
    {"usec", Field::kMicroseconds},
    {"usecs", Field::kMicroseconds},
    {"useconds", Field::kMicroseconds},
    {"j", Field::kJulian},
    {"jd", Field::kJulian},
};

KAPPA_COLD Field FindFieldSlowly(const Text& name) {
  const std::string_view text = name.view().substr(0, 10);
  for (const FieldName& entry : kFieldNames) {
    if (EqualsIgnoringCase(text, entry.name)) return entry.field;
  }
  return Field::kUnknown;
}

// A name of the usual spelling is known by its length and first bytes, which in generated code are constants: what is left of this there is to
// compare the other bytes.
KAPPA_INLINE Field FindField(const Text& name) {
  uint32_t prefix;
  std::memcpy(&prefix, name.prefix, sizeof prefix);
  constexpr auto word = [](char a, char b, char c, char d) {
    return static_cast<uint32_t>(a) | static_cast<uint32_t>(b) << 8 | static_cast<uint32_t>(c) << 16 | static_cast<uint32_t>(d) << 24;
  };
  const auto rest = [&](Field field, const char* bytes, size_t size) {
    return KAPPA_LIKELY(name.size == 4 + size && std::memcmp(name.data + 4, bytes, size) == 0) ? field : FindFieldSlowly(name);
  };
  switch (prefix) {
    case word('h', 'o', 'u', 'r'):
      if (name.size == 4) return Field::kHour;
      break;
    case word('y', 'e', 'a', 'r'):
      if (name.size == 4) return Field::kYear;
      break;
    case word('w', 'e', 'e', 'k'):
      if (name.size == 4) return Field::kWeek;
      break;
    case word('d', 'a', 'y', 0):
      if (name.size == 3) return Field::kDay;
      break;
    case word('d', 'o', 'w', 0):
      if (name.size == 3) return Field::kDayOfWeek;
      break;
    case word('d', 'o', 'y', 0):
      if (name.size == 3) return Field::kDayOfYear;
      break;
    case word('m', 'i', 'n', 'u'):
      return rest(Field::kMinute, "te", 2);
    case word('s', 'e', 'c', 'o'):
      return rest(Field::kSecond, "nd", 2);
    case word('m', 'o', 'n', 't'):
      return rest(Field::kMonth, "h", 1);
    case word('e', 'p', 'o', 'c'):
      return rest(Field::kEpoch, "h", 1);
    case word('q', 'u', 'a', 'r'):
      return rest(Field::kQuarter, "ter", 3);
    default:
      break;
  }
  return FindFieldSlowly(name);
}

KAPPA_COLD bool FailField(CallContext& c, const Text& name, Field field, const char* unknown, const char* unsupported) {
  char* lower = c.Allocate(name.size);
  for (uint32_t i = 0; i < name.size; ++i) lower[i] = AsciiLower(name.data[i]);
  if (field == Field::kUnknown) return c.Fail(sqlstate::kInvalidParameterValue, unknown, lower, name.size);
  return c.Fail(sqlstate::kFeatureNotSupported, unsupported, lower, name.size);
}
template <typename T>
bool FailFieldOf(CallContext& c, const Text& name, Field field);
template <>
KAPPA_COLD bool FailFieldOf<Timestamp>(CallContext& c, const Text& name, Field field) {
  return FailField(c, name, field, "unit \"%s\" not recognized for type timestamp without time zone",
                   "unit \"%s\" not supported for type timestamp without time zone");
}
template <>
KAPPA_COLD bool FailFieldOf<TimestampTz>(CallContext& c, const Text& name, Field field) {
  return FailField(c, name, field, "unit \"%s\" not recognized for type timestamp with time zone",
                   "unit \"%s\" not supported for type timestamp with time zone");
}
template <>
KAPPA_COLD bool FailFieldOf<Time>(CallContext& c, const Text& name, Field field) {
  return FailField(c, name, field, "unit \"%s\" not recognized for type time without time zone",
                   "unit \"%s\" not supported for type time without time zone");
}
template <>
KAPPA_COLD bool FailFieldOf<Date>(CallContext& c, const Text& name, Field field) {
  return FailField(c, name, field, "unit \"%s\" not recognized for type date", "unit \"%s\" not supported for type date");
}
template <>
KAPPA_COLD bool FailFieldOf<Interval>(CallContext& c, const Text& name, Field field) {
  return FailField(c, name, field, "unit \"%s\" not recognized for type interval", "unit \"%s\" not supported for type interval");
}

// Numbers of years as people count them: the first century begins with year 1, and before it comes the first century BC.
KAPPA_INLINE int64_t CenturyOf(int64_t year, int64_t size) { return year > 0 ? (year + size - 1) / size : -((size - 1 - (year - 1)) / size); }
KAPPA_INLINE int64_t DecadeOf(int64_t year) { return FloorDivide(year, 10); }
KAPPA_INLINE int64_t CommonYear(int64_t year) { return year > 0 ? year : year - 1; }  // there is no year 0

// ---- date_trunc

// Micros of the unit, 0 when it has no fixed length.
KAPPA_INLINE int64_t FixedLength(Field field) {
  switch (field) {
    case Field::kMicroseconds:
      return 1;
    case Field::kMilliseconds:
      return 1000;
    case Field::kSecond:
      return kMicrosPerSecond;
    case Field::kMinute:
      return kMicrosPerMinute;
    case Field::kHour:
      return kMicrosPerHour;
    case Field::kDay:
      return kMicrosPerDay;
    default:
      return 0;
  }
}

// The first day of the calendar unit that holds the date; false: not such a unit.
bool TruncateCalendar(Field field, const CivilDate& date, int64_t days, int64_t* out) {
  int64_t year = date.year;
  int month = 1;
  switch (field) {
    case Field::kWeek:
      *out = days - (DayOfWeek(days) + 6) % 7;
      return true;
    case Field::kMonth:
      month = date.month;
      break;
    case Field::kQuarter:
      month = (date.month - 1) / 3 * 3 + 1;
      break;
    case Field::kYear:
      break;
    case Field::kDecade:
      year = DecadeOf(year) * 10;
      break;
    case Field::kCentury:
      year = FloorDivide(year - 1, 100) * 100 + 1;
      break;
    case Field::kMillennium:
      year = FloorDivide(year - 1, 1000) * 1000 + 1;
      break;
    default:
      return false;
  }
  *out = DaysFromCivil(year, month, 1);
  return true;
}

// PostgreSQL knows these fields in extract only.
KAPPA_INLINE Field TruncatableOrUnknown(Field field) { return field >= Field::kIsoYear && field <= Field::kEpoch ? Field::kUnknown : field; }

template <typename Ts>
bool DateTrunc(CallContext& c, Text name, Ts ts, Ts* out) {
  const Field field = FindField(name);
  const int64_t length = FixedLength(field);
  *out = ts;
  if (length != 0) {
    if (IsFiniteMicros(ts.micros)) out->micros = FloorDivide(ts.micros, length) * length;
    return true;
  }
  int64_t days = 0;
  const int64_t day = FloorDivide(ts.micros, kMicrosPerDay);
  if (KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros))) return true;
  if (KAPPA_UNLIKELY(!TruncateCalendar(field, CivilFromDays(day), day, &days))) return FailFieldOf<Ts>(c, name, TruncatableOrUnknown(field));
  out->micros = days * kMicrosPerDay;
  return KAPPA_LIKELY(days >= kMinDate) || FailTimestamp(c);
}

// By the zone's calendar: days and longer begin at the zone's midnight, what is shorter is cut where the clock there shows it.
bool DateTruncZone(CallContext& c, Text name, TimestampTz ts, Text zone, TimestampTz* out) {
  *out = ts;
  if (KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros))) return true;
  int64_t local, offset;
  if (!LocalOf(c, zone, ts.micros, &local, &offset)) return false;
  const Field field = FindField(name);
  const int64_t length = FixedLength(field);
  if (length != 0) {
    const int64_t cut = FloorDivide(local, length) * length;
    if (field == Field::kDay) return UtcOf(c, zone, cut, &out->micros);
    out->micros = cut - offset;
    return KAPPA_LIKELY(IsValidMicros(out->micros)) || FailTimestamp(c);
  }
  int64_t days = 0;
  const int64_t day = FloorDivide(local, kMicrosPerDay);
  if (KAPPA_UNLIKELY(!TruncateCalendar(field, CivilFromDays(day), day, &days))) return FailFieldOf<TimestampTz>(c, name, TruncatableOrUnknown(field));
  if (KAPPA_UNLIKELY(days < kMinDate)) return FailTimestamp(c);
  return UtcOf(c, zone, days * kMicrosPerDay, &out->micros);
}

bool DateTruncInterval(CallContext& c, Text name, Interval i, Interval* out) {
  const Field field = FindField(name);
  const int64_t length = FixedLength(field);
  *out = Interval();
  int32_t months = 0;
  switch (field) {
    case Field::kMonth:
      months = 1;
      break;
    case Field::kQuarter:
      months = 3;
      break;
    case Field::kYear:
      months = 12;
      break;
    case Field::kDecade:
      months = 120;
      break;
    case Field::kCentury:
      months = 1200;
      break;
    case Field::kMillennium:
      months = 12000;
      break;
    default:
      break;
  }
  if (months != 0) {
    out->months = i.months / months * months;
    return true;
  }
  if (KAPPA_UNLIKELY(length == 0)) {
    if (field == Field::kWeek) return c.Fail(sqlstate::kFeatureNotSupported, "unit \"week\" not supported for type interval");
    return FailFieldOf<Interval>(c, name, TruncatableOrUnknown(field));
  }
  out->months = i.months;
  out->days = i.days;
  if (field != Field::kDay) out->micros = i.micros / length * length;
  return true;
}

// ---- extract

KAPPA_INLINE bool Number(int64_t value, Nullable<Numeric>* out) {
  *out = NumericFromInt(value);
  return true;
}
KAPPA_INLINE bool Decimal(int64_t value, int scale, Nullable<Numeric>* out) {
  *out = Numeric(value, scale);
  return true;
}

// The calendar's fields; false: not one of them.
bool ExtractCalendar(Field field, const CivilDate& date, int64_t days, Nullable<Numeric>* out) {
  int64_t iso_year = 0;
  switch (field) {
    case Field::kDay:
      return Number(date.day, out);
    case Field::kMonth:
      return Number(date.month, out);
    case Field::kQuarter:
      return Number((date.month - 1) / 3 + 1, out);
    case Field::kWeek:
      return Number(IsoWeek(date, &iso_year), out);
    case Field::kYear:
      return Number(CommonYear(date.year), out);
    case Field::kDecade:
      return Number(DecadeOf(date.year), out);
    case Field::kCentury:
      return Number(CenturyOf(date.year, 100), out);
    case Field::kMillennium:
      return Number(CenturyOf(date.year, 1000), out);
    case Field::kIsoYear:
      IsoWeek(date, &iso_year);
      return Number(CommonYear(iso_year), out);
    case Field::kDayOfWeek:
      return Number(DayOfWeek(days), out);
    case Field::kIsoDayOfWeek:
      return Number((DayOfWeek(days) + 6) % 7 + 1, out);
    case Field::kDayOfYear:
      return Number(days - DaysFromCivil(date.year, 1, 1) + 1, out);
    default:
      return false;
  }
}

// Fields that grow without end are infinite with their timestamp; those that go round are NULL; `supported` tells the others.
bool ExtractInfinite(Field field, bool positive, Nullable<Numeric>* out) {
  switch (field) {
    case Field::kYear:
    case Field::kDecade:
    case Field::kCentury:
    case Field::kMillennium:
    case Field::kJulian:
    case Field::kIsoYear:
    case Field::kEpoch:
      *out = NumericSpecial(positive ? Numeric::kInfinity : Numeric::kMinusInfinity);
      return true;
    case Field::kUnknown:
      return false;
    default:
      *out = {};
      return true;
  }
}

// Julian days of a timestamp, with the part of the day as PostgreSQL's numeric division makes it.
bool ExtractJulian(CallContext& c, int64_t days, int64_t micros, Nullable<Numeric>* out) {
  Numeric part;
  out->null = false;
  return CheckNumeric(c, NumericDivide(NumericFromInt(micros), NumericFromInt(kMicrosPerDay), &part)) &&
         CheckNumeric(c, NumericAdd(NumericFromInt(days + kUnixEpochJulian), part, &out->value));
}

// Of the local time `local`, `offset` micros east of UTC.
template <typename Ts>
KAPPA_INLINE bool ExtractLocal(CallContext& c, const Text& name, Field field, int64_t local, int64_t offset, Nullable<Numeric>* out) {
  const int64_t days = FloorDivide(local, kMicrosPerDay);
  const CivilTime civil{CivilFromDays(days), local - days * kMicrosPerDay};
  switch (field) {
    case Field::kMicroseconds:
      return Number(civil.micros % kMicrosPerMinute, out);
    case Field::kMilliseconds:
      return Decimal(civil.micros % kMicrosPerMinute, 3, out);
    case Field::kSecond:
      return Decimal(civil.micros % kMicrosPerMinute, 6, out);
    case Field::kMinute:
      return Number(civil.minute(), out);
    case Field::kHour:
      return Number(civil.hour(), out);
    case Field::kEpoch:
      return Decimal(local - offset, 6, out);
    case Field::kJulian:
      return ExtractJulian(c, days, civil.micros, out);
    case Field::kZone:
      return Number(offset / kMicrosPerSecond, out);
    case Field::kZoneHour:
      return Number(offset / kMicrosPerHour, out);
    case Field::kZoneMinute:
      return Number(offset / kMicrosPerMinute % 60, out);
    default:
      return ExtractCalendar(field, civil.date, days, out) || FailFieldOf<Ts>(c, name, field);
  }
}

bool ExtractTimestamp(CallContext& c, Text name, Timestamp ts, Nullable<Numeric>* out) {
  const Field field = FindField(name);
  if (KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros))) return ExtractInfinite(field, ts.micros > 0, out) || FailFieldOf<Timestamp>(c, name, field);
  if (KAPPA_UNLIKELY(field >= Field::kZone)) return FailFieldOf<Timestamp>(c, name, field);
  return ExtractLocal<Timestamp>(c, name, field, ts.micros, 0, out);
}

bool ExtractTz(CallContext& c, Text name, TimestampTz ts, Text zone, Nullable<Numeric>* out) {
  const Field field = FindField(name);
  if (KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros))) return ExtractInfinite(field, ts.micros > 0, out) || FailFieldOf<TimestampTz>(c, name, field);
  int64_t local, offset;
  return LocalOf(c, zone, ts.micros, &local, &offset) && ExtractLocal<TimestampTz>(c, name, field, local, offset, out);
}

bool ExtractTime(CallContext& c, Text name, Time t, Nullable<Numeric>* out) {
  const Field field = FindField(name);
  switch (field) {
    case Field::kMicroseconds:
      return Number(t.micros % kMicrosPerMinute, out);
    case Field::kMilliseconds:
      return Decimal(t.micros % kMicrosPerMinute, 3, out);
    case Field::kSecond:
      return Decimal(t.micros % kMicrosPerMinute, 6, out);
    case Field::kMinute:
      return Number(t.micros / kMicrosPerMinute % 60, out);
    case Field::kHour:
      return Number(t.micros / kMicrosPerHour, out);
    case Field::kEpoch:
      return Decimal(t.micros, 6, out);
    default:
      return FailFieldOf<Time>(c, name, field);
  }
}

bool ExtractDate(CallContext& c, Text name, Date d, Nullable<Numeric>* out) {
  const Field field = FindField(name);
  const bool part_of_day = field >= Field::kMicroseconds && field <= Field::kHour;
  if (KAPPA_UNLIKELY(part_of_day || field >= Field::kZone)) return FailFieldOf<Date>(c, name, field);
  if (KAPPA_UNLIKELY(!IsFinite(d))) return ExtractInfinite(field, d.days > 0, out) || FailFieldOf<Date>(c, name, field);
  if (field == Field::kEpoch) return Number(int64_t{d.days} * 86400, out);
  if (field == Field::kJulian) return Number(int64_t{d.days} + kUnixEpochJulian, out);
  return ExtractCalendar(field, CivilFromDays(d.days), d.days, out) || FailFieldOf<Date>(c, name, field);
}

bool ExtractInterval(CallContext& c, Text name, Interval i, Nullable<Numeric>* out) {
  const Field field = FindField(name);
  const int64_t years = i.months / 12, months = i.months % 12;
  switch (field) {
    case Field::kMicroseconds:
      return Number(i.micros % kMicrosPerMinute, out);
    case Field::kMilliseconds:
      return Decimal(i.micros % kMicrosPerMinute, 3, out);
    case Field::kSecond:
      return Decimal(i.micros % kMicrosPerMinute, 6, out);
    case Field::kMinute:
      return Number(i.micros / kMicrosPerMinute % 60, out);
    case Field::kHour:
      return Number(i.micros / kMicrosPerHour, out);
    case Field::kDay:
      return Number(i.days, out);
    case Field::kMonth:
      return Number(months, out);
    case Field::kQuarter:
      return Number(months / 3 + 1, out);
    case Field::kYear:
      return Number(years, out);
    case Field::kDecade:
      return Number(years / 10, out);
    case Field::kCentury:
      return Number(years / 100, out);
    case Field::kMillennium:
      return Number(years / 1000, out);
    case Field::kEpoch: {  // a year has 365.25 days here
      const int64_t seconds = (years * 1461 + months * 120 + int64_t{i.days} * 4) * (86400 / 4);
      *out = Numeric(static_cast<__int128>(seconds) * kMicrosPerSecond + i.micros, 6);
      return true;
    }
    default:
      return FailFieldOf<Interval>(c, name, field);
  }
}

// The fields with fractions are added up in double, as PostgreSQL does it: the last digit may not be the exact field's.
bool FractionalPart(Field field, int64_t micros_of_minute, double* out) {
  const auto second = static_cast<double>(micros_of_minute / kMicrosPerSecond), rest = static_cast<double>(micros_of_minute % kMicrosPerSecond);
  if (field == Field::kSecond)
    *out = second + rest / 1e6;
  else if (field == Field::kMilliseconds)
    *out = second * 1e3 + rest / 1e3;
  else
    return false;
  return true;
}
bool FractionalPart(Field field, Timestamp ts, double* out) {
  if (!IsFiniteMicros(ts.micros)) return false;
  if (field == Field::kEpoch) {
    *out = static_cast<double>(ts.micros) / 1e6;
    return true;
  }
  const int64_t day = FloorDivide(ts.micros, kMicrosPerDay), micros = ts.micros - day * kMicrosPerDay;
  if (field == Field::kJulian) {
    const auto seconds = static_cast<double>(micros / kMicrosPerSecond) + static_cast<double>(micros % kMicrosPerSecond) / 1e6;
    *out = static_cast<double>(day + kUnixEpochJulian) + seconds / 86400.0;
    return true;
  }
  return FractionalPart(field, micros % kMicrosPerMinute, out);
}
bool FractionalPart(Field field, Time t, double* out) {
  if (field == Field::kEpoch) {
    *out = static_cast<double>(t.micros) / 1e6;
    return true;
  }
  return FractionalPart(field, t.micros % kMicrosPerMinute, out);
}
bool FractionalPart(Field field, Interval i, double* out) {
  if (field == Field::kEpoch) {
    *out = static_cast<double>(i.micros) / 1e6 + 31557600.0 * (i.months / 12) + 2592000.0 * (i.months % 12) + 86400.0 * i.days;
    return true;
  }
  return FractionalPart(field, i.micros % kMicrosPerMinute, out);
}

template <auto kExtract, typename T>
bool DatePart(CallContext& c, Text name, T value, Nullable<double>* out) {
  double fractional;
  if (FractionalPart(FindField(name), value, &fractional)) {
    *out = fractional;
    return true;
  }
  Nullable<Numeric> exact;
  if (!kExtract(c, name, value, &exact)) return false;
  if (!exact.null) *out = NumericToFloat8(exact.value);
  return true;
}

bool DatePartTz(CallContext& c, Text name, TimestampTz ts, Text zone, Nullable<double>* out) {
  const Field field = FindField(name);
  if (IsFiniteMicros(ts.micros) && field != Field::kUnknown) {
    int64_t local, offset;
    double fractional;
    if (!LocalOf(c, zone, ts.micros, &local, &offset)) return false;
    if (FractionalPart(field, Timestamp{field == Field::kEpoch ? ts.micros : local}, &fractional)) {
      *out = fractional;
      return true;
    }
  }
  Nullable<Numeric> exact;
  if (!ExtractTz(c, name, ts, zone, &exact)) return false;
  if (!exact.null) *out = NumericToFloat8(exact.value);
  return true;
}

// date_part takes a date as the timestamp of its midnight.
bool DatePartDate(CallContext& c, Text name, Date d, Nullable<double>* out) {
  Timestamp ts;
  if (!IsFinite(d))
    ts.micros = d.days > 0 ? kInfinity64 : kMinusInfinity64;
  else if (__builtin_mul_overflow(int64_t{d.days}, kMicrosPerDay, &ts.micros))
    return c.Fail(sqlstate::kDatetimeFieldOverflow, "date out of range for timestamp");
  return DatePart<&ExtractTimestamp, Timestamp>(c, name, ts, out);
}

}  // namespace datetime_fields_functions

using namespace datetime_fields_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> DatetimeFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Date and time")); };
  constexpr std::string_view kTrunc = "Cut to the unit: microseconds ... millennium. Weeks begin on Monday.",
                             kExtract = "A field as an exact number: EXTRACT(field FROM value).", kPart = "A field as a float.";
  add(Scalar("date_trunc", {kText, kTimestamp}, kTimestamp)
          .Native<&DateTrunc<Timestamp>>()
          .Doc(kTrunc)
          .Example("date_trunc('hour', '2001-02-16 20:38:40'::timestamp)", "2001-02-16 20:00:00"));
  add(Scalar("date_trunc", {kText, kTimestampTz, kText}, kTimestampTz)
          .Native<&DateTruncZone>()
          .Zoned()
          .Doc(kTrunc)
          .Example("date_trunc('week', '2001-02-16 20:38:40Z'::timestamptz)", "2001-02-12 00:00:00+00"));
  add(Scalar("date_trunc", {kText, kTimestampTz, kText}, kTimestampTz)
          .Native<&DateTruncZone>()
          .Doc("Cut to the unit by the calendar of a time zone.")
          .Example("date_trunc('day', '2001-02-16 20:38:40Z'::timestamptz, 'Australia/Sydney')", "2001-02-16 13:00:00+00"));
  add(Scalar("date_trunc", {kText, kInterval}, kInterval)
          .Native<&DateTruncInterval>()
          .Doc(kTrunc)
          .Example("date_trunc('hour', '3 days 02:47:33'::interval)", "3 days 02:00:00"));
  add(Scalar("extract", {kText, kTimestamp}, kNumeric)
          .Native<&ExtractTimestamp>()
          .Doc(kExtract)
          .Example("extract('epoch', '2015-07-15 00:00:00.5'::timestamp)", "1436918400.500000"));
  add(Scalar("extract", {kText, kTime}, kNumeric).Native<&ExtractTime>().Doc(kExtract).Example("extract('minute', '12:30:15'::time)", "30"));
  add(Scalar("date_part", {kText, kTime}, kFloat8)
          .Native<&DatePart<&ExtractTime, Time>>()
          .Doc(kPart)
          .Example("date_part('second', '12:30:15.5'::time)", "15.5"));
  add(Scalar("extract", {kText, kTimestampTz, kText}, kNumeric)
          .Native<&ExtractTz>()
          .Zoned()
          .Doc(kExtract)
          .Example("extract('hour', '2001-02-16 20:38:40Z'::timestamptz)", "20"));
  add(Scalar("extract", {kText, kDate}, kNumeric).Native<&ExtractDate>().Doc(kExtract).Example("extract('isodow', '2001-02-18'::date)", "7"));
  add(Scalar("extract", {kText, kInterval}, kNumeric)
          .Native<&ExtractInterval>()
          .Doc(kExtract)
          .Example("extract('epoch', '1 day 1 second'::interval)", "86401.000000"));
  add(Scalar("date_part", {kText, kTimestamp}, kFloat8)
          .Native<&DatePart<&ExtractTimestamp, Timestamp>>()
          .Doc(kPart)
          .Example("date_part('second', '2001-02-16 20:38:40.5'::timestamp)", "40.5"));
  add(Scalar("date_part", {kText, kTimestampTz, kText}, kFloat8)
          .Native<&DatePartTz>()
          .Zoned()
          .Doc(kPart)
          .Example("date_part('day', '2001-02-16 20:38:40Z'::timestamptz)", "16"));
  add(Scalar("date_part", {kText, kDate}, kFloat8).Native<&DatePartDate>().Doc(kPart).Example("date_part('year', '2001-02-16'::date)", "2001"));
  add(Scalar("date_part", {kText, kInterval}, kFloat8)
          .Native<&DatePart<&ExtractInterval, Interval>>()
          .Doc(kPart)
          .Example("date_part('minute', '90 min'::interval)", "30"));
  return table;
}

}  // namespace kappa
