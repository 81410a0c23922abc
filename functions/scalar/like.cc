// LIKE and ILIKE: % any characters, _ one, \ before a character takes it as it is.
#include <cstring>

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/like_pattern.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace like_functions {

enum class Match : uint8_t { kNo, kYes, kBadPattern };

template <bool kFold>
KAPPA_INLINE char Fold(char c) {
  return kFold ? AsciiLower(c) : c;
}

// Tries the pattern from left to right; on a mismatch goes back to the last % and lets it take one character more: quadratic at worst, never
// exponential. kWide: _ takes a character of UTF-8, else a byte.
template <bool kFold, bool kWide>
Match MatchPattern(const Text& text, const Text& pattern) {
  const char* t = text.data;
  const char* const t_end = t + text.size;
  const char* p = pattern.data;
  const char* const p_end = p + pattern.size;
  const char* retry_p = nullptr;  // after the last %
  const char* retry_t = nullptr;
  while (t < t_end) {
    if (p < p_end && *p == '%') {
      do ++p;
      while (p < p_end && *p == '%');
      if (p == p_end) return Match::kYes;
      retry_p = p;
      retry_t = t;
      continue;
    }
    if (p < p_end && *p == '_') {
      const size_t size = kWide ? Utf8Length(*t) : 1;
      t = size < static_cast<size_t>(t_end - t) ? t + size : t_end;
      ++p;
      continue;
    }
    if (p < p_end) {
      const char* literal = *p == '\\' ? p + 1 : p;
      if (literal == p_end) return Match::kBadPattern;
      if (Fold<kFold>(*literal) == Fold<kFold>(*t)) {
        ++t;
        p = literal + 1;
        continue;
      }
    }
    if (retry_p == nullptr) return Match::kNo;
    const size_t size = kWide ? Utf8Length(*retry_t) : 1;
    if (size >= static_cast<size_t>(t_end - retry_t)) return Match::kNo;
    retry_t += size;
    const char* const next = *retry_p == '\\' && retry_p + 1 < p_end ? retry_p + 1 : retry_p;
    if (!kFold && *retry_p != '_') {  // the next place where the text after % may begin
      retry_t = static_cast<const char*>(std::memchr(retry_t, *next, static_cast<size_t>(t_end - retry_t)));
      if (retry_t == nullptr) return Match::kNo;
    }
    t = retry_t;
    p = retry_p;
  }
  while (p < p_end && *p == '%') ++p;
  return p == p_end ? Match::kYes : Match::kNo;
}

template <bool kFold, bool kNegated, bool kWide, typename T>
bool Like(CallContext& c, T text, T pattern, bool* out) {
  if constexpr (!kFold) {
    const LikeCache::Answer known = MatchKnownPattern(c, text, pattern);
    if (KAPPA_LIKELY(known != LikeCache::Answer::kUnknown)) {
      *out = (known == LikeCache::Answer::kYes) != kNegated;
      return true;
    }
  }
  const Match match = MatchPattern<kFold, kWide>(text, pattern);
  *out = (match == Match::kYes) != kNegated;
  return KAPPA_LIKELY(match != Match::kBadPattern) || c.Fail(sqlstate::kInvalidEscapeSequence, "LIKE pattern must not end with escape character");
}

// The pattern of LIKE ... ESCAPE e, rewritten for the escape \.
bool LikeEscape(CallContext& c, Text pattern, Text escape, Text* out) {
  const bool none = escape.size == 0;
  if (!none && Utf8Length(escape.data[0]) < escape.size) return c.Fail(sqlstate::kInvalidEscapeSequence, "invalid escape string");
  if (!none && escape.size == 1 && escape.data[0] == '\\') {
    *out = pattern;
    return true;
  }
  char* const bytes = c.Allocate(2 * size_t{pattern.size});
  char* o = bytes;
  bool after_escape = false;
  for (uint32_t i = 0; i < pattern.size;) {
    if (!none && !after_escape && i + escape.size <= pattern.size && std::memcmp(pattern.data + i, escape.data, escape.size) == 0) {
      *o++ = '\\';
      i += escape.size;
      after_escape = true;
      continue;
    }
    if (pattern.data[i] == '\\' && !after_escape) *o++ = '\\';
    *o++ = pattern.data[i++];
    after_escape = false;
  }
  *out = Text(bytes, static_cast<size_t>(o - bytes));
  return true;
}

bool LikeEscapeBytes(CallContext& c, Bytea pattern, Bytea escape, Bytea* out) {
  Text made;
  if (escape.size > 1) return c.Fail(sqlstate::kInvalidEscapeSequence, "invalid escape string");
  if (!LikeEscape(c, pattern, escape, &made)) return false;
  *out = Bytea(made.data, made.size);
  return true;
}

}  // namespace like_functions

