// SQL/JSON path queries over jsonb: @? @@ and jsonb_path_*.
#include "functions/function.h"
#include "functions/jsonpath/path.h"
#include "functions/scalar/json.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace json_path {

using jsonpath::Outcome;
using Values = ArenaVector<JsonbView>;

// (target, path [, vars [, silent]]); `operation`: of an operator. kError with c.error_state set: the call fails; without: its answer is NULL.
Outcome Query(CallContext& c, const AnyValue* args, uint32_t count, bool silent, Values* found, bool operation = false) {
  const jsonpath::Path* path = jsonpath::FindPath(c, ArgumentAs<Text>(args[1]));
  if (path == nullptr) return Outcome::kError;
  constexpr std::string_view kNoVars("{\0\0\0\0", 5);
  JsonbView vars(operation ? std::string_view() : kNoVars);
  if (count > 2) {
    vars = JsonbView(ArgumentAs<Jsonb>(args[2]));
    if (!vars.is_object()) {
      c.Fail(sqlstate::kInvalidParameterValue, "\"vars\" argument is not an object");
      return Outcome::kError;
    }
  }
  return jsonpath::Evaluate(c, *path, JsonbView(ArgumentAs<Jsonb>(args[0])), vars, silent || (count > 3 && *args[3].slot != 0), found);
}
bool Failed(const CallContext& c) { return !(c.error_state == sqlstate::kOk); }

template <bool kSilent>
bool Exists(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool* out_null) {
  c.error_state = sqlstate::kOk;
  const Outcome outcome = Query(c, args, count, kSilent, nullptr, kSilent);
  if (Failed(c)) return false;
  *out_null = outcome == Outcome::kError;
  return Answer(outcome == Outcome::kFound, out);
}
template <bool kSilent>
bool Match(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool* out_null) {
  c.error_state = sqlstate::kOk;
  Values found(&c.scratch);
  const Outcome outcome = Query(c, args, count, kSilent, &found, kSilent);
  if (Failed(c)) return false;
  *out_null = true;
  if (outcome != Outcome::kError && found.size() == 1) {
    const JsonKind kind = found[0].kind();
    if (kind == JsonKind::kNull) return true;
    *out_null = !found[0].is_bool();
    if (!*out_null) return Answer(kind == JsonKind::kTrue, out);
  }
  const bool silent = kSilent || (count > 3 && *args[3].slot != 0);
  return silent || c.Fail(SqlState{"22038"}, "single boolean result is expected");
}
// A path that is right, as it is: what the binder puts around a constant path, so that a wrong one is an error of the statement.
bool CheckPath(CallContext& c, Text path, Text* out) {
  *out = path;
  return jsonpath::FindPath(c, path) != nullptr;
}
bool QueryArray(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool*) {
  c.error_state = sqlstate::kOk;
  Values found(&c.scratch);
  Query(c, args, count, false, &found);
  if (Failed(c)) return false;
  ArenaVector<JsonbMember> members(&c.scratch);
  for (const JsonbView& value : found) members.push_back({{}, JsonbNode::Raw(value)});
  Jsonb result;
  return FinishJsonb(c, JsonbNode::Array(members.data(), members.size()), &result) && Answer(result, out);
}
bool QueryFirst(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor*, void* out, bool* out_null) {
  c.error_state = sqlstate::kOk;
  Values found(&c.scratch);
  Query(c, args, count, false, &found);
  if (Failed(c)) return false;
  *out_null = found.empty();
  return *out_null || Answer(found[0].value(), out);
}

}  // namespace json_path

using namespace json_path;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> JsonPathFunctions() {
  constexpr TypeId kJsonb = TypeId::kJsonb, kText = TypeId::kText, kBool = TypeId::kBool;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("JSON")); };
  // Each with variables and the silence of errors after the path.
  auto add_all = [&](std::string_view name, TypeId result, auto set_code, std::string_view doc, std::string_view example, std::string_view answer) {
    FunctionBuilder plain = Scalar(name, {kJsonb, kText}, result);
    FunctionBuilder vars = Scalar(name, {kJsonb, kText, kJsonb}, result);
    FunctionBuilder silent = Scalar(name, {kJsonb, kText, kJsonb, kBool}, result);
    for (FunctionBuilder* row : {&plain, &vars, &silent}) {
      set_code(row);
      add(row == &plain ? row->Doc(doc).Example(example, answer) : row->Doc(doc));
    }
  };
  add(Scalar("kappa_jsonpath", {kText}, kText).Native<&CheckPath>().Doc("The path, when it is one.").Example("kappa_jsonpath('$.a')", "$.a"));
  add(Operator("@?", {kJsonb, kText}, kBool)
          .Raw<&Exists<true>>()
          .Doc("Does the path find anything?")
          .Example("'{\"a\": [1, 2, 3]}'::jsonb @? '$.a[*] ? (@ > 2)'", "t"));
  add(Operator("@@", {kJsonb, kText}, kBool)
          .Raw<&Match<true>>()
          .Doc("What the path's predicate answers; NULL when it is no predicate.")
          .Example("'{\"a\": [1, 2, 3]}'::jsonb @@ '$.a[*] > 2'", "t"));
  add_all(
      "jsonb_path_exists", kBool, [](FunctionBuilder* row) { row->Raw<&Exists<false>>(); }, "Does the path find anything?",
      "jsonb_path_exists('{\"a\": [1, 2]}', '$.a[*] ? (@ > 1)')", "t");
  add_all(
      "jsonb_path_match", kBool, [](FunctionBuilder* row) { row->Raw<&Match<false>>(); }, "What the path's predicate answers.",
      "jsonb_path_match('{\"a\": [1, 2]}', 'exists($.a[*] ? (@ > 1))')", "t");
  add_all(
      "jsonb_path_query_array", kJsonb, [](FunctionBuilder* row) { row->Raw<&QueryArray>(); }, "All that the path finds, as an array.",
      "jsonb_path_query_array('[1, 2, 3]', '$[*] ? (@ > 1)')", "[2, 3]");
  add_all(
      "jsonb_path_query_first", kJsonb, [](FunctionBuilder* row) { row->Raw<&QueryFirst>(); }, "The first that the path finds.",
      "jsonb_path_query_first('[1, 2, 3]', '$[*] ? (@ > 1)')", "2");
  return table;
}

}  // namespace kappa
