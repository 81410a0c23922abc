#include <cstring>

#include "functions/regex/pattern.h"
#include "functions/regex/syntax.h"

namespace kappa {
namespace {

// false: not an option.
bool ApplyLetter(char letter, PatternOptions* out) {
  using namespace regex;  // NOLINT: its flags
  switch (letter) {
    case 'g':
      out->global = true;
      return true;
    case 'c':
      out->flags &= ~uint32_t{kIgnoreCase};
      return true;
    case 'i':
      out->flags |= kIgnoreCase;
      return true;
    case 'm':
    case 'n':
      out->flags |= kNewlineStops | kNewlineAnchor;
      return true;
    case 'p':
      out->flags = (out->flags | kNewlineStops) & ~uint32_t{kNewlineAnchor};
      return true;
    case 'q':
      out->flags |= kLiteral;
      return true;
    case 's':
      out->flags &= ~uint32_t{kNewlineStops | kNewlineAnchor};
      return true;
    case 't':
      out->flags &= ~uint32_t{kExpanded};
      return true;
    case 'w':
      out->flags = (out->flags | kNewlineAnchor) & ~uint32_t{kNewlineStops};
      return true;
    case 'x':
      out->flags |= kExpanded;
      return true;
    default:
      return false;
  }
}

}  // namespace

bool ParsePatternOptions(CallContext& c, const Text& letters, const char* function_without_global, PatternOptions* out) {
  for (uint32_t i = 0; i < letters.size; ++i) {
    const char letter = letters.data[i];
    if (letter == 'b' || letter == 'e')
      return c.Fail(sqlstate::kFeatureNotSupported, "the basic or extended syntax in a regular expression is not supported");
    if (ApplyLetter(letter, out)) continue;
    const size_t size = Utf8Length(letter), left = letters.size - i;
    return c.Fail(sqlstate::kInvalidParameterValue, "invalid regular expression option: \"%s\"", letters.data + i, size < left ? size : left);
  }
  if (!out->global || function_without_global == nullptr) return true;
  return c.Fail(sqlstate::kInvalidParameterValue, "%s does not support the \"global\" option", function_without_global,
                std::strlen(function_without_global));
}

}  // namespace kappa
