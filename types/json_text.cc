#include "types/json_text.h"

#include <algorithm>

#if defined(__SSE2__)
#include <emmintrin.h>

#include "common/hex.h"
#endif

namespace kappa {
namespace {

constexpr char kInvalid[] = "invalid input syntax for type json";

bool IsJsonSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsDigitChar(char c) { return c >= '0' && c <= '9'; }

char* PutUtf8(uint32_t code, char* out) {
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *out++ = static_cast<char>(0xC0 | code >> 6);
    *out++ = static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *out++ = static_cast<char>(0xE0 | code >> 12);
    *out++ = static_cast<char>(0x80 | (code >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (code & 0x3F));
  } else {
    *out++ = static_cast<char>(0xF0 | code >> 18);
    *out++ = static_cast<char>(0x80 | (code >> 12 & 0x3F));
    *out++ = static_cast<char>(0x80 | (code >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (code & 0x3F));
  }
  return out;
}

// The first quote, backslash or control character at or after p; `end` when there is none.
KAPPA_INLINE const char* FindSpecial(const char* p, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(0x1F);
  for (; end - p >= 16; p += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, last_control), v);
    const __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash)), control);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hit));
    if (mask != 0) return p + __builtin_ctz(mask);
  }
#endif
  while (p < end && *p != '"' && *p != '\\' && static_cast<unsigned char>(*p) >= 0x20) ++p;
  return p;
}

bool SetProblem(JsonProblem* problem, SqlState state, const char* message, const char* reason, const char* where) {
  *problem = {state, message, reason, where};
  return false;
}

// What \uXXXX... at p stands for; *p moves behind it. False: a lone surrogate or \u0000.
bool ReadUnicodeEscape(const char** p, const char* end, uint32_t* code, JsonProblem* problem) {
  const char* const begin = *p;
  const int unit = HexQuad(begin + 2, end);
  if (unit < 0)
    return SetProblem(problem, sqlstate::kInvalidTextRepresentation, kInvalid, "\"\\u\" must be followed by four hexadecimal digits", begin);
  *p = begin + 6;
  *code = static_cast<uint32_t>(unit);
  if (unit == 0) {
    return SetProblem(problem, sqlstate::kUntranslatableCharacter, "unsupported Unicode escape sequence", "\\u0000 cannot be converted to text",
                      begin);
  }
  if (unit >= 0xDC00 && unit <= 0xDFFF)
    return SetProblem(problem, sqlstate::kInvalidTextRepresentation, kInvalid, "Unicode low surrogate must follow a high surrogate", begin);
  if (unit < 0xD800 || unit > 0xDBFF) return true;
  const int low = end - begin >= 12 && begin[6] == '\\' && begin[7] == 'u' ? HexQuad(begin + 8, end) : -1;
  if (low == 0) {
    return SetProblem(problem, sqlstate::kUntranslatableCharacter, "unsupported Unicode escape sequence", "\\u0000 cannot be converted to text",
                      begin + 6);
  }
  if (low < 0xDC00 || low > 0xDFFF)
    return SetProblem(problem, sqlstate::kInvalidTextRepresentation, kInvalid, "Unicode low surrogate must follow a high surrogate", begin);
  *p = begin + 12;
  *code = 0x10000 + ((static_cast<uint32_t>(unit) & 0x3FF) << 10) + (static_cast<uint32_t>(low) & 0x3FF);
  return true;
}

char SimpleEscape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

// Between the quotes, escapes checked for form -> what it stands for.
bool Unescape(std::string_view body, Arena* arena, std::string_view* out, JsonProblem* problem) {
  const char* p = body.data();
  const char* const end = p + body.size();
  char* const text = arena->Allocate(body.size() + 1);
  char* to = text;
  while (p < end) {
    if (*p != '\\') {
      *to++ = *p++;
    } else if (p[1] != 'u') {
      *to++ = SimpleEscape(p[1]);
      p += 2;
    } else {
      uint32_t code = 0;
      if (!ReadUnicodeEscape(&p, end, &code, problem)) return false;
      to = PutUtf8(code, to);
    }
  }
  *out = {text, static_cast<size_t>(to - text)};
  return true;
}

enum class Pass : uint8_t { kForm, kStrings, kBuild };

// Recursive descent over RFC 8259's grammar, the way PostgreSQL reads it.
template <Pass kPass>
class Parser {
 public:
  Parser(std::string_view text, Arena* arena, JsonProblem* problem)
      : p_(text.data()), end_(text.data() + text.size()), arena_(arena), problem_(problem), members_(arena) {}

  bool Document(JsonbNode* node) {
    if (!Value(0, node)) return false;
    SkipSpace();
    return p_ == end_ || Invalid("expected end of input");
  }

