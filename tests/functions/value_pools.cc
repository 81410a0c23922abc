#include "tests/functions/value_pools.h"

#include "tests/functions/json_pools.h"

namespace kappa {

const Pool& PoolOfType(TypeId type) {
  static const Pool kNone = {nullptr};
  static const Pool kBool = {"t", "f", nullptr};
  static const Pool kInt2 = {"0", "1", "-1", "7", "-7", "2", "100", "32767", "-32768", nullptr};
  static const Pool kInt4 = {"0", "1", "-1", "7", "-7", "2", "10", "-3", "46341", "2147483647", "-2147483648", nullptr};
  static const Pool kInt8 = {"0",    "1", "-1", "7", "-7", "10", "3037000500", "9223372036854775807", "-9223372036854775808", "-9007199254740993",
                             nullptr};
  static const Pool kFloat4 = {"0",      "-0",      "1",    "-1.5",   "2.5", "0.1",      "3.4e38",    "1e-38", "16777217",
                               "123456", "1234567", "1e-5", "0.0001", "NaN", "Infinity", "-Infinity", nullptr};
  static const Pool kFloat8 = {"0",
                               "-0",
                               "1",
                               "-1",
                               "0.5",
                               "-1.5",
                               "2.5",
                               "3.5",
                               "0.1",
                               "1e15",
                               "123456789012345.6",
                               "1e-5",
                               "0.0001",
                               "1e300",
                               "1e-300",
                               "1.7976931348623157e308",
                               "5e-324",
                               "4503599627370497.5",
                               "36028797027352576",
                               "4611686016279904256",
                               "1152921504606846976",
                               "9.5e22",
                               "9007199254740993",
                               "2147483647.5",
                               "-2147483648.5",
                               "32767.4",
                               "1e23",
                               "NaN",
                               "Infinity",
                               "-Infinity",
                               nullptr};
  static const Pool kNumeric = {"0",
                                "0.00",
                                "1",
                                "-1",
                                "1.5",
                                "-2.50",
                                "0.001",
                                "3",
                                "7.0",
                                "12345.6789",
                                "-99999.99999",
                                "0.5",
                                "2.5",
                                "100",
                                "10000",
                                "9999",
                                "123456789012345678",
                                "9223372036854775807.5",
                                "-12345678901234567890.123",
                                "0.000000000000001",
                                "1e18",
                                "NaN",
                                "Infinity",
                                "-Infinity",
                                nullptr};
  static const Pool kText = {
      "",       "a", "abc", "ABC", "abcabc", "b",           "bc",   " pad ", "xyxtrimyyx", "h\xC3\xA9llo", "\xC3\xA9", "\xE2\x82\xAC uro",
      "a,b,,c", ",", "%",   "a_c", "100%",   "Hello World", nullptr};
  static const Pool kBytea = {"\\x", "\\x00", "\\x6162", "\\x616263", "\\x62", "\\xff00ff", "\\x5c", nullptr};
  static const Pool kDate = {"1970-01-01", "2000-02-29",  "2024-12-31",    "1969-12-31", "0001-01-01", "0001-12-31 BC", "4713-11-24 BC", "1900-03-01",
                             "9999-12-31", "10000-01-01", "5874897-12-31", "2021-01-03", "2020-12-28", "infinity",      "-infinity",     nullptr};
  static const Pool kTime = {"00:00:00", "23:59:59.999999", "12:34:56.7", "24:00:00", nullptr};
  static const Pool kTimestamp = {"1970-01-01 00:00:00",
                                  "2000-02-29 23:59:59.999999",
                                  "2024-01-31 12:30:45.5",
                                  "1969-12-31 23:59:59.25",
                                  "0001-01-01 00:00:00",
                                  "0044-03-15 10:00:00 BC",
                                  "4713-11-24 00:00:00 BC",
                                  "2021-01-03 01:02:03.004",
                                  "2020-12-28 13:00:00",
                                  "9999-12-31 23:59:59",
                                  "12345-06-07 00:00:00",
                                  "294246-12-31 23:59:59.999999",
                                  "2001-02-16 20:38:40",
                                  "2000-12-31 00:00:01",
                                  "2001-01-01 00:00:00",
                                  "infinity",
                                  "-infinity",
                                  nullptr};
  static const Pool kTimestampTz = {"1970-01-01 00:00:00+00",
                                    "2000-02-29 23:59:59.999999+02",
                                    "2024-01-31 12:30:45.5-08:30",
                                    "1969-12-31 23:59:59.25Z",
                                    "0001-01-01 00:00:00+00",
                                    "0044-03-15 10:00:00+00 BC",
                                    "2021-01-03 01:02:03.004+00",
                                    "9999-12-31 23:59:59+00",
                                    "294246-12-31 23:59:59.999999+00",
                                    "2001-02-16 20:38:40+00",
                                    "infinity",
                                    "-infinity",
                                    nullptr};
  static const Pool kInterval = {"0",
                                 "1 day",
                                 "-1 day",
                                 "1 mon",
                                 "13 mons 5 days",
                                 "-1 year -2 mons 3 days",
                                 "10 s",
                                 "1 day 02:03:04.5",
                                 "-00:00:00.000001",
                                 "36:00:00",
                                 "30 days",
                                 "1 year",
                                 "24:00:00",
                                 "1 mon -30 days",
                                 "1000 years",
                                 "2147483647 days",
                                 "-178000000 years",
                                 "100000000:00:00",
                                 nullptr};
  static const Pool kUuid = {"00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC999C0B4EF8BB6D6BB9BD380A12",
                             nullptr};
  switch (type) {
    case TypeId::kBool:
      return kBool;
    case TypeId::kInt2:
      return kInt2;
    case TypeId::kInt4:
      return kInt4;
    case TypeId::kInt8:
      return kInt8;
    case TypeId::kFloat4:
      return kFloat4;
    case TypeId::kFloat8:
      return kFloat8;
    case TypeId::kNumeric:
      return kNumeric;
    case TypeId::kText:
      return kText;
    case TypeId::kBytea:
      return kBytea;
    case TypeId::kDate:
      return kDate;
    case TypeId::kTime:
      return kTime;
    case TypeId::kTimestamp:
      return kTimestamp;
    case TypeId::kTimestampTz:
      return kTimestampTz;
    case TypeId::kInterval:
      return kInterval;
    case TypeId::kUuid:
      return kUuid;
    case TypeId::kJson:
    case TypeId::kJsonb:
      return JsonDocuments();
    default:
      return kNone;
  }
}

namespace {

const Pool& TextsFor(TypeId target) {
  static const Pool kBool = {"t", "true", "TRUE", "yes", "on", "1", "0", "of", "off", "o", "no", "n", " f ", "2", "", "tru", "truee"};
  static const Pool kInt = {"0",
                            "-0",
                            "+7",
                            " 12 ",
                            "12x",
                            "",
                            "-",
                            "1.5",
                            "32767",
                            "32768",
                            "-32768",
                            "-32769",
                            "2147483648",
                            "-2147483648",
                            "9223372036854775807",
                            "9223372036854775808",
                            "-9223372036854775809",
                            "1e3",
                            "0x10",
                            "99999999999999999999999"};
  static const Pool kFloat = {
      "0",   "-0",        "1e3",     ".5",   "5.",      " 1.25 ", "1e400", "-1e400",       "1e-400", "NaN",   "nan",
      "inf", "-Infinity", "infinit", "1.5x", "",        "-",      "1e",    "3.4028235e38", "3.5e38", "1e-46", "123456789012345678",
      "0.1", "1e-7",      "1e22",    "1e23", "4.9e-324"};
  static const Pool kNumeric = {"0",
                                "1.50",
                                "-0.0",
                                "1e3",
                                "1.5e-3",
                                "1.23e2",
                                "1.5e1",
                                ".5",
                                "5.",
                                " 1 ",
                                "NaN",
                                "inf",
                                "-Infinity",
                                "infinit",
                                "1.5x",
                                "",
                                "-",
                                "1e",
                                "1_000",
                                "99999999999999999999999999999999999999",
                                "0.00000000000000000000000000000000000001",
                                "--1",
                                "+1",
                                "1 2"};
  static const Pool kDate = {"2024-02-29",
                             "2023-02-29",
                             "2024-13-01",
                             "2024-00-10",
                             "20240229",
                             "2024/02/29",
                             "1/8/1999",
                             "2024-2-3",
                             "0044-03-15 BC",
                             "0000-01-01",
                             "infinity",
                             "-infinity",
                             "epoch",
                             "2024-02-29 12:00:00",
                             "",
                             "x",
                             "2024-02",
                             "99999999-01-01",
                             "5874898-01-01",
                             "4714-01-01 BC",
                             " 2024-02-29 ",
                             "2024-04-31",
                             "2024-02-29T25:00:00"};
  static const Pool kTimestamp = {"2024-02-29 12:30:00",
                                  "2024-02-29T12:30:00.123456",
                                  "2024-02-29 12:30",
                                  "2024-02-29",
                                  "2024-02-29 12:30:00Z",
                                  "2024-02-29 12:30:00+02",
                                  "2024-02-29 12:30:00-08:30",
                                  "2024-02-29 12:30:00 +0530",
                                  "2024-02-29 24:00:00",
                                  "2024-02-29 24:00:01",
                                  "2024-02-29 12:60:00",
                                  "2024-02-29 12:30:60",
                                  "2024-02-29 12:30:61",
                                  "2024-02-29 12:30:00.1234567",
                                  "2024-02-29 12:30:00.9999999",
                                  "2024-02-30 12:30:00",
                                  "20240229T123000",
                                  "2024-02-29 3:04:05 PM",
                                  "2024-02-29 12:30:00 BC",
                                  "2024-02-29 12:30:00 UTC",
                                  "infinity",
                                  "epoch",
                                  "",
                                  "x",
                                  "12:30",
                                  "2024-02-29 12:30:00+16",
                                  "2024-02-29 12:30:00+15:59",
                                  "2024-02-29 12:30:00 foo/bar",
                                  "2024-02-29 x",
                                  "1969-12-31 23:59:59.5",
                                  "10000-01-01 00:00:00",
                                  "4714-11-24 00:00:00 BC",
                                  "2024-02-29 12",
                                  "2024-02-29  12:30:00"};
  static const Pool kTime = {"12:30", "12:30:45.5", "24:00:00", "25:00", "12:60", "", "x", "123045"};
  static const Pool kInterval = {"1 day",
                                 "1 day 2 hours",
                                 "10 s",
                                 "10",
                                 "1.5 days",
                                 "1.5 mons",
                                 "1.5 years",
                                 "0.1 mon",
                                 "-1 day",
                                 "1 day ago",
                                 "1 day -2 hours ago",
                                 "02:03:04",
                                 "-02:03:04.5",
                                 "1 02:03:04",
                                 "1-2",
                                 "-1-2",
                                 "P1D",
                                 "P1Y2M3DT4H5M6S",
                                 "PT1.5H",
                                 "P1W",
                                 "1 week",
                                 "2 weeks 3 days",
                                 "1 decade",
                                 "1 century",
                                 "1 millennium",
                                 "100 ms",
                                 "5 us",
                                 "1.5 us",
                                 "@ 1 minute",
                                 "1 minute 1 minute",
                                 "",
                                 "x",
                                 "1 foo",
                                 "1 day 1",
                                 "99999999999 days",
                                 "10000000000 hours",
                                 "3 qtrs",
                                 "1h",
                                 "1h30m",
                                 "1mon1day",
                                 "59:59",
                                 "1:2.5",
                                 "12:60:00",
                                 "P",
                                 "1 year 2 mons 3 days 4 hours 5 min 6.789 sec",
                                 ".5 day",
                                 "1 hour 30",
                                 "1y 2mon"};
  static const Pool kBytea = {"", "abc", "\\x", "\\x6a6B", "\\x6 a", "\\x6a 6b", "\\x6", "\\xzz", "\\\\", "\\001", "\\400", "\\", "a\\134b"};
  switch (target) {
    case TypeId::kBool:
      return kBool;
    case TypeId::kInt2:
    case TypeId::kInt4:
    case TypeId::kInt8:
      return kInt;
    case TypeId::kFloat4:
    case TypeId::kFloat8:
      return kFloat;
    case TypeId::kNumeric:
      return kNumeric;
    case TypeId::kDate:
      return kDate;
    case TypeId::kTime:
      return kTime;
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      return kTimestamp;
    case TypeId::kInterval:
      return kInterval;
    case TypeId::kBytea:
      return kBytea;
    default:
      return PoolOfType(TypeId::kText);
  }
}

}  // namespace

const Pool& PoolOf(const FunctionEntry& entry, size_t argument, const Type& given) {
  static const Pool kUnits = {"microseconds", "millisecond", "second",        "minute",     "hour",    "day", "week",   "month", "quarter",
                              "year",         "decade",      "century",       "millennium", "isoyear", "dow", "isodow", "doy",   "julian",
                              "epoch",        "timezone",    "timezone_hour", "HOUR",       "mon",     "foo", ""};
  static const Pool kTemplates = {"YYYY-MM-DD HH24:MI:SS",
                                  "Dy DD Mon YYYY HH12:MI:SS AM",
                                  "FMMonth FMDD, YYYY",
                                  "DAY Day day MONTH Month month",
                                  "Y,YYY YYY YY Y",
                                  "IYYY IYY IY I IW IDDD ID",
                                  "DDD D J Q CC W WW",
                                  "MS US FF1 FF3 FF6 SSSS",
                                  "\"quoted YYYY\" YYYY",
                                  "AM am A.M. p.m. AD bc B.C.",
                                  "TZ tz TZH:TZM OF",
                                  "FMDDD FMMI FMHH24 FMMS",
                                  "DDth MMTH",
                                  "RM rm FMRM",
                                  "yyyy-mm-dd",
                                  "HH24MI",
                                  "xx YYYY-",
                                  "",
                                  "YYYYMMDDHH24MISS",
                                  "\\\"YYYY\\\"",
                                  "MON mon Mon DY dy"};
  static const Pool kPatterns = {"",    "%",     "_",          "a%", "%c",  "%b%",   "a_c",  "abc", "a\\%c", "100\\%",
                                 "%\\", "h_llo", "%\xC3\xA9%", "A%", "_%_", "%%b%%", "\\a%", "ABC", "__",    "%a%b%"};
  static const Pool kLengths = {
      nullptr, "{}", "{0}", "{3}", "{2,3}", "{2,0}", "{-1}", "{1,1,2,1,1,1}", "{1,1,1,1,1,1,1}", "{1,NULL}", "{{2,2}}", "{2147483647,2147483647}"};
  static const Pool kLowerBounds = {nullptr, "{}", "{0}", "{-3}", "{2,3}", "{5,-5}", "{2147483647}", "{1,1,2,1,1,1}", "{1,NULL}", "{{2,2}}"};
  static const Pool kSmall = {"0", "1", "2", "3", "-1", "-2", "5", "100", "-100", "2147483647"};
  static const Pool kScales = {"0", "1", "2", "-1", "-2", "5", "10", "-30"};
  static const Pool kCodes = {"65", "97", "233", "8364", "128512", "0", "-1", "1114112", "55296"};
  static const Pool kEscapes = {"!", "\\", "", "a", "ab", "\xC3\xA9"};
  static const Pool kSeconds = {
      "0",    "1",   "-1",       "1436918400.25", "0.000001",           "-0.0000005",         "253402300800", "-210866803200", "-210866803201",
      "1e15", "NaN", "Infinity", "-Infinity",     "1262349296.7890123", "123456789.123456789"};
  static const Pool kExponents = {"0", "1", "2", "-1", "0.5", "-0.5", "3", "1000", "-1000", "NaN", "Infinity", "-Infinity", "1e300"};
  static const Pool kRegexes = {"",
                                "a",
                                "b+",
                                "^a",
                                "c$",
                                "a.c",
                                "[a-c]+",
                                "[^a-z]",
                                "\\d+",
                                "\\w+",
                                "\\s",
                                "(a)(b)?",
                                "a|ab|abc",
                                "(a|ab)(c|bc)?",
                                "x*",
                                "(?i)ABC",
                                "\\yfoo",
                                "foo\\M",
                                "a{2}",
                                "a{1,2}?",
                                "(.*?)b(.*)",
                                "[[:alpha:]]+",
                                "[[:digit:]_]",
                                "\\\\",
                                "\\.",
                                "(",
                                "[",
                                "*",
                                "a{2,1}",
                                "\\",
                                "(b)|(c)",
                                "\xC3\xA9",
                                ".",
                                "$",
                                "^",
                                "o+?",
                                "(?n)^b",
                                "l+",
                                "[[:foo:]]",
                                "z-a",
                                "[z-a]",
                                "a)",
                                "(?:ab)+",
                                "\\A.",
                                ".\\Z",
                                ",",
                                " +"};
  static const Pool kSubjects = {"",    "a",     "abc",          "ABC",    "abcabc", "foobar", "foo bar", "aab", "aaa", "a.c",        "a\\c",
                                 "a_1", "12 34", "h\xC3\xA9llo", "a,b,,c", "b\nb",   "x",      "bc",      " ",   "foo", "xyxtrimyyx", nullptr};
  static const Pool kReplacements = {"", "X", "[\\&]", "\\1", "<\\2\\1>", "\\", "\\\\", "\\x", "\xC3\xA9"};
  static const Pool kFlags = {"", "g", "i", "gi", "n", "x", "c", "q", "s", "w", "p", "t", "z", "in", "\xC3\xA9"};
  static const Pool kStarts = {"1", "2", "3", "0", "-1", "5", "100"};
  static const Pool kOccurrences = {"1", "2", "3", "0", "-1"};
  static const Pool kEndings = {"0", "1", "2"};
  static const Pool kGroups = {"0", "1", "2", "3", "-1"};
  static const Pool kSimilar = {"",    "a",    "%",    "_",   "a%",           "%(b|d)%",  "(a|b)*",   "[a-c]+",
                                "a_c", "a.c",  "a^c",  "a#%", "%#\"b#\"%",    "#\"a#\"%", "a#\"%#\"", "#\"a#\"b#\"",
                                "\\",  "a\\%", "a{2}", "(",   "[[:digit:]]%", "\xC3\xA9%"};
  static const Pool kCountsTo40 = {"0", "1", "2", "5", "10", "20", "25", "30", "31", "32", "33", "34", "40", "-1", "-5"};
  static const Pool kFormatTexts = {
      "%s", "%s %s", "%%",   "",    "abc",  "%I",  "%L",    "%1$s",     "%2$s %1$s", "%10s|", "%-10s|", "%*s|",          "%-*s",    "%1$*2$s",
      "%",  "%d",    "%0$s", "%1$", "%3$s", "%5%", "%-5L|", "%s%s%s%s", "%2$s %s",   "%*1$s", "%*0$s",  "%99999999999s", "a%sb%Lc", nullptr};
  static const Pool kEncodings = {"UTF8", "utf-8", "LATIN1", "latin-1", "unicode", "klingon", ""};
  static const Pool kByteFormats = {"hex", "HEX", "base64", "escape", "rot13", ""};
  static const Pool kEncoded = {"",           "6162", "616",  "zz", "61 62", "FF",     "YWJj",  "YQ==",  "YQ=", "YWI=",    "Y W J j",
                                "YWJj\nYWJj", "=",    "====", "?",  "a\\b",  "a\\\\b", "\\001", "\\777", "\\",  "\xC3\xA9"};
  static const Pool kUnistr = {"",       "abc",    "\\0041", "\\+01F600",   "\\u0041b", "\\U0001F600", "a\\\\b", "\\", "\\00", "\\D83D\\DE00",
                               "\\D83D", "\\DE00", "\\0000", "\\U00110000", "\\d800x",  "\\zzzz",      "\\00e9"};
  static const Pool kBuckets = {"1", "2", "5", "10", "0", "-1", "2147483647", "100"};
  static const Pool kShifts = {"0", "1", "2", "7", "15", "31", "32", "33", "63", "64", "-1", "100"};
  static const Pool kIdentifiers = {"",        "abc",  "Abc",      "a b", "select", "a\"b", "1a",   "_x",
                                    "between", "text", "\xC3\xA9", "a$b", "user",   "name", nullptr};
  const TypeId type = given.id();
  if (const Pool* json = JsonPoolOf(entry, argument, given); json != nullptr) return *json;
  const std::string_view name = entry.name;
  if (entry.kind == FunctionKind::kOperator && (name == "~" || name == "~*" || name == "!~" || name == "!~*") && type == TypeId::kText &&
      entry.arguments.size() == 2)
    return argument == 0 ? kSubjects : kRegexes;
  if (name.find("~~") != std::string_view::npos && type == TypeId::kText && argument == 1) return kPatterns;
  if (entry.kind == FunctionKind::kOperator && (name == "<<" || name == ">>") && argument == 1 && type == TypeId::kInt4) return kShifts;
  if (name.starts_with("regexp_")) {
    if (argument == 0) return kSubjects;
    if (argument == 1) return kRegexes;
    if (name == "regexp_replace" && argument == 2) return kReplacements;
    if (type == TypeId::kText) return kFlags;
    const size_t numbers = name == "regexp_replace" ? argument - 1 : argument;  // 2: start
    return numbers == 2 ? kStarts : numbers == 3 ? kOccurrences : name == "regexp_instr" && numbers == 4 ? kEndings : kGroups;
  }
  if (name == "substring" && type == TypeId::kText && entry.arguments.size() > 1 && entry.arguments[1] == TypeId::kText) {
    if (argument == 0) return kSubjects;
    if (entry.arguments.size() == 2) return kRegexes;
    return argument == 1 ? kSimilar : kEscapes;
  }
  if (name == "similar_to_escape") return argument == 0 ? kSimilar : kEscapes;
  if (name == "factorial") return kCountsTo40;
  if (name == "format" && argument == 0) return kFormatTexts;
  if (name == "quote_ident") return kIdentifiers;
  if ((name == "convert_from" || name == "convert_to" || (name == "length" && entry.arguments.size() == 2)) && argument == 1) return kEncodings;
  if (name == "encode" && argument == 1) return kByteFormats;
  if (name == "decode") return argument == 0 ? kEncoded : kByteFormats;
  if (name == "unistr") return kUnistr;
  if (name == "width_bucket" && argument == 3) return kBuckets;
  if (entry.kind == FunctionKind::kCast && type == TypeId::kText) return TextsFor(entry.result);
  if (entry.name == "date_trunc" || entry.name == "extract" || entry.name == "date_part") return argument == 0 ? kUnits : PoolOfType(type);
  if (entry.name == "to_char" && argument == 1) return kTemplates;
  if (entry.name == "to_timestamp") return kSeconds;
  if (entry.name.find("like") != std::string_view::npos && type == TypeId::kText) {
    if (entry.name == "like_escape") return argument == 0 ? kPatterns : kEscapes;
    if (argument == 1) return kPatterns;
  }
  if (entry.name == "power" || entry.name == "pow" || entry.name == "^") return argument == 1 ? kExponents : PoolOfType(type);
  if (entry.name == "chr") return kCodes;
  if (entry.name == "array_fill" && argument > 0) return argument == 1 ? kLengths : kLowerBounds;
  if (entry.name == "repeat" && argument == 1) return kScales;
  if (type == TypeId::kInt4 && entry.kind == FunctionKind::kScalar && argument > 0 && entry.arguments[0] != TypeId::kInt4)
    return entry.arguments[0] == TypeId::kNumeric ? kScales : kSmall;
  return PoolOfType(type);
}

const Pool& AggregatePoolOf(std::string_view name, TypeId type) {
  static const Pool kBool = {"t", "f"};
  static const Pool kInt2 = {"0", "1", "-1", "7", "32767", "-32768"};
  static const Pool kInt4 = {"0", "1", "-1", "7", "2147483647", "-2147483648", "10"};
  static const Pool kInt8 = {"0", "1", "-1", "7", "9223372036854775807", "-9223372036854775808", "10"};
  static const Pool kFloat = {"0", "1", "-1.5", "2.25", "1024", "-0.125", "1e6", "3", "NaN", "Infinity"};
  static const Pool kFinite = {"0", "1", "-1.5", "2.25", "1024", "-0.125", "1e6", "3"};
  static const Pool kNumeric = {"0", "1", "-1.5", "2.25", "0.001", "-100.1", "12345678901234567890", "3", "7.70", "99999.99999"};
  static const Pool kMinMaxNumeric = {"0", "1", "-1.5", "2.25", "0.001", "-100.1", "NaN", "Infinity", "-Infinity"};
  static const Pool kText = {"", "a", "abc", "ABC", "abcabc", "b", "h\xC3\xA9llo", "a longer text than any other here, to make its block grow"};
  static const Pool kDate = {"1970-01-01", "2000-02-29", "0044-03-15 BC", "infinity", "-infinity"};
  static const Pool kTime = {"00:00:00", "23:59:59.999999", "12:34:56.7"};
  static const Pool kTimestamp = {"1970-01-01 00:00:00", "2000-02-29 23:59:59.999999", "0044-03-15 10:00:00 BC", "infinity"};
  static const Pool kInterval = {"0", "1 day", "-1 day", "1 mon", "25:00:00", "1000 years", "31 days"};
  const bool extreme = name == "min" || name == "max";
  switch (type) {
    case TypeId::kBool:
      return kBool;
    case TypeId::kInt2:
      return kInt2;
    case TypeId::kInt4:
      return kInt4;
    case TypeId::kInt8:
      return kInt8;
    case TypeId::kFloat4:
    case TypeId::kFloat8:
      return extreme ? kFloat : kFinite;
    case TypeId::kNumeric:
      return extreme ? kMinMaxNumeric : kNumeric;
    case TypeId::kText:
      return kText;
    case TypeId::kDate:
      return kDate;
    case TypeId::kTime:
      return kTime;
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      return kTimestamp;
    default:
      return kInterval;
  }
}

bool ExistsInPostgres(const FunctionEntry& entry) {
  if (entry.kind == FunctionKind::kCast && entry.name != "cast") return false;
  // Casts of arrays have no type of their own in a signature: tests/slt/arrays.
  if (entry.kind == FunctionKind::kCast && (entry.arguments[0] == TypeId::kArray || entry.result == TypeId::kArray)) return false;
  if (entry.name.starts_with("kappa_") || entry.volatility == Volatility::kVolatile) return false;
  for (std::string_view name :
       {"now", "current_timestamp", "proctime", "transaction_timestamp", "array_sort", "array_distinct", "array_flatten", "array_min", "array_max"}) {
    if (entry.name == name) return false;
  }
  return true;
}

}  // namespace kappa
