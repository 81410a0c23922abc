// ANTLR's failure, told as PostgreSQL tells it.
#pragma once

#include <string_view>

#include "antlr4-runtime.h"
#include "common/status.h"

namespace kappa {

// What the error strategy throws at the first token that cannot be: the only way out of a failing parse.
struct SyntaxErrorAt {
  const antlr4::Token* token;
};

// 42601 "syntax error at or near ...", or "at end of input", with a hint where the token, or the one before it, is nearly a keyword.
// `end`: where the statement ends in `text`.
Status SyntaxError(const antlr4::Token* token, antlr4::TokenStream& tokens, std::string_view text, uint32_t end);

// Stops at the first error: never repairs, never prints.
class StopAtFirstError final : public antlr4::DefaultErrorStrategy {
 public:
  void recover(antlr4::Parser* parser, std::exception_ptr cause) override;
  antlr4::Token* recoverInline(antlr4::Parser* parser) override;
  void sync(antlr4::Parser*) override {}
  void reportError(antlr4::Parser*, const antlr4::RecognitionException&) override {}
};

}  // namespace kappa
