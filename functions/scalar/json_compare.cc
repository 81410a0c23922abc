// Comparison and containment of jsonb, and the existence of keys.
#include "functions/function.h"
#include "functions/scalar/json.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace json_compare {

bool Equal(CallContext&, Jsonb a, Jsonb b) { return JsonbEqual(JsonbView(a), JsonbView(b)); }
bool NotEqual(CallContext&, Jsonb a, Jsonb b) { return !JsonbEqual(JsonbView(a), JsonbView(b)); }
bool Less(CallContext&, Jsonb a, Jsonb b) { return CompareJsonb(JsonbView(a), JsonbView(b)) < 0; }
bool LessEqual(CallContext&, Jsonb a, Jsonb b) { return CompareJsonb(JsonbView(a), JsonbView(b)) <= 0; }
bool Greater(CallContext&, Jsonb a, Jsonb b) { return CompareJsonb(JsonbView(a), JsonbView(b)) > 0; }
bool GreaterEqual(CallContext&, Jsonb a, Jsonb b) { return CompareJsonb(JsonbView(a), JsonbView(b)) >= 0; }

bool HasElement(JsonbView array, JsonbView wanted);

// Both are containers, or both are not.
bool DeepContains(JsonbView value, JsonbView part) {
  if (value.is_object() && part.is_object()) {
    if (value.count() < part.count()) return false;
    for (uint32_t i = 0; i < part.count(); ++i) {
      JsonbView member;
      if (!value.Get(part.Key(i), &member)) return false;
      const JsonbView wanted = part.Value(i);
      if (member.is_container() != wanted.is_container()) return false;
      if (!(wanted.is_container() ? DeepContains(member, wanted) : JsonbEqual(member, wanted))) return false;
    }
    return true;
  }
  if (!value.is_array() || !part.is_array()) return false;
  for (uint32_t i = 0; i < part.count(); ++i) {
    if (!HasElement(value, part.Element(i))) return false;
  }
  return true;
}
bool HasElement(JsonbView array, JsonbView wanted) {
  for (uint32_t i = 0; i < array.count(); ++i) {
    const JsonbView element = array.Element(i);
    if (element.is_container() != wanted.is_container()) continue;
    if (wanted.is_container() ? DeepContains(element, wanted) : JsonbEqual(element, wanted)) return true;
  }
  return false;
}
// At the top an array contains a scalar that is its element.
bool Contains(CallContext&, Jsonb a, Jsonb b) {
  const JsonbView value(a), part(b);
  if (part.is_container()) return value.is_container() && DeepContains(value, part);
  return value.is_array() ? HasElement(value, part) : !value.is_container() && JsonbEqual(value, part);
}
bool ContainedBy(CallContext& c, Jsonb a, Jsonb b) { return Contains(c, b, a); }

// A key of an object, a string among the elements of an array, or the string itself.
bool HasKey(JsonbView value, std::string_view key) {
  if (value.is_object()) return value.Find(key) >= 0;
  if (!value.is_array()) return value.kind() == JsonKind::kString && value.text() == key;
  for (uint32_t i = 0; i < value.count(); ++i) {
    const JsonbView element = value.Element(i);
    if (element.kind() == JsonKind::kString && element.text() == key) return true;
  }
  return false;
}
bool Exists(CallContext&, Jsonb value, Text key) { return HasKey(JsonbView(value), key.view()); }
template <bool kAll>
bool ExistsKeys(CallContext&, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  const JsonbView value(ArgumentAs<Jsonb>(args[0]));
  const JsonPathSteps keys(args[1]);
  bool answer = kAll;
  for (size_t i = 0; i < keys.size() && answer == kAll; ++i) {
    if (!keys.IsNull(i)) answer = HasKey(value, keys[i]);
  }
  return Answer(answer, out);
}

}  // namespace json_compare

using namespace json_compare;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> JsonCompareFunctions() {
  constexpr TypeId kJsonb = TypeId::kJsonb, kBool = TypeId::kBool, kText = TypeId::kText, kKeys = TypeId::kAnyArray;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("JSON")); };
  add(Operator("=", {kJsonb, kJsonb}, kBool).Native<&Equal>().Doc("The same value; 1.0 equals 1.").Example("'[1.0]'::jsonb = '[1]'::jsonb", "t"));
  add(Operator("<>", {kJsonb, kJsonb}, kBool).Native<&NotEqual>().Doc("Another value.").Example("'[1]'::jsonb <> '[2]'::jsonb", "t"));
  add(Operator("<", {kJsonb, kJsonb}, kBool)
          .Native<&Less>()
          .Doc("Object > array > boolean > number > string > null; larger containers are greater.")
          .Example("'[1, 2]'::jsonb < '{}'::jsonb", "t"));
  add(Operator("<=", {kJsonb, kJsonb}, kBool).Native<&LessEqual>().Doc("See <.").Example("'1'::jsonb <= '1.0'::jsonb", "t"));
  add(Operator(">", {kJsonb, kJsonb}, kBool).Native<&Greater>().Doc("See <.").Example("'true'::jsonb > '5'::jsonb", "t"));
  add(Operator(">=", {kJsonb, kJsonb}, kBool).Native<&GreaterEqual>().Doc("See <.").Example("'\"a\"'::jsonb >= 'null'::jsonb", "t"));
  add(Operator("@>", {kJsonb, kJsonb}, kBool)
          .Native<&Contains>()
          .Doc("Does the first value contain the second: its members, and elements in any order and number?")
          .Example("'{\"a\": [1, 2], \"b\": 3}'::jsonb @> '{\"a\": [2]}'::jsonb", "t"));
  add(Operator("<@", {kJsonb, kJsonb}, kBool)
          .Native<&ContainedBy>()
          .Doc("Is the first value contained in the second?")
          .Example("'{\"a\": 1}'::jsonb <@ '{\"a\": 1, \"b\": 2}'::jsonb", "t"));
  add(Operator("?", {kJsonb, kText}, kBool)
          .Native<&Exists>()
          .Doc("Is the text a key of the object, or a string among the elements of the array?")
          .Example("'{\"a\": 1}'::jsonb ? 'a'", "t"));
  add(Operator("?|", {kJsonb, kKeys}, kBool)
          .Raw<&ExistsKeys<false>>()
          .TextArrays()
          .Doc("Is any of the texts a key or element?")
          .Example("'{\"a\": 1}'::jsonb ?| '{b,a}'", "t"));
  add(Operator("?&", {kJsonb, kKeys}, kBool)
          .Raw<&ExistsKeys<true>>()
          .TextArrays()
          .Doc("Are all of the texts keys or elements?")
          .Example("'{\"a\": 1}'::jsonb ?& '{b,a}'", "f"));
  return table;
}

}  // namespace kappa
