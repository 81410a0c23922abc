// date_trunc and extract of a unit that is a constant of the query, over timestamps: each unit is a function of its own.
#include "functions/constant_form.h"
#include "functions/scalar/calendar.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/zone.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace datetime_forms {

enum class Unit : uint8_t { kSecond, kMinute, kHour, kDay, kWeek, kMonth, kQuarter, kYear, kEpoch, kDayOfWeek, kIsoDayOfWeek, kDayOfYear };

constexpr int64_t LengthOf(Unit unit) {  // micros; 0: by the calendar
  return unit == Unit::kSecond   ? kMicrosPerSecond
         : unit == Unit::kMinute ? kMicrosPerMinute
         : unit == Unit::kHour   ? kMicrosPerHour
         : unit == Unit::kDay    ? kMicrosPerDay
                                 : 0;
}

template <Unit kUnit>
KAPPA_INLINE int64_t FirstDayOf(int64_t day) {
  if constexpr (kUnit == Unit::kWeek) return day - DaysSinceMonday(day);
  const CivilDate date = DateOfTimestampDay(day);
  if constexpr (kUnit == Unit::kMonth) return day - (date.day - 1);
  if constexpr (kUnit == Unit::kQuarter) return DaysFromCivil(date.year, (date.month - 1) / 3 * 3 + 1, 1);
  return FirstDayOfYear(date.year);
}

// Of a finite local time, by the clock that shows it.
template <Unit kUnit>
KAPPA_INLINE bool Truncated(CallContext& c, int64_t local, int64_t* out) {
  if constexpr (LengthOf(kUnit) != 0) {
    *out = local - static_cast<int64_t>(MicrosSinceFirst(local) % static_cast<uint64_t>(LengthOf(kUnit)));
    return true;
  }
  const int64_t day = FirstDayOf<kUnit>(DayOfTimestamp(local));
  *out = day * kMicrosPerDay;
  return KAPPA_LIKELY(day >= kMinDate) || FailTimestamp(c);
}

template <Unit kUnit, typename Ts>
bool Truncate(CallContext& c, Ts ts, Ts* out) {
  *out = ts;
  return KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros)) || Truncated<kUnit>(c, ts.micros, &out->micros);
}
template <Unit kUnit>
bool TruncateZone(CallContext& c, TimestampTz ts, Text zone, TimestampTz* out) {
  *out = ts;
  if (KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros))) return true;
  int64_t local, offset, cut;
  if (!LocalOf(c, zone, ts.micros, &local, &offset) || !Truncated<kUnit>(c, local, &cut)) return false;
  if constexpr (LengthOf(kUnit) != 0 && kUnit != Unit::kDay) {
    out->micros = cut - offset;
    return KAPPA_LIKELY(IsValidMicros(out->micros)) || FailTimestamp(c);
  }
  return UtcOf(c, zone, cut, &out->micros);
}

// ---- extract

KAPPA_COLD bool ExtractInfinite(Unit unit, bool positive, Nullable<Numeric>* out) {  // what goes round is NULL
  *out = {};
  if (unit == Unit::kYear || unit == Unit::kEpoch) *out = NumericSpecial(positive ? Numeric::kInfinity : Numeric::kMinusInfinity);
  return true;
}

template <Unit kUnit>
KAPPA_INLINE Numeric FieldOf(int64_t local) {
  const int64_t day = DayOfTimestamp(local);
  if constexpr (kUnit == Unit::kHour) return NumericFromInt(MicrosOfDay(local) / kMicrosPerHour);
  if constexpr (kUnit == Unit::kMinute)
    return NumericFromInt(static_cast<int64_t>(MicrosSinceFirst(local) / static_cast<uint64_t>(kMicrosPerMinute) % 60));
  if constexpr (kUnit == Unit::kSecond) return Numeric(static_cast<int64_t>(MicrosSinceFirst(local) % static_cast<uint64_t>(kMicrosPerMinute)), 6);
  if constexpr (kUnit == Unit::kDayOfWeek) return NumericFromInt((DaysSinceMonday(day) + 1) % 7);
  if constexpr (kUnit == Unit::kIsoDayOfWeek) return NumericFromInt(DaysSinceMonday(day) + 1);
  const CivilDate date = DateOfTimestampDay(day);
  if constexpr (kUnit == Unit::kDay) return NumericFromInt(date.day);
  if constexpr (kUnit == Unit::kMonth) return NumericFromInt(date.month);
  if constexpr (kUnit == Unit::kQuarter) return NumericFromInt((date.month - 1) / 3 + 1);
  if constexpr (kUnit == Unit::kDayOfYear) return NumericFromInt(day - FirstDayOfYear(date.year) + 1);
  return NumericFromInt(date.year > 0 ? date.year : date.year - 1);  // there is no year 0
}

