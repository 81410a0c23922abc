// The rows of json_each, json_array_elements, json_object_keys, jsonb_path_query and their kin: for table functions in FROM.
//
//   JsonRows rows;
//   if (!rows.Open(c, JsonRowsKind::kEach, value, nullptr, 0)) ...     c says why: 22023 for a value of another kind, as PostgreSQL words it
//   for (JsonRow row; rows.Next(c, &row);) ...
//
// Values point into the argument, or into c.scratch.
#pragma once

#include <cstdint>

#include "functions/call_context.h"
#include "types/any_value.h"
#include "types/json_text.h"
#include "types/jsonb.h"
#include "types/jsonb_build.h"

namespace kappa {

enum class JsonRowsKind : uint8_t {
  kEach,          // key, value          json[b]_each
  kEachText,      // key, value as text  json[b]_each_text
  kElements,      // value               json[b]_array_elements
  kElementsText,  // value as text       json[b]_array_elements_text
  kKeys,          // key                 json[b]_object_keys
  kPathQuery,     // value               jsonb_path_query (value, path [, vars [, silent]])
};

struct JsonRow {
  Text key;
  Text value;         // of the ...Text kinds a text, else the value's own type: jsonb, or json as it was written
  bool null = false;  // the value, as text, is NULL
};

class JsonRows {
 public:
  // `args`: the call's; args[0] is of type json or jsonb; none is NULL.
  bool Open(CallContext& c, JsonRowsKind kind, const AnyValue* args, uint32_t count);
  // False: no more, or (failed()) an error, of which c tells.
  bool Next(CallContext& c, JsonRow* row);
  bool failed() const { return failed_; }

 private:
  bool OpenBinary(CallContext& c, const AnyValue* args, uint32_t count);
  bool OpenText(CallContext& c, const AnyValue& value);
  bool NextBinary(CallContext& c, JsonRow* row);
  bool NextText(CallContext& c, JsonRow* row);

  JsonRowsKind kind_ = JsonRowsKind::kEach;
  bool binary_ = true, failed_ = false;
  JsonbView value_;
  uint32_t at_ = 0, count_ = 0;
  const JsonbView* found_ = nullptr;  // of kPathQuery
  JsonTextView text_;
  JsonTextWalk walk_{JsonTextView("[]")};
};

}  // namespace kappa
