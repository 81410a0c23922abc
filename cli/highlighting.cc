#include "cli/highlighting.h"

#include <algorithm>
#include <utility>

#include "parser/keywords.h"

namespace kappa::cli {
namespace {

constexpr size_t kLongestName = 64;  // of a function that is looked up

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool IsNameByte(char c) { return IsLetter(c) || IsDigit(c); }  // a dollar belongs to a name that has begun, not to a tag
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

class Highlighter {
 public:
  Highlighter(std::string_view text, const Vocabulary& vocabulary, TextState* state) : text_(text), vocabulary_(vocabulary), state_(*state) {}

  std::vector<StyledSpan> Run() {
    if (state_.defining && !state_.brackets.empty()) last_ = Kind::kSeparator;  // so lines of definitions are broken
    if (state_.open != 0) GoOn(0);
    while (at_ < text_.size()) {
      const size_t begin = at_;
      if (IsSpace(text_[at_])) {
        ++at_;
      } else if (Starts("--")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
        Add(begin, TextStyle::kComment);
      } else if (Starts("/*")) {
        Open('*', begin);
      } else if (text_[at_] == '\\') {
        Command();
      } else {
        before_ = std::exchange(last_, Token());
        state_.begun = text_[begin] != ';';
      }
    }
    return std::move(spans_);
  }

 private:
  // What the last token was: what a name means depends on it.
  enum class Kind { kNone, kName, kSoftKeyword, kKeyword, kAs, kCast, kDot, kDoubleColon, kSeparator };

