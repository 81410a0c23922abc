// Text input of values of any type: PostgreSQL's array_in and record_in.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "types/array_value.h"
#include "types/text_format.h"

namespace kappa {

namespace {

Status MalformedArray(std::string_view text) {
  return SqlError(sqlstate::kInvalidTextRepresentation) << "malformed array literal: \"" << text << "\"";
}
Status MalformedRecord(std::string_view text) {
  return SqlError(sqlstate::kInvalidTextRepresentation) << "malformed record literal: \"" << text << "\"";
}
Status TooManyDimensions(int dimensions) {
  return SqlError(sqlstate::kStatementTooLong) << "number of array dimensions (" << dimensions << ") exceeds the maximum allowed ("
                                               << kMaxArrayDimensions << ")";
}

// Reads {...}: braces by their depth, elements only at the deepest.
class ArrayReader {
 public:
  ArrayReader(const TypeDescriptor* element, std::string_view text, Arena* arena)
      : element_(element),
        text_(text),
        arena_(arena),
        builder_(arena, element),
        room_(arena->Allocate(AnyRoom(element))),
        word_(arena->Allocate(text.size())) {}

  Status Read(Array* out) {
    ArrayShape bounds;
    RETURN_IF_ERROR(ReadBounds(&bounds));
    SkipSpace();
    if (bounds.dimensions > 0) {
      if (!Take('=')) return MalformedArray(text_);
      SkipSpace();
    }
    if (at_ == text_.size() || text_[at_] != '{') return MalformedArray(text_);
    RETURN_IF_ERROR(ReadBraces());
    SkipSpace();
    if (at_ != text_.size()) return MalformedArray(text_);
    ArrayShape shape;
    if (builder_.count() > 0) {
      shape.dimensions = depth_;
      for (int d = 0; d < depth_; ++d) {
        shape.lengths[d] = lengths_[d];
        shape.lower[d] = 1;
      }
    }
    if (bounds.dimensions > 0) {
      if (bounds.dimensions != shape.dimensions || !std::equal(shape.lengths, shape.lengths + kMaxArrayDimensions, bounds.lengths))
        return MalformedArray(text_);
      shape = bounds;
    }
    if (!builder_.Finish(shape, out)) {
      return SqlError(sqlstate::kStatementTooLong) << "array size exceeds the maximum allowed (" << kMaxArrayElements << ")";
    }
    return OkStatus();
  }

 private:
  enum class State { kStart, kLevelStarted, kElement, kElementDelimiter, kLevelCompleted, kLevelDelimiter };

  void SkipSpace() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  }
  bool Take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // As atoi reads them.
  bool ReadNumber(int32_t* out) {
    const size_t begin = at_;
    while (at_ < text_.size() && (IsDigit(text_[at_]) || text_[at_] == '-' || text_[at_] == '+')) ++at_;
    if (begin == at_) return false;
    int64_t value = 0;
    size_t i = begin;
    const bool negative = text_[i] == '-';
    if (negative || text_[i] == '+') ++i;
    for (; i < at_ && IsDigit(text_[i]) && value < INT32_MAX; ++i) value = value * 10 + (text_[i] - '0');
    value = negative ? -value : value;
    *out = static_cast<int32_t>(std::clamp<int64_t>(value, INT32_MIN, INT32_MAX));
    return true;
  }

  // [2:3][1:2]
  Status ReadBounds(ArrayShape* bounds) {
    for (SkipSpace(); Take('['); SkipSpace()) {
      if (bounds->dimensions == kMaxArrayDimensions) return TooManyDimensions(bounds->dimensions + 1);
      int32_t lower = 1, upper = 0;
      if (!ReadNumber(&upper)) return MalformedArray(text_);
      if (Take(':')) {
        lower = upper;
        if (!ReadNumber(&upper)) return MalformedArray(text_);
      }
      if (!Take(']')) return MalformedArray(text_);
      if (upper < lower) return SqlError(sqlstate::kArraySubscriptError) << "upper bound cannot be less than lower bound";
      bounds->lower[bounds->dimensions] = lower;
      const int64_t length = int64_t{upper} - lower + 1;
      if (length > kMaxArrayElements)
        return SqlError(sqlstate::kStatementTooLong) << "array size exceeds the maximum allowed (" << kMaxArrayElements << ")";
      bounds->lengths[bounds->dimensions++] = static_cast<int32_t>(length);
    }
    return OkStatus();
  }

  Status ReadBraces() {
    int32_t counts[kMaxArrayDimensions] = {};  // of what is open, by depth
    int nest = 0;
    State state = State::kStart;
    do {
      SkipSpace();
      if (at_ == text_.size()) return MalformedArray(text_);
      const char c = text_[at_];
      if (c == '{') {
        if (state != State::kStart && state != State::kLevelStarted && state != State::kLevelDelimiter) return MalformedArray(text_);
        if (nest == kMaxArrayDimensions) return TooManyDimensions(nest + 1);
        if (depth_ != 0 && nest >= depth_) return MalformedArray(text_);
        ++at_;
        counts[nest++] = 0;
        state = State::kLevelStarted;
      } else if (c == '}') {
        const bool empty = nest == 1 && state == State::kLevelStarted;
        if (state != State::kElement && state != State::kLevelCompleted && !empty) return MalformedArray(text_);
        ++at_;
        --nest;
        if (lengths_[nest] >= 0 && lengths_[nest] != counts[nest]) return MalformedArray(text_);
        lengths_[nest] = counts[nest];
        if (nest > 0) ++counts[nest - 1];
        state = State::kLevelCompleted;
      } else if (c == ',') {
        if (state != State::kElement && state != State::kLevelCompleted) return MalformedArray(text_);
        ++at_;
        state = state == State::kElement ? State::kElementDelimiter : State::kLevelDelimiter;
      } else {
        if (state != State::kLevelStarted && state != State::kElementDelimiter) return MalformedArray(text_);
        if (depth_ == 0) depth_ = nest;
        if (depth_ != nest) return MalformedArray(text_);
        RETURN_IF_ERROR(ReadElement());
        ++counts[nest - 1];
        state = State::kElement;
      }
    } while (nest > 0);
    return OkStatus();
  }

