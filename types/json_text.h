// JSON as text: checked, read into jsonb, and walked over in place (type json keeps what it was given).
#pragma once

#include <string_view>

#include "common/arena.h"
#include "common/sqlstate.h"
#include "types/jsonb.h"
#include "types/jsonb_build.h"

namespace kappa {

// What is wrong with a text: PostgreSQL's SQLSTATE and message, the reason in words, and where.
struct JsonProblem {
  SqlState state = sqlstate::kOk;
  const char* message = nullptr;  // "invalid input syntax for type json"
  const char* reason = nullptr;
  const char* where = nullptr;
};

// PostgreSQL's json_in: the grammar, not what escapes stand for.
bool CheckJson(std::string_view text, JsonProblem* problem);
// Also that every string can be had as text: no \u0000, surrogates in pairs.
bool CheckJsonStrings(std::string_view text, JsonProblem* problem);
// jsonb_in. The result lies in `arena`. 22P02, 22P05 (\u0000), 22003 (a number beyond numeric), 54001 (nesting), 54000 (size).
bool ParseJsonb(std::string_view text, Arena* arena, Jsonb* out, JsonProblem* problem);
bool ParseJsonbNode(std::string_view text, Arena* arena, JsonbNode* out, JsonProblem* problem);

// ---- walking over text that CheckJson has passed

class JsonTextView {
 public:
  JsonTextView() = default;
  explicit JsonTextView(std::string_view text);  // spaces around are cut off

  std::string_view text() const { return text_; }
  JsonKind kind() const;  // kNumber for what begins with a digit or -
  bool is_object() const { return text_[0] == '{'; }
  bool is_array() const { return text_[0] == '['; }
  // Of a string: what it stands for; in `arena` when it has escapes. False: \u0000 or a lone surrogate.
  bool String(Arena* arena, std::string_view* out, JsonProblem* problem) const;

  uint32_t Count() const;  // elements or members as written

 private:
  friend class JsonTextWalk;
  static JsonTextView Exactly(const char* begin, const char* end) {
    JsonTextView view;
    view.text_ = {begin, static_cast<size_t>(end - begin)};
    return view;
  }
  std::string_view text_;
};

// Elements or members of a container, as written: for (JsonTextWalk walk(container); walk.Next();) ... walk.key(), walk.value()
class JsonTextWalk {
 public:
  explicit JsonTextWalk(const JsonTextView& container)
      : p_(container.text().data() + 1), end_(container.text().data() + container.text().size()), object_(container.is_object()) {}
  bool Next();
  const JsonTextView& key() const { return key_; }  // of an object: a string, in its quotes
  const JsonTextView& value() const { return value_; }

 private:
  const char* p_;
  const char* end_;
  bool object_;
  JsonTextView key_, value_;
};

}  // namespace kappa
