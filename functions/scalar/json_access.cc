// Taking values out of json and jsonb: -> ->> #> #>>, lengths and types. Of a jsonb nothing is copied but containers that become text.
#include <cstring>

#include "functions/function.h"
#include "functions/scalar/json.h"
#include "functions/scalar/text_search.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace json_access {

// ---- jsonb

KAPPA_COLD JsonbView MemberOfMany(Jsonb value, Text key) {  // empty: it has none
  JsonbView found;
  JsonbView(value).Get(key.view(), &found);
  return found;
}

// A member, small objects read from the front: their keys' lengths tell most of them apart, and it is small enough to be inlined.
KAPPA_INLINE bool MemberOf(const Jsonb& value, const Text& key, JsonbView* out) {
  if (KAPPA_UNLIKELY(value.size == 0 || value.data[0] != static_cast<char>(JsonKind::kObject))) return false;
  const auto load = [](const char* at) {
    uint32_t word;
    std::memcpy(&word, at, sizeof word);
    return word;
  };
  const char* const ends = value.data + 5;
  const uint32_t count = load(value.data + 1);
  if (KAPPA_UNLIKELY(count > 16)) {
    *out = MemberOfMany(value, key);
    return !out->bytes().empty();
  }
  const char* const keys = ends + size_t{8} * count;
  for (uint32_t i = 0, begin = 0; i < count; ++i) {
    const uint32_t end = load(ends + 4 * i);
    if (end - begin == key.size && SameBytes(keys + begin, key.data, key.size)) {
      const uint32_t from = load(ends + 4 * (count + i) - 4), to = load(ends + 4 * (count + i));  // the first value begins where the last key ends
      *out = JsonbView(std::string_view(keys + from, to - from));
      return true;
    }
    begin = end;
  }
  return false;
}

KAPPA_INLINE Nullable<Jsonb> JsonbField(CallContext&, Jsonb value, Text key) {
  JsonbView found;
  if (!MemberOf(value, key, &found)) return {};
  return found.value();
}
KAPPA_COLD Nullable<Text> ContainerTextOf(CallContext& c, JsonbView value) {
  if (value.kind() == JsonKind::kNull) return {};
  return JsonbToText(value, &c.scratch);
}
KAPPA_INLINE Nullable<Text> TextOf(CallContext& c, JsonbView value) {
  const JsonKind kind = value.kind();
  if (KAPPA_LIKELY(kind == JsonKind::kString || kind == JsonKind::kNumber)) return Text(value.text());
  return ContainerTextOf(c, value);
}
KAPPA_INLINE Nullable<Text> JsonbFieldText(CallContext& c, Jsonb value, Text key) {
  JsonbView found;
  if (!MemberOf(value, key, &found)) return {};
  return TextOf(c, found);
}

// A scalar is, for PostgreSQL, an array of one.
KAPPA_INLINE bool ElementOf(JsonbView value, int64_t index, JsonbView* out) {
  if (KAPPA_LIKELY(value.is_container())) return value.Get(index, out);
  *out = value;
  return index == 0 || index == -1;
}
Nullable<Jsonb> JsonbElement(CallContext&, Jsonb value, int32_t index) {
  JsonbView found;
  if (!ElementOf(JsonbView(value), index, &found)) return {};
  return found.value();
}
Nullable<Text> JsonbElementText(CallContext& c, Jsonb value, int32_t index) {
  JsonbView found;
  if (!ElementOf(JsonbView(value), index, &found)) return {};
  return TextOf(c, found);
}

bool Follow(JsonbView value, const JsonPathSteps& path, JsonbView* out) {
  for (size_t i = 0; i < path.size(); ++i) {
    int64_t index;
    if (value.is_object() ? !value.Get(path[i], &value) : !(ParsePathIndex(path[i], &index) && value.Get(index, &value))) return false;
  }
  *out = value;
  return true;
}
bool AnswerPath(CallContext& c, const AnyValue& value, const JsonPathSteps& path, bool as_text, void* out, bool* out_null) {
  JsonbView found;
  *out_null = path.AnyNull() || !Follow(JsonbView(ArgumentAs<Jsonb>(value)), path, &found);
  if (*out_null) return true;
  if (!as_text) return Answer(found.value(), out);
  const Nullable<Text> text = TextOf(c, found);
  *out_null = text.null;
  return Answer(text.value, out);
}
template <bool kText>
bool JsonbPath(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool* out_null) {
  return AnswerPath(c, args[0], JsonPathSteps(args[1]), kText, out, out_null);
}
template <bool kText>
bool JsonbExtract(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool* out_null) {
  return AnswerPath(c, args[0], JsonPathSteps(args + 1, count - 1), kText, out, out_null);
}

