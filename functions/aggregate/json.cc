// json_agg, jsonb_agg, json_object_agg, jsonb_object_agg: over the rows of a group in order (functions/general_aggregate.h). Host code.
#include <cstring>

#include "functions/general_aggregate.h"
#include "functions/json_value.h"
#include "functions/tables.h"
#include "types/array_value.h"

namespace kappa {
namespace {

bool FailSize(CallContext& c) { return c.Fail(sqlstate::kStatementTooLong, "the aggregated JSON value exceeds the maximum size"); }
bool AnswerText(CallContext& c, const ArenaText& text, void* out) {
  if (text.view().size() > kMaxArrayBytes) return FailSize(c);
  const JsonText value(text.view().data(), text.view().size());
  std::memcpy(out, static_cast<const void*>(&value), sizeof value);
  return true;
}
bool AnswerNode(CallContext& c, const JsonbNode& node, void* out) {
  Jsonb value;
  if (!WriteJsonb(node, &c.scratch, &value)) return FailSize(c);
  std::memcpy(out, static_cast<const void*>(&value), sizeof value);
  return true;
}

// A row's texts and structs lie where the next row will be: what a node points to is copied.
bool OwnedNode(CallContext& c, const AnyValue& value, JsonbNode* out) {
  JsonbNode node;
  Jsonb written;
  if (!MakeJsonbNode(c, value, &node)) return false;
  if (!WriteJsonb(node, &c.scratch, &written)) return FailSize(c);
  if (node.raw) {
    char* bytes = c.Allocate(written.size);
    std::memcpy(bytes, written.data, written.size);
    written = Jsonb(bytes, written.size);
  }
  *out = JsonbNode::Raw(JsonbView(written));
  return true;
}
bool OwnedKey(CallContext& c, const AnyValue& value, std::string_view* out) {
  if (value.null) return c.Fail(sqlstate::kInvalidParameterValue, "field name must not be null");
  std::string_view key;
  if (!JsonKeyText(c, value, &key)) return false;
  char* bytes = c.Allocate(key.size());
  if (!key.empty()) std::memcpy(bytes, key.data(), key.size());
  *out = {bytes, key.size()};
  return true;
}

bool JsonAgg(const OrderedValues& values, CallContext& c, const TypeDescriptor*, void* out, bool* out_null) {
  ArenaText text(&c.scratch);
  const TypeId type = values.type(0)->type.id();
  const bool lines = type == TypeId::kArray || type == TypeId::kStruct;
  bool ok = true, first = true;
  values.ForEach([&](const AnyValue* row, int64_t times) {
    for (int64_t i = 0; ok && i < times; ++i) {
      text.Append(first ? "[" : ", ");
      if (!first && lines && !row[0].null) text.Append("\n ");
      first = false;
      ok = AppendJson(c, row[0], &text);
    }
    return ok;
  });
  *out_null = first;
  if (!ok || first) return ok;
  text.Append("]");
  return AnswerText(c, text, out);
}
bool JsonbAgg(const OrderedValues& values, CallContext& c, const TypeDescriptor*, void* out, bool* out_null) {
  ArenaVector<JsonbMember> members(&c.scratch);
  bool ok = true;
  values.ForEach([&](const AnyValue* row, int64_t times) {
    JsonbMember member;
    ok = OwnedNode(c, row[0], &member.value);
    for (int64_t i = 0; ok && i < times; ++i) members.push_back(member);
    return ok;
  });
  *out_null = members.empty();
  return ok && (*out_null || AnswerNode(c, JsonbNode::Array(members.data(), members.size()), out));
}

bool JsonObjectAgg(const OrderedValues& values, CallContext& c, const TypeDescriptor*, void* out, bool* out_null) {
  ArenaText text(&c.scratch);
  bool ok = true, first = true;
  values.ForEach([&](const AnyValue* row, int64_t times) {
    std::string_view key;
    ok = OwnedKey(c, row[0], &key);
    for (int64_t i = 0; ok && i < times; ++i) {
      text.Append(first ? "{ " : ", ");
      first = false;
      text.AppendJsonString(key);
      text.Append(" : ");
      ok = AppendJson(c, row[1], &text);
    }
    return ok;
  });
  *out_null = first;
  if (!ok || first) return ok;
  text.Append(" }");
  return AnswerText(c, text, out);
}
bool JsonbObjectAgg(const OrderedValues& values, CallContext& c, const TypeDescriptor*, void* out, bool* out_null) {
  ArenaVector<JsonbMember> members(&c.scratch);
  bool ok = true;
  values.ForEach([&](const AnyValue* row, int64_t) {
    JsonbMember member;
    ok = OwnedKey(c, row[0], &member.key) && OwnedNode(c, row[1], &member.value);
    if (ok) members.push_back(member);
    return ok;
  });
  *out_null = members.empty();
  return ok && (*out_null || AnswerNode(c, JsonbNode::Object(members.data(), members.size()), out));
}

}  // namespace

std::vector<AggregateEntry> JsonAggregates() {
  using enum TypeId;
  return {
      Aggregate("json_agg", {kAny}, kJson).Over<&JsonAgg>().Strict(0).OrderMatters().Doc("The values, NULLs too, as an array."),
      Aggregate("jsonb_agg", {kAny}, kJsonb).Over<&JsonbAgg>().Strict(0).OrderMatters().Doc("The values, NULLs too, as an array."),
      Aggregate("json_object_agg", {kAny, kAny}, kJson)
          .Over<&JsonObjectAgg>()
          .Strict(0)
          .OrderMatters()
          .Doc("An object of names and values; of equal names all are written."),
      Aggregate("jsonb_object_agg", {kAny, kAny}, kJsonb)
          .Over<&JsonbObjectAgg>()
          .Strict(0)
          .OrderMatters()
          .Doc("An object of names and values; of equal names the last counts."),
  };
}

}  // namespace kappa
