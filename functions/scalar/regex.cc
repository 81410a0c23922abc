// Regular expressions: the operators ~ and its kin, SIMILAR TO, substring by pattern, regexp_*. What a pattern means and how it runs:
// functions/regex.
#include <cstdio>
#include <cstring>

#include "functions/function.h"
#include "functions/regex/pattern.h"
#include "functions/regex/syntax.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/text_search.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace regex_functions {

template <bool kFold, bool kNegated>
bool Matches(CallContext& c, Text text, Text pattern, bool* out) {
  const Pattern* compiled = FindPattern(c, pattern, kFold ? regex::kIgnoreCase : 0);
  if (KAPPA_UNLIKELY(compiled == nullptr)) return false;
  *out = PatternMatches(compiled, text) != kNegated;
  return true;
}

KAPPA_COLD bool FailParameter(CallContext& c, const char* name, int32_t value) {
  char message[80];
  std::snprintf(message, sizeof message, "invalid value for parameter \"%s\": %d", name, value);
  return c.Fail(sqlstate::kInvalidParameterValue, message);
}

// The byte of the `start`th character, from 1; kNotFound: beyond the end.
KAPPA_INLINE size_t StartByte(const Text& text, int32_t start) {
  if (start == 1) return 0;
  const uint32_t at = BytesOfCharacters(text, int64_t{start} - 1);
  return at == text.size && CountCharacters(text) < start - 1 ? kNotFound : at;
}

// ---- regexp_replace

struct Builder {
  CallContext* c;
  char* bytes = nullptr;
  size_t size = 0, room = 0;
  void Append(const char* data, size_t count) {
    if (count == 0) return;
    if (size + count > room) {
      room = (size + count) * 2;
      char* grown = c->Allocate(room);
      if (size != 0) std::memcpy(grown, bytes, size);
      bytes = grown;
    }
    std::memcpy(bytes + size, data, count);
    size += count;
  }
};

// The replacement with \1 to \9, \& and \\ in it filled in.
void AppendReplacement(Builder& out, const Text& replacement, const Text& text, const MatchSpan* spans, int groups) {
  const char* p = replacement.data;
  const char* const end = p + replacement.size;
  while (p < end) {
    const void* found = std::memchr(p, '\\', static_cast<size_t>(end - p));
    const char* slash = found == nullptr ? end : static_cast<const char*>(found);
    out.Append(p, static_cast<size_t>(slash - p));
    if (slash == end) return;
    p = slash + 1;
    if (p == end) return out.Append("\\", 1);
    MatchSpan span;
    if (*p >= '1' && *p <= '9') {
      const int group = *p - '0';
      if (group <= groups) span = spans[group];
    } else if (*p == '&') {
      span = spans[0];
    } else {
      out.Append("\\", 1);
      if (*p == '\\') ++p;
      continue;
    }
    ++p;
    if (span.begin >= 0) out.Append(text.data + span.begin, static_cast<size_t>(span.end - span.begin));
  }
}

// The nth match replaced; all for n = 0.
bool ReplaceMatches(CallContext& c, const Text& text, const Text& pattern, const Text& replacement, uint32_t flags, int32_t start, int32_t n,
                    Text* out) {
  const Pattern* compiled = FindPattern(c, pattern, flags);
  if (KAPPA_UNLIKELY(compiled == nullptr)) return false;
  const bool uses_groups = replacement.size != 0 && std::memchr(replacement.data, '\\', replacement.size) != nullptr;
  const int groups = uses_groups ? (PatternGroups(compiled) < 9 ? PatternGroups(compiled) : 9) : 0;
  MatchSpan spans[10];
  Builder made{&c};
  size_t copied = 0;
  bool any = false;
  int32_t matches = 0;
  for (size_t from = StartByte(text, start); from != kNotFound && FindMatch(compiled, text, from, spans, groups + 1);
       from = PositionAfter(text, spans[0])) {
    if (n > 0 && ++matches != n) continue;
    any = true;
    made.Append(text.data + copied, static_cast<size_t>(spans[0].begin) - copied);
    AppendReplacement(made, replacement, text, spans, groups);
    copied = static_cast<size_t>(spans[0].end);
    if (n > 0) break;
  }
  if (any) made.Append(text.data + copied, text.size - copied);
  *out = any ? Text(made.bytes, made.size) : text;
  return true;
}

