#include "functions/json_rows.h"

#include <cstring>
#include <string>

#include "functions/jsonpath/path.h"

namespace kappa {
namespace {

template <typename T>
T Load(const AnyValue& value) {
  T out;
  std::memcpy(static_cast<void*>(&out), value.slot, sizeof out);
  return out;
}

bool Fail(CallContext& c, const std::string& message) { return c.Fail(sqlstate::kInvalidParameterValue, message.c_str()); }
bool FailProblem(CallContext& c, const JsonProblem& problem) { return c.Fail(problem.state, problem.message); }

}  // namespace

bool JsonRows::Open(CallContext& c, JsonRowsKind kind, const AnyValue* args, uint32_t count) {
  kind_ = kind;
  binary_ = args[0].type->type.id() == TypeId::kJsonb;
  return binary_ ? OpenBinary(c, args, count) : OpenText(c, args[0]);
}

bool JsonRows::OpenBinary(CallContext& c, const AnyValue* args, uint32_t count) {
  value_ = JsonbView(Load<Jsonb>(args[0]));
  const bool each = kind_ == JsonRowsKind::kEach || kind_ == JsonRowsKind::kEachText;
  if (kind_ == JsonRowsKind::kPathQuery) {
    const jsonpath::Path* path = jsonpath::FindPath(c, Load<Text>(args[1]));
    if (path == nullptr) return false;
    const JsonbView vars = count > 2 ? JsonbView(Load<Jsonb>(args[2])) : JsonbView(std::string_view("{\0\0\0\0", 5));
    if (count > 2 && !vars.is_object()) return Fail(c, "\"vars\" argument is not an object");
    ArenaVector<JsonbView> found(&c.scratch);
    jsonpath::Evaluate(c, *path, value_, vars, count > 3 && *args[3].slot != 0, &found);
    if (!(c.error_state == sqlstate::kOk)) return false;
    found_ = found.data();
    count_ = found.size();
    return true;
  }
  if (each && !value_.is_object())
    return Fail(c, std::string("cannot call jsonb_each") + (kind_ == JsonRowsKind::kEachText ? "_text" : "") + " on a non-object");
  if (kind_ == JsonRowsKind::kKeys && !value_.is_object())
    return Fail(c, std::string("cannot call jsonb_object_keys on a") + (value_.is_array() ? "n array" : " scalar"));
  if (!each && kind_ != JsonRowsKind::kKeys && !value_.is_array())
    return Fail(c, std::string("cannot extract elements from a") + (value_.is_object() ? "n object" : " scalar"));
  count_ = value_.count();
  return true;
}

bool JsonRows::OpenText(CallContext& c, const AnyValue& value) {
  const Text text = Load<Text>(value);
  JsonProblem problem;
  if (!CheckJsonStrings(text.view(), &problem)) return FailProblem(c, problem);
  text_ = JsonTextView(text.view());
  const bool each = kind_ == JsonRowsKind::kEach || kind_ == JsonRowsKind::kEachText;
  const bool scalar = !text_.is_array() && !text_.is_object();
  if (each && !text_.is_object()) return Fail(c, text_.is_array() ? "cannot deconstruct an array as an object" : "cannot deconstruct a scalar");
  if (kind_ == JsonRowsKind::kKeys && !text_.is_object())
    return Fail(c, std::string("cannot call json_object_keys on a") + (scalar ? " scalar" : "n array"));
  if (!each && kind_ != JsonRowsKind::kKeys && !text_.is_array()) {
    const std::string name = kind_ == JsonRowsKind::kElementsText ? "json_array_elements_text" : "json_array_elements";
    return Fail(c, "cannot call " + name + (scalar ? " on a scalar" : " on a non-array"));
  }
  walk_ = JsonTextWalk(text_);
  return true;
}

bool JsonRows::Next(CallContext& c, JsonRow* row) { return binary_ ? NextBinary(c, row) : NextText(c, row); }

bool JsonRows::NextBinary(CallContext& c, JsonRow* row) {
  if (at_ == count_) return false;
  *row = JsonRow();
  if (value_.is_object() && found_ == nullptr) row->key = Text(value_.Key(at_));
  const JsonbView value = found_ != nullptr ? found_[at_] : value_.Child(at_);
  ++at_;
  row->value = Text(value.bytes());
  if (kind_ != JsonRowsKind::kEachText && kind_ != JsonRowsKind::kElementsText) return true;
  row->null = value.kind() == JsonKind::kNull;
  row->value = row->null ? Text() : JsonbToText(value, &c.scratch);
  return true;
}

bool JsonRows::NextText(CallContext& c, JsonRow* row) {
  if (!walk_.Next()) return false;
  *row = JsonRow();
  JsonProblem problem;
  std::string_view text;
  if (text_.is_object()) {
    failed_ = !walk_.key().String(&c.scratch, &text, &problem);
    if (failed_) return FailProblem(c, problem);
    row->key = Text(text);
  }
  text = walk_.value().text();
  if (kind_ == JsonRowsKind::kEachText || kind_ == JsonRowsKind::kElementsText) {
    row->null = walk_.value().kind() == JsonKind::kNull;
    failed_ = walk_.value().kind() == JsonKind::kString && !walk_.value().String(&c.scratch, &text, &problem);
    if (failed_) return FailProblem(c, problem);
  }
  row->value = Text(text);
  return true;
}

}  // namespace kappa
