// The SQL/JSON path language (SQL:2016 6.41; PostgreSQL's manual, 9.16.2): a path's tree, its parser, and its evaluation over jsonb.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/sqlstate.h"
#include "functions/call_context.h"
#include "types/jsonb.h"
#include "types/jsonb_build.h"

namespace kappa::jsonpath {

enum class NodeKind : uint8_t {
  kNull,
  kBool,      // flags: 1 true
  kNumber,    // text: canonical
  kString,    // text
  kVariable,  // text
  kRoot,
  kCurrent,
  kLast,
  // accessors
  kKey,         // text
  kAnyKey,      // .*
  kAnyElement,  // [*]
  kSubscripts,  // [a, b to c]
  kAny,         // .**{first to last}
  kFilter,      // ? (left)
  // methods
  kType,
  kSize,
  kAbs,
  kFloor,
  kCeiling,
  kDouble,
  kKeyValue,
  // arithmetic
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
  kPlus,
  kMinus,
  // predicates
  kAnd,
  kOr,
  kNot,
  kIsUnknown,
  kExists,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kStartsWith,
  kLikeRegex,  // text: the pattern, flags: regex::Flag's
};

inline constexpr uint32_t kAnyLevel = UINT32_MAX;  // of .**{last}

struct Node {
  NodeKind kind = NodeKind::kNull;
  int next = -1;              // the accessor applied to what this answers
  int left = -1, right = -1;  // operands
  uint32_t flags = 0;
  uint32_t first = 0, last = kAnyLevel;  // of kAny
  std::string text;
  std::vector<std::pair<int, int>> subscripts;  // of kSubscripts; second -1: one index
};

struct Path {
  bool strict = false;
  int root = -1;
  std::vector<Node> nodes;
};

struct ParseFailure {
  SqlState state = sqlstate::kOk;
  std::string message;  // as PostgreSQL words it
};

// nullptr: `failure` says why.
std::shared_ptr<const Path> ParsePath(std::string_view text, ParseFailure* failure);

// The worker's copy of a path: a path that is the same for every row is parsed once. nullptr after c.Fail.
const Path* FindPath(CallContext& c, const Text& text);

enum class Outcome : uint8_t { kFound, kNothing, kError };

// Evaluates over `target`. `found` collects the values; nullptr: only whether there is one. `vars`: an object, or null where there cannot be any.
// `silent`: an error that the standard lets a path suppress is kError without a message; otherwise c says why. Values point into `target`, `vars`,
// the path, and c.scratch.
Outcome Evaluate(CallContext& c, const Path& path, JsonbView target, JsonbView vars, bool silent, ArenaVector<JsonbView>* found);

}  // namespace kappa::jsonpath
