// jsonb changed: || - #- jsonb_set, jsonb_insert, strip_nulls, pretty. What does not change is copied as it is.
#include <climits>
#include <cstring>

#include "functions/function.h"
#include "functions/scalar/json.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace json_modify {

using Members = ArenaVector<JsonbMember>;

void AddAll(JsonbView value, Members* out) {  // a scalar is an array of one
  if (!value.is_container() || value.is_object()) return out->push_back({{}, JsonbNode::Raw(value)});
  for (uint32_t i = 0; i < value.count(); ++i) out->push_back({{}, JsonbNode::Raw(value.Element(i))});
}
void AddMembers(JsonbView object, Members* out) {
  for (uint32_t i = 0; i < object.count(); ++i) out->push_back({object.Key(i), JsonbNode::Raw(object.Value(i))});
}
JsonbNode Close(bool object, Members* members) {
  return object ? JsonbNode::Object(members->data(), members->size()) : JsonbNode::Array(members->data(), members->size());
}

bool Concat(CallContext& c, Jsonb a, Jsonb b, Jsonb* out) {
  const JsonbView left(a), right(b);
  Members members(&c.scratch);
  const bool objects = left.is_object() && right.is_object();
  if (objects) {
    AddMembers(left, &members);
    AddMembers(right, &members);
  } else {
    AddAll(left, &members);
    AddAll(right, &members);
  }
  return FinishJsonb(c, Close(objects, &members), out);
}

// ---- deleting

KAPPA_COLD bool FailScalar(CallContext& c) { return c.Fail(sqlstate::kInvalidParameterValue, "cannot delete from scalar"); }

template <typename IsGone>
bool DeleteWhere(CallContext& c, Jsonb value, IsGone gone, Jsonb* out) {
  const JsonbView view(value);
  if (!view.is_container()) return FailScalar(c);
  Members members(&c.scratch);
  for (uint32_t i = 0; i < view.count(); ++i) {
    const JsonbView child = view.Child(i);
    const bool named = view.is_object() || child.kind() == JsonKind::kString;
    const std::string_view key = view.is_object() ? view.Key(i) : named ? child.text() : std::string_view();
    if (named && gone(key)) continue;
    members.push_back({view.is_object() ? key : std::string_view(), JsonbNode::Raw(child)});
  }
  return FinishJsonb(c, Close(view.is_object(), &members), out);
}
bool DeleteKey(CallContext& c, Jsonb value, Text key, Jsonb* out) {
  return DeleteWhere(c, value, [&](std::string_view at) { return at == key.view(); }, out);
}
bool DeleteKeys(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  const JsonPathSteps keys(args[1]);
  if (keys.dimensions() > 1) return c.Fail(sqlstate::kArraySubscriptError, "wrong number of array subscripts");
  auto gone = [&](std::string_view at) {
    for (size_t i = 0; i < keys.size(); ++i) {
      if (!keys.IsNull(i) && keys[i] == at) return true;
    }
    return false;
  };
  Jsonb result;
  return DeleteWhere(c, ArgumentAs<Jsonb>(args[0]), gone, &result) && Answer(result, out);
}
bool DeleteIndex(CallContext& c, Jsonb value, int32_t index, Jsonb* out) {
  const JsonbView view(value);
  if (!view.is_container()) return FailScalar(c);
  if (view.is_object()) return c.Fail(sqlstate::kInvalidParameterValue, "cannot delete from object using integer index");
  int64_t at = index;
  if (at < 0) at += view.count();
  *out = value;
  if (at < 0 || at >= view.count()) return true;
  Members members(&c.scratch);
  for (uint32_t i = 0; i < view.count(); ++i) {
    if (i != at) members.push_back({{}, JsonbNode::Raw(view.Element(i))});
  }
  return FinishJsonb(c, Close(false, &members), out);
}

// ---- changing what is at a path

enum class Change : uint8_t { kReplace, kCreate, kDelete, kInsertBefore, kInsertAfter };

class PathChange {
 public:
  PathChange(CallContext* c, const JsonPathSteps& path, Change change, JsonbView value) : c_(*c), path_(path), change_(change), value_(value) {}

  bool Apply(JsonbView at, size_t level, JsonbNode* out) {
    if (path_.IsNull(level)) {
      const std::string message = "path element at position " + std::to_string(level + 1) + " is null";
      return c_.Fail(sqlstate::kNullValueNotAllowed, message.c_str());
    }
    if (at.is_object()) return InObject(at, level, out);
    if (at.is_array()) return InArray(at, level, out);
    *out = JsonbNode::Raw(at);
    return true;
  }

 private:
  bool creates() const { return change_ == Change::kCreate || inserts(); }
  bool inserts() const { return change_ == Change::kInsertBefore || change_ == Change::kInsertAfter; }
  JsonbNode value() const { return JsonbNode::Raw(value_); }

