#include "types/big_integer.h"

#include <algorithm>
#include <bit>

namespace kappa {

BigInteger BigInteger::FromUnsigned(UInt128 value) {
  BigInteger out;
  for (; value != 0; value >>= 32) out.limb_[out.size_++] = static_cast<uint32_t>(value);
  return out;
}

BigInteger BigInteger::FromDigits(const uint32_t* digits, int count) {
  BigInteger out;
  std::copy(digits, digits + count, out.limb_);
  out.size_ = count;
  out.Trim();
  return out;
}

void BigInteger::Trim() {
  while (size_ > 0 && limb_[size_ - 1] == 0) --size_;
}

int BigInteger::bits() const { return size_ == 0 ? 0 : 32 * size_ - std::countl_zero(limb_[size_ - 1]); }

int BigInteger::Compare(const BigInteger& other) const {
  if (size_ != other.size_) return size_ < other.size_ ? -1 : 1;
  for (int i = size_ - 1; i >= 0; --i) {
    if (limb_[i] != other.limb_[i]) return limb_[i] < other.limb_[i] ? -1 : 1;
  }
  return 0;
}

void BigInteger::Add(const BigInteger& other) {
  uint64_t carry = 0;
  const int count = std::max(size_, other.size_);
  for (int i = 0; i < count; ++i) {
    carry += (i < size_ ? uint64_t{limb_[i]} : 0) + (i < other.size_ ? other.limb_[i] : 0);
    limb_[i] = static_cast<uint32_t>(carry);
    carry >>= 32;
  }
  size_ = count;
  if (carry != 0) limb_[size_++] = static_cast<uint32_t>(carry);
}

void BigInteger::Subtract(const BigInteger& other) {
  int64_t borrow = 0;
  for (int i = 0; i < size_; ++i) {
    const int64_t value = int64_t{limb_[i]} - (i < other.size_ ? other.limb_[i] : 0) + borrow;
    limb_[i] = static_cast<uint32_t>(value);
    borrow = value >> 32;
  }
  Trim();
}

void BigInteger::Multiply(uint64_t factor) {
  UInt128 carry = 0;
  for (int i = 0; i < size_; ++i) {
    carry += static_cast<UInt128>(limb_[i]) * factor;
    limb_[i] = static_cast<uint32_t>(carry);
    carry >>= 32;
  }
  for (; carry != 0; carry >>= 32) limb_[size_++] = static_cast<uint32_t>(carry);
  Trim();
}

void BigInteger::MultiplyByPowerOfTen(int exponent) {
  for (; exponent >= 19; exponent -= 19) Multiply(10000000000000000000u);
  if (exponent > 0) Multiply(static_cast<uint64_t>(PowerOfTen(exponent)));
}

void BigInteger::ShiftLeft(int bits) {
  const int words = bits / 32, rest = bits % 32;
  if (size_ == 0) return;
  std::copy_backward(limb_, limb_ + size_, limb_ + size_ + words);
  std::fill(limb_, limb_ + words, 0u);
  size_ += words;
  if (rest != 0) Multiply(uint64_t{1} << rest);
}

uint64_t BigInteger::Divide(uint64_t divisor) {
  UInt128 rest = 0;
  for (int i = size_ - 1; i >= 0; --i) {
    rest = (rest << 32) | limb_[i];
    limb_[i] = static_cast<uint32_t>(rest / divisor);
    rest %= divisor;
  }
  Trim();
  return static_cast<uint64_t>(rest);
}

BigInteger BigInteger::Times(const BigInteger& other) const {
  BigInteger out;
  std::fill(out.limb_, out.limb_ + size_ + other.size_, 0u);
  for (int i = 0; i < size_; ++i) {
    uint64_t carry = 0;
    for (int j = 0; j < other.size_; ++j) {
      carry += uint64_t{limb_[i]} * other.limb_[j] + out.limb_[i + j];
      out.limb_[i + j] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    out.limb_[i + other.size_] = static_cast<uint32_t>(carry);
  }
  out.size_ = size_ + other.size_;
  out.Trim();
  return out;
}

// Bit by bit, from the top: the root r grows while r * r <= *this.
BigInteger BigInteger::SquareRoot() const {
  BigInteger root, rest;
  const int pairs = (bits() + 1) / 2;
  for (int i = pairs - 1; i >= 0; --i) {
    auto bit = [&](int at) { return at / 32 < size_ ? (limb_[at / 32] >> (at % 32)) & 1u : 0u; };
    rest.ShiftLeft(2);
    rest.Add(FromUnsigned((bit(2 * i + 1) << 1) | bit(2 * i)));
    BigInteger trial = root;  // 4 r + 1
    trial.ShiftLeft(2);
    trial.Add(FromUnsigned(1));
    root.ShiftLeft(1);
    if (rest.Compare(trial) < 0) continue;
    rest.Subtract(trial);
    root.Add(FromUnsigned(1));
  }
  return root;
}

UInt128 BigInteger::ToUnsigned128() const {
  UInt128 value = 0;
  for (int i = size_ - 1; i >= 0; --i) value = (value << 32) | limb_[i];
  return value;
}

std::string BigInteger::ToDecimal() const {
  std::string out;
  BigInteger rest = *this;
  while (!rest.IsZero()) {
    auto group = static_cast<uint32_t>(rest.Divide(1000000000));
    for (int i = 0; i < 9 && (group != 0 || !rest.IsZero()); ++i, group /= 10) out.push_back(static_cast<char>('0' + group % 10));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace kappa
