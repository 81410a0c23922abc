#include <algorithm>
#include <array>

#include "common/hex.h"
#include "functions/jsonpath/path.h"
#include "functions/regex/syntax.h"

namespace kappa::jsonpath {
namespace {

enum class Token : uint8_t {
  kEnd,
  kSymbol,
  kString,
  kVariable,
  kInteger,
  kNumber,
  kName,  // kName: a word, keyword or not
};

struct Lexeme {
  Token token = Token::kEnd;
  std::string text;        // of names, strings, variables: what they stand for
  std::string_view raw;    // as written
  std::string_view shown;  // what PostgreSQL's scanner holds when it has read the token: errors name it
};

// A word that is a keyword may still name a member. Some are so in lower case only.
bool IsWord(const Lexeme& lexeme, std::string_view word, bool exact = false) {
  if (lexeme.token != Token::kName || lexeme.text.size() != word.size()) return false;
  return std::equal(word.begin(), word.end(), lexeme.text.begin(),
                    [&](char a, char b) { return a == b || (!exact && b >= 'A' && b <= 'Z' && a == b + ('a' - 'A')); });
}

constexpr std::string_view kSpecial = "?%$.[]{}()|&!=<>@#,*:-+/";

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool IsDigitChar(char c) { return c >= '0' && c <= '9'; }
bool EndsWord(char c) { return IsBlank(c) || c == '"' || c == '\\' || kSpecial.find(c) != std::string_view::npos; }

void AppendUtf8(uint32_t code, std::string* out) {
  if (code < 0x80) {
    out->push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out->push_back(static_cast<char>(0xC0 | code >> 6));
    out->push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | code >> 12));
    out->push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | code >> 18));
    out->push_back(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

class Lexer {
 public:
  Lexer(std::string_view text, ParseFailure* failure) : text_(text), failure_(*failure) {}

  // False: a failure.
  bool Next(Lexeme* out) {
    if (!SkipBlank()) return false;
    *out = Lexeme();
    const size_t begin = at_;
    if (at_ == text_.size()) return true;
    const char c = text_[at_];
    bool ok = true;
    if (c == '"') {
      out->token = Token::kString;
      ok = Quoted(&out->text);
    } else if (c == '$' && at_ + 1 < text_.size() && (text_[at_ + 1] == '"' || !EndsWord(text_[at_ + 1]))) {
      ++at_;
      out->token = Token::kVariable;
      ok = text_[at_] == '"' ? Quoted(&out->text) : Word(&out->text);
    } else if (IsDigitChar(c) || (c == '.' && at_ + 1 < text_.size() && IsDigitChar(text_[at_ + 1]))) {
      ok = Number(out);
    } else if (kSpecial.find(c) != std::string_view::npos) {
      out->token = Token::kSymbol;
      at_ += SymbolSize();
    } else {
      out->token = Token::kName;
      ok = Word(&out->text);
    }
    out->raw = text_.substr(begin, at_ - begin);
    if (out->token == Token::kSymbol) out->text = out->raw;
    out->shown = out->raw;
    if (out->token == Token::kName) out->shown = at_ < text_.size() && IsBlank(text_[at_]) ? text_.substr(at_, 1) : std::string_view();
    if (out->token == Token::kString) out->shown = "\"";
    return ok;
  }

  bool Fail(const std::string& what, std::string_view at) {
    failure_.state = sqlstate::kSyntaxError;
    failure_.message = at.empty() ? what + " at end of jsonpath input" : what + " at or near \"" + std::string(at) + "\" of jsonpath input";
    return false;
  }

 private:
  bool SkipBlank() {
    for (;;) {
      while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
      if (text_.substr(at_, 2) != "/*") return true;
      const size_t end = text_.find("*/", at_ + 2);
      if (end == std::string_view::npos) return Fail("unexpected end of comment", {});
      at_ = end + 2;
    }
  }
  size_t SymbolSize() const {
    static constexpr std::array<std::string_view, 8> kLong = {"**", "&&", "||", "==", "<>", "!=", "<=", ">="};
    return std::find(kLong.begin(), kLong.end(), text_.substr(at_, 2)) == kLong.end() ? 1 : 2;
  }

  bool Number(Lexeme* out) {
    const size_t begin = at_;
    const auto digits = [&] {
      const size_t first = at_;
      while (at_ < text_.size() && IsDigitChar(text_[at_])) ++at_;
      return at_ > first;
    };
    out->token = Token::kInteger;
    const bool whole = digits();
    if (whole && text_[begin] == '0' && at_ > begin + 1) at_ = begin + 1;  // 01 is 0, then junk
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      out->token = Token::kNumber;
      digits();
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      out->token = Token::kNumber;
      if (!digits()) return Fail("trailing junk after numeric literal", text_.substr(begin, at_ - begin));
    }
    if (at_ < text_.size() && !EndsWord(text_[at_])) return Fail("trailing junk after numeric literal", text_.substr(begin, at_ + 1 - begin));
    out->text = text_.substr(begin, at_ - begin);
    return true;
  }

  bool Word(std::string* out) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\\') {
        if (!Escape(out)) return false;
      } else if (EndsWord(c) || text_.substr(at_, 2) == "/*") {
        break;
      } else {
        out->push_back(c);
        ++at_;
      }
    }
    return true;
  }
  bool Quoted(std::string* out) {
    for (++at_; at_ < text_.size() && text_[at_] != '"';) {
      if (text_[at_] == '\\') {
        if (!Escape(out)) return false;
      } else {
        out->push_back(text_[at_++]);
      }
    }
    if (at_ == text_.size()) return Fail("unexpected end of quoted string", {});
    ++at_;
    return true;
  }

  bool Escape(std::string* out) {
    const size_t begin = at_++;
    if (at_ == text_.size()) return Fail("unexpected end after backslash", {});
    const char c = text_[at_++];
    switch (c) {
      case 'b':
        out->push_back('\b');
        return true;
      case 'f':
        out->push_back('\f');
        return true;
      case 'n':
        out->push_back('\n');
        return true;
      case 'r':
        out->push_back('\r');
        return true;
      case 't':
        out->push_back('\t');
        return true;
      case 'v':
        out->push_back('\v');
        return true;
      case 'x': {
        uint32_t code = 0;
        if (!Hex(2, 2, &code)) return Fail("invalid hex character sequence", text_.substr(begin, at_ - begin));
        return AddCode(code, out);
      }
      case 'u':
        return Unicode(begin, out);
      default:
        out->push_back(c);
        return true;
    }
  }
  bool Hex(size_t least, size_t most, uint32_t* code) {
    size_t count = 0;
    for (; count < most && at_ < text_.size() && HexDigit(text_[at_]) >= 0; ++count)
      *code = *code << 4 | static_cast<uint32_t>(HexDigit(text_[at_++]));
    return count >= least;
  }
  bool OneUnicode(uint32_t* code) {  // behind \u
    if (at_ < text_.size() && text_[at_] == '{') {
      ++at_;
      if (!Hex(1, 6, code) || at_ == text_.size() || text_[at_] != '}') return false;
      ++at_;
      return true;
    }
    return Hex(4, 4, code);
  }
  bool Unicode(size_t begin, std::string* out) {
    uint32_t code = 0;
    if (!OneUnicode(&code)) return Fail("invalid Unicode escape sequence", text_.substr(begin, at_ - begin));
    if (code >= 0xD800 && code <= 0xDBFF) {
      uint32_t low = 0;
      if (text_.substr(at_, 2) == "\\u") {
        at_ += 2;
        if (!OneUnicode(&low)) return Fail("invalid Unicode escape sequence", text_.substr(begin, at_ - begin));
      }
      if (low < 0xDC00 || low > 0xDFFF) return Surrogate();
      code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
      return Surrogate();
    }
    return AddCode(code, out);
  }
  bool Surrogate() {
    failure_.state = sqlstate::kInvalidTextRepresentation;
    failure_.message = "invalid input syntax for type jsonpath";
    return false;
  }
  bool AddCode(uint32_t code, std::string* out) {
    if (code == 0) {
      failure_.state = sqlstate::kUntranslatableCharacter;
      failure_.message = "unsupported Unicode escape sequence";
      return false;
    }
    AppendUtf8(code, out);
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  ParseFailure& failure_;
};

