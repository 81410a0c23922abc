#include "types/value_text.h"

#include <cstring>

#include "types/datetime.h"
#include "types/jsonb.h"
#include "types/numeric.h"
#include "types/text_format.h"
#include "types/uuid.h"

namespace kappa {

namespace {

template <typename T>
T Read(const char* slot) {
  T value;
  std::memcpy(&value, slot, sizeof value);
  return value;
}

}  // namespace

char* FormatPlainValue(TypeId type, const char* slot, char* out) {
  static_assert(kMaxPlainText >= kMaxIntervalText && kMaxPlainText >= kMaxNumericText);
  switch (type) {
    case TypeId::kBool:
      *out = *slot != 0 ? 't' : 'f';
      return out + 1;
    case TypeId::kInt2:
      return FormatInt(Read<int16_t>(slot), out);
    case TypeId::kInt4:
      return FormatInt(Read<int32_t>(slot), out);
    case TypeId::kInt8:
      return FormatInt(Read<int64_t>(slot), out);
    case TypeId::kFloat4:
      return FormatFloat4(Read<float>(slot), out);
    case TypeId::kFloat8:
      return FormatFloat8(Read<double>(slot), out);
    case TypeId::kNumeric:
      return FormatNumeric(Read<Numeric>(slot), out);
    case TypeId::kDate:
      return FormatDate(Read<Date>(slot), out);
    case TypeId::kTime:
      return FormatTime(Read<Time>(slot), out);
    case TypeId::kTimestamp:
      return FormatTimestamp(Read<Timestamp>(slot), out);
    case TypeId::kTimestampTz:
      return FormatTimestampTz(Read<TimestampTz>(slot), out);
    case TypeId::kInterval:
      return FormatInterval(Read<Interval>(slot), out);
    case TypeId::kUuid:
      return FormatUuid(Read<Uuid>(slot), out);
    case TypeId::kBytea:
    case TypeId::kText:
    case TypeId::kJsonb:
    case TypeId::kJson:
    case TypeId::kUnknown:
    case TypeId::kArray:
    case TypeId::kStruct:
    case TypeId::kAny:
    case TypeId::kAnyElement:
    case TypeId::kAnyArray:
      break;
  }
  return out;
}

void AppendValueText(TypeId type, const char* slot, std::string* out) {
  switch (type) {
    case TypeId::kBytea: {
      const auto bytes = Read<Text>(slot);
      const size_t begin = out->size();
      out->resize(begin + 2 + 2 * size_t{bytes.size});
      FormatBytea(bytes.view(), out->data() + begin);
      return;
    }
    case TypeId::kJsonb:
      return AppendJsonbText(JsonbView(Read<Jsonb>(slot)), out);
    case TypeId::kText:
    case TypeId::kJson:
    case TypeId::kUnknown:
      out->append(Read<Text>(slot).view());
      return;
    default: {
      char buffer[kMaxPlainText];
      out->append(buffer, static_cast<size_t>(FormatPlainValue(type, slot, buffer) - buffer));
    }
  }
}

}  // namespace kappa
