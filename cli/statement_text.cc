#include "cli/statement_text.h"

#include <algorithm>
#include <cctype>

#include "cli/highlighting.h"

namespace kappa::cli {
namespace {

bool IsNameByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

// One pass over a text, stopping at each byte that is neither quoted nor commented.
class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  // `plain(at)`: a byte of code; answers how many bytes were dealt with. What is skipped goes to `skipped(begin, end)`.
  template <typename Plain, typename Skipped>
  void Run(const Plain& plain, const Skipped& skipped) {
    while (at_ < text_.size()) {
      const size_t begin = at_;
      Quoted();
      if (at_ != begin) {
        skipped(begin, at_);
        continue;
      }
      const size_t step = plain(at_);
      if (step == 0) return;
      at_ += step;
    }
  }

 private:
  bool Starts(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  // Passes a quote or comment that begins here.
  void Quoted() {
    const char c = text_[at_];
    if (c == '\'' || c == '"') {
      const bool escapes = c == '\'' && at_ > 0 && (text_[at_ - 1] == 'E' || text_[at_ - 1] == 'e') && (at_ == 1 || !IsNameByte(text_[at_ - 2]));
      for (++at_; at_ < text_.size(); ++at_) {
        if (escapes && text_[at_] == '\\')
          ++at_;
        else if (text_[at_] == c)
          break;
      }
      at_ = std::min(at_ + 1, text_.size());
    } else if (Starts("--")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (Starts("/*")) {
      Comment();
    } else if (c == '$' && (at_ == 0 || !IsNameByte(text_[at_ - 1]))) {
      Dollars();
    }
  }

  void Comment() {
    int depth = 0;
    while (at_ < text_.size()) {
      if (Starts("/*")) {
        ++depth;
        at_ += 2;
      } else if (Starts("*/")) {
        at_ += 2;
        if (--depth == 0) return;
      } else {
        ++at_;
      }
    }
  }

  void Dollars() {
    size_t end = at_ + 1;
    if (end < text_.size() && std::isdigit(static_cast<unsigned char>(text_[end])) != 0) return;  // a parameter
    while (end < text_.size() && IsNameByte(text_[end])) ++end;
    if (end == text_.size() || text_[end] != '$') return;
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const size_t close = text_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? text_.size() : close + tag.size();
  }

  std::string_view text_;
  size_t at_ = 0;
};

std::string Quote(std::string_view text, char quote) {
  std::string out(1, quote);
  for (char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

// The replacement of what begins with the colon at `at`, and its length in the text; 0: none.
size_t VariableAt(std::string_view text, size_t at, const Variables& variables, std::string* out) {
  if (at > 0 && text[at - 1] == ':') return 0;
  const char quote = at + 1 < text.size() && (text[at + 1] == '\'' || text[at + 1] == '"') ? text[at + 1] : '\0';
  const size_t begin = at + (quote == 0 ? 1 : 2);
  size_t end = begin;
  while (end < text.size() && IsNameByte(text[end])) ++end;
  if (quote != 0 && (end == text.size() || text[end] != quote)) return 0;
  const auto variable = variables.find(text.substr(begin, end - begin));
  if (variable == variables.end()) return 0;
  *out += quote == 0 ? variable->second : Quote(variable->second, quote);
  return end + (quote == 0 ? 0 : 1) - at;
}

}  // namespace

char OpenAtEnd(std::string_view text) {
  TextState state;
  (void)Highlight(text, Vocabulary(), &state);
  return OpenIn(state);
}

size_t FindCommand(std::string_view text) {
  size_t found = std::string_view::npos;
  Scan(text).Run(
      [&](size_t at) {
        if (text[at] == '\\') found = at;
        return found == std::string_view::npos ? size_t{1} : size_t{0};
      },
      [](size_t, size_t) {});
  return found;
}

std::string Substitute(std::string_view text, const Variables& variables) {
  std::string out;
  out.reserve(text.size());
  Scan(text).Run(
      [&](size_t at) {
        const size_t taken = text[at] == ':' ? VariableAt(text, at, variables, &out) : 0;
        if (taken != 0) return taken;
        out += text[at];
        return size_t{1};
      },
      [&](size_t begin, size_t end) { out += text.substr(begin, end - begin); });
  return out;
}

}  // namespace kappa::cli
