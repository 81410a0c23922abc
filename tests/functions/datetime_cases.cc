// Prints cases of dates, times and templates for datetime_oracle.sql: a time zone, an SQL expression, what kappa makes of it (its text, NULL, or
// !SQLSTATE message), with tabs between. Texts are made of the pieces that such texts are made of, put together at random: most are nearly right.
//   datetime_cases [CASES_PER_KIND] [SEED]
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "functions/constant_form.h"
#include "functions/registry.h"
#include "types/datetime.h"
#include "types/datetime_input.h"
#include "types/datum.h"
#include "types/time_zone.h"

namespace kappa {
namespace {

class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed * 2654435761u + 12345) {}
  size_t Below(size_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<size_t>((state_ >> 33) % n);
  }
  bool OneIn(size_t n) { return Below(n) == 0; }
  template <size_t N>
  std::string Pick(const char* const (&list)[N]) {
    return list[Below(N)];
  }

 private:
  uint64_t state_;
};

constexpr const char* kZones[] = {"UTC",        "America/New_York", "Europe/Berlin",  "Australia/Lord_Howe", "Asia/Kolkata",  "America/St_Johns",
                                  "Asia/Tokyo", "Africa/Cairo",     "<+05:30>-05:30", "Pacific/Apia",        "Europe/Dublin", "America/Sao_Paulo"};

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == '\\')
      escaped += "\\\\";
    else if (c == '\t')
      escaped += "\\t";
    else if (c == '\n')
      escaped += "\\n";
    else
      escaped += c;
  }
  return escaped;
}
std::string Quoted(std::string_view text) {
  std::string quoted = "E'";
  for (char c : text) {
    if (c == '\'' || c == '\\') quoted += c;
    quoted += c;
  }
  return quoted + "'";
}

void Print(const std::string& zone, const std::string& sql, const std::string& kappa) {
  std::printf("%s\t%s\t%s\n", Escaped(zone).c_str(), Escaped(sql).c_str(), Escaped(kappa).c_str());
}

struct Argument {
  TypeId type;
  std::string text;
  bool null = false;
};

std::string TextIn(TypeId type, const Datum& value, const std::string& zone) {
  if (type != TypeId::kTimestampTz || !IsFiniteMicros(value.as_int())) return value.ToText(type);
  char text[kMaxDatetimeText];
  const int64_t seconds = FloorDivide(value.as_int(), kMicrosPerSecond);
  char* end = FormatTimestampTz(TimestampTz{value.as_int()}, int64_t{FindTimeZone(zone)->At(seconds).offset} * kMicrosPerSecond, text);
  return {text, end};
}

std::string CallEntry(const FunctionEntry& entry, const std::vector<Argument>& args, const std::string& zone) {
  std::vector<Datum> datums(args.size());
  std::vector<std::array<uint64_t, 4>> slots(args.size());
  std::vector<const void*> pointers(args.size());
  std::vector<AnyValue> values(args.size());
  std::array<bool, 8> nulls{};
  for (size_t i = 0; i < args.size(); ++i) {
    nulls[i] = args[i].null;
    pointers[i] = slots[i].data();
    values[i] = {DescribeType(args[i].type), reinterpret_cast<const char*>(slots[i].data()), args[i].null, nullptr, nullptr};
    if (args[i].null) {
      if (entry.strict) return "NULL";
      continue;
    }
    auto parsed = Datum::Parse(args[i].type, args[i].text);
    if (!parsed.ok()) {
      std::fprintf(stderr, "%s: %s\n", args[i].text.c_str(), MessageOf(parsed.status()).c_str());
      std::exit(1);
    }
    datums[i] = *parsed;
    datums[i].Store(args[i].type, reinterpret_cast<char*>(slots[i].data()));
  }
  CallContext context;
  context.epoch_micros = 1436918400000000;
  std::array<uint64_t, 4> out{};
  bool null = false, ok;
  if (entry.raw) {
    const auto raw = reinterpret_cast<RawFunction>(reinterpret_cast<uintptr_t>(entry.code));
    ok = raw(&context, values.data(), static_cast<uint32_t>(values.size()), DescribeType(entry.result), out.data(), &null);
  } else {
    ok = entry.invoke(&context, out.data(), &null, pointers.data(), nulls.data());
  }
  if (!ok) return "!" + std::string(context.error_state.view()) + " " + context.error_message;
  if (null) return "NULL";
  return TextIn(entry.result, Datum::Load(entry.result, reinterpret_cast<const char*>(out.data())), zone);
}