bool Replace(CallContext& c, Text text, Text pattern, Text replacement, Text* out) {
  return ReplaceMatches(c, text, pattern, replacement, 0, 1, 1, out);
}
bool ReplaceFlags(CallContext& c, Text text, Text pattern, Text replacement, Text letters, Text* out) {
  PatternOptions options;
  if (!ParsePatternOptions(c, letters, nullptr, &options)) return false;
  return ReplaceMatches(c, text, pattern, replacement, options.flags, 1, options.global ? 0 : 1, out);
}
bool ReplaceStart(CallContext& c, Text text, Text pattern, Text replacement, int32_t start, Text* out) {
  if (start <= 0) return FailParameter(c, "start", start);
  return ReplaceMatches(c, text, pattern, replacement, 0, start, 1, out);
}
bool ReplaceNth(CallContext& c, Text text, Text pattern, Text replacement, int32_t start, int32_t n, Text* out) {
  if (start <= 0) return FailParameter(c, "start", start);
  if (n < 0) return FailParameter(c, "n", n);
  return ReplaceMatches(c, text, pattern, replacement, 0, start, n, out);
}
bool ReplaceNthFlags(CallContext& c, Text text, Text pattern, Text replacement, int32_t start, int32_t n, Text letters, Text* out) {
  PatternOptions options;
  if (start <= 0) return FailParameter(c, "start", start);
  if (n < 0) return FailParameter(c, "n", n);
  if (!ParsePatternOptions(c, letters, nullptr, &options)) return false;
  return ReplaceMatches(c, text, pattern, replacement, options.flags, start, n, out);
}

// ---- regexp_like, regexp_count

bool LikeFlags(CallContext& c, Text text, Text pattern, Text letters, bool* out) {
  PatternOptions options;
  if (!ParsePatternOptions(c, letters, "regexp_like()", &options)) return false;
  const Pattern* compiled = FindPattern(c, pattern, options.flags);
  if (compiled == nullptr) return false;
  *out = PatternMatches(compiled, text);
  return true;
}

bool CountMatches(CallContext& c, const Text& text, const Text& pattern, int32_t start, uint32_t flags, int32_t* out) {
  const Pattern* compiled = FindPattern(c, pattern, flags);
  if (KAPPA_UNLIKELY(compiled == nullptr)) return false;
  *out = 0;
  MatchSpan span;
  for (size_t from = StartByte(text, start); from != kNotFound && FindMatch(compiled, text, from, &span, 1); from = PositionAfter(text, span)) ++*out;
  return true;
}
bool Count(CallContext& c, Text text, Text pattern, int32_t* out) { return CountMatches(c, text, pattern, 1, 0, out); }
bool CountStart(CallContext& c, Text text, Text pattern, int32_t start, int32_t* out) {
  if (start <= 0) return FailParameter(c, "start", start);
  return CountMatches(c, text, pattern, start, 0, out);
}
bool CountFlags(CallContext& c, Text text, Text pattern, int32_t start, Text letters, int32_t* out) {
  PatternOptions options;
  if (start <= 0) return FailParameter(c, "start", start);
  if (!ParsePatternOptions(c, letters, "regexp_count()", &options)) return false;
  return CountMatches(c, text, pattern, start, options.flags, out);
}

// ---- regexp_substr, regexp_instr

struct Request {
  Text text, pattern;
  int32_t start = 1, n = 1, end_option = 0, group = 0;
  Text letters;
};

// The span of the nth match, or of a group of it. false: failed; span.begin < 0: none.
bool NthMatch(CallContext& c, const Request& request, const char* function, MatchSpan* span) {
  if (request.start <= 0) return FailParameter(c, "start", request.start);
  if (request.n <= 0) return FailParameter(c, "n", request.n);
  if (request.end_option != 0 && request.end_option != 1) return FailParameter(c, "endoption", request.end_option);
  if (request.group < 0) return FailParameter(c, "subexpr", request.group);
  PatternOptions options;
  if (!ParsePatternOptions(c, request.letters, function, &options)) return false;
  const Pattern* compiled = FindPattern(c, request.pattern, options.flags);
  if (compiled == nullptr) return false;
  *span = MatchSpan{};
  MatchSpan spans[kMaxPatternGroups + 1];
  const int groups = PatternGroups(compiled) < kMaxPatternGroups ? PatternGroups(compiled) : kMaxPatternGroups;
  const int32_t group = request.group == 1 && groups == 0 ? 0 : request.group;  // the whole match stands for the only group
  int32_t matches = 0;
  for (size_t from = StartByte(request.text, request.start); from != kNotFound; from = PositionAfter(request.text, spans[0])) {
    if (!FindMatch(compiled, request.text, from, spans, group > groups ? 1 : group + 1)) return true;
    if (++matches < request.n) continue;
    if (group <= groups) *span = spans[group];
    return true;
  }
  return true;
}