 private:
  void SkipSpace() {
    while (p_ < end_ && IsJsonSpace(*p_)) ++p_;
  }
  KAPPA_COLD bool Invalid(const char* reason) {
    return SetProblem(problem_, sqlstate::kInvalidTextRepresentation, kInvalid, p_ >= end_ ? "the input string ended unexpectedly" : reason, p_);
  }

  bool Value(int depth, JsonbNode* node) {
    SkipSpace();
    switch (p_ < end_ ? *p_ : '\0') {
      case '{':
      case '[':
        return Container(depth, node);
      case '"': {
        std::string_view text;
        if (!String(&text)) return false;
        if constexpr (kPass == Pass::kBuild) *node = JsonbNode::String(text);
        return true;
      }
      case 't':
        return Word("true", JsonKind::kTrue, node);
      case 'f':
        return Word("false", JsonKind::kFalse, node);
      case 'n':
        return Word("null", JsonKind::kNull, node);
      default:
        return Number(node);
    }
  }

  bool Word(std::string_view word, JsonKind kind, JsonbNode* node) {
    if (static_cast<size_t>(end_ - p_) < word.size() || std::memcmp(p_, word.data(), word.size()) != 0) return Invalid("the token is invalid");
    p_ += word.size();
    if (!AtTokenEnd()) return Invalid("the token is invalid");
    if constexpr (kPass == Pass::kBuild) {
      *node = JsonbNode();
      node->kind = kind;
    }
    return true;
  }
  // A word or number does not run into letters or digits.
  bool AtTokenEnd() const {
    if (p_ == end_) return true;
    const char c = *p_;
    return !(IsDigitChar(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<signed char>(c) < 0);
  }

  bool Number(JsonbNode* node) {
    const char* const begin = p_;
    const auto digits = [&] {
      const char* first = p_;
      while (p_ < end_ && IsDigitChar(*p_)) ++p_;
      return p_ > first;
    };
    if (p_ < end_ && *p_ == '-') ++p_;
    if (p_ < end_ && *p_ == '0')
      ++p_;
    else if (!digits())
      return Invalid("expected a JSON value");
    if (p_ < end_ && *p_ == '.') {
      ++p_;
      if (!digits()) return Invalid("the token is invalid");
    }
    if (p_ < end_ && (*p_ == 'e' || *p_ == 'E')) {
      ++p_;
      if (p_ < end_ && (*p_ == '+' || *p_ == '-')) ++p_;
      if (!digits()) return Invalid("the token is invalid");
    }
    if (!AtTokenEnd()) return Invalid("the token is invalid");
    if constexpr (kPass == Pass::kBuild) {
      std::string_view canonical;
      if (CanonicalJsonNumber({begin, static_cast<size_t>(p_ - begin)}, arena_, &canonical) != JsonNumberStatus::kOk) {
        return SetProblem(problem_, sqlstate::kNumericValueOutOfRange, "value overflows numeric format", "a number does not fit", begin);
      }
      *node = JsonbNode::Number(canonical);
    }
    return true;
  }

  bool String(std::string_view* out) {
    const char* const begin = ++p_;
    bool escaped = false;
    for (;;) {
      p_ = FindSpecial(p_, end_);
      if (p_ == end_) return Invalid("");
      if (*p_ == '"') break;
      if (*p_ != '\\') return Invalid("a control character in a string must be escaped");
      escaped = true;
      if (!Escape()) return false;
    }
    const std::string_view body(begin, static_cast<size_t>(p_ - begin));
    ++p_;
    if constexpr (kPass == Pass::kBuild) {
      *out = body;
      if (escaped) return Unescape(body, arena_, out, problem_);
    }
    return true;
  }
  bool Escape() {
    if (end_ - p_ < 2) {
      p_ = end_;
      return Invalid("");
    }
    if (p_[1] == 'u') {
      if (kPass != Pass::kForm) {
        uint32_t code;
        return ReadUnicodeEscape(&p_, end_, &code, problem_);
      }
      if (HexQuad(p_ + 2, end_) < 0) return Invalid("\"\\u\" must be followed by four hexadecimal digits");
      p_ += 6;
      return true;
    }
    if (std::memchr("\"\\/bfnrt", p_[1], 8) == nullptr) return Invalid("the escape sequence is invalid");
    p_ += 2;
    return true;
  }

  bool Container(int depth, JsonbNode* node) {
    if (depth >= kMaxJsonDepth) {
      return SetProblem(problem_, sqlstate::kStatementTooComplex, "stack depth limit exceeded", "objects and arrays are nested too deeply", p_);
    }
    const bool object = *p_ == '{';
    const char close = object ? '}' : ']';
    const uint32_t first = members_.size();
    ++p_;
    SkipSpace();
    if (p_ < end_ && *p_ == close) {
      ++p_;
    } else {
      for (;;) {
        JsonbMember member;
        if (object && !Key(&member.key)) return false;
        if (!Value(depth + 1, &member.value)) return false;
        if constexpr (kPass == Pass::kBuild) members_.push_back(member);
        SkipSpace();
        if (p_ < end_ && *p_ == ',') {
          ++p_;
          continue;
        }
        if (p_ >= end_ || *p_ != close) return Invalid(object ? "expected \",\" or \"}\"" : "expected \",\" or \"]\"");
        ++p_;
        break;
      }
    }
    if constexpr (kPass == Pass::kBuild) {
      const uint32_t count = members_.size() - first;
      JsonbMember* kept = reinterpret_cast<JsonbMember*>(arena_->Allocate(count * sizeof(JsonbMember)));
      if (count != 0) std::memcpy(static_cast<void*>(kept), members_.data() + first, count * sizeof(JsonbMember));
      members_.resize(first);
      *node = object ? JsonbNode::Object(kept, count) : JsonbNode::Array(kept, count);
    }
    return true;
  }
  bool Key(std::string_view* key) {
    SkipSpace();
    if (p_ >= end_ || *p_ != '"') return Invalid("expected a string, a member's name");
    if (!String(key)) return false;
    SkipSpace();
    if (p_ >= end_ || *p_ != ':') return Invalid("expected \":\"");
    ++p_;
    return true;
  }

  const char* p_;
  const char* const end_;
  Arena* const arena_;
  JsonProblem* const problem_;
  ArenaVector<JsonbMember> members_;  // of all the containers that are open
};

// Behind the value at p, of a text that is valid.
const char* SkipString(const char* p, const char* end) {
  for (++p;;) {
    p = FindSpecial(p, end);
    if (*p == '"') return p + 1;
    p += *p == '\\' ? 2 : 1;
  }
}
const char* SkipValue(const char* p, const char* end) {
  if (*p == '"') return SkipString(p, end);
  if (*p != '{' && *p != '[') {
    while (p < end && *p != ',' && *p != '}' && *p != ']' && !IsJsonSpace(*p)) ++p;
    return p;
  }
  for (int depth = 0;;) {
    if (*p == '"') {
      p = SkipString(p, end);
      continue;
    }
    if (*p == '{' || *p == '[') ++depth;
    const bool close = *p == '}' || *p == ']';
    ++p;
    if (close && --depth == 0) return p;
  }
}

}  // namespace

