#include "parser/splitter.h"

#include <algorithm>
#include <array>

namespace kappa {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 128; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordByte(char c) { return IsLetter(c) || IsDigit(c) || c == '$'; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool SameWord(std::string_view word, std::string_view upper) {
  return std::equal(word.begin(), word.end(), upper.begin(), upper.end(),
                    [](char a, char b) { return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 32) : a) == b; });
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  // Reads to the end; calls `found` with each statement.
  template <typename Found>
  void Run(const Found& found) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (IsSpace(c)) {
        escaping_prefix_ = false;
        ++at_;
      } else if (Starts("--")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (Starts("/*")) {
        SkipComment();
      } else if (c == ';' && !InStatementSet()) {
        ++at_;
        Finish(found);
      } else {
        Token(c);
        end_ = at_;
      }
    }
    inside_ = unterminated_ || begin_ != kNone;
    Finish(found);
  }
  bool inside() const { return inside_; }

 private:
  static constexpr size_t kNone = SIZE_MAX;
  static constexpr std::array<std::string_view, 4> kSetOpening = {"EXECUTE", "STATEMENT", "SET", "BEGIN"};

  bool Starts(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  bool InStatementSet() const { return opening_words_ == kSetOpening.size(); }

  template <typename Found>
  void Finish(const Found& found) {
    if (begin_ != kNone) found(TextRange{static_cast<uint32_t>(begin_), static_cast<uint32_t>(end_)});
    begin_ = kNone;
    tokens_ = 0;
    opening_words_ = 0;
  }

  void Token(char c) {
    if (begin_ == kNone) begin_ = at_;
    const size_t start = at_;
    if (c == '\'') {
      SkipQuoted('\'', escaping_prefix_);
    } else if (c == '"') {
      SkipQuoted('"', false);
    } else if (c == '$' && DollarTag() != 0) {
      const std::string_view tag = text_.substr(at_, DollarTag());
      const size_t close = text_.find(tag, at_ + tag.size());
      unterminated_ |= close == std::string_view::npos;
      at_ = close == std::string_view::npos ? text_.size() : close + tag.size();
    } else if (IsLetter(c)) {
      while (at_ < text_.size() && IsWordByte(text_[at_])) ++at_;
      Word(text_.substr(start, at_ - start));
      escaping_prefix_ = at_ - start == 1 && (c == 'e' || c == 'E');
      ++tokens_;
      return;
    } else if (IsDigit(c) || c == '$') {
      ++at_;
      while (at_ < text_.size() && IsWordByte(text_[at_])) ++at_;
    } else {
      ++at_;
    }
    escaping_prefix_ = false;
    after_semicolon_ = c == ';';
    ++tokens_;
  }

  // Follows EXECUTE STATEMENT SET BEGIN at the start of a statement, up to the END that stands after a semicolon.
  void Word(std::string_view word) {
    if (InStatementSet()) {
      if (after_semicolon_ && SameWord(word, "END")) opening_words_ = 0;
    } else if (tokens_ == opening_words_ && SameWord(word, kSetOpening[opening_words_])) {
      ++opening_words_;
    }
    after_semicolon_ = false;
  }

  void SkipQuoted(char quote, bool backslashes) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (backslashes && text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == quote) {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != quote) {
          ++at_;
          return;
        }
        ++at_;
      }
    }
    at_ = text_.size();
    unterminated_ = true;
  }

  void SkipComment() {
    const size_t start = at_;
    int depth = 0;
    do {
      if (Starts("/*")) {
        ++depth;
        at_ += 2;
      } else if (Starts("*/")) {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && at_ < text_.size());
    at_ = std::min(at_, text_.size());
    if (depth > 0) {
      unterminated_ = true;
      if (begin_ == kNone) begin_ = start;  // the parser is to see, and refuse, the comment
      end_ = at_;
    }
  }

  // Length of $tag$ here, or 0.
  size_t DollarTag() const {
    size_t i = at_ + 1;
    if (i < text_.size() && IsDigit(text_[i])) return 0;
    while (i < text_.size() && (IsLetter(text_[i]) || IsDigit(text_[i]))) ++i;
    return i < text_.size() && text_[i] == '$' ? i + 1 - at_ : 0;
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t begin_ = kNone;  // of the present statement
  size_t end_ = 0;        // after its last token
  size_t tokens_ = 0;
  size_t opening_words_ = 0;  // how many words of kSetOpening have been seen at its start
  bool after_semicolon_ = false;
  bool escaping_prefix_ = false;  // the last token was a lone E: a quote that follows at once is an escaped string
  bool unterminated_ = false;
  bool inside_ = false;
};

}  // namespace

std::vector<TextRange> SplitStatements(std::string_view text) {
  std::vector<TextRange> statements;
  Splitter(text).Run([&](TextRange range) { statements.push_back(range); });
  return statements;
}

bool EndsInsideStatement(std::string_view text) {
  Splitter splitter(text);
  splitter.Run([](TextRange) {});
  return splitter.inside();
}

}  // namespace kappa
