#include "functions/regex/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <string>

#include "functions/function_caches.h"
#include "functions/regex/syntax.h"
#include "types/text_format.h"

namespace kappa {

using regex::Node;
using regex::NodeKind;
using regex::NodePtr;

class Pattern {
 public:
  std::string key;
  uint32_t flags = 0;
  int groups = 0;
  std::unique_ptr<RE2> find;   // the span of a match
  std::unique_ptr<RE2> split;  // the groups within a span; null when there are none
};

// Direct mapped, by size and ends of the pattern: a query has few patterns, and a pattern from a column is compiled again when it comes back.
class PatternCache {
 public:
  static constexpr size_t kSlots = 64;
  std::unique_ptr<Pattern> slots[kSlots];
};

namespace {

// Writes a tree in RE2's syntax. `force` turns every quantifier greedy (1) or not (-1). `alone`: what the node matches is settled by what stands
// around it, so that its own preference decides nothing, and those of its parts hold.
class Writer {
 public:
  std::string Write(const Node& node, int force) {
    Append(node, force, true);
    return std::move(out_);
  }
  bool unsupported = false;  // \m or \M where what follows is not known to be a word

 private:
  void Append(const Node& node, int force, bool alone) {
    switch (node.kind) {
      case NodeKind::kEmpty:
        return;
      case NodeKind::kSet:
        return AppendSet(node);
      case NodeKind::kCat:
        return AppendCat(node, force, alone);
      case NodeKind::kAlternation:
        return AppendAlternation(node, force != 0 ? force : 1);
      case NodeKind::kGroup:
        out_ += node.group > 0 ? "(" : "(?:";
        Append(*node.children[0], force != 0 ? force : alone ? 0 : PreferenceOf(node), alone);
        out_ += ')';
        return;
      case NodeKind::kRepeat:
        return AppendRepeat(node, force, alone);
      case NodeKind::kTextBegin:
        out_ += "\\A";
        return;
      case NodeKind::kTextEnd:
        out_ += "\\z";
        return;
      case NodeKind::kLineBegin:
        out_ += "(?m:^)";
        return;
      case NodeKind::kLineEnd:
        out_ += "(?m:$)";
        return;
      case NodeKind::kNotWordBoundary:
        out_ += "\\B";
        return;
      case NodeKind::kWordBoundary:
      case NodeKind::kWordBegin:
      case NodeKind::kWordEnd:
        out_ += "\\b";
        return;
    }
  }
  void AppendCat(const Node& node, int force, bool alone) {
    const auto wide = std::count_if(node.children.begin(), node.children.end(), [](const NodePtr& child) {
      return child->kind == NodeKind::kSet || child->kind == NodeKind::kGroup || child->kind == NodeKind::kRepeat ||
             child->kind == NodeKind::kAlternation;
    });
    for (size_t i = 0; i < node.children.size(); ++i) {
      const Node& child = *node.children[i];
      if (child.kind == NodeKind::kWordBegin) unsupported |= i + 1 == node.children.size() || !regex::BeginsWithWord(*node.children[i + 1]);
      if (child.kind == NodeKind::kWordEnd) unsupported |= i == 0 || !regex::EndsWithWord(*node.children[i - 1]);
      Append(child, force, alone && wide == 1);
    }
  }
  void AppendAlternation(const Node& node, int force) {
    // A branch is chosen for its length, not its place: where lengths are fixed, their order says so.
    std::vector<std::pair<int, size_t>> order;  // by length, then by place
    bool fixed = true;
    for (const NodePtr& child : node.children) {
      const int length = regex::FixedLengthOf(*child);
      fixed &= length >= 0;
      order.emplace_back(force > 0 ? -length : length, order.size());
    }
    if (fixed) std::sort(order.begin(), order.end());
    out_ += "(?:";
    for (size_t i = 0; i < order.size(); ++i) {
      if (i > 0) out_ += '|';
      Append(*node.children[order[i].second], force, false);
    }
    out_ += ')';
  }
  void AppendRepeat(const Node& node, int force, bool alone) {
    const bool greedy = force != 0 ? force > 0 : node.greedy;
    const bool once = node.min == 1 && node.max == 1;
    const bool forcing = force == 0 && !alone && !node.transparent && once;  // {1,1} and {1,1}? impose their preference
    const bool bare = node.children[0]->kind == NodeKind::kSet || (node.children[0]->kind == NodeKind::kGroup);
    if (!bare) out_ += "(?:";
    Append(*node.children[0], forcing ? (node.greedy ? 1 : -1) : force, alone && once);
    if (!bare) out_ += ')';
    if (node.min == 0 && node.max < 0)
      out_ += '*';
    else if (node.min == 1 && node.max < 0)
      out_ += '+';
    else if (node.min == 0 && node.max == 1)
      out_ += '?';
    else if (node.max < 0)
      out_ += fmt::format("{{{},}}", node.min);
    else
      out_ += fmt::format("{{{},{}}}", node.min, node.max);
    if (!greedy) out_ += '?';
  }
  void AppendPoint(uint32_t point) { out_ += fmt::format("\\x{{{:x}}}", point); }
  void AppendSet(const Node& node) {
    if (node.ranges.empty()) {
      out_ += "[^\\x{0}-\\x{10FFFF}]";
      return;
    }
    if (node.ranges.size() == 1 && node.ranges[0].first == node.ranges[0].second) {
      const uint32_t point = node.ranges[0].first;
      if (point < 128 && (IsAlpha(static_cast<char>(point)) || IsDigit(static_cast<char>(point)) || point == ' '))
        out_ += static_cast<char>(point);
      else
        AppendPoint(point);
      return;
    }
    if (node.ranges.size() == 1 && node.ranges[0].first == 0 && node.ranges[0].second == 0x10FFFF) {
      out_ += "(?s:.)";
      return;
    }
    out_ += '[';
    for (const auto& [low, high] : node.ranges) {
      AppendPoint(low);
      if (low == high) continue;
      out_ += '-';
      AppendPoint(high);
    }
    out_ += ']';
  }