constexpr int kMaxNesting = 1000;

// Recursive descent; -1: a failure. Predicates and expressions are parsed by the same functions and told apart by their kind.
class Parser {
 public:
  Parser(std::string_view text, ParseFailure* failure) : lexer_(text, failure), failure_(*failure), path_(std::make_shared<Path>()) {}

  std::shared_ptr<const Path> Run() {
    if (!Advance()) return nullptr;
    if (IsWord(token_, "strict") || IsWord(token_, "lax")) {
      path_->strict = IsWord(token_, "strict");
      if (!Advance()) return nullptr;
    }
    path_->root = Or();
    if (path_->root < 0) return nullptr;
    if (token_.token != Token::kEnd) return Syntax(), nullptr;
    return path_;
  }

 private:
  bool Advance() { return lexer_.Next(&token_); }
  int Syntax() {
    if (failure_.state == sqlstate::kOk) lexer_.Fail("syntax error", token_.shown);
    return -1;
  }
  int FailWith(SqlState state, std::string message) {
    failure_ = {state, std::move(message)};
    return -1;
  }
  bool IsSymbol(std::string_view text) const { return token_.token == Token::kSymbol && token_.text == text; }
  bool Take(std::string_view symbol) { return IsSymbol(symbol) ? Advance() : Syntax() >= 0; }

