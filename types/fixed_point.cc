#include "types/fixed_point.h"

#include <cstring>

namespace kappa {

FixedPoint FixedPoint::FromInt(uint32_t value, int fraction_limbs) {
  FixedPoint result(fraction_limbs);
  result.limb_[fraction_limbs] = value % kBase;
  result.limb_[fraction_limbs + 1] = value / kBase;
  return result;
}

FixedPoint FixedPoint::FromDecimal(UInt128 mantissa, int scale, int fraction_limbs) {
  FixedPoint result(fraction_limbs);
  // Brings the scale to whole limbs first: mantissa * 10^pad, scale + pad = 9 * down.
  const int down = (scale + 8) / 9, pad = down * 9 - scale;
  uint32_t digits[6] = {};
  for (int i = 0; mantissa != 0; ++i) {
    UInt128 rest;
    mantissa = DivideU128(mantissa, kBase, &rest);
    digits[i] = static_cast<uint32_t>(rest);
  }
  uint64_t carry = 0;
  for (uint32_t& digit : digits) {
    const uint64_t value = uint64_t{digit} * static_cast<uint64_t>(PowerOfTen(pad)) + carry;
    digit = static_cast<uint32_t>(value % kBase);
    carry = value / kBase;
  }
  for (int i = 0; i < 6; ++i) {
    const int at = i - down + fraction_limbs;
    if (at >= 0 && at < result.limbs()) result.limb_[at] = digits[i];
  }
  return result;
}

FixedPoint FixedPoint::Ln2(int fraction_limbs) {
  static constexpr char kDigits[] =
      "6931471805599453094172321214581765680755001343602552541206800094933936219696947156058633269964186875420014810205706857336855202357581305570326"
      "70";
  static_assert(sizeof kDigits - 1 == 9 * kMaxFractionLimbs);
  FixedPoint result(fraction_limbs);
  for (int i = 0; i < fraction_limbs; ++i) {
    uint32_t value = 0;
    for (int j = 0; j < 9; ++j) value = value * 10 + static_cast<uint32_t>(kDigits[9 * i + j] - '0');
    result.limb_[fraction_limbs - 1 - i] = value;
  }
  return result;
}

bool FixedPoint::IsZero() const {
  for (int i = 0; i < limbs(); ++i) {
    if (limb_[i] != 0) return false;
  }
  return true;
}

int FixedPoint::Compare(const FixedPoint& other) const {
  for (int i = limbs() - 1; i >= 0; --i) {
    if (limb_[i] != other.limb_[i]) return limb_[i] < other.limb_[i] ? -1 : 1;
  }
  return 0;
}

bool FixedPoint::ToDecimal(int scale, UInt128* mantissa) const {
  UInt128 value = 0;
  auto append = [&](uint32_t digits, uint32_t power) {
    if (value > (PowerOfTen(38) - 1) / power) return false;
    value = value * power + digits;
    return value < PowerOfTen(38);
  };
  int at = limbs() - 1;
  for (; at >= fraction_; --at) {
    if (!append(limb_[at], kBase)) return false;
  }
  for (; scale >= 9; scale -= 9, --at) {
    if (!append(at >= 0 ? limb_[at] : 0, kBase)) return false;
  }
  const uint32_t next = at >= 0 ? limb_[at] : 0;  // its first `scale` digits belong to the result, the one after decides
  const auto cut = static_cast<uint32_t>(PowerOfTen(9 - scale));
  if (scale > 0 && !append(next / cut, static_cast<uint32_t>(PowerOfTen(scale)))) return false;
  const uint32_t rest = scale > 0 ? next % cut : next;
  if (rest >= cut / 2) ++value;
  *mantissa = value;
  return value < PowerOfTen(38);
}

double FixedPoint::ToDouble() const {
  double value = 0;
  for (int i = limbs() - 1; i >= 0; --i) value = value * kBase + limb_[i];
  for (int i = 0; i < fraction_; ++i) value /= kBase;
  return value;
}

FixedPoint FixedPoint::Plus(const FixedPoint& other) const {
  FixedPoint result(fraction_);
  uint32_t carry = 0;
  for (int i = 0; i < limbs(); ++i) {
    const uint32_t sum = limb_[i] + other.limb_[i] + carry;
    carry = sum >= kBase;
    result.limb_[i] = carry != 0 ? sum - kBase : sum;
  }
  return result;
}

FixedPoint FixedPoint::Minus(const FixedPoint& other) const {
  FixedPoint result(fraction_);
  uint32_t borrow = 0;
  for (int i = 0; i < limbs(); ++i) {
    const uint32_t take = other.limb_[i] + borrow;
    borrow = limb_[i] < take;
    result.limb_[i] = limb_[i] + (borrow != 0 ? kBase : 0) - take;
  }
  return result;
}

FixedPoint FixedPoint::Times(const FixedPoint& other) const {
  uint32_t product[2 * (kIntegerLimbs + kMaxFractionLimbs)] = {};
  const int n = limbs();
  int top = n;
  while (top > 0 && other.limb_[top - 1] == 0) --top;
  for (int i = 0; i < n; ++i) {
    if (limb_[i] == 0) continue;
    uint64_t carry = 0;
    for (int j = 0; j < top; ++j) {
      const uint64_t value = uint64_t{limb_[i]} * other.limb_[j] + product[i + j] + carry;
      product[i + j] = static_cast<uint32_t>(value % kBase);
      carry = value / kBase;
    }
    for (int k = i + top; carry != 0; ++k) {
      const uint64_t value = product[k] + carry;
      product[k] = static_cast<uint32_t>(value % kBase);
      carry = value / kBase;
    }
  }
  FixedPoint result(fraction_);
  std::memcpy(result.limb_, product + fraction_, static_cast<size_t>(n) * sizeof(uint32_t));
  return result;
}

FixedPoint FixedPoint::TimesInt(uint32_t factor) const {
  FixedPoint result(fraction_);
  uint64_t carry = 0;
  for (int i = 0; i < limbs(); ++i) {
    const uint64_t value = uint64_t{limb_[i]} * factor + carry;
    result.limb_[i] = static_cast<uint32_t>(value % kBase);
    carry = value / kBase;
  }
  return result;
}

FixedPoint FixedPoint::DividedByInt(uint32_t divisor) const {
  FixedPoint result(fraction_);
  uint64_t rest = 0;
  for (int i = limbs() - 1; i >= 0; --i) {
    const uint64_t value = rest * kBase + limb_[i];
    result.limb_[i] = static_cast<uint32_t>(value / divisor);
    rest = value % divisor;
  }
  return result;
}

// Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D, over *this * kBase^fraction.
FixedPoint FixedPoint::DividedBy(const FixedPoint& other) const {
  constexpr int kMax = kIntegerLimbs + kMaxFractionLimbs;
  const int n = limbs();
  int size = n;
  while (other.limb_[size - 1] == 0) --size;
  FixedPoint result(fraction_);
  uint64_t u[kMax + kMaxFractionLimbs + 1] = {};
  const int length = n + fraction_;
  const uint32_t scale = kBase / (other.limb_[size - 1] + 1);
  uint64_t carry = 0;
  for (int i = 0; i < n; ++i) {
    const uint64_t value = uint64_t{limb_[i]} * scale + carry;
    u[fraction_ + i] = value % kBase;
    carry = value / kBase;
  }
  u[length] = carry;
  uint64_t v[kMax] = {};
  carry = 0;
  for (int i = 0; i < size; ++i) {
    const uint64_t value = uint64_t{other.limb_[i]} * scale + carry;
    v[i] = value % kBase;
    carry = value / kBase;
  }
  for (int j = length - size; j >= 0; --j) {
    const uint64_t head = u[j + size] * kBase + u[j + size - 1];
    uint64_t guess = head / v[size - 1], rest = head % v[size - 1];
    while (guess >= kBase || (size > 1 && guess * v[size - 2] > rest * kBase + u[j + size - 2])) {
      --guess;
      rest += v[size - 1];
      if (rest >= kBase) break;
    }
    int64_t borrow = 0;
    for (int i = 0; i <= size; ++i) {
      const int64_t value = static_cast<int64_t>(u[i + j]) - static_cast<int64_t>(guess * (i < size ? v[i] : 0)) - borrow;
      const int64_t digit = ((value % kBase) + kBase) % kBase;
      borrow = (digit - value) / static_cast<int64_t>(kBase);
      u[i + j] = static_cast<uint64_t>(digit);
    }
    if (borrow != 0) {  // one too many
      --guess;
      uint64_t add = 0;
      for (int i = 0; i <= size; ++i) {
        const uint64_t value = u[i + j] + (i < size ? v[i] : 0) + add;
        u[i + j] = value % kBase;
        add = value / kBase;
      }
    }
    if (j < n) result.limb_[j] = static_cast<uint32_t>(guess);
  }
  return result;
}

}  // namespace kappa