template <Unit kUnit, typename Ts>
Nullable<Numeric> Extract(CallContext&, Ts ts) {
  Nullable<Numeric> out;
  if (KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros)))
    ExtractInfinite(kUnit, ts.micros > 0, &out);
  else if constexpr (kUnit == Unit::kEpoch)
    out = Numeric(ts.micros, 6);
  else
    out = FieldOf<kUnit>(ts.micros);
  return out;
}

struct UnitName {
  std::string_view name;
  Unit unit;
};
constexpr UnitName kUnitNames[] = {{"second", Unit::kSecond}, {"minute", Unit::kMinute}, {"hour", Unit::kHour},           {"day", Unit::kDay},
                                   {"week", Unit::kWeek},     {"month", Unit::kMonth},   {"quarter", Unit::kQuarter},     {"year", Unit::kYear},
                                   {"epoch", Unit::kEpoch},   {"dow", Unit::kDayOfWeek}, {"isodow", Unit::kIsoDayOfWeek}, {"doy", Unit::kDayOfYear}};

KAPPA_HOST_ONLY std::optional<Unit> UnitOf(std::string_view name) {
  for (const UnitName& entry : kUnitNames) {
    if (entry.name == name) return entry.unit;
  }
  return std::nullopt;
}

// f(std::integral_constant<Unit, unit>) of the units from kFirst to kLast; nullopt for others.
template <Unit kFirst, Unit kLast, typename F>
KAPPA_HOST_ONLY std::optional<ConstantForm> ForUnit(Unit unit, const F& f) {
  if (unit == kFirst) return f(std::integral_constant<Unit, kFirst>());
  if constexpr (kFirst != kLast) return ForUnit<static_cast<Unit>(static_cast<uint8_t>(kFirst) + 1), kLast>(unit, f);
  return std::nullopt;
}

template <typename Ts>
KAPPA_HOST_ONLY std::optional<ConstantForm> TruncateForm(Unit unit, TypeId type) {
  return ForUnit<Unit::kSecond, Unit::kYear>(
      unit, [&](auto u) { return ConstantForm{Scalar("date_trunc", {type}, type).Native<&Truncate<u.value, Ts>>(), {{1, ""}}}; });
}
template <typename Ts>
KAPPA_HOST_ONLY std::optional<ConstantForm> ExtractForm(Unit unit, TypeId type) {
  const auto form = [&](auto u) { return ConstantForm{Scalar("extract", {type}, TypeId::kNumeric).Native<&Extract<u.value, Ts>>(), {{1, ""}}}; };
  if (unit == Unit::kWeek) return std::nullopt;
  if (unit < Unit::kWeek) return ForUnit<Unit::kSecond, Unit::kDay>(unit, form);
  return ForUnit<Unit::kMonth, Unit::kDayOfYear>(unit, form);
}

}  // namespace datetime_forms

KAPPA_HOST_ONLY std::optional<ConstantForm> DatetimeConstantForm(const FunctionEntry& function, const std::vector<const Datum*>& constants) {
  using namespace datetime_forms;  // NOLINT: of this function only
  constexpr TypeId kTimestamp = TypeId::kTimestamp, kTimestampTz = TypeId::kTimestampTz;
  const bool truncates = function.name == "date_trunc";
  if (function.kind != FunctionKind::kScalar || (!truncates && function.name != "extract") || constants[0] == nullptr) return std::nullopt;
  const std::optional<Unit> unit = UnitOf(constants[0]->as_bytes());
  if (!unit) return std::nullopt;
  if (function.arguments[1] == kTimestamp) return truncates ? TruncateForm<Timestamp>(*unit, kTimestamp) : ExtractForm<Timestamp>(*unit, kTimestamp);
  if (function.arguments[1] != kTimestampTz) return std::nullopt;
  if (constants[2] != nullptr && constants[2]->as_bytes() == "UTC")
    return truncates ? TruncateForm<TimestampTz>(*unit, kTimestampTz) : ExtractForm<TimestampTz>(*unit, kTimestampTz);
  if (!truncates) return std::nullopt;
  return ForUnit<Unit::kSecond, Unit::kYear>(*unit, [&](auto u) {
    return ConstantForm{Scalar("date_trunc", {kTimestampTz, TypeId::kText}, kTimestampTz).Native<&TruncateZone<u.value>>(), {{1, ""}, {2, ""}}};
  });
}

}  // namespace kappa