  int Add(NodeKind kind, int left = -1, int right = -1) {
    Node node;
    node.kind = kind;
    node.left = left;
    node.right = right;
    path_->nodes.push_back(std::move(node));
    return static_cast<int>(path_->nodes.size()) - 1;
  }
  int AddText(NodeKind kind, std::string text) {
    const int node = Add(kind);
    At(node).text = std::move(text);
    return node;
  }
  Node& At(int node) { return path_->nodes[static_cast<size_t>(node)]; }
  bool IsPredicate(int node) { return At(node).kind >= NodeKind::kAnd && At(node).next < 0; }
  bool IsExpression(int node) { return !IsPredicate(node); }

  int Or() {
    int left = And();
    while (left >= 0 && IsSymbol("||")) {
      if (!IsPredicate(left)) return Syntax();
      if (!Advance()) return -1;
      const int right = And();
      if (right < 0) return -1;
      if (!IsPredicate(right)) return Syntax();
      left = Add(NodeKind::kOr, left, right);
    }
    return left;
  }
  int And() {
    int left = Not();
    while (left >= 0 && IsSymbol("&&")) {
      if (!IsPredicate(left)) return Syntax();
      if (!Advance()) return -1;
      const int right = Not();
      if (right < 0) return -1;
      if (!IsPredicate(right)) return Syntax();
      left = Add(NodeKind::kAnd, left, right);
    }
    return left;
  }
  // ! applies to a predicate in parentheses, or exists(...).
  int Not() {
    if (!IsSymbol("!")) return Comparison();
    if (!Advance()) return -1;
    if (!IsSymbol("(") && !IsWord(token_, "exists")) return Syntax();
    const int operand = Primary();
    if (operand < 0) return -1;
    return IsPredicate(operand) ? Add(NodeKind::kNot, operand) : Syntax();
  }

