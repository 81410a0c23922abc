// Casts of json and jsonb: from and to text, each other, and of jsonb scalars to SQL's.
#include <cstring>

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/json.h"
#include "functions/scalar/type_of.h"
#include "functions/tables.h"
#include "types/numeric.h"
#include "types/text_format.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace json_cast {

bool TextToJsonb(CallContext& c, Text text, Jsonb* out) {
  JsonProblem problem;
  return ParseJsonb(text.view(), &c.scratch, out, &problem) || FailJson(c, problem);
}
bool JsonToJsonb(CallContext& c, JsonText text, Jsonb* out) {
  JsonProblem problem;
  return ParseJsonb(text.view(), &c.scratch, out, &problem) || FailJson(c, problem);
}
bool TextToJson(CallContext& c, Text text, JsonText* out) {
  JsonProblem problem;
  if (!CheckJson(text.view(), &problem)) return FailJson(c, problem);
  *out = JsonText(text.data, text.size);
  return true;
}
Text JsonToText(CallContext&, JsonText value) { return value; }
Text JsonbToText(CallContext& c, Jsonb value) {
  const size_t size = JsonbTextSize(JsonbView(value));
  char* text = c.Allocate(size);
  FormatJsonb(JsonbView(value), text);
  return Text(text, size);
}
JsonText JsonbToJson(CallContext& c, Jsonb value) {
  const Text text = JsonbToText(c, value);
  return JsonText(text.data, text.size);
}

Text Joined(CallContext& c, const Text& a, const Text& b) {
  char* bytes = c.Allocate(size_t{a.size} + b.size);
  if (a.size != 0) std::memcpy(bytes, a.data, a.size);
  if (b.size != 0) std::memcpy(bytes + a.size, b.data, b.size);
  return Text(bytes, size_t{a.size} + b.size);
}
Text TextThenJsonb(CallContext& c, Text a, Jsonb b) { return Joined(c, a, JsonbToText(c, b)); }
Text JsonbThenText(CallContext& c, Jsonb a, Text b) { return Joined(c, JsonbToText(c, a), b); }
Text TextThenJson(CallContext& c, Text a, JsonText b) { return Joined(c, a, b); }
Text JsonThenText(CallContext& c, JsonText a, Text b) { return Joined(c, a, b); }

template <typename To>
KAPPA_COLD bool FailScalar(CallContext& c, JsonbView value) {
  static constexpr const char* kKinds[] = {"null", "string", "numeric", "boolean", "array", "object"};
  int kind = 0;
  switch (value.kind()) {
    case JsonKind::kNull:
      break;
    case JsonKind::kString:
      kind = 1;
      break;
    case JsonKind::kNumber:
      kind = 2;
      break;
    case JsonKind::kTrue:
    case JsonKind::kFalse:
      kind = 3;
      break;
    case JsonKind::kArray:
      kind = 4;
      break;
    case JsonKind::kObject:
      kind = 5;
      break;
  }
  std::string message = std::string("cannot cast jsonb ") + kKinds[kind] + " to type " + Type(kTypeOf<To>).ToString();
  return c.Fail(sqlstate::kInvalidParameterValue, message.c_str());
}

// Half away from zero, as numeric rounds.
template <typename Int>
bool RoundToInt(CallContext& c, std::string_view text, Int* out) {
  const bool negative = text[0] == '-';
  int64_t value = 0;
  size_t at = negative ? 1 : 0;
  bool fits = true;
  for (; at < text.size() && text[at] != '.'; ++at) {
    fits =
        fits && !__builtin_mul_overflow(value, 10, &value) && !__builtin_sub_overflow(value, text[at] - '0', &value);  // below zero: INT64_MIN fits
  }
  if (at + 1 < text.size() && text[at + 1] >= '5') fits = fits && !__builtin_sub_overflow(value, 1, &value);
  if (!negative) fits = fits && !__builtin_sub_overflow(0, value, &value);
  *out = static_cast<Int>(value);
  return KAPPA_LIKELY(fits && *out == value) || FailInt<Int>(c);
}