  bool Starts(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  char At(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  void Add(size_t begin, TextStyle style) {
    if (at_ > begin && style != TextStyle::kPlain) spans_.push_back({begin, at_, style});
  }

  Kind Token() {
    const size_t begin = at_;
    const char c = text_[at_];
    if (IsLetter(c)) return Word();
    if (IsDigit(c) || (c == '.' && IsDigit(At(at_ + 1)))) {
      Number();
    } else if (c == '\'') {
      Open('\'', begin);
    } else if (c == '"') {
      Open('"', begin);
      return Kind::kName;
    } else if (c == '$') {
      Dollar();
    } else if (c == ':') {
      return Colon();
    } else {
      ++at_;
      if (c == '.') return Kind::kDot;
      if (c == ';') state_.brackets.clear(), state_.defining = false;
      if (c == '(' || c == '[') state_.brackets += last_ == Kind::kCast ? 'c' : c;
      if (c == ')' || c == ']') Close(begin, c == ')' ? '(' : '[');
      if (c == '(' || c == ',') return Kind::kSeparator;
    }
    return Kind::kNone;
  }

  void Close(size_t begin, char opening) {
    const char open = state_.brackets.empty() ? '\0' : state_.brackets.back();
    if (open == opening || (open == 'c' && opening == '('))
      state_.brackets.pop_back();
    else
      Add(begin, TextStyle::kMistake);
  }

  Kind Word() {
    const size_t begin = at_;
    while (IsNameByte(At(at_)) || At(at_) == '$') ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    const char first = Lower(word[0]);
    if (At(at_) == '\'' && word.size() == 1 && (first == 'e' || first == 'b' || first == 'x')) {
      Open(first == 'e' ? 'E' : '\'', begin);
      return Kind::kNone;
    }
    if (At(at_) == '&' && word.size() == 1 && first == 'u' && (At(at_ + 1) == '\'' || At(at_ + 1) == '"')) {
      const char quote = text_[++at_];
      Open(quote, begin);
      return quote == '"' ? Kind::kName : Kind::kNone;
    }
    if (last_ == Kind::kDot) return Kind::kName;
    std::string name(word.substr(0, kLongestName));
    std::transform(name.begin(), name.end(), name.begin(), Lower);
    const KeywordClass keyword = ClassOfKeyword(word);
    const TextStyle style = StyleOf(name, keyword);
    Add(begin, style);
    return style == TextStyle::kKeyword ? KeywordKind(name, keyword) : Kind::kName;
  }

  // A word may be a keyword and the name of a function or type (left, time): what stands around it tells.
  TextStyle StyleOf(const std::string& name, KeywordClass keyword) const {
    if (last_ == Kind::kDoubleColon) return TextStyle::kType;
    if (keyword == KeywordClass::kReserved) return TextStyle::kKeyword;
    const bool of_column = state_.defining && before_ == Kind::kSeparator && (last_ == Kind::kName || last_ == Kind::kSoftKeyword);
    if (of_column || (last_ == Kind::kAs && state_.brackets.ends_with('c'))) return TextStyle::kType;
    size_t next = at_;
    while (IsSpace(At(next))) ++next;
    if (At(next) == '(' && last_ != Kind::kName && vocabulary_.functions.contains(name)) return TextStyle::kFunction;
    return keyword == KeywordClass::kNone || At(next) == '.' ? TextStyle::kPlain : TextStyle::kKeyword;
  }

  Kind KeywordKind(const std::string& name, KeywordClass keyword) {
    if (name == "create" && !state_.begun) state_.defining = true;
    if (name == "select" || name == "with" || name == "values") state_.defining = false;
    if (name == "as") return Kind::kAs;
    if (name == "cast" || name == "try_cast") return Kind::kCast;
    return keyword == KeywordClass::kReserved ? Kind::kKeyword : Kind::kSoftKeyword;
  }

  void Digits() {
    while (IsDigit(At(at_)) || (At(at_) == '_' && IsDigit(At(at_ + 1)))) ++at_;
  }

  void Number() {
    const size_t begin = at_;
    const char base = Lower(At(at_ + 1));
    if (text_[at_] == '0' && (base == 'x' || base == 'o' || base == 'b')) {
      const std::string_view digits = base == 'x' ? "0123456789abcdefABCDEF_" : base == 'o' ? "01234567_" : "01_";
      at_ = std::min(text_.find_first_not_of(digits, at_ + 2), text_.size());
    } else {
      Digits();
      if (At(at_) == '.' && At(at_ + 1) != '.') ++at_, Digits();
      const size_t sign = At(at_ + 1) == '+' || At(at_ + 1) == '-' ? 1 : 0;
      if (Lower(At(at_)) == 'e' && IsDigit(At(at_ + 1 + sign))) at_ += 1 + sign, Digits();
    }
    Add(begin, TextStyle::kNumber);
    while (IsNameByte(At(at_))) ++at_;  // junk, which the parser refuses
  }

  // :: and the shell's variables, as Substitute (statement_text.h) sees them.
  Kind Colon() {
    const size_t begin = at_++;
    if (At(at_) == ':') return ++at_, Kind::kDoubleColon;
    const char quote = At(at_) == '\'' || At(at_) == '"' ? text_[at_] : '\0';
    const size_t name = at_ + (quote == 0 ? 0 : 1);
    size_t end = name;
    while (IsNameByte(At(end))) ++end;
    if (end == name || (quote != 0 && At(end) != quote) || !vocabulary_.variable || !vocabulary_.variable(text_.substr(name, end - name))) {
      return Kind::kDot;
    }
    at_ = end + (quote == 0 ? 0 : 1);
    Add(begin, TextStyle::kParameter);
    return Kind::kName;
  }

  void Dollar() {
    const size_t begin = at_++;
    if (IsDigit(At(at_))) {
      while (IsDigit(At(at_))) ++at_;
      return Add(begin, TextStyle::kParameter);
    }
    size_t end = at_;
    while (IsNameByte(At(end))) ++end;
    if (At(end) != '$') return;
    state_.tag = text_.substr(begin, end + 1 - begin);
    at_ = end;
    Open('$', begin);
  }

  // One of the shell's commands, up to the line's end.
  void Command() {
    const size_t begin = at_++;
    const size_t line_end = std::min(text_.find('\n', at_), text_.size());
    at_ = std::min(text_.find_first_of(" \t;", at_), line_end);
    const std::string_view name = text_.substr(begin + 1, at_ - begin - 1);
    Add(begin, !vocabulary_.command || vocabulary_.command(name) ? TextStyle::kCommand : TextStyle::kMistake);
    if (name == "copy") return;  // what follows is SQL
    while (IsSpace(At(at_)) && at_ < line_end) ++at_;
    while (at_ < line_end) {  // a quote begins a word
      const size_t word = at_;
      const bool quoted = text_[at_] == '\'';
      at_ = std::min(text_.find_first_of(quoted ? "'" : " \t", at_ + 1), line_end);
      const bool closed = quoted && at_ < line_end;
      if (closed) ++at_;
      if (quoted) Add(word, closed ? TextStyle::kString : TextStyle::kOpenString);
      while (at_ < line_end && IsSpace(At(at_))) ++at_;
    }
  }

  // A quote or comment that began at `begin`; at_ is at its opening character, or at the second dollar of a tag.
  void Open(char what, size_t begin) {
    state_.open = what;
    if (what != '*') ++at_;
    GoOn(begin);
  }

  // From within a quote or comment to its end, or the text's.
  void GoOn(size_t begin) {
    const char what = state_.open;
    const bool closed = what == '*' ? Comment() : what == '$' ? Dollars() : Quote();
    if (closed) state_.open = 0;
    if (what == '*')
      Add(begin, TextStyle::kComment);
    else if (what == '"')
      Add(begin, closed ? TextStyle::kQuotedName : TextStyle::kOpenQuotedName);
    else
      Add(begin, closed ? TextStyle::kString : TextStyle::kOpenString);
  }

  bool Quote() {
    const char quote = state_.open == 'E' ? '\'' : state_.open;
    for (; at_ < text_.size(); ++at_) {
      if (state_.open == 'E' && text_[at_] == '\\')
        ++at_;
      else if (text_[at_] == quote && At(at_ + 1) == quote)
        ++at_;
      else if (text_[at_] == quote)
        return ++at_, true;
    }
    at_ = std::min(at_, text_.size());
    return false;
  }

  bool Dollars() {
    const size_t close = text_.find(state_.tag, at_);
    at_ = close == std::string_view::npos ? text_.size() : close + state_.tag.size();
    return close != std::string_view::npos;
  }

  bool Comment() {
    while (at_ < text_.size()) {
      if (Starts("/*")) {
        ++state_.comments;
        at_ += 2;
      } else if (Starts("*/")) {
        at_ += 2;
        if (--state_.comments == 0) return true;
      } else {
        ++at_;
      }
    }
    return false;
  }

  const std::string_view text_;
  const Vocabulary& vocabulary_;
  TextState& state_;
  size_t at_ = 0;
  Kind last_ = Kind::kNone, before_ = Kind::kNone;
  std::vector<StyledSpan> spans_;
};

}  // namespace

char OpenIn(const TextState& state) { return state.open == 'E' ? '\'' : state.open != 0 ? state.open : state.brackets.empty() ? '\0' : '('; }

std::vector<StyledSpan> Highlight(std::string_view text, const Vocabulary& vocabulary, TextState* state) {
  return Highlighter(text, vocabulary, state).Run();
}

}  // namespace kappa::cli
