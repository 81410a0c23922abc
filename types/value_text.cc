#include "types/value_text.h"

#include <cstring>

#include "types/datetime.h"
#include "types/numeric.h"
#include "types/text_format.h"

namespace kappa {

namespace {

template <typename T>
T Read(const char* slot) {
  T value;
  std::memcpy(&value, slot, sizeof value);
  return value;
}

void AppendUuid(const Uuid& uuid, std::string* out) {
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out->push_back('-');
    const uint64_t half = i < 16 ? uuid.high : uuid.low;
    out->push_back("0123456789abcdef"[(half >> (60 - 4 * (i % 16))) & 15]);
  }
}

}  // namespace

void AppendValueText(TypeId type, const char* slot, std::string* out) {
  char buffer[kMaxIntervalText];
  char* end = buffer;
  switch (type) {
    case TypeId::kBool:
      out->push_back(*slot != 0 ? 't' : 'f');
      return;
    case TypeId::kInt2:
      end = FormatInt(Read<int16_t>(slot), buffer);
      break;
    case TypeId::kInt4:
      end = FormatInt(Read<int32_t>(slot), buffer);
      break;
    case TypeId::kInt8:
      end = FormatInt(Read<int64_t>(slot), buffer);
      break;
    case TypeId::kFloat4:
      end = FormatFloat4(Read<float>(slot), buffer);
      break;
    case TypeId::kFloat8:
      end = FormatFloat8(Read<double>(slot), buffer);
      break;
    case TypeId::kNumeric:
      end = FormatNumeric(Read<Numeric>(slot), buffer);
      break;
    case TypeId::kDate:
      end = FormatDate(Read<Date>(slot), buffer);
      break;
    case TypeId::kTime:
      end = FormatTime(Read<Time>(slot), buffer);
      break;
    case TypeId::kTimestamp:
      end = FormatTimestamp(Read<Timestamp>(slot), buffer);
      break;
    case TypeId::kTimestampTz:
      end = FormatTimestampTz(Read<TimestampTz>(slot), buffer);
      break;
    case TypeId::kInterval:
      end = FormatInterval(Read<Interval>(slot), buffer);
      break;
    case TypeId::kUuid:
      AppendUuid(Read<Uuid>(slot), out);
      return;
    case TypeId::kBytea: {
      const auto bytes = Read<Text>(slot);
      const size_t begin = out->size();
      out->resize(begin + 2 + 2 * size_t{bytes.size});
      FormatBytea(bytes.view(), out->data() + begin);
      return;
    }
    case TypeId::kText:
    case TypeId::kJsonb:
    case TypeId::kJson:
    case TypeId::kUnknown:
      out->append(Read<Text>(slot).view());
      return;
    case TypeId::kArray:
    case TypeId::kStruct:
    case TypeId::kAny:
    case TypeId::kAnyElement:
    case TypeId::kAnyArray:
      return;
  }
  out->append(buffer, static_cast<size_t>(end - buffer));
}

void AppendStructField(std::string_view field, std::string* out) {
  bool quote = field.empty();
  for (char c : field) quote = quote || c == '"' || c == '\\' || c == '(' || c == ')' || c == ',' || IsSpace(c);
  if (!quote) {
    out->append(field);
    return;
  }
  out->push_back('"');
  for (char c : field) {
    if (c == '"' || c == '\\') out->push_back(c);
    out->push_back(c);
  }
  out->push_back('"');
}

}  // namespace kappa
