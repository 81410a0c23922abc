// SQL values as JSON: to_json, row_to_json, array_to_json, json_build_*, json_object, and the same of jsonb.
#include <cstring>

#include "functions/function.h"
#include "functions/json_value.h"
#include "functions/scalar/json.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace json_build {

bool AnswerText(const ArenaText& text, void* out) { return Answer(JsonText(text.view().data(), text.view().size()), out); }
bool AnswerNode(CallContext& c, const JsonbNode& node, void* out) {
  Jsonb value;
  return FinishJsonb(c, node, &value) && Answer(value, out);
}

// to_json(any), row_to_json(record [, lines]), array_to_json(array [, lines])
bool ToJson(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool*) {
  ArenaText text(&c.scratch);
  const bool lines = count > 1 && *args[1].slot != 0;
  return (lines ? AppendJsonLines(c, args[0], &text) : AppendJson(c, args[0], &text)) && AnswerText(text, out);
}
bool ToJsonb(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  JsonbNode node;
  return MakeJsonbNode(c, args[0], &node) && AnswerNode(c, node, out);
}

bool BuildArray(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool*) {
  ArenaText text(&c.scratch);
  text.Append("[");
  for (uint32_t i = 0; i < count; ++i) {
    if (i > 0) text.Append(", ");
    if (!AppendJson(c, args[i], &text)) return false;
  }
  text.Append("]");
  return AnswerText(text, out);
}
bool BuildArrayB(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool*) {
  ArenaVector<JsonbMember> members(&c.scratch);
  for (uint32_t i = 0; i < count; ++i) {
    JsonbMember member;
    if (!MakeJsonbNode(c, args[i], &member.value)) return false;
    members.push_back(member);
  }
  return AnswerNode(c, JsonbNode::Array(members.data(), members.size()), out);
}

bool CheckCount(CallContext& c, uint32_t count) {
  return count % 2 == 0 || c.Fail(sqlstate::kInvalidParameterValue, "argument list must have even number of elements");
}
// Key by key, as PostgreSQL does: the first that is wrong in any way is told.
bool CheckKey(CallContext& c, const AnyValue* args, uint32_t index, bool text) {
  if (!args[index].null) return true;
  const std::string message = "argument " + std::to_string(index + 1) + (text ? " cannot be null" : ": key must not be null");
  return c.Fail(sqlstate::kInvalidParameterValue, message.c_str());
}
bool BuildObject(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool*) {
  if (!CheckCount(c, count)) return false;
  ArenaText text(&c.scratch);
  text.Append("{");
  for (uint32_t i = 0; i < count; i += 2) {
    std::string_view key;
    if (!CheckKey(c, args, i, true) || !JsonKeyText(c, args[i], &key)) return false;
    if (i > 0) text.Append(", ");
    text.AppendJsonString(key);
    text.Append(" : ");
    if (!AppendJson(c, args[i + 1], &text)) return false;
  }
  text.Append("}");
  return AnswerText(text, out);
}
bool BuildObjectB(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool*) {
  if (!CheckCount(c, count)) return false;
  ArenaVector<JsonbMember> members(&c.scratch);
  for (uint32_t i = 0; i < count; i += 2) {
    JsonbMember member;
    if (!CheckKey(c, args, i, false) || !JsonKeyText(c, args[i], &member.key) || !MakeJsonbNode(c, args[i + 1], &member.value)) return false;
    members.push_back(member);
  }
  return AnswerNode(c, JsonbNode::Object(members.data(), members.size()), out);
}

// ---- json_object over text[]

struct TextPair {
  std::string_view key, value;
  bool null;
};
using Pairs = ArenaVector<TextPair>;

bool AddPair(CallContext& c, const ArrayView& keys, size_t key, const ArrayView& values, size_t value, Pairs* out) {
  if (keys.IsNull(key)) return c.Fail(sqlstate::kNullValueNotAllowed, "null value not allowed for object key");
  const bool null = values.IsNull(value);
  out->push_back({keys.TextAt(key).view(), null ? std::string_view() : values.TextAt(value).view(), null});
  return true;
}
// {name, value, name, value} or {{name, value}, {name, value}}; or names and values apart.
bool PairsOf(CallContext& c, const AnyValue* args, uint32_t count, Pairs* out) {
  const ArrayView first(ArgumentAs<Array>(args[0]), args[0].type->element);
  if (count == 2) {
    const ArrayView second(ArgumentAs<Array>(args[1]), args[1].type->element);
    if (first.dimensions() > 1 || first.dimensions() != second.dimensions())
      return c.Fail(sqlstate::kArraySubscriptError, "wrong number of array subscripts");
    if (first.count() != second.count()) return c.Fail(sqlstate::kArraySubscriptError, "mismatched array dimensions");
    for (size_t i = 0; i < first.count(); ++i) {
      if (!AddPair(c, first, i, second, i, out)) return false;
    }
    return true;
  }
  if (first.dimensions() > 2) return c.Fail(sqlstate::kArraySubscriptError, "wrong number of array subscripts");
  if (first.dimensions() == 1 && first.count() % 2 != 0) return c.Fail(sqlstate::kArraySubscriptError, "array must have even number of elements");
  if (first.dimensions() == 2 && first.shape().lengths[1] != 2) return c.Fail(sqlstate::kArraySubscriptError, "array must have two columns");
  for (size_t i = 0; i + 1 < first.count(); i += 2) {
    if (!AddPair(c, first, i, first, i + 1, out)) return false;
  }
  return true;
}
bool Object(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool*) {
  Pairs pairs(&c.scratch);
  if (!PairsOf(c, args, count, &pairs)) return false;
  ArenaText text(&c.scratch);
  text.Append("{");
  for (uint32_t i = 0; i < pairs.size(); ++i) {
    if (i > 0) text.Append(", ");
    text.AppendJsonString(pairs[i].key);
    text.Append(" : ");
    if (pairs[i].null)
      text.Append("null");
    else
      text.AppendJsonString(pairs[i].value);
  }
  text.Append("}");
  return AnswerText(text, out);
}
bool ObjectB(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool*) {
  Pairs pairs(&c.scratch);
  if (!PairsOf(c, args, count, &pairs)) return false;
  ArenaVector<JsonbMember> members(&c.scratch);
  for (const TextPair& pair : pairs) members.push_back({pair.key, pair.null ? JsonbNode::Null() : JsonbNode::String(pair.value)});
  return AnswerNode(c, JsonbNode::Object(members.data(), members.size()), out);
}

}  // namespace json_build