bool SubstringOf(CallContext& c, const Request& request, Nullable<Text>* out) {
  MatchSpan span;
  if (!NthMatch(c, request, "regexp_substr()", &span)) return false;
  if (span.begin >= 0) *out = Text(request.text.data + span.begin, static_cast<size_t>(span.end - span.begin));
  return true;
}
bool Substr(CallContext& c, Text text, Text pattern, Nullable<Text>* out) { return SubstringOf(c, {text, pattern, 1, 1, 0, 0, Text()}, out); }
bool SubstrStart(CallContext& c, Text text, Text pattern, int32_t start, Nullable<Text>* out) {
  return SubstringOf(c, {text, pattern, start, 1, 0, 0, Text()}, out);
}
bool SubstrNth(CallContext& c, Text text, Text pattern, int32_t start, int32_t n, Nullable<Text>* out) {
  return SubstringOf(c, {text, pattern, start, n, 0, 0, Text()}, out);
}
bool SubstrFlags(CallContext& c, Text text, Text pattern, int32_t start, int32_t n, Text letters, Nullable<Text>* out) {
  return SubstringOf(c, {text, pattern, start, n, 0, 0, letters}, out);
}
bool SubstrGroup(CallContext& c, Text text, Text pattern, int32_t start, int32_t n, Text letters, int32_t group, Nullable<Text>* out) {
  return SubstringOf(c, {text, pattern, start, n, 0, group, letters}, out);
}

bool PositionOf(CallContext& c, const Request& request, int32_t* out) {
  MatchSpan span;
  if (!NthMatch(c, request, "regexp_instr()", &span)) return false;
  *out = span.begin < 0 ? 0 : CountCharacters(Text(request.text.data, static_cast<size_t>(request.end_option == 1 ? span.end : span.begin))) + 1;
  return true;
}
bool Instr(CallContext& c, Text text, Text pattern, int32_t* out) { return PositionOf(c, {text, pattern, 1, 1, 0, 0, Text()}, out); }
bool InstrStart(CallContext& c, Text text, Text pattern, int32_t start, int32_t* out) {
  return PositionOf(c, {text, pattern, start, 1, 0, 0, Text()}, out);
}
bool InstrNth(CallContext& c, Text text, Text pattern, int32_t start, int32_t n, int32_t* out) {
  return PositionOf(c, {text, pattern, start, n, 0, 0, Text()}, out);
}
bool InstrEnd(CallContext& c, Text text, Text pattern, int32_t start, int32_t n, int32_t end_option, int32_t* out) {
  return PositionOf(c, {text, pattern, start, n, end_option, 0, Text()}, out);
}
bool InstrFlags(CallContext& c, Text text, Text pattern, int32_t start, int32_t n, int32_t end_option, Text letters, int32_t* out) {
  return PositionOf(c, {text, pattern, start, n, end_option, 0, letters}, out);
}
template <typename T>
T Load(const AnyValue& value) {
  T loaded;
  std::memcpy(&loaded, value.slot, sizeof loaded);
  return loaded;
}
// Seven arguments: in the form for any number of them.
bool InstrGroup(CallContext& c, const AnyValue* a, uint32_t, const TypeDescriptor*, void* out, bool*) {
  const Request request{Load<Text>(a[0]),    Load<Text>(a[1]),    Load<int32_t>(a[2]), Load<int32_t>(a[3]),
                        Load<int32_t>(a[4]), Load<int32_t>(a[6]), Load<Text>(a[5])};
  int32_t position = 0;
  if (!PositionOf(c, request, &position)) return false;
  std::memcpy(out, &position, sizeof position);
  return true;
}

// ---- substring(text FROM pattern), SIMILAR TO