// Calls the entry natively, in a zone; and what generated code would call instead, were the texts among the arguments constants.
std::string Call(const FunctionEntry& entry, std::vector<Argument> args, const std::string& zone) {
  if (entry.zoned) args.push_back({TypeId::kText, zone, false});
  const std::string answer = CallEntry(entry, args, zone);
  std::vector<Datum> texts(args.size());
  std::vector<const Datum*> constants(args.size());
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i].type != TypeId::kText || args[i].null) continue;
    texts[i] = Datum::Bytes(args[i].text);
    constants[i] = &texts[i];
  }
  const std::optional<ConstantForm> form = FindConstantForm(entry, constants);
  if (!form) return answer;
  std::vector<Argument> form_args;
  for (const ConstantForm::Argument& argument : form->arguments)
    form_args.push_back(argument.index >= 0 ? args[static_cast<size_t>(argument.index)] : Argument{TypeId::kText, argument.text, false});
  const std::string by_form = CallEntry(form->function, form_args, zone);
  return by_form == answer ? answer : answer + " (its constant form: " + by_form + ")";
}

// ---- texts

std::string Number(Dice& dice, size_t limit, int width = 0) {
  char text[24];
  std::snprintf(text, sizeof text, "%0*zu", width, dice.Below(limit));
  return text;
}

std::string DatePiece(Dice& dice) {
  static constexpr const char* kMonths[] = {"Jan", "february", "MAR", "Apr", "may", "June", "jul", "Aug", "Sept", "oct", "Nov", "December", "Foo"};
  static constexpr const char* kSeparators[] = {"-", "/", ".", " ", "-", "-"};
  const std::string separator = dice.Pick(kSeparators);
  const std::string year = dice.OneIn(4) ? Number(dice, 100, 2) : dice.OneIn(8) ? Number(dice, 300000) : Number(dice, 3000, 4);
  const std::string month = Number(dice, dice.OneIn(5) ? 15 : 12, dice.OneIn(3) ? 0 : 2),
                    day = Number(dice, dice.OneIn(4) ? 34 : 28, dice.OneIn(3) ? 0 : 2);
  switch (dice.Below(12)) {
    case 0:
      return dice.Pick(kMonths) + separator + day + separator + year;
    case 1:
      return day + separator + dice.Pick(kMonths) + separator + year;
    case 2:
      return year + separator + dice.Pick(kMonths) + separator + day;
    case 3:
      return dice.Pick(kMonths) + " " + day + ", " + year;
    case 4:
      return month + separator + day + separator + year;
    case 5:
      return Number(dice, 3000, 4) + Number(dice, 13, 2) + Number(dice, 31, 2);
    case 6:
      return Number(dice, 100, 2) + Number(dice, 13, 2) + Number(dice, 31, 2);
    case 7:
      return year + (dice.OneIn(2) ? "." : separator) + Number(dice, 400, 3);
    case 8:
      return "J" + Number(dice, 2500000);
    default:
      return year + separator + month + separator + day;
  }
}
std::string TimePiece(Dice& dice) {
  const std::string hour = Number(dice, dice.OneIn(6) ? 27 : 24, 2), minute = Number(dice, dice.OneIn(8) ? 63 : 60, 2),
                    second = Number(dice, dice.OneIn(8) ? 63 : 60, 2);
  const std::string fraction = dice.OneIn(3) ? "." + Number(dice, 10000000) : "";
  switch (dice.Below(10)) {
    case 0:
      return hour + minute + second + fraction;
    case 1:
      return hour + minute;
    case 2:
      return "T" + hour + minute + second + fraction;
    case 3:
      return hour + ":" + minute;
    case 4:
      return "T" + hour + ":" + minute + ":" + second + fraction;
    case 5:
      return minute + ":" + second + fraction;
    case 6:
      return Number(dice, 14) + ":" + minute + (dice.OneIn(2) ? " PM" : "am");
    default:
      return hour + ":" + minute + ":" + second + fraction;
  }
}
std::string ZonePiece(Dice& dice) {
  static constexpr const char* kNames[] = {"Z",
                                           "UTC",
                                           "zulu",
                                           "EST",
                                           "PDT",
                                           "CEST",
                                           "msk",
                                           "America/New_York",
                                           "europe/berlin",
                                           "EST5EDT",
                                           "UTC+3",
                                           "foo",
                                           "GMT0",
                                           "MET DST",
                                           "Asia/Kathmandu",
                                           "ist",
                                           "AKST",
                                           "US/Pacific",
                                           "gmt-5",
                                           "xx/yy",
                                           "NZST",
                                           "vet"};
  if (dice.OneIn(2)) return dice.Pick(kNames);
  const std::string sign = dice.OneIn(2) ? "+" : "-";
  switch (dice.Below(5)) {
    case 0:
      return sign + Number(dice, 17);
    case 1:
      return sign + Number(dice, 14, 2) + Number(dice, 62, 2);
    case 2:
      return sign + Number(dice, 16, 2) + ":" + Number(dice, 62, 2) + ":" + Number(dice, 62, 2);
    default:
      return sign + Number(dice, 16, 2) + ":" + Number(dice, 60, 2);
  }
}
std::string DatetimeText(Dice& dice) {
  static constexpr const char* kWords[] = {"BC",        "ad",    "AM",       "pm",  "Mon", "Tuesday", "at", "on", "infinity",
                                           "-infinity", "epoch", "allballs", "dst", "t",   "x",       ",",  "()"};
  std::vector<std::string> pieces;
  if (!dice.OneIn(12)) pieces.push_back(DatePiece(dice));
  if (!dice.OneIn(4)) pieces.push_back(TimePiece(dice));
  if (dice.OneIn(2)) pieces.push_back(ZonePiece(dice));
  if (dice.OneIn(3)) pieces.insert(pieces.begin() + static_cast<ptrdiff_t>(dice.Below(pieces.size() + 1)), dice.Pick(kWords));
  if (dice.OneIn(12) && pieces.size() > 1) std::swap(pieces[0], pieces[1]);
  std::string text;
  for (const std::string& piece : pieces) {
    if (!text.empty() && piece[0] != 'T' && !dice.OneIn(12)) text += " ";
    text += piece;
  }
  if (dice.OneIn(25) && !text.empty()) text.erase(dice.Below(text.size()), 1);
  return text;
}

