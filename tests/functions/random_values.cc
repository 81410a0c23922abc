#include "tests/functions/random_values.h"

#include <fmt/format.h>

namespace kappa {
namespace {

// Every magnitude is as likely as any other.
int64_t RandomInt(Random* random, int bits) {
  const auto shift = static_cast<int>(random->Below(static_cast<size_t>(bits)));
  const auto value = static_cast<int64_t>(random->Next() >> (64 - bits) >> shift);
  return random->Chance(40) ? -value : value;
}

std::string Digits(Random* random, size_t count) {
  std::string digits;
  for (size_t i = 0; i < count; ++i) digits += static_cast<char>('0' + random->Below(10));
  return digits;
}

std::string RandomDecimal(Random* random, size_t most, size_t most_fraction) {
  std::string text = random->Chance(35) ? "-" : "";
  text += Digits(random, 1 + random->Below(most));
  if (random->Chance(70)) text += "." + Digits(random, 1 + random->Below(most_fraction));
  return text;
}

std::string RandomFloat(Random* random, int exponent) {
  switch (random->Below(4)) {
    case 0:
      return std::to_string(RandomInt(random, 16));
    case 1:
      return RandomDecimal(random, 4, 3);
    default:
      return RandomDecimal(random, 1, 15) + "e" + std::to_string(static_cast<int>(random->Below(static_cast<size_t>(2 * exponent))) - exponent);
  }
}

std::string RandomWords(Random* random) {
  static constexpr const char* kPieces[] = {"a",        "b",        "c",
                                            "ab",       "abc",      "A",
                                            "B",        "Z",        " ",
                                            "  ",       "0",        "1",
                                            "7",        ",",        ".",
                                            "-",        "_",        "%",
                                            "\\",       "'",        "\"",
                                            "\xC3\xA9", "\xC3\x9F", "\xE2\x82\xAC",
                                            "x",        "y",        "xy",
                                            "\n",       "\t",       "foo",
                                            "bar",      "Hello",    "\xF0\x9F\x98\x80",
                                            "/",        "(",        ")"};
  std::string text;
  for (size_t i = random->Below(8); i > 0; --i) text += kPieces[random->Below(std::size(kPieces))];
  return text;
}

std::string Hex(Random* random, size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes; ++i) text += fmt::format("{:02x}", random->Below(256));
  return text;
}

std::string RandomDate(Random* random) {
  const size_t year = random->Chance(80) ? 1900 + random->Below(200) : 1 + random->Below(9998);
  return fmt::format("{:04}-{:02}-{:02}", year, 1 + random->Below(12), 1 + random->Below(28));
}
std::string RandomTime(Random* random) {
  std::string text = fmt::format("{:02}:{:02}:{:02}", random->Below(24), random->Below(60), random->Below(60));
  if (random->Chance(50)) text += "." + Digits(random, 1 + random->Below(6));
  return text;
}
std::string RandomInterval(Random* random) {
  auto part = [&](int64_t most) { return static_cast<int64_t>(random->Below(static_cast<size_t>(2 * most))) - most; };
  std::string text;
  if (random->Chance(50)) text += fmt::format("{} mons ", part(50));
  if (random->Chance(60)) text += fmt::format("{} days ", part(100));
  if (text.empty() || random->Chance(60)) text += (random->Chance(30) ? "-" : "") + RandomTime(random);
  return text;
}

std::string QuotedElement(const std::string& text) {
  std::string quoted = "\"";
  for (char ch : text) {
    if (ch == '"' || ch == '\\') quoted += '\\';
    quoted += ch;
  }
  return quoted + '"';
}

std::string RandomArray(const Type& element, Random* random) {
  const bool nested = random->Chance(12);
  const size_t inner = 1 + random->Below(2);
  auto item = [&] { return random->Chance(12) ? std::string("NULL") : QuotedElement(RandomText(element, random)); };
  std::string text = "{";
  for (size_t i = 0, n = random->Below(5); i < n; ++i) {
    if (i > 0) text += ",";
    if (!nested) {
      text += item();
      continue;
    }
    text += "{" + item();
    for (size_t j = 1; j < inner; ++j) text += "," + item();
    text += "}";
  }
  return text + "}";
}

std::string RandomJson(Random* random, int depth) {
  switch (random->Below(depth > 2 ? 5 : 8)) {
    case 0:
      return "null";
    case 1:
      return random->Chance(50) ? "true" : "false";
    case 2:
      return std::to_string(RandomInt(random, 32));
    case 3: {
      std::string number = std::to_string(random->Below(1000));
      return (random->Chance(30) ? "-" : "") + number + "." + Digits(random, 1 + random->Below(5));
    }
    case 4: {
      static constexpr const char* kTexts[] = {"\"\"", "\"a\"", "\"two words\"", "\"\\u00e9\"", "\"q\\\"uote\"", "\"1\"", "\"\xE2\x82\xAC\""};
      return kTexts[random->Below(std::size(kTexts))];
    }
    case 5:
    case 6: {
      static constexpr const char* kKeys[] = {"a", "b", "c", "a b", "1", ""};
      std::string text = "{";
      for (size_t i = 0, n = random->Below(4); i < n; ++i)
        text += fmt::format("{}\"{}\": {}", i > 0 ? ", " : "", kKeys[random->Below(std::size(kKeys))], RandomJson(random, depth + 1));
      return text + "}";
    }
    default: {
      std::string text = "[";
      for (size_t i = 0, n = random->Below(4); i < n; ++i) text += (i > 0 ? ", " : "") + RandomJson(random, depth + 1);
      return text + "]";
    }
  }
}

}  // namespace

std::string RandomText(const Type& type, Random* random) {
  switch (type.id()) {
    case TypeId::kBool:
      return random->Chance(50) ? "t" : "f";
    case TypeId::kInt2:
      return std::to_string(RandomInt(random, 15));
    case TypeId::kInt4:
      return std::to_string(RandomInt(random, 31));
    case TypeId::kInt8:
      return std::to_string(RandomInt(random, 63));
    case TypeId::kFloat4:
      return RandomFloat(random, 25);
    case TypeId::kFloat8:
      return RandomFloat(random, random->Chance(70) ? 10 : 280);
    case TypeId::kNumeric:
      return random->Chance(80) ? RandomDecimal(random, 6, 5) : RandomDecimal(random, 18, 12);
    case TypeId::kText:
      return RandomWords(random);
    case TypeId::kBytea:
      return "\\x" + Hex(random, random->Below(10));
    case TypeId::kDate:
      return RandomDate(random);
    case TypeId::kTime:
      return RandomTime(random);
    case TypeId::kTimestamp:
      return RandomDate(random) + " " + RandomTime(random);
    case TypeId::kTimestampTz:
      return RandomDate(random) + " " + RandomTime(random) +
             fmt::format("{}{:02}:{:02}", random->Chance(50) ? "+" : "-", random->Below(13), 15 * random->Below(4));
    case TypeId::kInterval:
      return RandomInterval(random);
    case TypeId::kUuid: {
      std::string hex = Hex(random, 16);
      for (size_t at : {20, 16, 12, 8}) hex.insert(at, "-");
      return hex;
    }
    case TypeId::kJson:
    case TypeId::kJsonb:
      return RandomJson(random, 0);
    case TypeId::kArray:
      return RandomArray(type.element(), random);
    default:
      return "";
  }
}

}  // namespace kappa