  int Comparison() {
    const int left = Additive();
    if (left < 0 || IsPredicate(left)) return left;
    static constexpr std::pair<std::string_view, NodeKind> kOperators[] = {
        {"==", NodeKind::kEqual},     {"<>", NodeKind::kNotEqual}, {"!=", NodeKind::kNotEqual},    {"<", NodeKind::kLess},
        {"<=", NodeKind::kLessEqual}, {">", NodeKind::kGreater},   {">=", NodeKind::kGreaterEqual}};
    for (const auto& [symbol, kind] : kOperators) {
      if (!IsSymbol(symbol)) continue;
      if (!Advance()) return -1;
      const int right = Additive();
      if (right < 0) return -1;
      return IsExpression(right) ? Add(kind, left, right) : Syntax();
    }
    if (IsWord(token_, "starts")) return StartsWith(left);
    if (IsWord(token_, "like_regex")) return LikeRegex(left);
    return left;
  }
  int StartsWith(int left) {
    if (!Advance()) return -1;
    if (!IsWord(token_, "with")) return Syntax();
    if (!Advance()) return -1;
    if (token_.token != Token::kString && token_.token != Token::kVariable) return Syntax();
    const int right = AddText(token_.token == Token::kString ? NodeKind::kString : NodeKind::kVariable, token_.text);
    return Advance() ? Add(NodeKind::kStartsWith, left, right) : -1;
  }
  int LikeRegex(int left) {
    if (!Advance()) return -1;
    if (token_.token != Token::kString) return Syntax();
    const int node = AddText(NodeKind::kLikeRegex, token_.text);
    At(node).left = left;
    if (!Advance()) return -1;
    std::string letters;
    if (IsWord(token_, "flag")) {
      if (!Advance()) return -1;
      if (token_.token != Token::kString) return Syntax();
      letters = token_.text;
      if (!Advance()) return -1;
    }
    if (!RegexFlags(letters, &At(node).flags)) return -1;
    const regex::ParsedPattern parsed = regex::Parse(At(node).text, At(node).flags);
    if (parsed.root == nullptr) return FailWith(parsed.state, parsed.error);
    return node;
  }
  // XQuery's letters.
  bool RegexFlags(const std::string& letters, uint32_t* flags) {
    bool dot_all = false, lines = false, expanded = false, literal = false;
    for (char c : letters) {
      switch (c) {
        case 'i':
          *flags |= regex::kIgnoreCase;
          break;
        case 's':
          dot_all = true;
          break;
        case 'm':
          lines = true;
          break;
        case 'x':
          expanded = true;
          break;
        case 'q':
          literal = true;
          break;
        default:
          FailWith(sqlstate::kSyntaxError, "invalid input syntax for type jsonpath");
          return false;
      }
    }
    if (literal) {
      *flags |= regex::kLiteral;
      return true;
    }
    if (expanded) {
      FailWith(sqlstate::kFeatureNotSupported, "XQuery \"x\" flag (expanded regular expressions) is not implemented");
      return false;
    }
    if (!dot_all) *flags |= regex::kNewlineStops;
    if (lines) *flags |= regex::kNewlineAnchor;
    return true;
  }

  int Additive() {
    int left = Multiplicative();
    while (left >= 0 && (IsSymbol("+") || IsSymbol("-"))) {
      const NodeKind kind = IsSymbol("+") ? NodeKind::kAdd : NodeKind::kSubtract;
      left = Binary(kind, left, &Parser::Multiplicative);
    }
    return left;
  }
  int Multiplicative() {
    int left = Unary();
    while (left >= 0 && (IsSymbol("*") || IsSymbol("/") || IsSymbol("%"))) {
      const NodeKind kind = IsSymbol("*") ? NodeKind::kMultiply : IsSymbol("/") ? NodeKind::kDivide : NodeKind::kRemainder;
      left = Binary(kind, left, &Parser::Unary);
    }
    return left;
  }
  int Binary(NodeKind kind, int left, int (Parser::*operand)()) {
    if (!IsExpression(left)) return Syntax();
    if (!Advance()) return -1;
    const int right = (this->*operand)();
    if (right < 0) return -1;
    return IsExpression(right) ? Add(kind, left, right) : Syntax();
  }
  int Unary() {
    if (!IsSymbol("+") && !IsSymbol("-")) return Primary();
    const NodeKind kind = IsSymbol("+") ? NodeKind::kPlus : NodeKind::kMinus;
    if (++nesting_ > kMaxNesting) return TooDeep();
    if (!Advance()) return -1;
    const int operand = Unary();
    --nesting_;
    if (operand < 0) return -1;
    return IsExpression(operand) ? Add(kind, operand) : Syntax();
  }
  int TooDeep() { return FailWith(sqlstate::kStatementTooComplex, "stack depth limit exceeded"); }

