// Errors: SQLSTATE, message and the range they point at.
#include <gtest/gtest.h>

#include <string>

#include "parser/parser.h"

namespace kappa {
namespace {

struct Case {
  std::string_view text;
  std::string_view message;
  std::string_view at;  // the text under the carets
  std::string_view hint;
};

TEST(Errors, SyntaxErrorsPointAtTheToken) {
  const Case cases[] = {
      {"SELECT * FORM bids", "syntax error at or near \"FORM\"", "FORM", "did you mean \"FROM\"?"},
      {"SELECT a FORM bids", "syntax error at or near \"bids\"", "bids", "did you mean \"FROM\"?"},
      {"SLECT 1", "syntax error at or near \"SLECT\"", "SLECT", "did you mean \"SELECT\"?"},
      {"SELECT a FROM t WEHRE a > 1", "syntax error at or near \"a\"", "a", "did you mean \"WHERE\"?"},
      {"SELECT a FROM t GRUOP BY a", "syntax error at or near \"BY\"", "BY", "did you mean \"GROUP\"?"},
      {"CREATE TABEL t (a INT)", "syntax error at or near \"TABEL\"", "TABEL", "did you mean \"TABLE\"?"},
      {"SELECT (1 + 2", "syntax error at end of input", "2", ""},
      {"SELECT 1 +", "syntax error at end of input", "+", ""},
      {"SELECT 1 FROM", "syntax error at end of input", "M", ""},
      {"SELECT a b c", "syntax error at or near \"c\"", "c", ""},
      {"SELECT a < b < c", "syntax error at or near \"<\"", "<", ""},
      {"SELECT 1)", "syntax error at or near \")\"", ")", ""},
      {"SELECT * FROM a JOIN b", "syntax error at end of input", "b", ""},
      {"SELECT 'abc", "unterminated quoted string", "'abc", "a quote inside a string is written twice: ''"},
      {"SELECT \"abc", "unterminated quoted identifier", "\"abc", ""},
      {"SELECT $x$ abc", "unterminated dollar-quoted string", "$x$ abc", ""},
      {"SELECT 1 /* abc /* d */", "unterminated /* comment", "/* abc /* d */", ""},
      {"SELECT 123abc", "trailing junk after numeric literal at or near \"123abc\"", "123abc", ""},
      {"SELECT \"\"", "zero-length delimited identifier at or near \"\"\"\"", "\"\"", ""},
      {"SELECT \\d", "syntax error at or near \"\\\"", "\\", ""},
      {"SELECT 1 LIMIT 1 LIMIT 2", "multiple LIMIT clauses not allowed", "LIMIT 2", ""},
      {"CREATE SOURCE s (a) WITH (x = 'y')", "column \"a\" has no type", "a", ""},
      {"EMIT 1", "syntax error at or near \"EMIT\"", "EMIT", ""},
      {"SELECT emit", "", "", ""},
  };
  for (const Case& c : cases) {
    const Status status = Parse(c.text).status();
    EXPECT_EQ(MessageOf(status), c.message) << c.text;
    if (status.ok()) continue;
    EXPECT_EQ(SqlStateOf(status), sqlstate::kSyntaxError) << c.text;
    ASSERT_TRUE(RangeOf(status).known()) << c.text;
    EXPECT_EQ(c.text.substr(RangeOf(status).begin, RangeOf(status).end - RangeOf(status).begin), c.at) << c.text;
    EXPECT_EQ(HintOf(status), c.hint) << c.text;
  }
}

TEST(Errors, RangesCountFromTheStartOfTheFile) {
  const std::string_view text = "SELECT 1;\n-- ü\nSELECT * FORM t;";
  const Status status = Parse(text).status();
  EXPECT_NE(FormatError(status, "f.sql", text).find("f.sql:3:"), std::string::npos) << FormatError(status, "f.sql", text);
}

TEST(Errors, BadEscapesAndBytes) {
  EXPECT_EQ(SqlStateOf(Parse("SELECT E'\\uD800'").status()), sqlstate::kInvalidEscapeSequence);
  EXPECT_EQ(SqlStateOf(Parse("SELECT E'\\xff'").status()), sqlstate::kCharacterNotInRepertoire);
  EXPECT_EQ(SqlStateOf(Parse(std::string_view("SELECT '\0'", 10)).status()), sqlstate::kCharacterNotInRepertoire);
  EXPECT_EQ(SqlStateOf(Parse("SELECT $0").status()), sqlstate::kUndefinedParameter);
  EXPECT_EQ(SqlStateOf(Parse("SELECT $99999999999").status()), sqlstate::kUndefinedParameter);
}

TEST(Errors, NamesOfSettingsHaveNoQuotedDots) {
  EXPECT_EQ(SqlStateOf(Parse("SET \"a.b\" = 1").status()), sqlstate::kUndefinedObject);
  EXPECT_EQ(SqlStateOf(Parse("RESET a.\".b\"").status()), sqlstate::kUndefinedObject);
  EXPECT_TRUE(Parse("SET a.\"B\" = 1").ok());
}

TEST(Errors, ReservedWordsAreNoNames) {
  for (const std::string_view word : {"select", "from", "user", "offset", "order", "table", "with", "left", "join"}) {
    EXPECT_FALSE(Parse("CREATE TABLE t (" + std::string(word) + " INT)").ok()) << word;
    EXPECT_TRUE(Parse("CREATE TABLE t (\"" + std::string(word) + "\" INT)").ok()) << word;
  }
  // Bare aliases that would swallow the next clause need AS.
  for (const std::string_view word : {"emit", "late", "asof"}) {
    EXPECT_FALSE(Parse("SELECT a " + std::string(word) + " FROM t").ok()) << word;
    EXPECT_TRUE(Parse("SELECT a AS " + std::string(word) + ", " + std::string(word) + " FROM t").ok()) << word;
  }
}

TEST(Errors, OneStatementIsOne) {
  EXPECT_EQ(SqlStateOf(ParseStatement("SELECT 1; SELECT 2").status()), sqlstate::kSyntaxError);
  EXPECT_EQ(SqlStateOf(ParseStatement("  -- nothing").status()), sqlstate::kSyntaxError);
  EXPECT_TRUE(Parse(" ; ;; ").value().empty());
}

}  // namespace
}  // namespace kappa
