// Unsigned integers of up to 11,000 bits, for the results of aggregates whose sums are exact: sums of squares, their differences, quotients and
// roots. Host code: called, never inlined into queries.
#pragma once

#include <cstdint>
#include <string>

#include "types/wide_integer.h"

namespace kappa {

class BigInteger {
 public:
  static constexpr int kLimbs = 344;

  BigInteger() = default;  // 0
  static BigInteger FromUnsigned(UInt128 value);
  // Little-endian digits of 32 bits.
  static BigInteger FromDigits(const uint32_t* digits, int count);

  bool IsZero() const { return size_ == 0; }
  int bits() const;
  int size() const { return size_; }
  const uint32_t* digits() const { return limb_; }

  int Compare(const BigInteger& other) const;
  void Add(const BigInteger& other);
  void Subtract(const BigInteger& other);  // other <= *this
  void Multiply(uint64_t factor);
  void MultiplyByPowerOfTen(int exponent);
  void ShiftLeft(int bits);
  uint64_t Divide(uint64_t divisor);  // the remainder; divisor != 0
  BigInteger Times(const BigInteger& other) const;
  BigInteger SquareRoot() const;  // cut
  bool FitsUnsigned128() const { return size_ <= 4; }
  UInt128 ToUnsigned128() const;
  std::string ToDecimal() const;  // "" for 0

 private:
  void Trim();
  uint32_t limb_[kLimbs];
  int size_ = 0;
};

}  // namespace kappa
