// x IS JSON [VALUE | OBJECT | ARRAY | SCALAR] [WITH UNIQUE KEYS]: the binder writes it as a call.
#include <algorithm>

#include "functions/function.h"
#include "functions/scalar/json.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace json_predicate {

enum Wanted : int32_t { kValue, kObject, kArray, kScalar };

// Is no name twice in one object, at any depth?
bool HasUniqueKeys(const JsonTextView& value, Arena* arena) {
  if (!value.is_object() && !value.is_array()) return true;
  ArenaVector<std::string_view> keys(arena);
  for (JsonTextWalk walk(value); walk.Next();) {
    if (!HasUniqueKeys(walk.value(), arena)) return false;
    if (!value.is_object()) continue;
    std::string_view key;
    JsonProblem problem;
    if (!walk.key().String(arena, &key, &problem)) return false;
    keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
}

bool IsJson(CallContext& c, Text text, int32_t wanted, bool unique) {
  JsonProblem problem;
  if (!CheckJson(text.view(), &problem)) return false;
  const JsonTextView value(text.view());
  const bool container = value.is_object() || value.is_array();
  if ((wanted == kObject && !value.is_object()) || (wanted == kArray && !value.is_array()) || (wanted == kScalar && container)) return false;
  return !unique || HasUniqueKeys(value, &c.scratch);
}

}  // namespace json_predicate

KAPPA_HOST_ONLY std::vector<FunctionEntry> JsonPredicateFunctions() {
  std::vector<FunctionEntry> table;
  FunctionBuilder row =
      Scalar("kappa_is_json", {TypeId::kText, TypeId::kInt4, TypeId::kBool}, TypeId::kBool)
          .Category("JSON")
          .Native<&json_predicate::IsJson>()
          .Doc("What IS JSON asks: 0 a value, 1 an object, 2 an array, 3 a scalar; with the last argument also that no name is twice in an object.")
          .Example("kappa_is_json('{\"a\": 1, \"a\": 2}', 1, true)", "f");
  table.push_back(row);
  return table;
}

}  // namespace kappa