std::string IntervalText(Dice& dice) {
  static constexpr const char* kUnits[] = {"us",    "ms",      "s",       "sec",          "secs",        "m",   "min", "minutes", "h", "hour", "d",
                                           "days",  "w",       "week",    "mon",          "months",      "y",   "yr",  "dec",     "c", "mil",  "year",
                                           "years", "decades", "century", "milliseconds", "microsecond", "qtr", "x"};
  std::string text;
  const auto number = [&] {
    std::string out = dice.OneIn(5) ? "-" : dice.OneIn(8) ? "+" : "";
    out += dice.OneIn(15) ? Number(dice, 3000000000) : Number(dice, 100);
    if (dice.OneIn(3)) out += "." + Number(dice, 1000);
    return out;
  };
  if (dice.OneIn(4)) {  // ISO
    static constexpr const char* kDate[] = {"Y", "M", "W", "D", "-", ""};
    static constexpr const char* kTime[] = {"H", "M", "S", ":", "D"};
    text = "P";
    if (dice.OneIn(5))
      return "P" + Number(dice, 3000, 4) + "-" + Number(dice, 13, 2) + "-" + Number(dice, 32, 2) + "T" + Number(dice, 24, 2) + ":" +
             Number(dice, 60, 2) + ":" + Number(dice, 60, 2);
    if (dice.OneIn(6))
      return "P" + Number(dice, 3000, 4) + Number(dice, 13, 2) + Number(dice, 32, 2) + "T" + Number(dice, 24, 2) + Number(dice, 60, 2) +
             Number(dice, 60, 2);
    for (size_t i = dice.Below(4); i > 0; --i) text += number() + dice.Pick(kDate);
    if (dice.OneIn(2)) {
      text += "T";
      for (size_t i = dice.Below(4); i > 0; --i) text += number() + dice.Pick(kTime);
    }
    return text;
  }
  if (dice.OneIn(6)) text = "@ ";
  for (size_t i = dice.Below(4); i > 0; --i) text += number() + (dice.OneIn(3) ? "" : " ") + (dice.OneIn(10) ? "" : dice.Pick(kUnits)) + " ";
  if (dice.OneIn(3)) text += (dice.OneIn(4) ? "-" : "") + TimePiece(dice) + " ";
  if (dice.OneIn(6)) text += (dice.OneIn(3) ? "-" : "") + Number(dice, 100) + "-" + Number(dice, 14) + " ";
  if (dice.OneIn(8)) text += "ago";
  return text;
}