  bool InObject(JsonbView at, size_t level, JsonbNode* out) {
    const bool last = level + 1 == path_.size();
    const std::string_view wanted = path_[level];
    Members members(&c_.scratch);
    bool found = false;
    for (uint32_t i = 0; i < at.count(); ++i) {
      if (at.Key(i) != wanted) {
        members.push_back({at.Key(i), JsonbNode::Raw(at.Value(i))});
        continue;
      }
      found = true;
      JsonbNode changed = value();
      if (last && inserts()) return c_.Fail(sqlstate::kInvalidParameterValue, "cannot replace existing key");
      if (last && change_ == Change::kDelete) continue;
      if (!last && !Apply(at.Value(i), level + 1, &changed)) return false;
      members.push_back({at.Key(i), changed});
    }
    if (!found && last && creates()) members.push_back({wanted, value()});
    *out = Close(true, &members);
    return true;
  }

  bool InArray(JsonbView at, size_t level, JsonbNode* out) {
    const bool last = level + 1 == path_.size();
    const int64_t count = at.count();
    int64_t index;
    if (!ParsePathIndex(path_[level], &index)) {
      const std::string message = "path element at position " + std::to_string(level + 1) + " is not an integer: \"%s\"";
      return c_.Fail(sqlstate::kInvalidTextRepresentation, message.c_str(), path_[level].data(), path_[level].size());
    }
    if (index < 0) index = -index > count ? INT_MIN : count + index;
    if (index > count) index = count;
    Members members(&c_.scratch);
    bool done = false;
    if ((index == INT_MIN || count == 0) && last && creates()) {
      members.push_back({{}, value()});
      done = true;
    }
    for (int64_t i = 0; i < count; ++i) {
      const JsonbView element = at.Element(static_cast<uint32_t>(i));
      if (i != index) {
        members.push_back({{}, JsonbNode::Raw(element)});
        continue;
      }
      done = true;
      if (!last) {
        JsonbNode changed;
        if (!Apply(element, level + 1, &changed)) return false;
        members.push_back({{}, changed});
        continue;
      }
      if (change_ == Change::kInsertBefore || change_ == Change::kCreate) members.push_back({{}, value()});
      if (inserts()) members.push_back({{}, JsonbNode::Raw(element)});
      if (change_ == Change::kInsertAfter || change_ == Change::kReplace) members.push_back({{}, value()});
    }
    if (!done && last && creates()) members.push_back({{}, value()});
    *out = Close(false, &members);
    return true;
  }

  CallContext& c_;
  const JsonPathSteps& path_;
  const Change change_;
  const JsonbView value_;
};

bool ChangePath(CallContext& c, Jsonb target, const JsonPathSteps& path, Change change, Jsonb value, Jsonb* out) {
  const JsonbView view(target);
  if (path.dimensions() > 1) return c.Fail(sqlstate::kArraySubscriptError, "wrong number of array subscripts");
  const bool deletes = change == Change::kDelete;
  if (!view.is_container()) {
    return c.Fail(sqlstate::kInvalidParameterValue, deletes ? "cannot delete path in scalar" : "cannot set path in scalar");
  }
  *out = target;
  if (path.size() == 0 || (view.count() == 0 && (deletes || change == Change::kReplace))) return true;
  JsonbNode node;
  return PathChange(&c, path, change, JsonbView(value)).Apply(view, 0, &node) && FinishJsonb(c, node, out);
}
bool DeletePath(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  Jsonb result;
  return ChangePath(c, ArgumentAs<Jsonb>(args[0]), JsonPathSteps(args[1]), Change::kDelete, Jsonb(), &result) && Answer(result, out);
}
// jsonb_set(target, path, value [, create])
bool Set(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool*) {
  const Change change = count < 4 || *args[3].slot != 0 ? Change::kCreate : Change::kReplace;
  Jsonb result;
  return ChangePath(c, ArgumentAs<Jsonb>(args[0]), JsonPathSteps(args[1]), change, ArgumentAs<Jsonb>(args[2]), &result) && Answer(result, out);
}
// jsonb_insert(target, path, value [, after])
bool Insert(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool*) {
  const Change change = count >= 4 && *args[3].slot != 0 ? Change::kInsertAfter : Change::kInsertBefore;
  Jsonb result;
  return ChangePath(c, ArgumentAs<Jsonb>(args[0]), JsonPathSteps(args[1]), change, ArgumentAs<Jsonb>(args[2]), &result) && Answer(result, out);
}
// jsonb_set_lax(target, path, value [, create [, treatment of NULL]])
bool SetLax(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool* out_null) {
  *out_null = args[0].null || args[1].null || (count > 3 && args[3].null);
  if (*out_null) return true;
  const std::string_view treatment = count > 4 && !args[4].null ? ArgumentAs<Text>(args[4]).view() : "use_json_null";
  constexpr char kUnknown[] = "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"";
  if (count > 4 && args[4].null) return c.Fail(sqlstate::kInvalidParameterValue, kUnknown);
  const auto target = ArgumentAs<Jsonb>(args[0]);
  const JsonPathSteps path(args[1]);
  Change change = count < 4 || *args[3].slot != 0 ? Change::kCreate : Change::kReplace;
  Jsonb value, result;
  if (!args[2].null) {
    value = ArgumentAs<Jsonb>(args[2]);
  } else if (treatment == "use_json_null") {
    value = Jsonb("n", 1);
  } else if (treatment == "delete_key") {
    change = Change::kDelete;
  } else if (treatment == "return_target") {
    return Answer(target, out);
  } else {
    return treatment == "raise_exception" ? c.Fail(sqlstate::kNullValueNotAllowed, "JSON value must not be null")
                                          : c.Fail(sqlstate::kInvalidParameterValue, kUnknown);
  }
  return ChangePath(c, target, path, change, value, &result) && Answer(result, out);
}