bool JsonbLength(CallContext& c, Jsonb value, int32_t* out) {
  const JsonbView view(value);
  if (!view.is_container()) return c.Fail(sqlstate::kInvalidParameterValue, "cannot get array length of a scalar");
  if (!view.is_array()) return c.Fail(sqlstate::kInvalidParameterValue, "cannot get array length of a non-array");
  *out = static_cast<int32_t>(view.count());
  return true;
}

Text KindName(JsonKind kind) {
  switch (kind) {
    case JsonKind::kNull:
      return Text("null", 4);
    case JsonKind::kTrue:
    case JsonKind::kFalse:
      return Text("boolean", 7);
    case JsonKind::kString:
      return Text("string", 6);
    case JsonKind::kNumber:
      return Text("number", 6);
    case JsonKind::kArray:
      return Text("array", 5);
    case JsonKind::kObject:
      break;
  }
  return Text("object", 6);
}
Text JsonbTypeName(CallContext&, Jsonb value) { return KindName(JsonbView(value).kind()); }

// ---- json: the text is walked; of equal names the last one counts

bool KeyIs(CallContext& c, const JsonTextView& key, std::string_view wanted, bool* same) {
  const std::string_view body = key.text().substr(1, key.text().size() - 2);
  *same = body == wanted;
  if (*same || body.find('\\') == std::string_view::npos) return true;
  JsonProblem problem;
  std::string_view text;
  if (!key.String(&c.scratch, &text, &problem)) return FailJson(c, problem);
  *same = text == wanted;
  return true;
}
bool FindMember(CallContext& c, const JsonTextView& value, std::string_view key, JsonTextView* out, bool* found) {
  *found = false;
  if (!value.is_object()) return true;
  for (JsonTextWalk walk(value); walk.Next();) {
    bool same;
    if (!KeyIs(c, walk.key(), key, &same)) return false;
    if (!same) continue;
    *out = walk.value();
    *found = true;
  }
  return true;
}
bool FindElement(const JsonTextView& value, int64_t index, JsonTextView* out) {
  if (!value.is_array()) return false;
  if (index < 0) index += value.Count();
  if (index < 0) return false;
  for (JsonTextWalk walk(value); walk.Next();) {
    if (index-- > 0) continue;
    *out = walk.value();
    return true;
  }
  return false;
}
// Escapes are read all over the text, as PostgreSQL does: one that is no character fails whatever is looked for.
bool CheckStrings(CallContext& c, const JsonText& value) {
  JsonProblem problem;
  return CheckJsonStrings(value.view(), &problem) || FailJson(c, problem);
}

bool TextOf(CallContext& c, const JsonTextView& value, Nullable<Text>* out) {
  if (value.kind() == JsonKind::kNull) return true;
  std::string_view text = value.text();
  JsonProblem problem;
  if (value.kind() == JsonKind::kString && !value.String(&c.scratch, &text, &problem)) return FailJson(c, problem);
  *out = Text(text);
  return true;
}
bool ValueOf(CallContext&, const JsonTextView& value, Nullable<JsonText>* out) {
  *out = JsonText(value.text().data(), value.text().size());
  return true;
}

template <typename R>
bool JsonField(CallContext& c, JsonText value, Text key, Nullable<R>* out) {
  if (!CheckStrings(c, value)) return false;
  JsonTextView member;
  bool found;
  if (!FindMember(c, JsonTextView(value.view()), key.view(), &member, &found)) return false;
  if (!found) return true;
  if constexpr (std::is_same_v<R, Text>)
    return TextOf(c, member, out);
  else
    return ValueOf(c, member, out);
}
template <typename R>
bool JsonElement(CallContext& c, JsonText value, int32_t index, Nullable<R>* out) {
  if (!CheckStrings(c, value)) return false;
  JsonTextView element;
  if (!FindElement(JsonTextView(value.view()), index, &element)) return true;
  if constexpr (std::is_same_v<R, Text>)
    return TextOf(c, element, out);
  else
    return ValueOf(c, element, out);
}