void PrintTexts(Dice& dice, size_t count) {
  const FunctionRegistry& registry = FunctionRegistry::Get();
  for (size_t n = 0; n < count; ++n) {
    const std::string zone = dice.Pick(kZones), text = DatetimeText(dice);
    for (TypeId type : {TypeId::kDate, TypeId::kTimestamp, TypeId::kTimestampTz, TypeId::kTime}) {
      Print(zone, Quoted(text) + "::" + Type(type).ToString(), Call(*registry.FindCast(TypeId::kText, type), {{TypeId::kText, text}}, zone));
    }
    const std::string interval = IntervalText(dice);
    Print("UTC", Quoted(interval) + "::interval", Call(*registry.FindCast(TypeId::kText, TypeId::kInterval), {{TypeId::kText, interval}}, "UTC"));
    static constexpr int32_t kFields[] = {kYearField,
                                          kMonthField,
                                          kYearField | kMonthField,
                                          kDayField,
                                          kHourField,
                                          kMinuteField,
                                          kSecondField,
                                          kDayField | kHourField,
                                          kDayField | kHourField | kMinuteField,
                                          kDayField | kHourField | kMinuteField | kSecondField,
                                          kHourField | kMinuteField,
                                          kHourField | kMinuteField | kSecondField,
                                          kMinuteField | kSecondField};
    const int32_t fields = kFields[dice.Below(std::size(kFields))];
    const bool seconds = (fields & kSecondField) != 0 && dice.OneIn(2);
    const Type restricted(TypeId::kInterval, IntervalModifier(fields, seconds ? static_cast<int32_t>(dice.Below(7)) : kFullIntervalPrecision));
    Interval value;
    const ParseStatus status = ReadInterval(interval, restricted.modifier(), &value);
    std::string kappa;
    if (status == ParseStatus::kOk) {
      kappa = Datum::Of(value).ToText(TypeId::kInterval);
    } else {
      const ParseError error = DescribeParseError(TypeId::kInterval, status);
      kappa = "!" + std::string(error.state.view()) + " " + error.message;
      if (const size_t at = kappa.find("%s"); at != std::string::npos) kappa.replace(at, 2, interval);
    }
    Print("UTC", Quoted(interval) + "::" + restricted.ToString(), kappa);
  }
}

// ---- random values