using namespace json_build;  // NOLINT: of this file only

namespace {

constexpr TypeId kAny = TypeId::kAny, kArray = TypeId::kAnyArray, kBool = TypeId::kBool, kJson = TypeId::kJson, kJsonb = TypeId::kJsonb;

KAPPA_HOST_ONLY void AddObjects(std::vector<FunctionEntry>* table) {
  auto add = [&](FunctionBuilder row) { table->push_back(row.Category("JSON").TextArrays()); };
  static constexpr char kOne[] = "An object of texts: names and values by turns, or pairs of them.";
  static constexpr char kTwo[] = "An object of texts: names in one array, values in the other.";
  add(Scalar("json_object", {kArray}, kJson).Raw<&Object>().Doc(kOne).Example("json_object('{a,1,b,NULL}')", "{\"a\" : \"1\", \"b\" : null}"));
  add(Scalar("json_object", {kArray, kArray}, kJson)
          .Raw<&Object>()
          .Doc(kTwo)
          .Example("json_object('{a,b}', '{1,2}')", "{\"a\" : \"1\", \"b\" : \"2\"}"));
  add(Scalar("jsonb_object", {kArray}, kJsonb).Raw<&ObjectB>().Doc(kOne).Example("jsonb_object('{{a,1},{b,2}}')", "{\"a\": \"1\", \"b\": \"2\"}"));
  add(Scalar("jsonb_object", {kArray, kArray}, kJsonb).Raw<&ObjectB>().Doc(kTwo).Example("jsonb_object('{a}', '{1}')", "{\"a\": \"1\"}"));
}

}  // namespace

KAPPA_HOST_ONLY std::vector<FunctionEntry> JsonBuildFunctions() {
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("JSON")); };
  add(Scalar("to_json", {kAny}, kJson)
          .Raw<&ToJson>()
          .Doc("The value as JSON: rows are objects, arrays arrays, numbers and booleans themselves, all others strings.")
          .Example("to_json('a \"b\"'::text)", "\"a \\\"b\\\"\""));
  add(Scalar("to_jsonb", {kAny}, kJsonb).Raw<&ToJsonb>().Doc("The value as JSON.").Example("to_jsonb(1.50)", "1.50"));
  add(Scalar("row_to_json", {TypeId::kStruct}, kJson).Raw<&ToJson>().Doc("A row as an object: row_to_json(ROW(1, 'a')) is {\"f1\":1,\"f2\":\"a\"}."));
  add(Scalar("row_to_json", {TypeId::kStruct, kBool}, kJson).Raw<&ToJson>().Doc("A row as an object, with line ends between its fields."));
  add(Scalar("array_to_json", {kArray}, kJson)
          .Raw<&ToJson>()
          .Doc("An array as an array.")
          .Example("array_to_json(ARRAY[[1, 2], [3, 4]])", "[[1,2],[3,4]]"));
  add(Scalar("array_to_json", {kArray, kBool}, kJson).Raw<&ToJson>().Doc("An array as an array, with line ends between its outermost elements."));
  add(Scalar("json_build_array", {}, kJson).Raw<&BuildArray>().Doc("An empty array.").Example("json_build_array()", "[]"));
  add(Scalar("json_build_array", {kAny}, kJson)
          .Variadic()
          .NullsToo()
          .Raw<&BuildArray>()
          .Doc("An array of values of any types.")
          .Example("json_build_array(1, 'a', NULL, true)", "[1, \"a\", null, true]"));
  add(Scalar("jsonb_build_array", {}, kJsonb).Raw<&BuildArrayB>().Doc("An empty array.").Example("jsonb_build_array()", "[]"));
  add(Scalar("jsonb_build_array", {kAny}, kJsonb)
          .Variadic()
          .NullsToo()
          .Raw<&BuildArrayB>()
          .Doc("An array of values of any types.")
          .Example("jsonb_build_array(1, 'a', NULL)", "[1, \"a\", null]"));
  add(Scalar("json_build_object", {}, kJson).Raw<&BuildObject>().Doc("An empty object.").Example("json_build_object()", "{}"));
  add(Scalar("json_build_object", {kAny}, kJson)
          .Variadic()
          .NullsToo()
          .Raw<&BuildObject>()
          .Doc("An object of names and values by turns.")
          .Example("json_build_object('a', 1, 'b', 'x')", "{\"a\" : 1, \"b\" : \"x\"}"));
  add(Scalar("jsonb_build_object", {}, kJsonb).Raw<&BuildObjectB>().Doc("An empty object.").Example("jsonb_build_object()", "{}"));
  add(Scalar("jsonb_build_object", {kAny}, kJsonb)
          .Variadic()
          .NullsToo()
          .Raw<&BuildObjectB>()
          .Doc("An object of names and values by turns.")
          .Example("jsonb_build_object('b', 1, 'a', 2.0)", "{\"a\": 2.0, \"b\": 1}"));
  AddObjects(&table);
  return table;
}

}  // namespace kappa
