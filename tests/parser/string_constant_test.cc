#include "parser/string_constant.h"

#include <gtest/gtest.h>

namespace kappa {
namespace {

std::string Decoded(std::string_view written) {
  const StatusOr<std::string> content = DecodeStringConstant(written, {});
  return content.ok() ? *content : "error " + std::string(SqlStateOf(content.status()).view());
}

TEST(StringConstant, Plain) {
  EXPECT_EQ(Decoded("''"), "");
  EXPECT_EQ(Decoded("'a\\n''b'"), "a\\n'b");
  EXPECT_EQ(Decoded("'one' \n 'two'\n\t'th''ree'"), "onetwoth'ree");
}

TEST(StringConstant, Escaped) {
  EXPECT_EQ(Decoded("E'\\b\\f\\n\\r\\t\\v\\q\\\\\\'x''y'"), "\b\f\n\r\t\vq\\'x'y");
  EXPECT_EQ(Decoded("e'\\x41\\101\\u0042\\U0001F600'"), "AAB\xF0\x9F\x98\x80");
  EXPECT_EQ(Decoded("E'\\uD83D\\uDE00'"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(Decoded("E'\\xc3\\xbc'"), "ü");
  EXPECT_EQ(Decoded("E'\\x'"), "x");
  EXPECT_EQ(Decoded("E'\\uD83D'"), "error 22025");
  EXPECT_EQ(Decoded("E'\\uD83Dx'"), "error 22025");
  EXPECT_EQ(Decoded("E'\\uDE00'"), "error 22025");
  EXPECT_EQ(Decoded("E'\\u12'"), "error 22025");
  EXPECT_EQ(Decoded("E'\\0'"), "error 22021");
  EXPECT_EQ(Decoded("E'\\xff'"), "error 22021");
}

TEST(StringConstant, UnicodeAndDollar) {
  EXPECT_EQ(Decoded("U&'d\\0061t\\+000061\\\\'"), "data\\");
  EXPECT_EQ(Decoded("u&'\\00'"), "error 22025");
  EXPECT_EQ(Decoded("$$it's$$"), "it's");
  EXPECT_EQ(Decoded("$tag$a $$ b$tag$"), "a $$ b");
  EXPECT_EQ(Decoded("$$$$"), "");
}

}  // namespace
}  // namespace kappa