bool CheckJson(std::string_view text, JsonProblem* problem) {
  JsonbNode node;
  return Parser<Pass::kForm>(text, nullptr, problem).Document(&node);
}
bool CheckJsonStrings(std::string_view text, JsonProblem* problem) {
  if (text.find("\\u") == std::string_view::npos) return true;
  JsonbNode node;
  return Parser<Pass::kStrings>(text, nullptr, problem).Document(&node);
}

bool ParseJsonbNode(std::string_view text, Arena* arena, JsonbNode* out, JsonProblem* problem) {
  return Parser<Pass::kBuild>(text, arena, problem).Document(out);
}

bool ParseJsonb(std::string_view text, Arena* arena, Jsonb* out, JsonProblem* problem) {
  JsonbNode node;
  if (!ParseJsonbNode(text, arena, &node, problem)) return false;
  if (WriteJsonb(node, arena, out)) return true;
  return SetProblem(problem, sqlstate::kStatementTooLong, "total size of jsonb array elements exceeds the maximum of 268435455 bytes",
                    "the value is too large", text.data());
}

JsonTextView::JsonTextView(std::string_view text) : text_(text) {
  while (!text_.empty() && IsJsonSpace(text_.front())) text_.remove_prefix(1);
  while (!text_.empty() && IsJsonSpace(text_.back())) text_.remove_suffix(1);
}

JsonKind JsonTextView::kind() const {
  const char c = text_[0];
  return c == '-' || IsDigitChar(c) ? JsonKind::kNumber : static_cast<JsonKind>(c);
}

bool JsonTextView::String(Arena* arena, std::string_view* out, JsonProblem* problem) const {
  const std::string_view body = text_.substr(1, text_.size() - 2);
  *out = body;
  return body.find('\\') == std::string_view::npos || Unescape(body, arena, out, problem);
}

bool JsonTextWalk::Next() {
  while (IsJsonSpace(*p_) || *p_ == ',') ++p_;
  if (*p_ == ']' || *p_ == '}') return false;
  if (object_) {
    const char* end = SkipString(p_, end_);
    key_ = JsonTextView::Exactly(p_, end);
    p_ = end;
    while (IsJsonSpace(*p_) || *p_ == ':') ++p_;
  }
  const char* end = SkipValue(p_, end_);
  value_ = JsonTextView::Exactly(p_, end);
  p_ = end;
  return true;
}

uint32_t JsonTextView::Count() const {
  uint32_t count = 0;
  for (JsonTextWalk walk(*this); walk.Next();) ++count;
  return count;
}

}  // namespace kappa