// The first group if there is one, else the whole match.
bool SubstringPattern(CallContext& c, Text text, Text pattern, Nullable<Text>* out) {
  const Pattern* compiled = FindPattern(c, pattern, 0);
  if (KAPPA_UNLIKELY(compiled == nullptr)) return false;
  MatchSpan spans[2];
  const bool group = PatternGroups(compiled) > 0;
  if (!FindMatch(compiled, text, 0, spans, group ? 2 : 1)) return true;
  const MatchSpan& span = spans[group ? 1 : 0];
  if (span.begin >= 0) *out = Text(text.data + span.begin, static_cast<size_t>(span.end - span.begin));
  return true;
}
bool SubstringSimilar(CallContext& c, Text text, Text pattern, Text escape, Nullable<Text>* out) {
  Text regex;
  return SimilarToRegex(c, pattern, escape, &regex) && SubstringPattern(c, text, regex, out);
}
bool SimilarToEscape(CallContext& c, Text pattern, Text escape, Text* out) { return SimilarToRegex(c, pattern, escape, out); }
bool SimilarToBackslash(CallContext& c, Text pattern, Text* out) { return SimilarToRegex(c, pattern, Text("\\", 1), out); }

}  // namespace regex_functions

using namespace regex_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> RegexFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Pattern matching")); };
  add(Operator("~", {kText, kText}, kBool)
          .Native<&Matches<false, false>>()
          .Doc("Does the regular expression match anywhere in the text?")
          .Example("'thomas' ~ 't.*ma'", "t"));
  add(Operator("~*", {kText, kText}, kBool)
          .Native<&Matches<true, false>>()
          .Doc("~ without regard to the case of ASCII letters.")
          .Example("'thomas' ~* 'T.*MA'", "t"));
  add(Operator("!~", {kText, kText}, kBool).Native<&Matches<false, true>>().Doc("The opposite of ~.").Example("'thomas' !~ 't.*max'", "t"));
  add(Operator("!~*", {kText, kText}, kBool).Native<&Matches<true, true>>().Doc("The opposite of ~*.").Example("'thomas' !~* 'T.*MA'", "f"));
  add(Scalar("regexp_like", {kText, kText}, kBool)
          .Native<&Matches<false, false>>()
          .Doc("Does the regular expression match anywhere in the text?")
          .Example("regexp_like('Hello World', 'W.r')", "t"));
  add(Scalar("regexp_like", {kText, kText, kText}, kBool)
          .Native<&LikeFlags>()
          .Doc("Does the regular expression match anywhere in the text? The flags: i without case, n newline-sensitive, x expanded...")
          .Example("regexp_like('Hello World', 'world$', 'i')", "t"));
  add(Scalar("regexp_count", {kText, kText}, kInt4)
          .Native<&Count>()
          .Doc("How many times the expression matches.")
          .Example("regexp_count('123456789012', '\\d\\d\\d')", "4"));
  add(Scalar("regexp_count", {kText, kText, kInt4}, kInt4)
          .Native<&CountStart>()
          .Doc("How many times the expression matches from that character on.")
          .Example("regexp_count('123456789012', '\\d\\d\\d', 2)", "3"));
  add(Scalar("regexp_count", {kText, kText, kInt4, kText}, kInt4)
          .Native<&CountFlags>()
          .Doc("How many times the expression matches from that character on, with flags.")
          .Example("regexp_count('abcABC', 'b', 1, 'i')", "2"));
  add(Scalar("regexp_replace", {kText, kText, kText}, kText)
          .Native<&Replace>()
          .Doc("The first match replaced; \\1 to \\9 stand for groups, \\& for the match.")
          .Example("regexp_replace('Thomas', '.[mN]a.', 'M')", "ThM"));
  add(Scalar("regexp_replace", {kText, kText, kText, kText}, kText)
          .Native<&ReplaceFlags>()
          .Doc("The first match replaced; with flag g, every one.")
          .Example("regexp_replace('foobarbaz', 'b(..)', 'X\\1Y', 'g')", "fooXarYXazY"));
  add(Scalar("regexp_replace", {kText, kText, kText, kInt4}, kText)
          .Native<&ReplaceStart>()
          .Doc("The first match from that character on replaced.")
          .Example("regexp_replace('Thomas Thomas', 'o', 'X', 5)", "Thomas ThXmas"));
  add(Scalar("regexp_replace", {kText, kText, kText, kInt4, kInt4}, kText)
          .Native<&ReplaceNth>()
          .Doc("The nth match from that character on replaced; for n = 0, every one.")
          .Example("regexp_replace('Thomas', '.', 'X', 3, 2)", "ThoXas"));
  add(Scalar("regexp_replace", {kText, kText, kText, kInt4, kInt4, kText}, kText)
          .Native<&ReplaceNthFlags>()
          .Doc("The nth match from that character on replaced, with flags.")
          .Example("regexp_replace('banana', 'A', 'X', 1, 2, 'i')", "banXna"));
  add(Scalar("regexp_substr", {kText, kText}, kText)
          .Native<&Substr>()
          .Doc("The first match; NULL for none.")
          .Example("regexp_substr('ABCDEF', 'c.')", "NULL"));
  add(Scalar("regexp_substr", {kText, kText, kInt4}, kText)
          .Native<&SubstrStart>()
          .Doc("The first match from that character on.")
          .Example("regexp_substr('ABCABC', 'B.', 3)", "BC"));
  add(Scalar("regexp_substr", {kText, kText, kInt4, kInt4}, kText)
          .Native<&SubstrNth>()
          .Doc("The nth match from that character on.")
          .Example("regexp_substr('a1b2', '[a-z]\\d', 1, 2)", "b2"));
  add(Scalar("regexp_substr", {kText, kText, kInt4, kInt4, kText}, kText)
          .Native<&SubstrFlags>()
          .Doc("The nth match from that character on, with flags.")
          .Example("regexp_substr('ABCDEF', 'c.', 1, 1, 'i')", "CD"));
  add(Scalar("regexp_substr", {kText, kText, kInt4, kInt4, kText, kInt4}, kText)
          .Native<&SubstrGroup>()
          .Doc("A group of the nth match from that character on, with flags.")
          .Example("regexp_substr('ABCDEF', 'c(.)(..)', 1, 1, 'i', 2)", "EF"));
  add(Scalar("regexp_instr", {kText, kText}, kInt4)
          .Native<&Instr>()
          .Doc("Where the first match begins, from 1; 0: nowhere.")
          .Example("regexp_instr('ABCDEF', 'D')", "4"));
  add(Scalar("regexp_instr", {kText, kText, kInt4}, kInt4)
          .Native<&InstrStart>()
          .Doc("Where the first match from that character on begins.")
          .Example("regexp_instr('ABCABC', 'B', 3)", "5"));
  add(Scalar("regexp_instr", {kText, kText, kInt4, kInt4}, kInt4)
          .Native<&InstrNth>()
          .Doc("Where the nth match from that character on begins.")
          .Example("regexp_instr('ABCABC', 'B', 1, 2)", "5"));
  add(Scalar("regexp_instr", {kText, kText, kInt4, kInt4, kInt4}, kInt4)
          .Native<&InstrEnd>()
          .Doc("Where the nth match begins (0), or what follows it (1).")
          .Example("regexp_instr('ABCABC', 'B', 1, 2, 1)", "6"));
  add(Scalar("regexp_instr", {kText, kText, kInt4, kInt4, kInt4, kText}, kInt4)
          .Native<&InstrFlags>()
          .Doc("Where the nth match begins or ends, with flags.")
          .Example("regexp_instr('ABCDEF', 'c(.)(..)', 1, 1, 0, 'i')", "3"));
  add(Scalar("regexp_instr", {kText, kText, kInt4, kInt4, kInt4, kText, kInt4}, kInt4)
          .Raw<&InstrGroup>()
          .Doc("Where a group of the nth match begins or ends, with flags.")
          .Example("regexp_instr('ABCDEF', 'c(.)(..)', 1, 1, 0, 'i', 2)", "5"));
  add(Scalar("substring", {kText, kText}, kText)
          .Native<&SubstringPattern>()
          .Doc("SUBSTRING(text FROM pattern): the match of a regular expression, or its first group if there is one; NULL for none.")
          .Example("substring('Thomas', '...$')", "mas")
          .Example("substring('foobar', 'o(.)b')", "o"));
  add(Scalar("substring", {kText, kText, kText}, kText)
          .Native<&SubstringSimilar>()
          .Doc("SUBSTRING(text SIMILAR pattern ESCAPE e): the part between the two marks e\" of the pattern.")
          .Example("substring('Thomas', '%#\"o_a#\"_', '#')", "oma"));
  add(Scalar("similar_to_escape", {kText}, kText)
          .Native<&SimilarToBackslash>()
          .Doc("The regular expression that SIMILAR TO stands for.")
          .Example("similar_to_escape('a%b_')", "^(?:a.*b.)$"));
  add(Scalar("similar_to_escape", {kText, kText}, kText)
          .Native<&SimilarToEscape>()
          .Doc("The regular expression that SIMILAR TO ... ESCAPE stands for.")
          .Example("similar_to_escape('a#%b_', '#')", "^(?:a\\%b.)$"));
  return table;
}

}  // namespace kappa