template <typename To>
bool FromNumber(CallContext& c, std::string_view text, To* out) {
  ParseStatus status;
  if constexpr (std::is_same_v<To, double>)
    status = ParseFloat8(text, out);
  else if constexpr (std::is_same_v<To, float>)
    status = ParseFloat4(text, out);
  else if constexpr (std::is_same_v<To, Numeric>)
    status = ParseNumeric(text, out);
  else
    return RoundToInt(c, text, out);
  return KAPPA_LIKELY(status == ParseStatus::kOk) || FailParse(c, kTypeOf<To>, status, Text(text));
}

template <typename To>
bool JsonbTo(CallContext& c, Jsonb value, To* out) {
  const JsonbView view(value);
  if constexpr (std::is_same_v<To, bool>) {
    *out = view.kind() == JsonKind::kTrue;
    return KAPPA_LIKELY(view.is_bool()) || FailScalar<To>(c, view);
  } else {
    return KAPPA_LIKELY(view.kind() == JsonKind::kNumber) ? FromNumber(c, view.text(), out) : FailScalar<To>(c, view);
  }
}

}  // namespace json_cast

using namespace json_cast;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> JsonCastFunctions() {
  constexpr TypeId kJsonb = TypeId::kJsonb, kJson = TypeId::kJson, kText = TypeId::kText;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("JSON")); };
  add(Cast(kText, kJsonb).Native<&TextToJsonb>().Doc("Reads JSON.").Example("CAST('{\"b\":1,\"a\":2}'::text AS jsonb)", "{\"a\": 2, \"b\": 1}"));
  add(Cast(kText, kJson).Native<&TextToJson>().Doc("Checks JSON and keeps the text.").Example("CAST('[1,2]'::text AS json)", "[1,2]"));
  add(Cast(kJson, kText).Assignment().Native<&JsonToText>().Doc("The text as it was given."));
  add(Cast(kJsonb, kText).Assignment().Native<&json_cast::JsonbToText>().Doc("The value's text."));
  add(Cast(kJson, kJsonb).Assignment().Native<&JsonToJsonb>().Doc("Reads JSON."));
  add(Cast(kJsonb, kJson).Assignment().Native<&JsonbToJson>().Doc("The value's text."));
  add(Cast(kJsonb, TypeId::kBool).Native<&JsonbTo<bool>>().Doc("true or false.").Example("'true'::jsonb::bool", "t"));
  add(Cast(kJsonb, TypeId::kInt2).Native<&JsonbTo<int16_t>>().Doc("A number, rounded."));
  add(Cast(kJsonb, TypeId::kInt4).Native<&JsonbTo<int32_t>>().Doc("A number, rounded.").Example("'5.5'::jsonb::int", "6"));
  add(Cast(kJsonb, TypeId::kInt8).Native<&JsonbTo<int64_t>>().Doc("A number, rounded."));
  add(Cast(kJsonb, TypeId::kFloat4).Native<&JsonbTo<float>>().Doc("A number."));
  add(Cast(kJsonb, TypeId::kFloat8).Native<&JsonbTo<double>>().Doc("A number."));
  add(Cast(kJsonb, TypeId::kNumeric).Native<&JsonbTo<Numeric>>().Doc("A number.").Example("'1.50'::jsonb::numeric", "1.50"));
  add(Operator("||", {kText, kJsonb}, kText).Native<&TextThenJsonb>().Doc("The text, then the value's text."));
  add(Operator("||", {kJsonb, kText}, kText).Native<&JsonbThenText>().Doc("The value's text, then the text."));
  add(Operator("||", {kText, kJson}, kText).Native<&TextThenJson>().Doc("The text, then the value's text."));
  add(Operator("||", {kJson, kText}, kText).Native<&JsonThenText>().Doc("The value's text, then the text."));
  return table;
}

}  // namespace kappa
