// What the files of JSON functions share.
#pragma once

#include <cstring>
#include <string_view>

#include "functions/call_context.h"
#include "types/array_value.h"
#include "types/json_text.h"
#include "types/jsonb.h"
#include "types/jsonb_build.h"

namespace kappa {

KAPPA_COLD inline bool FailJson(CallContext& c, const JsonProblem& problem) { return c.Fail(problem.state, problem.message); }
KAPPA_COLD inline bool FailJsonSize(CallContext& c) {
  return c.Fail(sqlstate::kStatementTooLong, "total size of jsonb array elements exceeds the maximum of 268435455 bytes");
}
KAPPA_INLINE bool FinishJsonb(CallContext& c, const JsonbNode& node, Jsonb* out) {
  return KAPPA_LIKELY(WriteJsonb(node, &c.scratch, out)) || FailJsonSize(c);
}

// The argument of a raw function as T, and its result.
template <typename T>
KAPPA_INLINE T ArgumentAs(const AnyValue& value) {
  T out;
  std::memcpy(static_cast<void*>(&out), value.slot, sizeof out);
  return out;
}
template <typename T>
KAPPA_INLINE bool Answer(const T& value, void* out) {
  std::memcpy(out, static_cast<const void*>(&value), sizeof value);
  return true;
}

// A step of a path as an index of an array, as strtol reads it.
inline bool ParsePathIndex(std::string_view text, int64_t* out) {
  size_t at = 0;
  while (at < text.size() && (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r'))) ++at;
  const bool negative = at < text.size() && text[at] == '-';
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  if (at == text.size()) return false;
  int64_t value = 0;
  for (; at < text.size(); ++at) {
    if (text[at] < '0' || text[at] > '9') return false;
    value = value * 10 + (text[at] - '0');
    if (value > int64_t{1} << 31) return false;
  }
  if (!negative && value == int64_t{1} << 31) return false;
  *out = negative ? -value : value;
  return true;
}

// A path: the elements of a text[], or the arguments of a variadic function.
class JsonPathSteps {
 public:
  explicit JsonPathSteps(const AnyValue& array) : array_(ArgumentAs<Array>(array), array.type->element), count_(array_.count()) {}
  JsonPathSteps(const AnyValue* arguments, size_t count) : array_(Array(), nullptr), arguments_(arguments), count_(count) {}
  size_t size() const { return count_; }
  int dimensions() const { return array_.dimensions(); }
  bool IsNull(size_t i) const { return arguments_ != nullptr ? arguments_[i].null : array_.IsNull(i); }
  std::string_view operator[](size_t i) const { return arguments_ != nullptr ? ArgumentAs<Text>(arguments_[i]).view() : array_.TextAt(i).view(); }
  bool AnyNull() const {
    for (size_t i = 0; i < count_; ++i) {
      if (IsNull(i)) return true;
    }
    return false;
  }

 private:
  ArrayView array_;
  const AnyValue* arguments_ = nullptr;
  size_t count_;
};

}  // namespace kappa
