#include "parser/redact.h"

#include <algorithm>

#include "parser/string_constant.h"

namespace kappa {
namespace {

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || static_cast<unsigned char>(c) > 127;
}

class Redactor {
 public:
  explicit Redactor(std::string_view text) : text_(text) {}

  std::string Run() {
    while (at_ < text_.size()) Token();
    return std::move(text_);
  }

 private:
  bool Starts(std::string_view what) const { return std::string_view(text_).substr(at_, what.size()) == what; }

  void Token() {
    const char c = text_[at_];
    if (Starts("--")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (Starts("/*")) {
      Comment();
    } else if (c == '\'') {
      Constant(false);
    } else if (c == '"') {
      ++at_;
      while (at_ < text_.size() && text_[at_] != '"') ++at_;
      ++at_;
      Word("");
    } else if (c == '$' && Dollar()) {
      return;
    } else if (IsWordByte(c)) {
      const size_t begin = at_;
      while (at_ < text_.size() && IsWordByte(text_[at_])) ++at_;
      const std::string word = FoldIdentifier(std::string_view(text_).substr(begin, at_ - begin));
      if (word == "e" && at_ < text_.size() && text_[at_] == '\'') return Constant(true);
      Word(word);
    } else {
      if (c == ';') secret_ = password_ = named_ = false;
      ++at_;
    }
  }

  // CREATE [OR REPLACE] SECRET and ALTER SECRET are looked for anywhere: EXPLAIN, PREPARE p AS and a mistyped word may stand before. Where the verb
  // itself is mistyped, what follows SECRET ... AS is hidden.
  void Word(const std::string& word) {
    const bool opens = last_ == "create" || last_ == "alter" || last_ == "replace";
    secret_ |= (word == "secret" && opens) || (word == "as" && named_);
    named_ |= word == "secret";
    password_ = word == "password";
    last_ = word;
  }

  void Comment() {
    int depth = 0;
    do {
      const bool open = Starts("/*"), close = Starts("*/");
      depth += open ? 1 : close ? -1 : 0;
      at_ += open || close ? 2 : 1;
    } while (depth > 0 && at_ < text_.size());
    at_ = std::min(at_, text_.size());
  }

  void Constant(bool backslashes) {
    const bool hide = secret_ || password_;
    for (++at_; at_ < text_.size(); ++at_) {
      if (backslashes && text_[at_] == '\\' && at_ + 1 < text_.size()) {
        Hide(hide);
        ++at_;
      } else if (text_[at_] == '\'') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '\'') break;
        Hide(hide);
        ++at_;
      }
      Hide(hide);
    }
    ++at_;
    password_ = false;
  }

  bool Dollar() {
    const size_t close = text_.find('$', at_ + 1);
    if (close == std::string::npos) return false;
    for (size_t i = at_ + 1; i < close; ++i) {
      if (!IsWordByte(text_[i])) return false;
    }
    const std::string tag = text_.substr(at_, close + 1 - at_);
    const bool hide = secret_ || password_;
    at_ = close + 1;
    const size_t end = std::min(text_.find(tag, at_), text_.size());
    for (; at_ < end; ++at_) Hide(hide);
    at_ = std::min(end + tag.size(), text_.size());
    password_ = false;
    return true;
  }

  void Hide(bool hide) {
    if (hide && text_[at_] != '\n') text_[at_] = '*';
  }

  std::string text_;
  size_t at_ = 0;
  std::string last_;
  bool secret_ = false;    // within CREATE SECRET or ALTER SECRET
  bool named_ = false;     // the word SECRET has been seen
  bool password_ = false;  // the last word was PASSWORD
};

}  // namespace

std::string RedactSecrets(std::string_view text) { return Redactor(text).Run(); }

}  // namespace kappa