  std::string out_;
};

std::unique_ptr<RE2> CompileProgram(const std::string& text, bool longest) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_longest_match(longest);
  options.set_max_mem(16 << 20);  // of the program and its automata
  return std::make_unique<RE2>(text, options);
}

KAPPA_COLD bool Fail(CallContext& c, SqlState state, const std::string& message) { return c.Fail(state, message.c_str()); }

std::unique_ptr<Pattern> Compile(CallContext& c, const Text& text, uint32_t flags) {
  const regex::ParsedPattern parsed = regex::Parse(text.view(), flags);
  if (parsed.root == nullptr) return Fail(c, parsed.state, parsed.error), nullptr;
  auto pattern = std::make_unique<Pattern>();
  pattern->key = text.view();
  pattern->flags = flags;
  pattern->groups = parsed.groups;
  const bool shortest = PreferenceOf(*parsed.root) < 0;
  Writer writer;
  pattern->find = CompileProgram(writer.Write(*parsed.root, shortest ? -1 : 1), !shortest);
  if (writer.unsupported)
    return Fail(c, sqlstate::kFeatureNotSupported,
                "\\m or \\M that is not next to a letter, digit or underscore in a regular expression is not supported"),
           nullptr;
  if (parsed.groups > 0 && pattern->find->ok()) pattern->split = CompileProgram(Writer().Write(*parsed.root, 0), false);
  if (!pattern->find->ok() || (pattern->split != nullptr && !pattern->split->ok()))
    return Fail(c, sqlstate::kInvalidRegularExpression, "invalid regular expression: regular expression is too complex"), nullptr;
  return pattern;
}

// Never without an address, so that an empty match has a place.
re2::StringPiece Piece(const Text& text) { return {text.data == nullptr ? "" : text.data, text.size}; }

}  // namespace