std::string Value(TypeId type, Dice& dice) {
  switch (type) {
    case TypeId::kDate:
      if (dice.OneIn(30)) return dice.OneIn(2) ? "infinity" : "-infinity";
      return Datum::Int(static_cast<int64_t>(dice.Below(60000)) - 25000).ToText(type);
    case TypeId::kTime:
      return Datum::Int(static_cast<int64_t>(dice.Below(86400)) * 1000000 + static_cast<int64_t>(dice.OneIn(2) ? dice.Below(1000000) : 0))
          .ToText(type);
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz: {
      if (dice.OneIn(30)) return dice.OneIn(2) ? "infinity" : "-infinity";
      int64_t seconds = static_cast<int64_t>(dice.Below(4200000000)) - 1600000000;
      if (dice.OneIn(10)) seconds = (seconds - 1000000000) * 20;
      if (dice.OneIn(4)) seconds = 1700000000 + static_cast<int64_t>(dice.Below(40000000));  // near changes of the clocks
      if (dice.OneIn(3)) seconds = seconds / 1800 * 1800;
      return Datum::Int(seconds * 1000000 + static_cast<int64_t>(dice.OneIn(3) ? dice.Below(1000000) : 0)).ToText(type);
    }
    case TypeId::kInterval: {
      Interval i;
      i.months = dice.OneIn(2) ? static_cast<int32_t>(dice.Below(80)) - 30 : 0;
      i.days = dice.OneIn(2) ? static_cast<int32_t>(dice.Below(80)) - 30 : 0;
      i.micros = dice.OneIn(4) ? 0
                               : static_cast<int64_t>(dice.Below(400000)) * 1000000 - 150000000000 +
                                     static_cast<int64_t>(dice.OneIn(2) ? dice.Below(1000000) : 0);
      return Datum::Of(i).ToText(type);
    }
    case TypeId::kInt4:
      return std::to_string(static_cast<int64_t>(dice.Below(70)) - (dice.OneIn(4) ? 40 : 0));
    case TypeId::kInt8:
      return std::to_string(static_cast<int64_t>(dice.Below(2000000000)) * static_cast<int64_t>(dice.Below(100000)) - 1000000000);
    case TypeId::kFloat4:
    case TypeId::kFloat8:
    case TypeId::kNumeric: {
      if (dice.OneIn(40)) return dice.OneIn(2) ? "NaN" : "-Infinity";
      std::string text = dice.OneIn(3) ? "-" : "";
      text += dice.OneIn(3) ? "0" : Number(dice, dice.OneIn(3) ? 100000000 : 1000);
      if (!dice.OneIn(3)) text += "." + std::string(dice.OneIn(4) ? "00" : "") + Number(dice, 100000);
      return text;
    }
    default:
      return "";
  }
}

std::string Field(Dice& dice) {
  static constexpr const char* kFields[] = {
      "microseconds", "milliseconds", "second",        "minute",          "hour",    "day", "week",   "month", "quarter",
      "year",         "decade",       "century",       "millennium",      "isoyear", "dow", "isodow", "doy",   "julian",
      "epoch",        "timezone",     "timezone_hour", "timezone_minute", "HOUR",    "mon", "foo"};
  return dice.Pick(kFields);
}
std::string ZoneName(Dice& dice) {
  static constexpr const char* kNames[] = {"UTC",
                                           "EST",
                                           "pdt",
                                           "America/New_York",
                                           "asia/tokyo",
                                           "MSK",
                                           "CET",
                                           "EST5EDT",
                                           "Europe/Dublin",
                                           "UTC-3",
                                           "<+03>-03",
                                           "foo/bar",
                                           "IST",
                                           "America/Caracas",
                                           "VET",
                                           "NZDT",
                                           "PST8PDT,M3.2.0,M11.1.0",
                                           "+05",
                                           "Australia/Lord_Howe",
                                           "x",
                                           "",
                                           "Pacific/Apia",
                                           "LHDT",
                                           "Etc/GMT+5"};
  return dice.Pick(kNames);
}

std::string SqlOf(const FunctionEntry& entry, const std::vector<std::string>& args) {
  if (entry.kind == FunctionKind::kCast) return "CAST(" + args[0] + " AS " + Type(entry.result).ToString() + ")";
  if (entry.kind == FunctionKind::kOperator)
    return args.size() == 1 ? std::string(entry.name) + " " + args[0] : "(" + args[0] + " " + std::string(entry.name) + " " + args[1] + ")";
  std::string sql = "pg_catalog.\"" + std::string(entry.name) + "\"(";
  for (size_t i = 0; i < args.size(); ++i) sql += (i > 0 ? ", " : "") + args[i];
  return sql + ")";
}

