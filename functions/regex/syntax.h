// PostgreSQL's advanced regular expressions (its manual, 9.7.3), parsed into a tree.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/sqlstate.h"

namespace kappa::regex {

enum Flag : uint32_t {
  kIgnoreCase = 1,     // of ASCII letters (collation C)
  kNewlineStops = 2,   // . and [^x] do not match a newline
  kNewlineAnchor = 4,  // ^ and $ match at newlines too
  kExpanded = 8,       // white space and # comments are passed over
  kLiteral = 16,       // no metacharacters
};

enum class NodeKind : uint8_t {
  kEmpty,
  kSet,  // one character of `ranges`
  kCat,
  kAlternation,
  kGroup,   // of one child; `group` 0: not captured
  kRepeat,  // of one child
  kTextBegin,
  kTextEnd,
  kLineBegin,
  kLineEnd,
  kWordBoundary,
  kNotWordBoundary,
  kWordBegin,
  kWordEnd,
};

struct Node {
  NodeKind kind = NodeKind::kEmpty;
  std::vector<std::pair<uint32_t, uint32_t>> ranges;  // of kSet: code points, inclusive, ascending, apart
  std::vector<std::unique_ptr<Node>> children;
  int group = 0;
  int min = 0, max = -1;  // of kRepeat; max -1: no limit
  bool greedy = true;
  bool transparent = false;  // {m}: has no preference of its own
};
using NodePtr = std::unique_ptr<Node>;

struct ParsedPattern {
  NodePtr root;
  int groups = 0;
  // When root is null: why.
  SqlState state = sqlstate::kInvalidRegularExpression;
  std::string error;
};

// `pattern` is valid UTF-8. Errors: 2201B as PostgreSQL words them; 0A000 for lookaround, back references, and basic regular expressions.
ParsedPattern Parse(std::string_view pattern, uint32_t flags);

// Shorter (-1), longer (+1) or no preference (0) of what a node matches (the manual's 9.7.3.5).
int PreferenceOf(const Node& node);
// Characters that every match has; -1 where they differ.
int FixedLengthOf(const Node& node);
// Is every match a text whose first (last) character is a letter, digit or underscore?
bool BeginsWithWord(const Node& node);
bool EndsWithWord(const Node& node);

}  // namespace kappa::regex