  // A value, a parenthesis, exists(...); then its accessors.
  int Primary() {
    if (++nesting_ > kMaxNesting) return TooDeep();
    if (IsWord(token_, "exists")) {
      const int node = Exists();
      --nesting_;
      return node;
    }
    const bool parenthesis = IsSymbol("(");
    const int node = parenthesis ? Parenthesis() : Value();
    --nesting_;
    if (node < 0) return -1;
    if (parenthesis && IsPredicate(node) && IsWord(token_, "is")) {
      if (!Advance()) return -1;
      if (!IsWord(token_, "unknown")) return Syntax();
      return Advance() ? Add(NodeKind::kIsUnknown, node) : -1;
    }
    return Accessors(node);
  }
  int Parenthesis() {
    if (!Advance()) return -1;
    const int inner = Or();
    return inner < 0 || !Take(")") ? -1 : inner;
  }
  int Exists() {
    if (!Advance() || !Take("(")) return -1;
    const int inner = Or();
    if (inner < 0) return -1;
    if (!IsExpression(inner)) return Syntax();
    return Take(")") ? Add(NodeKind::kExists, inner) : -1;
  }

  int Value() {
    int node = -1;
    switch (token_.token) {
      case Token::kString:
        node = AddText(NodeKind::kString, token_.text);
        break;
      case Token::kVariable:
        node = AddText(NodeKind::kVariable, token_.text);
        break;
      case Token::kInteger:
      case Token::kNumber:
        node = NumberNode();
        if (node < 0) return -1;
        break;
      case Token::kName:
        if (IsWord(token_, "null", true)) {
          node = Add(NodeKind::kNull);
        } else if (IsWord(token_, "true", true) || IsWord(token_, "false", true)) {
          node = Add(NodeKind::kBool);
          At(node).flags = IsWord(token_, "true", true) ? 1 : 0;
        } else if (IsWord(token_, "last")) {
          if (subscripts_ == 0) return FailWith(sqlstate::kSyntaxError, "LAST is allowed only in array subscripts");
          node = Add(NodeKind::kLast);
        }
        break;
      case Token::kSymbol:
        if (IsSymbol("$")) node = Add(NodeKind::kRoot);
        if (IsSymbol("@")) {
          if (filters_ == 0) return FailWith(sqlstate::kSyntaxError, "@ is not allowed in root expressions");
          node = Add(NodeKind::kCurrent);
        }
        break;
      case Token::kEnd:
        break;
    }
    if (node < 0) return Syntax();
    return Advance() ? node : -1;
  }
  int NumberNode() {
    std::string text = token_.text;  // 1. is 1, and .5 is 0.5
    if (text[0] == '.') text.insert(0, "0");
    if (const size_t point = text.find('.'); point != std::string::npos && (point + 1 == text.size() || !IsDigitChar(text[point + 1])))
      text.erase(point, 1);
    Arena arena;
    std::string_view canonical;
    if (CanonicalJsonNumber(text, &arena, &canonical) != JsonNumberStatus::kOk)
      return FailWith(sqlstate::kNumericValueOutOfRange, "value overflows numeric format");
    return AddText(NodeKind::kNumber, std::string(canonical));
  }