// ---- without nulls, with line ends

JsonbNode Stripped(CallContext& c, JsonbView value) {
  if (!value.is_container()) return JsonbNode::Raw(value);
  Members members(&c.scratch);
  for (uint32_t i = 0; i < value.count(); ++i) {
    const JsonbView child = value.Child(i);
    if (value.is_object() && child.kind() == JsonKind::kNull) continue;
    members.push_back({value.is_object() ? value.Key(i) : std::string_view(), Stripped(c, child)});
  }
  return Close(value.is_object(), &members);
}
bool StripNulls(CallContext& c, Jsonb value, Jsonb* out) { return FinishJsonb(c, Stripped(c, JsonbView(value)), out); }

// The same of a text: members that are null left out, spaces too, strings written anew.
bool AppendStripped(CallContext& c, const JsonTextView& value, std::string* out) {
  JsonProblem problem;
  auto append_string = [&](const JsonTextView& string) {
    std::string_view text;
    if (!string.String(&c.scratch, &text, &problem)) return FailJson(c, problem);
    const size_t begin = out->size();
    out->resize(begin + JsonStringSize(text));
    FormatJsonString(text, out->data() + begin);
    return true;
  };
  if (value.kind() == JsonKind::kString) return append_string(value);
  if (!value.is_array() && !value.is_object()) {
    out->append(value.text());
    return true;
  }
  const bool object = value.is_object();
  out->push_back(object ? '{' : '[');
  bool first = true;
  for (JsonTextWalk walk(value); walk.Next();) {
    if (object && walk.value().kind() == JsonKind::kNull) continue;
    if (!first) out->push_back(',');
    first = false;
    if (object) {
      if (!append_string(walk.key())) return false;
      out->push_back(':');
    }
    if (!AppendStripped(c, walk.value(), out)) return false;
  }
  out->push_back(object ? '}' : ']');
  return true;
}
JsonText Kept(CallContext& c, const std::string& text) {
  char* bytes = c.Allocate(text.size());
  std::memcpy(bytes, text.data(), text.size());
  return JsonText(bytes, text.size());
}
bool StripNullsText(CallContext& c, JsonText value, JsonText* out) {
  JsonProblem problem;
  if (!CheckJsonStrings(value.view(), &problem)) return FailJson(c, problem);
  std::string text;
  if (!AppendStripped(c, JsonTextView(value.view()), &text)) return false;
  *out = Kept(c, text);
  return true;
}
Text Pretty(CallContext& c, Jsonb value) {
  std::string text;
  AppendJsonbPretty(JsonbView(value), &text);
  return Kept(c, text);
}

}  // namespace json_modify

using namespace json_modify;  // NOLINT: of this file only

