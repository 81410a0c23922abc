#include "types/wide_integer.h"

#include <bit>

namespace kappa {

int CountDigits(UInt128 value) {
  int low = 0, high = 38;  // the number of powers of ten <= value
  while (low < high) {
    const int middle = (low + high) / 2;
    if (value >= PowerOfTen(middle))
      low = middle + 1;
    else
      high = middle;
  }
  return low == 38 && value >= PowerOfTen(38) ? 39 : low;
}

[[gnu::noinline]] UInt128 DivideU128(UInt128 value, UInt128 divisor, UInt128* remainder) {
  if (((value | divisor) >> 64) == 0) {
    const auto a = static_cast<uint64_t>(value), b = static_cast<uint64_t>(divisor);
    *remainder = a % b;
    return a / b;
  }
  const UInt128 quotient = value / divisor;
  *remainder = value - quotient * divisor;
  return quotient;
}

[[gnu::noinline]] double ToDouble(Int128 value) { return static_cast<double>(value); }

UInt256 Multiply128(UInt128 a, UInt128 b) {
  const uint64_t a0 = static_cast<uint64_t>(a), a1 = static_cast<uint64_t>(a >> 64);
  const uint64_t b0 = static_cast<uint64_t>(b), b1 = static_cast<uint64_t>(b >> 64);
  const UInt128 p00 = static_cast<UInt128>(a0) * b0, p01 = static_cast<UInt128>(a0) * b1;
  const UInt128 p10 = static_cast<UInt128>(a1) * b0, p11 = static_cast<UInt128>(a1) * b1;
  UInt256 result;
  result.word[0] = static_cast<uint64_t>(p00);
  const UInt128 middle = (p00 >> 64) + static_cast<uint64_t>(p01) + static_cast<uint64_t>(p10);
  result.word[1] = static_cast<uint64_t>(middle);
  const UInt128 top = p11 + (p01 >> 64) + (p10 >> 64) + (middle >> 64);
  result.word[2] = static_cast<uint64_t>(top);
  result.word[3] = static_cast<uint64_t>(top >> 64);
  return result;
}

bool MultiplyInPlace(UInt256* value, UInt128 factor) {
  const UInt256 low = Multiply128(value->low128(), factor);
  const UInt128 upper = (static_cast<UInt128>(value->word[3]) << 64) | value->word[2];
  const UInt256 high = Multiply128(upper, factor);
  if (!high.fits128()) return false;
  const UInt128 low_top = (static_cast<UInt128>(low.word[3]) << 64) | low.word[2];
  const UInt128 top = high.low128() + low_top;
  if (top < low_top) return false;
  value->word[0] = low.word[0];
  value->word[1] = low.word[1];
  value->word[2] = static_cast<uint64_t>(top);
  value->word[3] = static_cast<uint64_t>(top >> 64);
  return true;
}

namespace {

// Divides `value` (8 digits of 32 bits) by a single digit.
UInt256 DivideByDigit(const UInt256& value, uint32_t divisor, UInt128* remainder) {
  UInt256 quotient;
  uint64_t rest = 0;
  for (int i = 7; i >= 0; --i) {
    const uint64_t digit = (value.word[i / 2] >> (32 * (i % 2))) & 0xFFFFFFFFu;
    const uint64_t current = (rest << 32) | digit;
    quotient.word[i / 2] |= (current / divisor) << (32 * (i % 2));
    rest = current % divisor;
  }
  *remainder = rest;
  return quotient;
}

}  // namespace

UInt256 Divide256(const UInt256& value, UInt128 divisor, UInt128* remainder) {
  if (divisor <= 0xFFFFFFFFu) return DivideByDigit(value, static_cast<uint32_t>(divisor), remainder);
  uint32_t v[4], u[9];
  int n = 4;
  const uint64_t high = static_cast<uint64_t>(divisor >> 64);
  const int zeros = high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(static_cast<uint64_t>(divisor));
  n = 4 - zeros / 32;
  const int shift = zeros % 32;  // normalises the divisor's top digit
  const UInt128 normal = divisor << shift;
  for (int i = 0; i < n; ++i) v[i] = static_cast<uint32_t>(normal >> (32 * i));
  uint32_t carry = 0;
  for (int i = 0; i < 8; ++i) {
    const auto digit = static_cast<uint32_t>(value.word[i / 2] >> (32 * (i % 2)));
    u[i] = (digit << shift) | carry;
    carry = shift == 0 ? 0 : digit >> (32 - shift);
  }
  u[8] = carry;
  UInt256 quotient;
  for (int j = 8 - n; j >= 0; --j) {
    const uint64_t top = (static_cast<uint64_t>(u[j + n]) << 32) | u[j + n - 1];
    uint64_t guess = top / v[n - 1], rest = top % v[n - 1];
    while (guess > 0xFFFFFFFFu || guess * v[n - 2] > ((rest << 32) | u[j + n - 2])) {
      --guess;
      rest += v[n - 1];
      if (rest > 0xFFFFFFFFu) break;
    }
    int64_t borrow = 0;
    for (int i = 0; i < n; ++i) {
      const uint64_t product = guess * v[i];
      const int64_t t = static_cast<int64_t>(u[i + j]) - borrow - static_cast<int64_t>(product & 0xFFFFFFFFu);
      u[i + j] = static_cast<uint32_t>(t);
      borrow = static_cast<int64_t>(product >> 32) - (t >> 32);
    }
    const int64_t t = static_cast<int64_t>(u[j + n]) - borrow;
    u[j + n] = static_cast<uint32_t>(t);
    if (t < 0) {  // one too many
      --guess;
      uint64_t add = 0;
      for (int i = 0; i < n; ++i) {
        add += static_cast<uint64_t>(u[i + j]) + v[i];
        u[i + j] = static_cast<uint32_t>(add);
        add >>= 32;
      }
      u[j + n] = static_cast<uint32_t>(u[j + n] + add);
    }
    quotient.word[j / 2] |= guess << (32 * (j % 2));
  }
  UInt128 rest = 0;
  for (int i = n - 1; i >= 0; --i) rest = (rest << 32) | u[i];
  *remainder = rest >> shift;
  return quotient;
}

}  // namespace kappa
