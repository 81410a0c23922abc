#include "types/sort_key.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "types/datetime.h"
#include "types/jsonb.h"
#include "types/numeric.h"
#include "types/values.h"

namespace kappa {

namespace {

template <typename T>
T Read(const char* slot) {
  T value;
  std::memcpy(&value, slot, sizeof value);
  return value;
}

void AppendBigEndian(uint64_t value, int bytes, std::string* out) {
  for (int i = bytes - 1; i >= 0; --i) out->push_back(static_cast<char>(value >> (8 * i)));
}

// Signed integers: the sign bit turned over.
void AppendSigned(int64_t value, int bytes, std::string* out) {
  AppendBigEndian(static_cast<uint64_t>(value) ^ (uint64_t{1} << (8 * bytes - 1)), bytes, out);
}

// IEEE 754 order: negative values with all bits turned over. NaN last. -0 right before 0.
void AppendFloat(double value, std::string* out) {
  uint64_t bits = std::bit_cast<uint64_t>(std::isnan(value) ? __builtin_nan("") : value);
  bits = (bits >> 63) != 0 && !std::isnan(value) ? ~bits : bits | (uint64_t{1} << 63);
  AppendBigEndian(bits, 8, out);
}

void AppendBytes(const Text& text, std::string* out) {
  for (char c : text.view()) {
    out->push_back(c);
    if (c == '\0') out->push_back('\xFF');
  }
  out->append(2, '\0');
}

// class | exponent | 38 digits as an integer | scale, the middle two turned over for negative numbers.
void AppendNumeric(const Numeric& n, std::string* out) {
  const UInt128 magnitude = Magnitude(n.mantissa());
  const bool negative = n.high < 0;
  if (n.kind != Numeric::kFinite) {
    out->push_back(n.kind == Numeric::kMinusInfinity ? '\0' : n.kind == Numeric::kInfinity ? '\4' : '\5');
    return;
  }
  out->push_back(magnitude == 0 ? '\2' : negative ? '\1' : '\3');
  if (magnitude != 0) {
    const int digits = CountDigits(magnitude);
    const UInt128 shifted = magnitude * PowerOfTen(kMaxNumericDigits - digits);
    const uint64_t turn = negative ? ~uint64_t{0} : 0;
    AppendBigEndian(static_cast<uint64_t>(digits - n.scale + 64) ^ turn, 1, out);
    AppendBigEndian(static_cast<uint64_t>(shifted >> 64) ^ turn, 8, out);
    AppendBigEndian(static_cast<uint64_t>(shifted) ^ turn, 8, out);
  }
  out->push_back(static_cast<char>(n.scale));
}

void AppendInterval(const Interval& interval, std::string* out) {
  const __int128 order = IntervalOrder(interval);
  AppendSigned(static_cast<int64_t>(order >> 64), 8, out);
  AppendBigEndian(static_cast<uint64_t>(order), 8, out);
  AppendSigned(interval.months, 4, out);
  AppendSigned(interval.days, 4, out);
}

}  // namespace

void AppendValueSortKey(TypeId type, const char* slot, std::string* out) {
  switch (type) {
    case TypeId::kBool:
      out->push_back(*slot);
      return;
    case TypeId::kInt2:
      AppendSigned(Read<int16_t>(slot), 2, out);
      return;
    case TypeId::kInt4:
    case TypeId::kDate:
      AppendSigned(Read<int32_t>(slot), 4, out);
      return;
    case TypeId::kInt8:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      AppendSigned(Read<int64_t>(slot), 8, out);
      return;
    case TypeId::kFloat4:
      AppendFloat(static_cast<double>(Read<float>(slot)), out);
      return;
    case TypeId::kFloat8:
      AppendFloat(Read<double>(slot), out);
      return;
    case TypeId::kNumeric:
      AppendNumeric(Read<Numeric>(slot), out);
      return;
    case TypeId::kInterval:
      AppendInterval(Read<Interval>(slot), out);
      return;
    case TypeId::kUuid:
      AppendBigEndian(Read<Uuid>(slot).high, 8, out);
      AppendBigEndian(Read<Uuid>(slot).low, 8, out);
      return;
    case TypeId::kJsonb:
      return AppendJsonbSortKey(JsonbView(Read<Jsonb>(slot)), out);
    case TypeId::kText:
    case TypeId::kBytea:
    case TypeId::kJson:
    case TypeId::kUnknown:
      AppendBytes(Read<Text>(slot), out);
      return;
    case TypeId::kArray:
    case TypeId::kStruct:
    case TypeId::kAny:
    case TypeId::kAnyElement:
    case TypeId::kAnyArray:
      return;
  }
}

}  // namespace kappa
