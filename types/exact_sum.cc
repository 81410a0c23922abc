#include "types/exact_sum.h"

#include <bit>
#include <cstring>

#include "types/wide_integer.h"

namespace kappa {

namespace {

constexpr int kMaxDigits = kMaxExactDigits;  // 4196 bits of the range of products, 106 of one, and 63 of a count
constexpr int kFractionDigits = 5;           // of a quotient, below the sum's last digit
constexpr uint32_t kMaxPending = 1u << 30;

KAPPA_INLINE int64_t* DigitsOf(const StateArena& arena, const ExactSum& sum) { return reinterpret_cast<int64_t*>(arena.At(sum.block)); }

// Brings all digits but the last into 0..2^32-1; the last keeps the sign.
void SettleCarries(int64_t* digit, int count) {
  for (int i = 0; i + 1 < count; ++i) {
    digit[i + 1] += digit[i] >> 32;
    digit[i] &= 0xFFFFFFFF;
  }
}

// Makes the block hold digits first..last and one above for carries.
[[gnu::noinline]] void Extend(StateArena& arena, ExactSum* sum, int first, int last) {
  if (sum->count != 0) {
    const int end = sum->first + sum->count - 1;
    first = first < sum->first ? first : sum->first;
    last = last + 1 > end ? last + 1 : end;
  } else {
    last += 1;
  }
  const int count = last - first + 1;
  const StateArena::Ref block = arena.Allocate(static_cast<size_t>(count) * 8);
  auto* digit = reinterpret_cast<int64_t*>(arena.At(block));
  std::memset(digit, 0, static_cast<size_t>(count) * 8);
  if (sum->count != 0) {
    int64_t* old = DigitsOf(arena, *sum);
    // The old last digit is signed and no longer last: settled again when pending is set to its limit below.
    std::memcpy(digit + (sum->first - first), old, static_cast<size_t>(sum->count) * 8);
    arena.Free(sum->block, static_cast<size_t>(sum->count) * 8);
  }
  sum->block = block;
  sum->first = static_cast<int16_t>(first);
  sum->count = static_cast<int16_t>(count);
  SettleCarries(digit, count);
  sum->pending = 0;
}

}  // namespace

double RoundFixedPoint(const uint32_t* digit, int count, int base, bool sticky) {
  int top = count - 1;
  while (top >= 0 && digit[top] == 0) --top;
  if (top < 0) return 0;
  UInt128 window = 0;  // the top three digits
  for (int i = 0; i < 3; ++i) window = (window << 32) | (top - i >= 0 ? digit[top - i] : 0);
  for (int i = top - 3; i >= 0 && !sticky; --i) sticky = digit[i] != 0;
  const int window_base = 32 * (top - 2) + base;
  const int highest = window_base + 64 + 31 - std::countl_zero(digit[top]);
  const int lowest = highest > 52 ? highest - 52 : 0;  // of the result's bits
  const int cut = lowest - window_base;
  if (cut > 97) return 0;  // less than half of the smallest double
  auto mantissa = static_cast<uint64_t>(window >> cut);
  const bool half = ((window >> (cut - 1)) & 1) != 0;
  sticky = sticky || (window & ((UInt128{1} << (cut - 1)) - 1)) != 0;
  if (half && (sticky || (mantissa & 1) != 0)) ++mantissa;
  const uint64_t bits = (static_cast<uint64_t>(lowest) << 52) + mantissa;  // a mantissa of 2^52 adds one to the exponent: also of a subnormal
  if (bits >= (uint64_t{2047} << 52)) return __builtin_inf();
  return std::bit_cast<double>(bits);
}

namespace {

// value = mantissa * 2^(position - 1074)
struct Parts {
  uint64_t mantissa;
  int position;
  bool negative;
};
KAPPA_INLINE Parts PartsOf(double value) {
  const uint64_t bits = std::bit_cast<uint64_t>(value);
  const int exponent = static_cast<int>((bits >> 52) & 2047);
  const uint64_t fraction = bits & ((uint64_t{1} << 52) - 1);
  return {exponent != 0 ? fraction | (uint64_t{1} << 52) : fraction, exponent != 0 ? exponent - 1 : 0, (bits >> 63) != 0};
}

}  // namespace

void ExactSumAddProduct(StateArena& arena, ExactSum* sum, double x, double y, int64_t weight) {
  const Parts a = PartsOf(x), b = PartsOf(y);
  if (a.mantissa == 0 || b.mantissa == 0 || weight == 0) return;
  const int64_t units = a.negative != b.negative ? -weight : weight;
  const uint64_t size = units < 0 ? 0 - static_cast<uint64_t>(units) : static_cast<uint64_t>(units);
  if (KAPPA_UNLIKELY(size >= kMaxPending)) {
    ExactSumAddProduct(arena, sum, x, y, weight / 2);
    ExactSumAddProduct(arena, sum, x, y, weight - weight / 2);
    return;
  }
  const UInt128 product = static_cast<UInt128>(a.mantissa) * b.mantissa;  // 106 bits
  const int position = a.position + b.position, index = position >> 5, shift = position & 31;
  if (KAPPA_UNLIKELY(index < sum->first || index + 5 >= sum->first + sum->count)) Extend(arena, sum, index, index + 4);
  int64_t* digit = DigitsOf(arena, *sum);
  if (KAPPA_UNLIKELY(sum->pending + size >= kMaxPending)) {
    SettleCarries(digit, sum->count);
    sum->pending = 0;
  }
  sum->pending += static_cast<uint32_t>(size);
  digit += index - sum->first;
  const UInt128 low = product << shift;  // without what passes 128 bits
  const auto high = shift == 0 ? 0u : static_cast<uint32_t>(product >> (128 - shift));
  for (int i = 0; i < 4; ++i) digit[i] += static_cast<int64_t>(static_cast<uint32_t>(low >> (32 * i))) * units;
  digit[4] += static_cast<int64_t>(high) * units;
}

void ExactSumAdd(StateArena& arena, ExactSum* sum, double value, int64_t weight) {
  const uint64_t bits = std::bit_cast<uint64_t>(value);
  const int exponent = static_cast<int>((bits >> 52) & 2047);
  uint64_t mantissa = bits & ((uint64_t{1} << 52) - 1);
  int position = 0;  // of the mantissa's last bit, from 2^-1074
  if (exponent != 0) {
    mantissa |= uint64_t{1} << 52;
    position = exponent - 1;
  }
  if (mantissa == 0 || weight == 0) return;
  int64_t units = (bits >> 63) != 0 ? -weight : weight;
  const uint64_t size = units < 0 ? 0 - static_cast<uint64_t>(units) : static_cast<uint64_t>(units);
  if (KAPPA_UNLIKELY(size >= kMaxPending)) {  // split, so that no digit overflows
    ExactSumAdd(arena, sum, value, weight / 2);
    ExactSumAdd(arena, sum, value, weight - weight / 2);
    return;
  }
  const int index = position >> 5;
  if (KAPPA_UNLIKELY(index < sum->first || index + 3 >= sum->first + sum->count)) Extend(arena, sum, index, index + 2);
  int64_t* digit = DigitsOf(arena, *sum);
  if (KAPPA_UNLIKELY(sum->pending + size >= kMaxPending)) {
    SettleCarries(digit, sum->count);
    sum->pending = 0;
  }
  sum->pending += static_cast<uint32_t>(size);
  const UInt128 shifted = static_cast<UInt128>(mantissa) << (position & 31);
  digit += index - sum->first;
  digit[0] += static_cast<int64_t>(static_cast<uint32_t>(shifted)) * units;
  digit[1] += static_cast<int64_t>(static_cast<uint32_t>(shifted >> 32)) * units;
  digit[2] += static_cast<int64_t>(static_cast<uint32_t>(shifted >> 64)) * units;
}

void ExactSumMerge(StateArena& arena, ExactSum* sum, const StateArena& from, const ExactSum& other) {
  if (other.count == 0) return;
  int64_t digits[kMaxDigits];
  std::memcpy(digits, DigitsOf(from, other),
              static_cast<size_t>(other.count) * 8);  // `from` may be `arena`, whose chunks move nothing, but Extend frees
  SettleCarries(digits, other.count);
  if (sum->count == 0 || other.first < sum->first || other.first + other.count > sum->first + sum->count) {
    Extend(arena, sum, other.first, other.first + other.count - 1);
  }
  int64_t* digit = DigitsOf(arena, *sum);
  SettleCarries(digit, sum->count);
  for (int i = 0; i < other.count; ++i) digit[other.first - sum->first + i] += digits[i];
  SettleCarries(digit, sum->count);
  sum->pending = 0;
}

void ExactSumRelease(StateArena& arena, ExactSum* sum) {
  if (sum->block != 0) arena.Free(sum->block, static_cast<size_t>(sum->count) * 8);
  *sum = ExactSum();
}

void ExactSumCopy(const StateArena& from, const ExactSum& sum, StateArena& to, ExactSum* out) {
  *out = sum;
  if (sum.block == 0) return;
  const size_t bytes = static_cast<size_t>(sum.count) * 8;
  out->block = to.Allocate(bytes);
  std::memcpy(to.At(out->block), from.At(sum.block), bytes);
}

// Digits of 32 bits; one more than the block has.
static int MagnitudeOf(const StateArena& arena, const ExactSum& sum, int64_t* digits, bool* negative) {
  const int count = sum.count;
  std::memcpy(digits, DigitsOf(arena, sum), static_cast<size_t>(count) * 8);
  SettleCarries(digits, count);
  *negative = digits[count - 1] < 0;
  if (*negative) {
    for (int i = 0; i < count; ++i) digits[i] = -digits[i];
    SettleCarries(digits, count);
  }
  digits[count] = digits[count - 1] >> 32;
  digits[count - 1] &= 0xFFFFFFFF;
  return count + 1;
}

int ExactSumDigits(const StateArena& arena, const ExactSum& sum, uint32_t* digits, bool* negative) {
  *negative = false;
  if (sum.count == 0) return 0;
  int64_t words[kMaxDigits + 1];
  const int count = MagnitudeOf(arena, sum, words, negative);
  for (int i = 0; i < sum.first; ++i) digits[i] = 0;
  for (int i = 0; i < count; ++i) digits[sum.first + i] = static_cast<uint32_t>(words[i]);
  return sum.first + count;
}

double ExactSumRound(const StateArena& arena, const ExactSum& sum, uint64_t divisor) {
  if (sum.count == 0) return 0;
  int64_t digits[kMaxDigits + 1];
  bool negative = false;
  const int count = MagnitudeOf(arena, sum, digits, &negative);
  uint32_t magnitude[kMaxDigits + 1 + kFractionDigits] = {};
  UInt128 rest = 0;
  for (int i = count - 1; i >= -kFractionDigits; --i) {  // long division, going on below the last digit
    const auto digit = static_cast<uint32_t>(i >= 0 ? digits[i] : 0);
    if (divisor == 1)
      magnitude[i + kFractionDigits] = digit;
    else
      magnitude[i + kFractionDigits] = static_cast<uint32_t>(DivideU128((rest << 32) | digit, divisor, &rest));
  }
  const double result = RoundFixedPoint(magnitude, count + kFractionDigits, 32 * (sum.first - kFractionDigits), rest != 0);
  return negative ? -result : result;
}

}  // namespace kappa