  int Accessors(int first) {
    int last = first;
    while (At(last).next >= 0) last = At(last).next;
    while (IsSymbol(".") || IsSymbol("[") || IsSymbol("?")) {
      const int accessor = IsSymbol(".") ? Member() : IsSymbol("[") ? Subscript() : Filter();
      if (accessor < 0) return -1;
      At(last).next = accessor;
      last = accessor;
    }
    return first;
  }
  int Filter() {
    if (!Advance() || !Take("(")) return -1;
    ++filters_;
    const int predicate = Or();
    --filters_;
    if (predicate < 0) return -1;
    if (!IsPredicate(predicate)) return Syntax();
    if (!Take(")")) return -1;
    return Add(NodeKind::kFilter, predicate);
  }
  int Member() {
    if (!Advance()) return -1;
    if (IsSymbol("*")) return Advance() ? Add(NodeKind::kAnyKey) : -1;
    if (IsSymbol("**")) return AnyPath();
    if (token_.token != Token::kName && token_.token != Token::kString) return Syntax();
    const bool word = token_.token == Token::kName;
    const Lexeme name = token_;
    if (!Advance()) return -1;
    if (!word || !IsSymbol("(")) return AddText(NodeKind::kKey, name.text);
    static constexpr std::pair<std::string_view, NodeKind> kMethods[] = {
        {"type", NodeKind::kType},       {"size", NodeKind::kSize},     {"abs", NodeKind::kAbs},          {"floor", NodeKind::kFloor},
        {"ceiling", NodeKind::kCeiling}, {"double", NodeKind::kDouble}, {"keyvalue", NodeKind::kKeyValue}};
    if (IsWord(name, "datetime")) return FailWith(sqlstate::kFeatureNotSupported, "jsonpath item method .datetime() is not supported");
    for (const auto& [method, kind] : kMethods) {
      if (IsWord(name, method)) return Advance() && Take(")") ? Add(kind) : Syntax();
    }
    return Syntax();
  }
  bool Level(uint32_t* out) {
    if (IsWord(token_, "last")) {
      *out = kAnyLevel;
      return Advance();
    }
    if (token_.token != Token::kInteger) return Syntax() >= 0;
    *out = static_cast<uint32_t>(std::strtol(token_.text.c_str(), nullptr, 10));
    return Advance();
  }
  int AnyPath() {
    if (!Advance()) return -1;
    const int node = Add(NodeKind::kAny);
    if (!IsSymbol("{")) return node;
    uint32_t first = 0;
    if (!Advance() || !Level(&first)) return -1;
    uint32_t last = first;
    if (IsWord(token_, "to") && (!Advance() || !Level(&last))) return -1;
    if (!Take("}")) return -1;
    At(node).first = first;
    At(node).last = last;
    return node;
  }
  int Subscript() {
    if (!Advance()) return -1;
    if (IsSymbol("*")) return Advance() && Take("]") ? Add(NodeKind::kAnyElement) : Syntax();
    std::vector<std::pair<int, int>> subscripts;
    ++subscripts_;
    for (;;) {
      const int from = Additive();
      if (from < 0) return -1;
      int to = -1;
      if (IsWord(token_, "to")) {
        if (!Advance()) return -1;
        to = Additive();
        if (to < 0) return -1;
      }
      if (!IsExpression(from) || (to >= 0 && !IsExpression(to))) return Syntax();
      subscripts.push_back({from, to});
      if (!IsSymbol(",")) break;
      if (!Advance()) return -1;
    }
    --subscripts_;
    if (!Take("]")) return -1;
    const int node = Add(NodeKind::kSubscripts);
    At(node).subscripts = std::move(subscripts);
    return node;
  }

  Lexer lexer_;
  ParseFailure& failure_;
  std::shared_ptr<Path> path_;
  Lexeme token_;
  int nesting_ = 0, filters_ = 0, subscripts_ = 0;
};

}  // namespace

std::shared_ptr<const Path> ParsePath(std::string_view text, ParseFailure* failure) {
  std::shared_ptr<const Path> path = Parser(text, failure).Run();
  if (text.find_first_not_of(" \t\n\r\f") == std::string_view::npos)
    *failure = {sqlstate::kInvalidTextRepresentation, "invalid input syntax for type jsonpath: \"" + std::string(text) + "\""};
  if (path == nullptr && failure->state == sqlstate::kOk) *failure = {sqlstate::kSyntaxError, "syntax error in jsonpath input"};
  return path;
}

}  // namespace kappa::jsonpath
