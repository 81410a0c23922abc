// The bytes of a key in state tables: equal values, and only those, have equal bytes. Not ordered (RowLayout::AppendSortKey is).
//
//   bool 1 byte | int2 2 | int4, date, float4 4 | int8, float8, time, timestamps 8 | uuid 16 | numeric 18: mantissa, scale, kind, without zeros at
//   the end of the fraction | interval 16: months of 30 days are folded into days, days of 24 hours stay out of micros' way | text, bytea: u32 size,
//   bytes
//
// A key read back is the canonical one of its equals: 0 for -0, 1.5 for 1.50, 30 days for 1 mon. All integers in the machine's order.
//   size_t KeySize(v)             bytes that PutKey will write
//   char* PutKey(out, v)          writes, answers the end
//   const char* GetKey(in, &v)    reads, answers the end; a text points into the key
#pragma once

#include <cstdint>
#include <cstring>

#include "common/runtime.h"
#include "types/compare.h"

namespace kappa {

namespace key_internal {
template <typename T>
KAPPA_INLINE char* Put(char* out, T value) {
  std::memcpy(out, &value, sizeof value);
  return out + sizeof value;
}
template <typename T>
KAPPA_INLINE const char* Get(const char* in, T* value) {
  std::memcpy(value, in, sizeof *value);
  return in + sizeof *value;
}
}  // namespace key_internal

template <PlainOrdered T>
KAPPA_INLINE size_t KeySize(T) {
  return sizeof(T);
}
template <PlainOrdered T>
KAPPA_INLINE char* PutKey(char* out, T v) {
  return key_internal::Put(out, v);
}
template <PlainOrdered T>
KAPPA_INLINE const char* GetKey(const char* in, T* v) {
  return key_internal::Get(in, v);
}

KAPPA_INLINE size_t KeySize(double) { return 8; }
KAPPA_INLINE char* PutKey(char* out, double v) { return key_internal::Put(out, CanonicalFloat(v)); }
KAPPA_INLINE const char* GetKey(const char* in, double* v) { return key_internal::Get(in, v); }
KAPPA_INLINE size_t KeySize(float) { return 4; }
KAPPA_INLINE char* PutKey(char* out, float v) { return key_internal::Put(out, CanonicalFloat(v)); }
KAPPA_INLINE const char* GetKey(const char* in, float* v) { return key_internal::Get(in, v); }

#define KAPPA_PLAIN_KEY(TYPE)                                                        \
  KAPPA_INLINE size_t KeySize(TYPE) { return sizeof(TYPE); }                         \
  KAPPA_INLINE char* PutKey(char* out, TYPE v) { return key_internal::Put(out, v); } \
  KAPPA_INLINE const char* GetKey(const char* in, TYPE* v) { return key_internal::Get(in, v); }
KAPPA_PLAIN_KEY(Date)
KAPPA_PLAIN_KEY(Time)
KAPPA_PLAIN_KEY(Timestamp)
KAPPA_PLAIN_KEY(TimestampTz)
KAPPA_PLAIN_KEY(Uuid)
#undef KAPPA_PLAIN_KEY

KAPPA_INLINE size_t KeySize(const Text& v) { return 4 + v.size; }
KAPPA_INLINE char* PutKey(char* out, const Text& v) {
  out = key_internal::Put(out, v.size);
  if (v.size != 0) std::memcpy(out, v.data, v.size);
  return out + v.size;
}
KAPPA_INLINE const char* GetKey(const char* in, Text* v) {
  uint32_t size;
  in = key_internal::Get(in, &size);
  *v = Text(in, size);
  return in + size;
}

KAPPA_INLINE size_t KeySize(const Numeric&) { return 18; }
KAPPA_INLINE char* PutKey(char* out, const Numeric& v) {
  const Numeric n = NumericNormalize(v);
  out = key_internal::Put(key_internal::Put(out, n.low), n.high);
  *out++ = static_cast<char>(n.scale);
  *out++ = static_cast<char>(n.kind);
  return out;
}
KAPPA_INLINE const char* GetKey(const char* in, Numeric* v) {
  in = key_internal::Get(key_internal::Get(in, &v->low), &v->high);
  v->scale = in[0];
  v->kind = in[1];
  return in + 2;
}

// Intervals of the same order (IntervalOrder) become the same days and micros; days too many for 32 bits stay in micros.
inline Interval CanonicalInterval(const Interval& v) {
  const int64_t days = int64_t{v.months} * 30 + v.days + v.micros / kMicrosPerDay;
  int64_t rest = v.micros % kMicrosPerDay, whole = days;
  if (rest < 0 && whole > 0) {
    --whole;
    rest += kMicrosPerDay;
  } else if (rest > 0 && whole < 0) {
    ++whole;
    rest -= kMicrosPerDay;
  }
  Interval result;
  const int64_t kept = whole > INT32_MAX ? INT32_MAX : whole < INT32_MIN ? INT32_MIN : whole;
  result.days = static_cast<int32_t>(kept);
  const int64_t over = whole - kept;  // more than 5.8 million years: as months of 30 days
  result.months = static_cast<int32_t>(over / 30);
  result.micros = rest + over % 30 * kMicrosPerDay;
  return result;
}
KAPPA_INLINE size_t KeySize(const Interval&) { return 16; }
KAPPA_INLINE char* PutKey(char* out, const Interval& v) { return key_internal::Put(out, CanonicalInterval(v)); }
KAPPA_INLINE const char* GetKey(const char* in, Interval* v) { return key_internal::Get(in, v); }

}  // namespace kappa