const Pattern* FindPattern(CallContext& c, const Text& pattern, uint32_t flags) {
  FunctionCaches& caches = FunctionCaches::Of(c);
  if (KAPPA_UNLIKELY(caches.patterns == nullptr)) caches.patterns = std::make_shared<PatternCache>();
  uint32_t hash = pattern.size * 31 + flags * 7;
  if (pattern.size > 0)
    hash += static_cast<unsigned char>(pattern.data[0]) * 5u + static_cast<unsigned char>(pattern.data[pattern.size / 2]) * 3u +
            static_cast<unsigned char>(pattern.data[pattern.size - 1]);
  std::unique_ptr<Pattern>& slot = caches.patterns->slots[hash % PatternCache::kSlots];
  if (KAPPA_LIKELY(slot != nullptr && slot->flags == flags && slot->key == pattern.view())) return slot.get();
  std::unique_ptr<Pattern> made = Compile(c, pattern, flags);
  if (made == nullptr) return nullptr;
  slot = std::move(made);
  return slot.get();
}

bool PatternMatches(const Pattern* pattern, const Text& text) { return pattern->find->Match(Piece(text), 0, text.size, RE2::UNANCHORED, nullptr, 0); }

int PatternGroups(const Pattern* pattern) { return pattern->groups; }

bool FindMatch(const Pattern* pattern, const Text& text, size_t from, MatchSpan* spans, int count) {
  const re2::StringPiece piece = Piece(text);
  re2::StringPiece found[kMaxPatternGroups + 1];
  if (!pattern->find->Match(piece, from, text.size, RE2::UNANCHORED, found, 1)) return false;
  auto span = [&](const re2::StringPiece& part) {
    if (part.data() == nullptr) return MatchSpan{};
    const auto begin = static_cast<int32_t>(part.data() - piece.data());
    return MatchSpan{begin, begin + static_cast<int32_t>(part.size())};
  };
  spans[0] = span(found[0]);
  if (count == 1) return true;
  const int wanted = std::min(count, std::min(pattern->groups, kMaxPatternGroups) + 1);
  const auto begin = static_cast<size_t>(spans[0].begin), end = static_cast<size_t>(spans[0].end);
  bool split = pattern->split != nullptr && pattern->split->Match(piece, begin, end, RE2::ANCHOR_BOTH, found, wanted);
  if (!split) split = pattern->find->Match(piece, from, text.size, RE2::UNANCHORED, found, wanted);
  for (int i = 1; i < count; ++i) spans[i] = split && i < wanted ? span(found[i]) : MatchSpan{};
  return true;
}

bool SimilarToRegex(CallContext& c, const Text& pattern, const Text& escape, Text* out) {
  if (escape.size != 0 && Utf8Length(escape.data[0]) < escape.size) return c.Fail(sqlstate::kInvalidEscapeSequence, "invalid escape string");
  char* const bytes = c.Allocate(size_t{pattern.size} * 4 + 40);
  char* p = bytes;
  auto put = [&](std::string_view text) { p = std::copy(text.begin(), text.end(), p); };
  put("^(?:");
  bool after_escape = false, in_class = false;
  int quotes = 0;
  for (uint32_t i = 0; i < pattern.size;) {
    const char ch = pattern.data[i];
    const size_t size = std::min<size_t>(Utf8Length(ch), pattern.size - i);
    const std::string_view whole(pattern.data + i, size);
    i += static_cast<uint32_t>(size);
    if (after_escape) {
      after_escape = false;
      if (ch == '"' && !in_class) {
        if (quotes == 2)
          return c.Fail(sqlstate::kInvalidUseOfEscape, "SQL regular expression may not contain more than two escape-double-quote separators");
        put(quotes++ == 0 ? "){1,1}?(" : "){1,1}(?:");
      } else {
        put("\\");
        put(whole);
      }
    } else if (escape.size != 0 && whole == escape.view()) {
      after_escape = true;
    } else if (in_class) {
      if (ch == '\\') put("\\");
      put(whole);
      if (ch == ']') in_class = false;
    } else if (ch == '[') {
      put(whole);
      in_class = true;
    } else if (ch == '%') {
      put(".*");
    } else if (ch == '_') {
      put(".");
    } else if (ch == '(') {
      put("(?:");
    } else {
      if (ch == '\\' || ch == '.' || ch == '^' || ch == '$') put("\\");
      put(whole);
    }
  }
  put(")$");
  *out = Text(bytes, static_cast<size_t>(p - bytes));
  return true;
}

}  // namespace kappa
