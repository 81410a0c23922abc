// Compiled regular expressions with PostgreSQL's meaning, run by RE2: linear in the text's length whatever the pattern. Each worker keeps those it
// has compiled (FunctionCaches); a pattern that is the same for every row is compiled once and then found by comparing its bytes.
//
// PostgreSQL matches the longest (or, when the expression prefers so, the shortest) text that begins leftmost; which part goes to which group is
// settled afterwards. So do we: one program finds the span, another splits it. Host code: generated code calls it.
#pragma once

#include <cstdint>
#include <string_view>

#include "functions/call_context.h"
#include "types/text_format.h"
#include "types/values.h"

namespace kappa {

class Pattern;

// Byte offsets in the text; begin -1: the group took no part.
struct MatchSpan {
  int32_t begin = -1;
  int32_t end = -1;
};
inline constexpr int kMaxPatternGroups = 64;

// `flags` are regex::Flag's. nullptr after c.Fail: 2201B, or 0A000 for what RE2 cannot do. Lives as long as the call's row at least.
const Pattern* FindPattern(CallContext& c, const Text& pattern, uint32_t flags);

bool PatternMatches(const Pattern* pattern, const Text& text);  // somewhere in the text
int PatternGroups(const Pattern* pattern);                      // capturing parentheses
// The first match that begins at byte `from` or later. spans[0] is all of it, then `count` - 1 groups; count >= 1.
bool FindMatch(const Pattern* pattern, const Text& text, size_t from, MatchSpan* spans, int count);

// Where the search goes on: after the match, and one character further when that was empty; SIZE_MAX: nowhere.
inline size_t PositionAfter(const Text& text, const MatchSpan& match) {
  const auto end = static_cast<size_t>(match.end);
  if (match.begin != match.end) return end;
  return end >= text.size ? SIZE_MAX : end + Utf8Length(text.data[end]);
}

struct PatternOptions {
  uint32_t flags = 0;
  bool global = false;
};
// The letters of a flags argument (PostgreSQL's manual, table 9.24). Of a function that is named, g is an error. false after c.Fail.
bool ParsePatternOptions(CallContext& c, const Text& letters, const char* function_without_global, PatternOptions* out);

// The pattern of SIMILAR TO as a regular expression (SQL:2016 8.6); `escape` empty: none. false after c.Fail.
bool SimilarToRegex(CallContext& c, const Text& pattern, const Text& escape, Text* out);

}  // namespace kappa