  // Up to the comma or brace behind it.
  Status ReadElement() {
    size_t size = 0, kept = 0;  // kept: white space behind it is not part of it
    bool quoted = false, escaped = false;
    if (text_[at_] == '"') {
      quoted = true;
      for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
        if (text_[at_] == '\\' && ++at_ == text_.size()) break;
        word_[size++] = text_[at_];
      }
      if (!Take('"')) return MalformedArray(text_);
      kept = size;
      SkipSpace();
    } else {
      for (; at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}'; ++at_) {
        char c = text_[at_];
        if (c == '{' || c == '"') return MalformedArray(text_);
        const bool escape = c == '\\';
        if (escape) {
          escaped = true;
          if (++at_ == text_.size()) return MalformedArray(text_);
          c = text_[at_];
        }
        word_[size++] = c;
        if (escape || !IsSpace(c)) kept = size;
      }
    }
    if (at_ == text_.size() || (text_[at_] != ',' && text_[at_] != '}')) return MalformedArray(text_);
    const std::string_view word(word_, kept);
    if (!quoted && !escaped && EqualsIgnoringCase(word, "null")) {
      builder_.AddNull();
      return OkStatus();
    }
    RETURN_IF_ERROR(ParseAny(element_, word, arena_, room_));
    builder_.Add({element_, room_, false, nullptr, nullptr});
    return OkStatus();
  }

  const TypeDescriptor* element_;
  const std::string_view text_;
  Arena* arena_;
  ArrayBuilder builder_;
  char* room_;
  char* word_;
  size_t at_ = 0;
  int depth_ = 0;
  int32_t lengths_[kMaxArrayDimensions] = {-1, -1, -1, -1, -1, -1};
};

Status StoreDatum(const TypeDescriptor* type, std::string_view text, Arena* arena, char* slot) {
  StatusOr<Datum> value = Datum::Parse(type->type, text);
  if (!value.ok()) return value.status();
  value->Store(type->type, slot);
  if (type->type.has_bytes()) OwnAny(type, slot, arena);
  return OkStatus();
}

Status ParseRecord(const TypeDescriptor* type, std::string_view text, Arena* arena, char* row) {
  std::memset(row, 0, type->layout.size());
  size_t at = 0;
  while (at < text.size() && IsSpace(text[at])) ++at;
  if (at == text.size() || text[at++] != '(') return MalformedRecord(text);
  std::string word;
  for (size_t i = 0; i < type->fields.size(); ++i) {
    if (i > 0 && (at == text.size() || text[at++] != ',')) return MalformedRecord(text);
    if (at < text.size() && (text[at] == ',' || text[at] == ')')) {
      SetField(type, i, {type->fields[i], nullptr, true, nullptr, nullptr}, row);
      continue;
    }
    word.clear();
    bool quoted = false;
    for (;; ++at) {
      if (at >= text.size()) return MalformedRecord(text);
      const char c = text[at];
      if (!quoted && (c == ',' || c == ')')) break;
      if (c == '\\') {
        if (++at >= text.size()) return MalformedRecord(text);
        word += text[at];
      } else if (c != '"') {
        word += c;
      } else if (!quoted) {
        quoted = true;
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        word += text[++at];
      } else {
        quoted = false;
      }
    }
    char* room = arena->Allocate(AnyRoom(type->fields[i]));
    RETURN_IF_ERROR(ParseAny(type->fields[i], word, arena, room));
    SetField(type, i, {type->fields[i], room, false, nullptr, nullptr}, row);
  }
  if (at == text.size() || text[at++] != ')') return MalformedRecord(text);
  while (at < text.size() && IsSpace(text[at])) ++at;
  if (at != text.size()) return MalformedRecord(text);
  return OkStatus();
}

}  // namespace

Status ParseArray(const TypeDescriptor* element, std::string_view text, Arena* arena, Array* out) {
  return ArrayReader(element, text, arena).Read(out);
}

Status ParseAny(const TypeDescriptor* type, std::string_view text, Arena* arena, char* slot) {
  switch (type->type.id()) {
    case TypeId::kText:
      if (type->type.modifier() < 0) {
        const Text value(text);
        std::memcpy(slot, &value, sizeof value);
        OwnAny(type, slot, arena);
        return OkStatus();
      }
      return StoreDatum(type, text, arena, slot);
    case TypeId::kArray: {
      Array array;
      RETURN_IF_ERROR(ParseArray(type->element, text, arena, &array));
      std::memcpy(slot, &array, sizeof array);
      return OkStatus();
    }
    case TypeId::kStruct:
      return ParseRecord(type, text, arena, slot);
    default:
      return StoreDatum(type, text, arena, slot);
  }
}

}  // namespace kappa
