// Regular expressions that answer arrays of text: regexp_match and regexp_split_to_array.
#include <cstring>

#include "functions/function.h"
#include "functions/regex/pattern.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"
#include "types/array_value.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace regex_array_functions {

Text TextOf(const AnyValue& value) {
  Text text;
  std::memcpy(static_cast<void*>(&text), value.slot, sizeof text);
  return text;
}

void AddPart(ArrayBuilder& builder, const Text& text, int32_t begin, int32_t end) {
  if (begin < 0) return builder.AddNull();
  const Text part(text.data + begin, static_cast<size_t>(end - begin));
  builder.AddSlot(reinterpret_cast<const char*>(&part));
}

bool Store(CallContext& c, ArrayBuilder& builder, void* out) {
  Array array;
  if (!builder.Finish(&array)) return c.Fail(sqlstate::kStatementTooLong, "array size exceeds the maximum allowed");
  std::memcpy(out, static_cast<const void*>(&array), sizeof array);
  return true;
}

// The pattern, with the flags of the third argument when there is one.
const Pattern* PatternOf(CallContext& c, const AnyValue* args, uint32_t count, const char* function) {
  PatternOptions options;
  if (count > 2 && !ParsePatternOptions(c, TextOf(args[2]), function, &options)) return nullptr;
  return FindPattern(c, TextOf(args[1]), options.flags);
}

// The groups of the first match; all of it when the pattern has none; NULL when there is no match.
bool Match(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor* result, void* out, bool* out_null) {
  const Pattern* pattern = PatternOf(c, args, count, "regexp_match()");
  if (pattern == nullptr) return false;
  const Text text = TextOf(args[0]);
  MatchSpan spans[kMaxPatternGroups + 1];
  const int groups = PatternGroups(pattern) < kMaxPatternGroups ? PatternGroups(pattern) : kMaxPatternGroups;
  if (!FindMatch(pattern, text, 0, spans, groups + 1)) {
    *out_null = true;
    return true;
  }
  ArrayBuilder builder(&c.scratch, result->element);
  for (int i = groups == 0 ? 0 : 1; i <= groups; ++i) AddPart(builder, text, spans[i].begin, spans[i].end);
  return Store(c, builder, out);
}

// What stands between the matches; an empty match at the begin, at the end, or right after another does not split.
bool Split(CallContext& c, const AnyValue* args, uint32_t count, const TypeDescriptor* result, void* out, bool*) {
  const Pattern* pattern = PatternOf(c, args, count, "regexp_split_to_array()");
  if (pattern == nullptr) return false;
  const Text text = TextOf(args[0]);
  ArrayBuilder builder(&c.scratch, result->element);
  MatchSpan span;
  int32_t begin = 0, previous = 0;
  for (size_t from = 0; from != SIZE_MAX && FindMatch(pattern, text, from, &span, 1); from = PositionAfter(text, span)) {
    if (span.begin < static_cast<int32_t>(text.size) && span.end > previous) {
      AddPart(builder, text, begin, span.begin);
      begin = span.end;
    }
    previous = span.end;
  }
  AddPart(builder, text, begin, static_cast<int32_t>(text.size));
  return Store(c, builder, out);
}

}  // namespace regex_array_functions

using namespace regex_array_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> RegexArrayFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Pattern matching")); };
  add(Scalar("regexp_match", {kText, kText}, kAnyArray)
          .TextArrays()
          .Raw<&Match>()
          .Doc("The groups of the first match of a regular expression, or all of it when there are none; NULL for no match.")
          .Example("regexp_match('foobarbequebaz', '(bar)(beque)')", "{bar,beque}"));
  add(Scalar("regexp_match", {kText, kText, kText}, kAnyArray)
          .TextArrays()
          .Raw<&Match>()
          .Doc("The groups of the first match, with flags.")
          .Example("regexp_match('foobar', 'BAR', 'i')", "{bar}"));
  add(Scalar("regexp_split_to_array", {kText, kText}, kAnyArray)
          .TextArrays()
          .Raw<&Split>()
          .Doc("The parts between matches of a regular expression.")
          .Example("regexp_split_to_array('hello world', '\\s+')", "{hello,world}"));
  add(Scalar("regexp_split_to_array", {kText, kText, kText}, kAnyArray)
          .TextArrays()
          .Raw<&Split>()
          .Doc("The parts between matches of a regular expression, with flags.")
          .Example("regexp_split_to_array('1A2a3', 'a', 'i')", "{1,2,3}"));
  return table;
}

}  // namespace kappa
