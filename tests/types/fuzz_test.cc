// Random values: arithmetic undone by its inverse, fast paths beside general ones, equality beside keys.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

#include "tests/fuzz/fuzz_budget.h"
#include "types/canonical_key.h"
#include "types/compare.h"
#include "types/datetime.h"
#include "types/numeric.h"
#include "types/wide_integer.h"

namespace kappa {
namespace {

std::string Text(const Numeric& n) {
  char buffer[kMaxNumericText];
  return {buffer, static_cast<size_t>(FormatNumeric(n, buffer) - buffer)};
}

TEST(TypesFuzz, DivisionUndoesMultiplication) {
  FuzzBudget budget(7, 20'000);
  std::mt19937_64 random(budget.seed());
  while (budget.Next()) {
    auto wide = [&] { return ((static_cast<UInt128>(random()) << 64) | random()) >> (random() % 127); };
    const UInt128 a = wide(), b = wide() | 1, rest = wide() % b;
    UInt256 product = Multiply128(a, b);
    const UInt128 low = product.low128() + rest;
    const bool carry = low < rest;
    product.word[0] = static_cast<uint64_t>(low);
    product.word[1] = static_cast<uint64_t>(low >> 64);
    if (carry && ++product.word[2] == 0) ++product.word[3];
    UInt128 remainder = 0;
    const UInt256 quotient = Divide256(product, b, &remainder);
    ASSERT_TRUE(quotient.fits128()) << budget.where();
    ASSERT_TRUE(quotient.low128() == a && remainder == rest) << budget.where();
  }
}

TEST(TypesFuzz, NumericsBecomeFloatsToTheirLastBit) {
  FuzzBudget budget(11, 20'000);
  std::mt19937_64 random(budget.seed());
  while (budget.Next()) {
    const Numeric n(static_cast<__int128>(static_cast<int64_t>(random())) * static_cast<int64_t>(random() >> (random() % 64)),
                    static_cast<int>(random() % 38));
    ASSERT_EQ(NumericToFloat8(n), std::strtod(Text(n).c_str(), nullptr)) << budget.where() << " " << Text(n);
  }
}

TEST(TypesFuzz, TimestampsTakeTheFastPathToTheSameEnd) {
  FuzzBudget budget(3, 50'000);
  std::mt19937_64 random(budget.seed());
  const std::string_view tails[] = {"", ".5", ".123", ".123456", "Z", ".250Z", ".", ".1234567", "+00", " ", "x"};
  uint64_t fast_count = 0;
  while (budget.Next()) {
    char text[64];
    const auto tail = tails[random() % std::size(tails)];
    std::snprintf(text, sizeof text, "%04d-%02d-%02d%c%02d:%02d:%02d%.*s", static_cast<int>(random() % 10000), static_cast<int>(random() % 14),
                  static_cast<int>(random() % 33), random() % 2 ? ' ' : 'T', static_cast<int>(random() % 25), static_cast<int>(random() % 61),
                  static_cast<int>(random() % 61), static_cast<int>(tail.size()), tail.data());
    int64_t fast = 0;
    if (!ParseTimestampFast(text, std::strlen(text), &fast)) continue;
    ++fast_count;
    // A space in front keeps the general parser off the fast path.
    Timestamp general;
    ASSERT_EQ(ParseTimestamp(" " + std::string(text), &general), ParseStatus::kOk) << budget.where() << " " << text;
    ASSERT_EQ(general.micros, fast) << budget.where() << " " << text;
  }
  EXPECT_GT(fast_count, budget.round() / 5);
}

// Small ranges, so that equal values are common.
Interval SomeInterval(std::mt19937_64& random) {
  const auto below = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint64_t>(n)); };
  return {(below(20) - 10) * 12 * kMicrosPerHour + below(2), static_cast<int32_t>(below(70) - 35), static_cast<int32_t>(below(5) - 2)};
}

TEST(TypesFuzz, EqualIntervalsAndOnlyTheyHaveOneKey) {
  FuzzBudget budget(5, 200'000);
  std::mt19937_64 random(budget.seed());
  uint64_t equal = 0;
  while (budget.Next()) {
    const Interval a = SomeInterval(random), b = SomeInterval(random);
    const Interval x = CanonicalKey(a), y = CanonicalKey(b);
    ASSERT_TRUE(ValuesEqual(a, x)) << budget.where();
    ASSERT_EQ(ValuesEqual(a, b), std::memcmp(&x, &y, sizeof x) == 0) << budget.where();
    equal += ValuesEqual(a, b);
  }
  EXPECT_GT(equal, budget.round() / 2000);
}

TEST(TypesFuzz, EqualNumericsAndOnlyTheyHaveOneKey) {
  FuzzBudget budget(6, 200'000);
  std::mt19937_64 random(budget.seed());
  uint64_t equal = 0;
  while (budget.Next()) {
    const auto some = [&] {
      return Numeric(static_cast<__int128>(static_cast<int64_t>(random() % 41) - 20) * (random() % 2 ? 10 : 1000), static_cast<int>(random() % 6));
    };
    const Numeric a = some(), b = some();
    const Numeric x = CanonicalKey(a), y = CanonicalKey(b);
    ASSERT_TRUE(ValuesEqual(a, x)) << budget.where() << " " << Text(a);
    ASSERT_EQ(ValuesEqual(a, b), std::memcmp(&x, &y, sizeof x) == 0) << budget.where() << " " << Text(a) << " " << Text(b);
    equal += ValuesEqual(a, b);
  }
  EXPECT_GT(equal, budget.round() / 1000);
}

}  // namespace
}  // namespace kappa