bool AnswerTextPath(CallContext& c, const AnyValue& value, const JsonPathSteps& path, bool as_text, void* out, bool* out_null) {
  const auto json = ArgumentAs<JsonText>(value);
  *out_null = true;
  if (path.AnyNull()) return true;
  if (!CheckStrings(c, json)) return false;
  JsonTextView at(json.view());
  for (size_t i = 0; i < path.size(); ++i) {
    int64_t index;
    bool found = false;
    if (at.is_object()) {
      if (!FindMember(c, at, path[i], &at, &found)) return false;
    } else {
      found = ParsePathIndex(path[i], &index) && FindElement(at, index, &at);
    }
    if (!found) return true;
  }
  if (as_text) {
    Nullable<Text> text;
    if (!TextOf(c, at, &text)) return false;
    *out_null = text.null;
    return Answer(text.value, out);
  }
  *out_null = false;
  return Answer(JsonText(at.text().data(), at.text().size()), out);
}
template <bool kText>
bool JsonPath(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool* out_null) {
  return AnswerTextPath(c, args[0], JsonPathSteps(args[1]), kText, out, out_null);
}
template <bool kText>
bool JsonExtract(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool* out_null) {
  return AnswerTextPath(c, args[0], JsonPathSteps(args + 1, count - 1), kText, out, out_null);
}

bool JsonLength(CallContext& c, JsonText value, int32_t* out) {
  const JsonTextView view(value.view());
  if (view.is_object()) return c.Fail(sqlstate::kInvalidParameterValue, "cannot get array length of a non-array");
  if (!view.is_array()) return c.Fail(sqlstate::kInvalidParameterValue, "cannot get array length of a scalar");
  *out = static_cast<int32_t>(view.Count());
  return true;
}
Text JsonTypeName(CallContext&, JsonText value) { return KindName(JsonTextView(value.view()).kind()); }

}  // namespace json_access

using namespace json_access;  // NOLINT: of this file only

namespace {

using Rows = std::vector<FunctionEntry>;
constexpr TypeId kText = TypeId::kText, kInt4 = TypeId::kInt4, kJson = TypeId::kJson, kJsonb = TypeId::kJsonb, kPath = TypeId::kAnyArray;

KAPPA_HOST_ONLY void AddOperators(Rows* table) {
  auto add = [&](FunctionBuilder row) { table->push_back(row.Category("JSON")); };
  add(Operator("->", {kJsonb, kText}, kJsonb)
          .Native<&JsonbField>()
          .Doc("The object's member of that name; NULL when there is none.")
          .Example("'{\"a\": {\"b\": 1}}'::jsonb -> 'a'", "{\"b\": 1}"));
  add(Operator("->", {kJsonb, kInt4}, kJsonb)
          .Native<&JsonbElement>()
          .Doc("The array's element, counted from 0, or from the end when negative.")
          .Example("'[1, 2, 3]'::jsonb -> -1", "3"));
  add(Operator("->>", {kJsonb, kText}, kText)
          .Native<&JsonbFieldText>()
          .Doc("The object's member of that name as text: a string without its quotes, NULL for null.")
          .Example("'{\"a\": \"x\"}'::jsonb ->> 'a'", "x"));
  add(Operator("->>", {kJsonb, kInt4}, kText)
          .Native<&JsonbElementText>()
          .Doc("The array's element as text.")
          .Example("'[1, \"b\"]'::jsonb ->> 1", "b"));
  add(Operator("#>", {kJsonb, kPath}, kJsonb)
          .Raw<&JsonbPath<false>>()
          .TextArrays()
          .Doc("The value at a path of names and indexes.")
          .Example("'{\"a\": [1, {\"b\": 2}]}'::jsonb #> '{a,1,b}'", "2"));
  add(Operator("#>>", {kJsonb, kPath}, kText)
          .Raw<&JsonbPath<true>>()
          .TextArrays()
          .Doc("The value at a path as text.")
          .Example("'{\"a\": [\"x\"]}'::jsonb #>> '{a,0}'", "x"));
  add(Operator("->", {kJson, kText}, kJson)
          .Native<&JsonField<JsonText>>()
          .Doc("The object's member of that name, as it was written; of several the last.")
          .Example("'{\"a\": {\"b\":1}}'::json -> 'a'", "{\"b\":1}"));
  add(Operator("->", {kJson, kInt4}, kJson)
          .Native<&JsonElement<JsonText>>()
          .Doc("The array's element, counted from 0, or from the end when negative.")
          .Example("'[1, 2, 3]'::json -> 0", "1"));
  add(Operator("->>", {kJson, kText}, kText)
          .Native<&JsonField<Text>>()
          .Doc("The object's member of that name as text: a string without its quotes, NULL for null.")
          .Example("'{\"a\": \"x\"}'::json ->> 'a'", "x"));
  add(Operator("->>", {kJson, kInt4}, kText)
          .Native<&JsonElement<Text>>()
          .Doc("The array's element as text.")
          .Example("'[1, \"b\"]'::json ->> 1", "b"));
  add(Operator("#>", {kJson, kPath}, kJson)
          .Raw<&JsonPath<false>>()
          .TextArrays()
          .Doc("The value at a path of names and indexes.")
          .Example("'{\"a\": [1, {\"b\": 2}]}'::json #> '{a,1,b}'", "2"));
  add(Operator("#>>", {kJson, kPath}, kText)
          .Raw<&JsonPath<true>>()
          .TextArrays()
          .Doc("The value at a path as text.")
          .Example("'{\"a\": [\"x\"]}'::json #>> '{a,0}'", "x"));
}

}  // namespace

