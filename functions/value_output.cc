#include "functions/value_output.h"

#include <cstring>

#include "types/array_value.h"
#include "types/numeric.h"
#include "types/text_format.h"

namespace kappa {
namespace {

template <typename T>
T Load(const char* slot) {
  T value;
  std::memcpy(&value, slot, sizeof value);
  return value;
}

}  // namespace

Text OutputText(CallContext& c, const AnyValue& value) {
  char* text = nullptr;
  auto done = [&](const char* end) { return Text(text, static_cast<size_t>(end - text)); };
  switch (value.type->type.id()) {
    case TypeId::kText:
    case TypeId::kUnknown:
      return Load<Text>(value.slot);
    case TypeId::kBool:
      return *value.slot != 0 ? Text("t", 1) : Text("f", 1);
    case TypeId::kInt2:
      text = c.Allocate(24);
      return done(FormatInt(Load<int16_t>(value.slot), text));
    case TypeId::kInt4:
      text = c.Allocate(24);
      return done(FormatInt(Load<int32_t>(value.slot), text));
    case TypeId::kInt8:
      text = c.Allocate(24);
      return done(FormatInt(Load<int64_t>(value.slot), text));
    case TypeId::kFloat8:
      text = c.Allocate(32);
      return done(FormatFloat8(Load<double>(value.slot), text));
    case TypeId::kNumeric:
      text = c.Allocate(kMaxNumericText);
      return done(FormatNumeric(Load<Numeric>(value.slot), text));
    default:
      break;
  }
  return AnyText(value, &c.scratch);
}

}  // namespace kappa