// Every function about dates and times, in several zones.
void PrintFunctions(Dice& dice, size_t count) {
  for (const FunctionEntry& entry : FunctionRegistry::Get().functions()) {
    if (entry.name.starts_with("kappa_") || entry.name == "typmod" || entry.arguments.empty() || entry.name == "to_char" || entry.variadic) continue;
    const bool made = entry.name.starts_with("make_");
    bool about_time = made || entry.zoned;
    for (TypeId type : entry.arguments) about_time |= type >= TypeId::kDate && type <= TypeId::kInterval;
    if (!about_time || entry.arguments[0] == TypeId::kAny || entry.name == "to_timestamp") continue;
    const size_t shown = entry.arguments.size() - (entry.zoned ? 1 : 0);
    bool plain = true;
    for (size_t i = 0; i < shown; ++i)
      plain &= entry.arguments[i] >= TypeId::kBool && entry.arguments[i] <= TypeId::kInterval && entry.arguments[i] != TypeId::kBytea;
    if (!plain || entry.result == TypeId::kArray || entry.result > TypeId::kInterval) continue;
    const bool fields = entry.name == "extract" || entry.name == "date_part" || entry.name == "date_trunc";
    const bool zones = entry.name == "timezone" || entry.name == "make_timestamptz" || entry.name == "date_trunc";
    if (entry.kind == FunctionKind::kCast && entry.arguments[0] == TypeId::kText) continue;
    for (size_t n = 0; n < count / 10; ++n) {
      const std::string zone = dice.Pick(kZones);
      std::vector<Argument> args;
      std::vector<std::string> literals;
      for (size_t i = 0; i < shown; ++i) {
        Argument argument{entry.arguments[i], "", false};
        if (argument.type == TypeId::kText)
          argument.text = fields && i == 0 ? Field(dice) : zones ? ZoneName(dice) : "text";
        else
          argument.text = Value(argument.type, dice);
        if (made && i == 0 && entry.name != "make_interval" && entry.name != "make_time") argument.text = Number(dice, 3000);
        if (made && i == 0 && dice.OneIn(10) && argument.text[0] != '-') argument.text = "-" + argument.text;
        if (!entry.strict && dice.OneIn(6)) argument.null = true;
        literals.push_back(argument.null ? "NULL::" + Type(argument.type).ToString() : Quoted(argument.text) + "::" + Type(argument.type).ToString());
        args.push_back(std::move(argument));
      }
      Print(zone, SqlOf(entry, literals), Call(entry, args, zone));
    }
  }
}

// ---- templates

std::string NumberTemplate(Dice& dice) {
  static constexpr const char* kMarks[] = {"9",  "9",  "9",  "9",  "0",  "0", "99",   "999", ".",  "D", ",", "G", "L",     "S", "MI", "PL",
                                           "SG", "PR", "FM", "TH", "th", "V", "EEEE", "RN",  "rn", "B", " ", "x", "\"a\"", "-", "SP", "C"};
  std::string text;
  if (dice.OneIn(4)) text = "FM";
  for (size_t i = dice.Below(6); i > 0; --i) text += dice.Pick(kMarks);
  if (dice.OneIn(2)) text += "999D99";
  for (size_t i = dice.Below(3); i > 0; --i) text += dice.Pick(kMarks);
  return text;
}
std::string TimeTemplate(Dice& dice) {
  static constexpr const char* kMarks[] = {"YYYY",  "YYY", "YY",  "Y",   "Y,YYY", "IYYY",  "IYY",  "IY",    "I",   "MM",   "Mon",  "MONTH",
                                           "month", "DD",  "DDD", "Day", "DY",    "D",     "ID",   "IDDD",  "HH",  "HH12", "HH24", "MI",
                                           "SS",    "MS",  "US",  "FF1", "FF3",   "FF6",   "SSSS", "SSSSS", "AM",  "p.m.", "AD",   "b.c.",
                                           "CC",    "J",   "Q",   "RM",  "rm",    "TZ",    "tz",   "OF",    "TZH", "TZM",  "WW",   "IW",
                                           "W",     "FM",  "TM",  "TH",  "th",    "\"x\"", "\\\"", "x",     "SP",  "FX"};
  static constexpr const char* kSeparators[] = {" ", "-", "/", ":", "", ".", ", "};
  std::string text;
  for (size_t i = 1 + dice.Below(6); i > 0; --i) text += dice.Pick(kMarks) + dice.Pick(kSeparators);
  return text;
}