namespace {

constexpr TypeId kJsonb = TypeId::kJsonb, kJson = TypeId::kJson, kText = TypeId::kText, kBool = TypeId::kBool, kPath = TypeId::kAnyArray;

KAPPA_HOST_ONLY void AddSetters(std::vector<FunctionEntry>* table) {
  auto add = [&](FunctionBuilder row) { table->push_back(row.Category("JSON").TextArrays()); };
  static constexpr char kSet[] = "The target with the value at a path replaced, or (unless the fourth argument is false) added.";
  add(Scalar("jsonb_set", {kJsonb, kPath, kJsonb}, kJsonb)
          .Raw<&Set>()
          .Doc(kSet)
          .Example("jsonb_set('{\"a\": [1, 2]}', '{a,0}', '\"x\"')", "{\"a\": [\"x\", 2]}"));
  add(Scalar("jsonb_set", {kJsonb, kPath, kJsonb, kBool}, kJsonb).Raw<&Set>().Doc(kSet));
  static constexpr char kInsert[] = "The target with a value inserted before the element at a path, or after it; or as a new member.";
  add(Scalar("jsonb_insert", {kJsonb, kPath, kJsonb}, kJsonb).Raw<&Insert>().Doc(kInsert).Example("jsonb_insert('[1, 2]', '{1}', '9')", "[1, 9, 2]"));
  add(Scalar("jsonb_insert", {kJsonb, kPath, kJsonb, kBool}, kJsonb)
          .Raw<&Insert>()
          .Doc(kInsert)
          .Example("jsonb_insert('[1, 2]', '{1}', '9', true)", "[1, 2, 9]"));
  static constexpr char kLax[] =
      "jsonb_set, which for a NULL value does what the last argument says: use_json_null, delete_key, return_target or raise_exception.";
  add(Scalar("jsonb_set_lax", {kJsonb, kPath, kJsonb}, kJsonb)
          .NullsToo()
          .Raw<&SetLax>()
          .Doc(kLax)
          .Example("jsonb_set_lax('{\"a\": 1}', '{a}', NULL)", "{\"a\": null}"));
  add(Scalar("jsonb_set_lax", {kJsonb, kPath, kJsonb, kBool}, kJsonb).NullsToo().Raw<&SetLax>().Doc(kLax));
  add(Scalar("jsonb_set_lax", {kJsonb, kPath, kJsonb, kBool, kText}, kJsonb)
          .NullsToo()
          .Raw<&SetLax>()
          .Doc(kLax)
          .Example("jsonb_set_lax('{\"a\": 1, \"b\": 2}', '{a}', NULL, true, 'delete_key')", "{\"b\": 2}"));
}

}  // namespace

KAPPA_HOST_ONLY std::vector<FunctionEntry> JsonModifyFunctions() {
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("JSON")); };
  static constexpr char kConcat[] = "Two objects merged (the second one's members win); else the elements of both in one array.";
  add(Operator("||", {kJsonb, kJsonb}, kJsonb)
          .Native<&Concat>()
          .Doc(kConcat)
          .Example("'{\"a\": 1}'::jsonb || '{\"a\": 2, \"b\": 3}'::jsonb", "{\"a\": 2, \"b\": 3}")
          .Example("'[1]'::jsonb || '2'::jsonb", "[1, 2]"));
  add(Scalar("jsonb_concat", {kJsonb, kJsonb}, kJsonb).Native<&Concat>().Doc(kConcat).Example("jsonb_concat('[1]', '[2]')", "[1, 2]"));
  add(Operator("-", {kJsonb, kText}, kJsonb)
          .Native<&DeleteKey>()
          .Doc("Without the member of that name, or the strings that are equal.")
          .Example("'{\"a\": 1, \"b\": 2}'::jsonb - 'a'", "{\"b\": 2}"));
  add(Operator("-", {kJsonb, kPath}, kJsonb)
          .Raw<&DeleteKeys>()
          .TextArrays()
          .Doc("Without all members of these names.")
          .Example("'{\"a\": 1, \"b\": 2}'::jsonb - '{a,b}'::text[]", "{}"));
  add(Operator("-", {kJsonb, TypeId::kInt4}, kJsonb)
          .Native<&DeleteIndex>()
          .Doc("Without the element at the index, from the end when negative.")
          .Example("'[1, 2, 3]'::jsonb - -1", "[1, 2]"));
  add(Operator("#-", {kJsonb, kPath}, kJsonb)
          .Raw<&DeletePath>()
          .TextArrays()
          .Doc("Without what is at the path.")
          .Example("'{\"a\": [1, 2]}'::jsonb #- '{a,0}'", "{\"a\": [2]}"));
  add(Scalar("jsonb_delete_path", {kJsonb, kPath}, kJsonb)
          .Raw<&DeletePath>()
          .TextArrays()
          .Doc("Without what is at the path.")
          .Example("jsonb_delete_path('{\"a\": 1}', '{a}')", "{}"));
  AddSetters(&table);
  add(Scalar("jsonb_strip_nulls", {kJsonb}, kJsonb)
          .Native<&StripNulls>()
          .Doc("Without the members of objects that are null, at every depth.")
          .Example("jsonb_strip_nulls('{\"a\": null, \"b\": [null]}')", "{\"b\": [null]}"));
  add(Scalar("json_strip_nulls", {kJson}, kJson)
          .Native<&StripNullsText>()
          .Doc("Without the members of objects that are null, at every depth, and without spaces.")
          .Example("json_strip_nulls('{\"a\": null, \"b\": [null, 1]}')", "{\"b\":[null,1]}"));
  add(Scalar("jsonb_pretty", {kJsonb}, kText)
          .Native<&Pretty>()
          .Doc("The value over several lines, indented by four spaces a level.")
          .Example("jsonb_pretty('[1, 2]')", "[\n    1,\n    2\n]"));
  return table;
}

}  // namespace kappa
