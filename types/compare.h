// Order, equality and hash of every value type: SQL's order, with NaN equal to itself and above every number, -0 equal to 0, text bytewise.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "common/hash.h"
#include "common/runtime.h"
#include "types/datetime.h"
#include "types/numeric.h"
#include "types/values.h"

namespace kappa {

template <typename T>
concept PlainOrdered = std::is_integral_v<T>;

// -1, 0 or 1.
template <PlainOrdered T>
KAPPA_INLINE int CompareValues(T a, T b) {
  return a < b ? -1 : a > b;
}
KAPPA_INLINE int CompareValues(double a, double b) {
  if (KAPPA_LIKELY(a == a && b == b)) return a < b ? -1 : a > b;
  return (a != a) - (b != b);
}
KAPPA_INLINE int CompareValues(float a, float b) { return CompareValues(static_cast<double>(a), static_cast<double>(b)); }
KAPPA_INLINE int CompareValues(const Numeric& a, const Numeric& b) { return NumericCompare(a, b); }
KAPPA_INLINE int CompareValues(const Text& a, const Text& b) {
  uint32_t x, y;
  std::memcpy(&x, a.prefix, 4);
  std::memcpy(&y, b.prefix, 4);
  if (x != y) return __builtin_bswap32(x) < __builtin_bswap32(y) ? -1 : 1;  // padding is zero: of "a" and "a\0..." the sizes decide below
  const uint32_t size = a.size < b.size ? a.size : b.size;
  const int order = size > 4 ? std::memcmp(a.data + 4, b.data + 4, size - 4) : 0;
  if (order != 0) return order < 0 ? -1 : 1;
  return a.size < b.size ? -1 : a.size > b.size;
}
KAPPA_INLINE int CompareValues(Date a, Date b) { return CompareValues(a.days, b.days); }
KAPPA_INLINE int CompareValues(Time a, Time b) { return CompareValues(a.micros, b.micros); }
KAPPA_INLINE int CompareValues(Timestamp a, Timestamp b) { return CompareValues(a.micros, b.micros); }
KAPPA_INLINE int CompareValues(TimestampTz a, TimestampTz b) { return CompareValues(a.micros, b.micros); }
KAPPA_INLINE int CompareValues(const Interval& a, const Interval& b) {
  const __int128 x = IntervalOrder(a), y = IntervalOrder(b);
  return x < y ? -1 : x > y;
}
KAPPA_INLINE int CompareValues(const Uuid& a, const Uuid& b) {
  return a.high != b.high ? CompareValues(a.high, b.high) : CompareValues(a.low, b.low);
}

template <typename T>
KAPPA_INLINE bool ValuesEqual(const T& a, const T& b) {
  return CompareValues(a, b) == 0;
}
KAPPA_INLINE bool ValuesEqual(const Text& a, const Text& b) {
  uint64_t x, y;  // size and prefix
  std::memcpy(&x, &a, 8);
  std::memcpy(&y, &b, 8);
  return x == y && (a.size <= 4 || std::memcmp(a.data + 4, b.data + 4, a.size - 4) == 0);
}

// One form for all equal values.
KAPPA_INLINE double CanonicalFloat(double v) { return v == 0 ? 0.0 : v != v ? __builtin_nan("") : v; }
KAPPA_INLINE float CanonicalFloat(float v) { return v == 0 ? 0.0f : v != v ? __builtin_nanf("") : v; }

// Equal values hash alike.
template <PlainOrdered T>
KAPPA_INLINE uint64_t HashValue(T v) {
  return HashInt(static_cast<uint64_t>(static_cast<int64_t>(v)));
}
KAPPA_INLINE uint64_t HashValue(double v) { return HashInt(std::bit_cast<uint64_t>(CanonicalFloat(v))); }
KAPPA_INLINE uint64_t HashValue(float v) { return HashInt(std::bit_cast<uint32_t>(CanonicalFloat(v))); }
KAPPA_INLINE uint64_t HashValue(const Text& v) { return HashBytes(v.data, v.size); }
KAPPA_INLINE uint64_t HashValue(Date v) { return HashValue(v.days); }
KAPPA_INLINE uint64_t HashValue(Time v) { return HashValue(v.micros); }
KAPPA_INLINE uint64_t HashValue(Timestamp v) { return HashValue(v.micros); }
KAPPA_INLINE uint64_t HashValue(TimestampTz v) { return HashValue(v.micros); }
KAPPA_INLINE uint64_t HashValue(const Interval& v) {
  const __int128 order = IntervalOrder(v);
  return HashCombine(HashInt(static_cast<uint64_t>(order)), static_cast<uint64_t>(order >> 64));
}
KAPPA_INLINE uint64_t HashValue(const Uuid& v) { return HashCombine(HashInt(v.high), v.low); }
inline uint64_t HashValue(const Numeric& v) {
  const Numeric n = NumericNormalize(v);
  return HashCombine(HashCombine(HashInt(n.low), static_cast<uint64_t>(n.high)),
                     (static_cast<uint64_t>(n.scale) << 8) | static_cast<uint64_t>(n.kind));
}

}  // namespace kappa
