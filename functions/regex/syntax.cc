#include "functions/regex/syntax.h"

#include <algorithm>

#include "types/text_format.h"

namespace kappa::regex {
namespace {

using Ranges = std::vector<std::pair<uint32_t, uint32_t>>;

constexpr uint32_t kMaxCodePoint = 0x10FFFF;
constexpr int kMaxRepeat = 255;

Ranges Normalized(Ranges ranges) {
  std::sort(ranges.begin(), ranges.end());
  Ranges merged;
  for (const auto& range : ranges) {
    if (!merged.empty() && range.first <= merged.back().second + 1)
      merged.back().second = std::max(merged.back().second, range.second);
    else
      merged.push_back(range);
  }
  return merged;
}

Ranges Complement(const Ranges& ranges) {
  Ranges rest;
  uint32_t next = 0;
  for (const auto& [low, high] : Normalized(ranges)) {
    if (low > next) rest.emplace_back(next, low - 1);
    next = high + 1;
  }
  if (next <= kMaxCodePoint) rest.emplace_back(next, kMaxCodePoint);
  return rest;
}

// Adds the other case of every ASCII letter.
void FoldAscii(Ranges* ranges) {
  Ranges added;
  for (const auto& [low, high] : *ranges) {
    for (const auto& [from, to, distance] : {std::tuple{'a', 'z', -32}, {'A', 'Z', 32}}) {
      const uint32_t begin = std::max(low, static_cast<uint32_t>(from)), end = std::min(high, static_cast<uint32_t>(to));
      if (begin <= end) added.emplace_back(begin + static_cast<uint32_t>(distance), end + static_cast<uint32_t>(distance));
    }
  }
  ranges->insert(ranges->end(), added.begin(), added.end());
}

// Members in ASCII, as collation C has them.
bool NamedClass(std::string_view name, Ranges* out) {
  struct Class {
    std::string_view name;
    Ranges ranges;
  };
  static const Class kClasses[] = {
      {"alpha", {{'A', 'Z'}, {'a', 'z'}}},
      {"digit", {{'0', '9'}}},
      {"alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}},
      {"upper", {{'A', 'Z'}}},
      {"lower", {{'a', 'z'}}},
      {"space", {{9, 13}, {' ', ' '}}},
      {"blank", {{9, 9}, {' ', ' '}}},
      {"punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}},
      {"cntrl", {{0, 31}, {127, 127}}},
      {"graph", {{'!', '~'}}},
      {"print", {{' ', '~'}}},
      {"xdigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}},
      {"ascii", {{0, 127}}},
      {"word", {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}},
  };
  for (const Class& entry : kClasses) {
    if (entry.name != name) continue;
    out->insert(out->end(), entry.ranges.begin(), entry.ranges.end());
    return true;
  }
  return false;
}

NodePtr MakeNode(NodeKind kind) {
  auto node = std::make_unique<Node>();
  node->kind = kind;
  return node;
}
NodePtr MakeSet(Ranges ranges) {
  auto node = MakeNode(NodeKind::kSet);
  node->ranges = Normalized(std::move(ranges));
  return node;
}

std::vector<uint32_t> CodePoints(std::string_view text) {
  std::vector<uint32_t> points;
  for (size_t i = 0; i < text.size();) {
    const size_t size = std::min(Utf8Length(text[i]), text.size() - i);
    const auto lead = static_cast<unsigned char>(text[i]);
    uint32_t point = size == 1 ? lead : size == 2 ? lead & 31u : size == 3 ? lead & 15u : lead & 7u;
    for (size_t j = 1; j < size; ++j) point = point << 6 | (static_cast<unsigned char>(text[i + j]) & 63u);
    points.push_back(point);
    i += size;
  }
  return points;
}

// What a backslash stands for.
struct Escape {
  enum Kind : uint8_t { kCharacter, kClass, kNode } kind = kCharacter;
  uint32_t character = 0;
  Ranges ranges;
  NodeKind node = NodeKind::kEmpty;
};

class Parser {
 public:
  Parser(std::string_view pattern, uint32_t flags) : text_(CodePoints(pattern)), flags_(flags) {}

  ParsedPattern Run() {
    ParsedPattern result;
    if (Prefixes()) result.root = (flags_ & kLiteral) != 0 ? Literal() : Expression(0);
    if (error_.empty() && (flags_ & kLiteral) == 0 && !AtEnd()) Fail("parentheses () not balanced");
    if (!error_.empty()) result.root = nullptr;
    result.groups = groups_;
    result.error = error_;
    result.state = state_;
    return result;
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  uint32_t Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : UINT32_MAX; }
  bool Eat(uint32_t c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  static bool IsDigitPoint(uint32_t c) { return c >= '0' && c <= '9'; }
  static bool IsAlphaPoint(uint32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  NodePtr Fail(std::string_view why) {
    if (error_.empty()) error_ = "invalid regular expression: " + std::string(why);
    at_ = text_.size();
    return nullptr;
  }
  NodePtr Unsupported(std::string_view what) {
    if (error_.empty()) {
      error_ = std::string(what) + " in a regular expression is not supported";
      state_ = sqlstate::kFeatureNotSupported;
    }
    at_ = text_.size();
    return nullptr;
  }

  // ***= and ***: in front, and (?flags).
  bool Prefixes() {
    if ((flags_ & kLiteral) != 0) return true;
    if (Peek() == '*' && Peek(1) == '*' && Peek(2) == '*' && text_.size() > 3) {
      const uint32_t director = Peek(3);
      if (director == '=') {
        at_ += 4;
        flags_ |= kLiteral;
        return true;
      }
      if (director != ':') return Fail(director == '?' ? "invalid regexp (reg version 0.8)" : "quantifier operand invalid"), false;
      at_ += 4;
    }
    if (Peek() != '(' || Peek(1) != '?' || !IsAlphaPoint(Peek(2))) return true;
    for (at_ += 2; !AtEnd() && IsAlphaPoint(Peek()); ++at_) {
      if (!EmbeddedOption(Peek())) return false;
    }
    if (!Eat(')')) return Fail("invalid embedded option"), false;
    return true;
  }
  bool EmbeddedOption(uint32_t option) {
    switch (option) {
      case 'b':
      case 'e':
        Unsupported("the basic or extended syntax");
        return false;
      case 'c':
        flags_ &= ~kIgnoreCase;
        return true;
      case 'i':
        flags_ |= kIgnoreCase;
        return true;
      case 'm':
      case 'n':
        flags_ |= kNewlineStops | kNewlineAnchor;
        return true;
      case 'p':
        flags_ = (flags_ & ~kNewlineAnchor) | kNewlineStops;
        return true;
      case 'w':
        flags_ = (flags_ & ~kNewlineStops) | kNewlineAnchor;
        return true;
      case 's':
        flags_ &= ~(kNewlineStops | kNewlineAnchor);
        return true;
      case 'q':
        flags_ |= kLiteral;
        return true;
      case 't':
        flags_ &= ~kExpanded;
        return true;
      case 'x':
        flags_ |= kExpanded;
        return true;
      default:
        Fail("invalid embedded option");
        return false;
    }
  }

  NodePtr Character(uint32_t c) {
    Ranges ranges{{c, c}};
    if ((flags_ & kIgnoreCase) != 0) FoldAscii(&ranges);
    return MakeSet(std::move(ranges));
  }

  NodePtr Literal() {
    NodePtr node = MakeNode(NodeKind::kCat);
    for (; !AtEnd(); ++at_) node->children.push_back(Character(Peek()));
    return node;
  }

  void SkipExpanded() {
    if ((flags_ & kExpanded) == 0) return SkipComments();
    for (;;) {
      while (!AtEnd() && (Peek() == ' ' || (Peek() >= 9 && Peek() <= 13))) ++at_;
      if (Peek() == '#') {
        while (!AtEnd() && Peek() != '\n') ++at_;
        continue;
      }
      const size_t before = at_;
      SkipComments();
      if (at_ == before) return;
    }
  }
  // (?#...)
  void SkipComments() {
    while (Peek() == '(' && Peek(1) == '?' && Peek(2) == '#') {
      while (!AtEnd() && Peek() != ')') ++at_;
      if (!AtEnd()) ++at_;
    }
  }

  NodePtr Expression(int depth) {
    if (depth > 200) return Fail("regular expression is too complex");
    NodePtr first = Branch(depth);
    if (Peek() != '|') return first;
    NodePtr alternation = MakeNode(NodeKind::kAlternation);
    alternation->children.push_back(std::move(first));
    while (Eat('|')) alternation->children.push_back(Branch(depth));
    return alternation;
  }

  NodePtr Branch(int depth) {
    NodePtr branch = MakeNode(NodeKind::kCat);
    for (;;) {
      SkipExpanded();
      if (AtEnd() || Peek() == '|' || (Peek() == ')' && depth > 0)) return branch;
      NodePtr atom = QuantifiedAtom(depth);
      if (atom == nullptr) return branch;
      branch->children.push_back(std::move(atom));
    }
  }

  NodePtr QuantifiedAtom(int depth) {
    bool constraint = false;
    NodePtr atom = Atom(depth, &constraint);
    if (atom == nullptr || constraint) return atom;
    SkipExpanded();
    int min = 0, max = -1;
    bool transparent = false;
    switch (Peek()) {
      case '*':
        break;
      case '+':
        min = 1;
        break;
      case '?':
        max = 1;
        break;
      case '{':
        if (!IsDigitAfterBrace()) return atom;
        ++at_;
        if (!Bounds(&min, &max, &transparent)) return nullptr;
        break;
      default:
        return atom;
    }
    ++at_;
    NodePtr repeat = MakeNode(NodeKind::kRepeat);
    repeat->min = min;
    repeat->max = max;
    repeat->transparent = transparent;
    repeat->greedy = !Eat('?');
    repeat->children.push_back(std::move(atom));
    return repeat;
  }

  bool IsDigitAfterBrace() const {
    size_t ahead = 1;
    while ((flags_ & kExpanded) != 0 && (Peek(ahead) == ' ' || (Peek(ahead) >= 9 && Peek(ahead) <= 13))) ++ahead;
    return IsDigitPoint(Peek(ahead));
  }
  // m, m, or m,n up to the closing brace.
  bool Bounds(int* min, int* max, bool* transparent) {
    auto number = [&](int* value) {
      SkipExpanded();
      *value = 0;
      while (IsDigitPoint(Peek()) && *value <= kMaxRepeat) *value = *value * 10 + static_cast<int>(text_[at_++] - '0');
      SkipExpanded();
      return *value <= kMaxRepeat;
    };
    if (!number(min)) return Fail("invalid repetition count(s)"), false;
    *max = *min;
    *transparent = true;
    if (Eat(',')) {
      *transparent = false;
      SkipExpanded();
      *max = -1;
      if (IsDigitPoint(Peek()) && !number(max)) return Fail("invalid repetition count(s)"), false;
      if (*max >= 0 && *min > *max) return Fail("invalid repetition count(s)"), false;
    }
    if (AtEnd()) return Fail("braces {} not balanced"), false;
    if (Peek() != '}') return Fail("invalid repetition count(s)"), false;
    return true;
  }

  NodePtr Atom(int depth, bool* constraint) {
    const uint32_t c = text_[at_++];
    switch (c) {
      case '^':
        *constraint = true;
        return MakeNode((flags_ & kNewlineAnchor) != 0 ? NodeKind::kLineBegin : NodeKind::kTextBegin);
      case '$':
        *constraint = true;
        return MakeNode((flags_ & kNewlineAnchor) != 0 ? NodeKind::kLineEnd : NodeKind::kTextEnd);
      case '*':
      case '+':
      case '?':
        return Fail("quantifier operand invalid");
      case '{':
        --at_;
        if (IsDigitAfterBrace()) return Fail("quantifier operand invalid");
        ++at_;
        return Character(c);
      case ')':
        return Fail("parentheses () not balanced");
      case '(':
        return Group(depth);
      case '[':
        return Bracket(constraint);
      case '.': {
        Ranges none;
        if ((flags_ & kNewlineStops) != 0) none.emplace_back('\n', '\n');
        return MakeSet(Complement(none));
      }
      case '\\': {
        Escape escape;
        if (!ReadEscape(&escape)) return nullptr;
        if (escape.kind == Escape::kCharacter) return Character(escape.character);
        if (escape.kind == Escape::kClass) return MakeSet(std::move(escape.ranges));
        *constraint = true;
        return MakeNode(escape.node);
      }
      default:
        return Character(c);
    }
  }

  NodePtr Group(int depth) {
    NodePtr group = MakeNode(NodeKind::kGroup);
    if (Eat('?')) {
      if (Peek() == '=' || Peek() == '!') return Unsupported("lookahead");
      if (Peek() == '<') return Unsupported("lookbehind");
      if (!Eat(':')) return Fail("quantifier operand invalid");
    } else {
      group->group = ++groups_;
    }
    group->children.push_back(Expression(depth + 1));
    if (!error_.empty()) return nullptr;
    if (!Eat(')')) return Fail("parentheses () not balanced");
    ++closed_;
    return group;
  }

  // Up to `most` digits of a base; -1: fewer than `least`.
  int64_t Digits(int base, int least, int most) {
    int64_t value = 0;
    int count = 0;
    for (; count < most && !AtEnd(); ++count) {
      const uint32_t c = Peek();
      const int digit = IsDigitPoint(c)        ? static_cast<int>(c - '0')
                        : c >= 'a' && c <= 'f' ? static_cast<int>(c - 'a' + 10)
                        : c >= 'A' && c <= 'F' ? static_cast<int>(c - 'A' + 10)
                                               : 99;
      if (digit >= base) break;
      if (value <= INT32_MAX) value = value * base + digit;
      ++at_;
    }
    return count < least ? -1 : value;
  }

  bool CharacterEscape(int64_t code, Escape* out) {
    if (code < 0 || code > INT32_MAX - 1) return Fail("invalid escape \\ sequence"), false;
    out->character = static_cast<uint32_t>(code);
    return true;
  }

  bool ReadEscape(Escape* out) {
    if (AtEnd()) return Fail("invalid escape \\ sequence"), false;
    const uint32_t c = text_[at_++];
    if (!IsAlphaPoint(c) && !IsDigitPoint(c)) return CharacterEscape(c, out);
    auto constraint = [&](NodeKind kind) {
      out->kind = Escape::kNode;
      out->node = kind;
      return true;
    };
    auto named = [&](std::string_view name, bool negated) {
      out->kind = Escape::kClass;
      NamedClass(name, &out->ranges);
      if (negated) out->ranges = Complement(out->ranges);
      return true;
    };
    switch (c) {
      case 'a':
        return CharacterEscape(7, out);
      case 'b':
        return CharacterEscape(8, out);
      case 'B':
        return CharacterEscape('\\', out);
      case 'c':
        if (AtEnd()) return Fail("invalid escape \\ sequence"), false;
        return CharacterEscape(text_[at_++] & 31, out);
      case 'e':
        return CharacterEscape(27, out);
      case 'f':
        return CharacterEscape(12, out);
      case 'n':
        return CharacterEscape(10, out);
      case 'r':
        return CharacterEscape(13, out);
      case 't':
        return CharacterEscape(9, out);
      case 'v':
        return CharacterEscape(11, out);
      case 'u':
        return CharacterEscape(Digits(16, 4, 4), out);
      case 'U':
        return CharacterEscape(Digits(16, 8, 8), out);
      case 'x':
        return CharacterEscape(Digits(16, 1, 255), out);
      case 'd':
      case 'D':
        return named("digit", c == 'D');
      case 's':
      case 'S':
        return named("space", c == 'S');
      case 'w':
      case 'W':
        return named("word", c == 'W');
      case 'A':
        return constraint(NodeKind::kTextBegin);
      case 'Z':
        return constraint(NodeKind::kTextEnd);
      case 'm':
        return constraint(NodeKind::kWordBegin);
      case 'M':
        return constraint(NodeKind::kWordEnd);
      case 'y':
        return constraint(NodeKind::kWordBoundary);
      case 'Y':
        return constraint(NodeKind::kNotWordBoundary);
      default:
        return NumberEscape(c, out);
    }
  }

  // A back reference, or a character in octal.
  bool NumberEscape(uint32_t c, Escape* out) {
    if (!IsDigitPoint(c)) return Fail("invalid escape \\ sequence"), false;
    --at_;
    if (c != '0') {
      const size_t begin = at_;
      const int64_t number = Digits(10, 1, 255);
      if (at_ == begin + 1 || (number > 0 && number <= groups_)) {
        if (number > closed_ || number > groups_) return Fail("invalid backreference number"), false;
        return Unsupported("a back reference"), false;
      }
      at_ = begin;
    }
    int64_t code = Digits(8, 1, 3);
    if (code > 0xFF) {
      --at_;
      code >>= 3;
    }
    return CharacterEscape(code, out);
  }

  // [...], the opening bracket read.
  NodePtr Bracket(bool* constraint) {
    if (Peek() == '[' && Peek(1) == ':' && (Peek(2) == '<' || Peek(2) == '>') && Peek(3) == ':' && Peek(4) == ']' && Peek(5) == ']') {
      const bool begin = Peek(2) == '<';
      at_ += 6;
      *constraint = true;
      return MakeNode(begin ? NodeKind::kWordBegin : NodeKind::kWordEnd);
    }
    const bool negated = Eat('^');
    Ranges ranges;
    bool first = true;
    for (;; first = false) {
      if (AtEnd()) return Fail("brackets [] not balanced");
      if (!first && Eat(']')) break;
      if (!BracketPart(first, &ranges)) return nullptr;
    }
    if ((flags_ & kIgnoreCase) != 0) FoldAscii(&ranges);
    if (!negated) return MakeSet(std::move(ranges));
    if ((flags_ & kNewlineStops) != 0) ranges.emplace_back('\n', '\n');
    return MakeSet(Complement(ranges));
  }

  bool BracketPart(bool first, Ranges* ranges) {
    uint32_t low = 0;
    bool is_class = false;
    if (Peek() == '-' && !first && Peek(1) != ']') return Fail("invalid character range"), false;
    if (!BracketItem(ranges, &low, &is_class)) return false;
    if (is_class) return true;
    if (Peek() != '-' || Peek(1) == ']') {
      ranges->emplace_back(low, low);
      return true;
    }
    ++at_;
    if (AtEnd()) return Fail("brackets [] not balanced"), false;
    uint32_t high = 0;
    Ranges unused;
    if (Peek() == '-') {
      high = '-';
      ++at_;
    } else if (!BracketItem(&unused, &high, &is_class)) {
      return false;
    }
    if (is_class || low > high) return Fail("invalid character range"), false;
    ranges->emplace_back(low, high);
    return true;
  }

  // One character, or a class.
  bool BracketItem(Ranges* ranges, uint32_t* character, bool* is_class) {
    const uint32_t c = text_[at_++];
    if (c == '\\') {
      Escape escape;
      if (!ReadEscape(&escape)) return false;
      if (escape.kind == Escape::kNode) return Fail("invalid escape \\ sequence"), false;
      if (escape.kind == Escape::kClass) {
        ranges->insert(ranges->end(), escape.ranges.begin(), escape.ranges.end());
        *is_class = true;
      }
      *character = escape.character;
      return true;
    }
    if (c != '[' || (Peek() != ':' && Peek() != '.' && Peek() != '=')) {
      *character = c;
      return true;
    }
    const uint32_t kind = text_[at_++];
    std::string name;
    std::vector<uint32_t> points;
    while (!AtEnd() && !(Peek() == kind && Peek(1) == ']')) {
      points.push_back(Peek());
      name += static_cast<char>(Peek() < 128 ? Peek() : '?');
      ++at_;
    }
    if (AtEnd()) return Fail("brackets [] not balanced"), false;
    at_ += 2;
    if (kind == ':') {
      *is_class = true;
      if (!NamedClass(name, ranges)) return Fail("invalid character class"), false;
      if ((flags_ & kIgnoreCase) != 0 && (name == "upper" || name == "lower")) NamedClass("alpha", ranges);
      return true;
    }
    if (points.size() != 1) return Fail("invalid collating element"), false;
    *character = points[0];
    if (kind == '=') {
      *is_class = true;
      ranges->emplace_back(points[0], points[0]);
    }
    return true;
  }

  std::vector<uint32_t> text_;
  uint32_t flags_;
  size_t at_ = 0;
  int groups_ = 0, closed_ = 0;
  std::string error_;
  SqlState state_ = sqlstate::kInvalidRegularExpression;
};

bool IsWordSet(const Node& node) {
  for (const auto& [low, high] : node.ranges) {
    const bool digit = low >= '0' && high <= '9', upper = low >= 'A' && high <= 'Z', lower = low >= 'a' && high <= 'z',
               line = low == '_' && high == '_';
    // Neighbours are merged: [A-Z_a-z] has gaps at [ and ` only.
    if (!digit && !upper && !lower && !line) return false;
  }
  return !node.ranges.empty();
}

bool EdgeIsWord(const Node& node, bool begin) {
  switch (node.kind) {
    case NodeKind::kSet:
      return IsWordSet(node);
    case NodeKind::kGroup:
      return EdgeIsWord(*node.children[0], begin);
    case NodeKind::kRepeat:
      return node.min > 0 && EdgeIsWord(*node.children[0], begin);
    case NodeKind::kAlternation:
      return std::all_of(node.children.begin(), node.children.end(), [&](const NodePtr& child) { return EdgeIsWord(*child, begin); });
    case NodeKind::kCat:
      if (node.children.empty()) return false;
      return EdgeIsWord(begin ? *node.children.front() : *node.children.back(), begin);
    default:
      return false;
  }
}

}  // namespace

ParsedPattern Parse(std::string_view pattern, uint32_t flags) { return Parser(pattern, flags).Run(); }

int PreferenceOf(const Node& node) {
  switch (node.kind) {
    case NodeKind::kAlternation:
      return 1;
    case NodeKind::kGroup:
      return PreferenceOf(*node.children[0]);
    case NodeKind::kRepeat:
      return node.transparent ? PreferenceOf(*node.children[0]) : node.greedy ? 1 : -1;
    case NodeKind::kCat:
      for (const NodePtr& child : node.children) {
        if (const int preference = PreferenceOf(*child); preference != 0) return preference;
      }
      return 0;
    default:
      return 0;
  }
}

int FixedLengthOf(const Node& node) {
  switch (node.kind) {
    case NodeKind::kSet:
      return 1;
    case NodeKind::kGroup:
      return FixedLengthOf(*node.children[0]);
    case NodeKind::kRepeat: {
      const int length = FixedLengthOf(*node.children[0]);
      return node.min == node.max && length >= 0 ? length * node.min : -1;
    }
    case NodeKind::kAlternation:
    case NodeKind::kCat: {
      int total = 0;
      for (const NodePtr& child : node.children) {
        const int length = FixedLengthOf(*child);
        if (length < 0 || (node.kind == NodeKind::kAlternation && &child != &node.children[0] && length != total)) return -1;
        total = node.kind == NodeKind::kCat ? total + length : length;
      }
      return total;
    }
    default:
      return 0;
  }
}

bool BeginsWithWord(const Node& node) { return EdgeIsWord(node, true); }
bool EndsWithWord(const Node& node) { return EdgeIsWord(node, false); }

}  // namespace kappa::regex
