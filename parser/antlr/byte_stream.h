// A statement's text as ANTLR's stream of characters: one character a byte, at its offset in the whole text, so that a token's
// indexes are byte offsets and nothing is copied or decoded. Bytes above 127 are letters, as in PostgreSQL's scanner.
#pragma once

#include <string>
#include <string_view>

#include "antlr4-runtime.h"

namespace kappa::grammar {

class ByteStream final : public antlr4::CharStream {
 public:
  // Reads text[begin, end). `text` outlives the stream.
  ByteStream(std::string_view text, size_t begin, size_t end) : text_(text.substr(0, end)), position_(begin) {}

  void consume() override { ++position_; }
  size_t LA(ssize_t i) override {
    const size_t at = position_ + static_cast<size_t>(i > 0 ? i - 1 : i);
    return at < text_.size() ? static_cast<unsigned char>(text_[at]) : antlr4::IntStream::EOF;
  }
  ssize_t mark() override { return -1; }
  void release(ssize_t) override {}
  size_t index() override { return position_; }
  void seek(size_t index) override { position_ = index; }
  size_t size() override { return text_.size(); }
  std::string getSourceName() const override { return "sql"; }
  std::string getText(const antlr4::misc::Interval& interval) override;
  std::string toString() const override { return std::string(text_); }
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
  size_t position_;
};

}  // namespace kappa::grammar