void PrintNumberTemplates(Dice& dice, size_t count) {
  const FunctionRegistry& registry = FunctionRegistry::Get();
  for (const FunctionEntry* entry : registry.Find(FunctionKind::kScalar, "to_char")) {
    for (size_t n = 0; n < count; ++n) {
      const bool number = entry->arguments[0] < TypeId::kDate;
      const std::string zone = dice.Pick(kZones), format = number ? NumberTemplate(dice) : TimeTemplate(dice),
                        value = Value(entry->arguments[0], dice);
      Print(zone, "to_char(" + Quoted(value) + "::" + Type(entry->arguments[0]).ToString() + ", " + Quoted(format) + ")",
            Call(*entry, {{entry->arguments[0], value}, {TypeId::kText, format}}, zone));
    }
  }
  const FunctionEntry* to_number = registry.Find(FunctionKind::kScalar, "to_number").front();
  static constexpr const char* kPieces[] = {"1", "23", "4.5", ",", "-", "+", " ", "<", ">", "$", "a", "0", ".", "12,345", "th"};
  for (size_t n = 0; n < 2 * count; ++n) {
    std::string text;
    for (size_t i = 1 + dice.Below(4); i > 0; --i) text += dice.Pick(kPieces);
    const std::string format = NumberTemplate(dice);
    Print("UTC", "to_number(" + Quoted(text) + ", " + Quoted(format) + ")",
          Call(*to_number, {{TypeId::kText, text}, {TypeId::kText, format}}, "UTC"));
  }
}

void PrintTimeTemplates(Dice& dice, size_t count) {
  const FunctionRegistry& registry = FunctionRegistry::Get();
  const FunctionEntry* to_date = registry.Find(FunctionKind::kScalar, "to_date").front();
  const FunctionEntry* to_timestamp = nullptr;
  for (const FunctionEntry* entry : registry.Find(FunctionKind::kScalar, "to_timestamp")) {
    if (entry->arguments[0] == TypeId::kText) to_timestamp = entry;
  }
  const FunctionEntry* to_char = nullptr;
  for (const FunctionEntry* entry : registry.Find(FunctionKind::kScalar, "to_char")) {
    if (entry->arguments[0] == TypeId::kTimestamp) to_char = entry;
  }
  static constexpr const char* kUsual[] = {"YYYY-MM-DD HH24:MI:SS",
                                           "DD Mon YYYY",
                                           "YYYYMMDD",
                                           "YYYY-MM-DD\"T\"HH24:MI:SS.MS",
                                           "IYYY-IW-ID",
                                           "YYYY DDD",
                                           "MM/DD/YY HH12:MI AM",
                                           "Day, DD Month YYYY",
                                           "YYYY-MM-DD HH24:MI:SSTZH:TZM",
                                           "FMDD FMMM YYYY",
                                           "DDth Mon, YYYY",
                                           "CC YY",
                                           "J",
                                           "YYYYMMDDHH24MISSUS",
                                           "Y,YYY",
                                           "W MM YYYY",
                                           "WW YYYY"};
  for (size_t n = 0; n < 2 * count; ++n) {
    const std::string zone = dice.Pick(kZones), format = dice.OneIn(2) ? dice.Pick(kUsual) : TimeTemplate(dice);
    // A text that the template itself made, often damaged, or one of another form.
    std::string text = Call(*to_char, {{TypeId::kTimestamp, Value(TypeId::kTimestamp, dice)}, {TypeId::kText, format}}, "UTC");
    if (dice.OneIn(8)) text = DatetimeText(dice);
    if (dice.OneIn(5) && !text.empty()) text.erase(dice.Below(text.size()), 1);
    if (dice.OneIn(6)) text.insert(dice.Below(text.size() + 1), dice.OneIn(2) ? " " : dice.OneIn(2) ? "-" : "7");
    for (const FunctionEntry* entry : {to_date, to_timestamp}) {
      Print(zone, std::string(entry->name) + "(" + Quoted(text) + ", " + Quoted(format) + ")",
            Call(*entry, {{TypeId::kText, text}, {TypeId::kText, format}}, zone));
    }
  }
}

}  // namespace
}  // namespace kappa

int main(int argc, char** argv) {
  const size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 2000;
  kappa::Dice dice(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 20240229);
  kappa::PrintTexts(dice, count);
  kappa::PrintFunctions(dice, count);
  kappa::PrintNumberTemplates(dice, count);
  kappa::PrintTimeTemplates(dice, count);
  return 0;
}