KAPPA_HOST_ONLY std::vector<FunctionEntry> JsonAccessFunctions() {
  Rows table;
  AddOperators(&table);
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("JSON")); };
  add(Scalar("jsonb_extract_path", {kJsonb, kText}, kJsonb)
          .Variadic()
          .Raw<&JsonbExtract<false>>()
          .Doc("The value at a path of names and indexes, each an argument.")
          .Example("jsonb_extract_path('{\"a\": [1, 2]}', 'a', '1')", "2"));
  add(Scalar("jsonb_extract_path_text", {kJsonb, kText}, kText)
          .Variadic()
          .Raw<&JsonbExtract<true>>()
          .Doc("The value at a path as text.")
          .Example("jsonb_extract_path_text('{\"a\": \"x\"}', 'a')", "x"));
  add(Scalar("json_extract_path", {kJson, kText}, kJson)
          .Variadic()
          .Raw<&JsonExtract<false>>()
          .Doc("The value at a path of names and indexes, each an argument.")
          .Example("json_extract_path('{\"a\": [1, 2]}', 'a', '1')", "2"));
  add(Scalar("json_extract_path_text", {kJson, kText}, kText)
          .Variadic()
          .Raw<&JsonExtract<true>>()
          .Doc("The value at a path as text.")
          .Example("json_extract_path_text('{\"a\": \"x\"}', 'a')", "x"));
  add(Scalar("jsonb_array_length", {kJsonb}, kInt4)
          .Native<&JsonbLength>()
          .Doc("The number of elements of the array.")
          .Example("jsonb_array_length('[1, [2, 3]]')", "2")
          .Example("jsonb_array_length('{}')", "ERROR 22023"));
  add(Scalar("json_array_length", {kJson}, kInt4)
          .Native<&JsonLength>()
          .Doc("The number of elements of the array.")
          .Example("json_array_length('[1, [2, 3]]')", "2"));
  add(Scalar("jsonb_typeof", {kJsonb}, kText)
          .Native<&JsonbTypeName>()
          .Doc("object, array, string, number, boolean or null.")
          .Example("jsonb_typeof('-1.5')", "number"));
  add(Scalar("json_typeof", {kJson}, kText)
          .Native<&JsonTypeName>()
          .Doc("object, array, string, number, boolean or null.")
          .Example("json_typeof('[true]')", "array"));
  return table;
}

}  // namespace kappa