using namespace like_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> LikeFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("String")); };
  add(Operator("like", {kText, kText}, kBool)
          .Native<&Like<false, false, true, Text>>()
          .Doc("Does the text match the pattern? % stands for any characters, _ for one, \\ takes the next as it is.")
          .Example("'kappa' LIKE 'k%p_'", "t")
          .Example("'kappa' LIKE '%pp%'", "t"));
  add(Operator("not like", {kText, kText}, kBool)
          .Native<&Like<false, true, true, Text>>()
          .Doc("The opposite of LIKE.")
          .Example("'kappa' NOT LIKE 'k%'", "f"));
  add(Operator("ilike", {kText, kText}, kBool)
          .Native<&Like<true, false, true, Text>>()
          .Doc("LIKE without regard to the case of ASCII letters.")
          .Example("'kappa' ILIKE 'K%'", "t"));
  add(Operator("not ilike", {kText, kText}, kBool)
          .Native<&Like<true, true, true, Text>>()
          .Doc("The opposite of ILIKE.")
          .Example("'kappa' NOT ILIKE 'K%'", "f"));
  add(Operator("like", {kBytea, kBytea}, kBool)
          .Native<&Like<false, false, false, Bytea>>()
          .Doc("LIKE over bytes.")
          .Example("'\\x6b61'::bytea LIKE 'k_'::bytea", "t"));
  add(Operator("not like", {kBytea, kBytea}, kBool)
          .Native<&Like<false, true, false, Bytea>>()
          .Doc("The opposite of LIKE.")
          .Example("'\\x6b61'::bytea NOT LIKE 'k_'::bytea", "f"));
  // PostgreSQL's own spelling of the four.
  add(Operator("~~", {kText, kText}, kBool).Native<&Like<false, false, true, Text>>().Doc("LIKE.").Example("'kappa' ~~ 'k%'", "t"));
  add(Operator("!~~", {kText, kText}, kBool).Native<&Like<false, true, true, Text>>().Doc("NOT LIKE.").Example("'kappa' !~~ 'k%'", "f"));
  add(Operator("~~*", {kText, kText}, kBool).Native<&Like<true, false, true, Text>>().Doc("ILIKE.").Example("'kappa' ~~* 'K%'", "t"));
  add(Operator("!~~*", {kText, kText}, kBool).Native<&Like<true, true, true, Text>>().Doc("NOT ILIKE.").Example("'kappa' !~~* 'K%'", "f"));
  add(Operator("~~", {kBytea, kBytea}, kBool)
          .Native<&Like<false, false, false, Bytea>>()
          .Doc("LIKE over bytes.")
          .Example("'\\x6b61'::bytea ~~ 'k_'::bytea", "t"));
  add(Operator("!~~", {kBytea, kBytea}, kBool)
          .Native<&Like<false, true, false, Bytea>>()
          .Doc("NOT LIKE over bytes.")
          .Example("'\\x6b61'::bytea !~~ 'k_'::bytea", "f"));
  add(Scalar("like_escape", {kBytea, kBytea}, kBytea)
          .Native<&LikeEscapeBytes>()
          .Doc("The pattern of LIKE ... ESCAPE, rewritten for the escape \\.")
          .Example("like_escape('a!%b'::bytea, '!'::bytea)", "\\x615c2562"));
  add(Scalar("like_escape", {kText, kText}, kText)
          .Native<&LikeEscape>()
          .Doc("The pattern of LIKE ... ESCAPE, rewritten for the escape \\.")
          .Example("like_escape('a!%b', '!')", "a\\%b"));
  return table;
}

}  // namespace kappa
