// Statements that are too deep, too long, or merely long.
#include <gtest/gtest.h>

#include <string>

#include "common/os/thread.h"
#include "parser/parser.h"
#include "parser/printer.h"

namespace kappa {
namespace {

std::string Repeat(std::string_view part, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += part;
  return out;
}

Status ParseOf(const std::string& text) { return Parse(text).status(); }

TEST(Bounds, HundredThousandLevelsAreTooMany) {
  constexpr size_t kMany = 100'000;
  for (const std::string& text :
       {"SELECT " + Repeat("(", kMany), "SELECT " + Repeat("(", kMany) + "1" + Repeat(")", kMany), "SELECT " + Repeat("NOT ", kMany) + "a",
        "SELECT " + Repeat("- ", kMany) + "1", "SELECT " + Repeat("+ -", kMany) + "1", "SELECT " + Repeat("@ ", kMany) + "1",
        "SELECT " + Repeat("a[", kMany), "SELECT " + Repeat("f(", kMany), "SELECT " + Repeat("CASE WHEN ", kMany), Repeat("SELECT * FROM (", kMany),
        "SELECT " + Repeat("(SELECT ", kMany), "SELECT x::" + Repeat("STRUCT<a ", kMany), "SELECT " + Repeat("ARRAY[", kMany),
        "SELECT " + Repeat("EXISTS (SELECT ", kMany), "SELECT * FROM " + Repeat("(", kMany) + "a", "SELECT " + Repeat("-(", kMany),
        "SELECT 1 GROUP BY " + Repeat("GROUPING SETS (", kMany), "SELECT " + Repeat("NOT NOT NOT f(- - - ", kMany)}) {
    EXPECT_EQ(SqlStateOf(ParseOf(text)), sqlstate::kStatementTooComplex) << text.substr(0, 40);
  }
}

TEST(Bounds, DeepWithinTheLimitIsFine) {
  constexpr size_t kDeep = 900;
  for (const std::string& text :
       {"SELECT " + Repeat("(", kDeep) + "1" + Repeat(")", kDeep), "SELECT " + Repeat("NOT ", kDeep) + "a", "SELECT " + Repeat("- ", kDeep) + "1",
        "SELECT " + Repeat("f(", kDeep) + "1" + Repeat(")", kDeep), "SELECT " + Repeat("(SELECT ", kDeep) + "1" + Repeat(")", kDeep),
        "SELECT " + Repeat("CASE WHEN ", kDeep) + "a" + Repeat(" THEN 1 END", kDeep), "SELECT " + Repeat("1 + (", kDeep) + "1" + Repeat(")", kDeep),
        Repeat("SELECT * FROM (", kDeep) + "SELECT 1" + Repeat(")", kDeep)}) {
    StatusOr<ast::StatementPtr> statement = ParseStatement(text);
    ASSERT_TRUE(statement.ok()) << text.substr(0, 40) << FormatError(statement.status(), "", "");
    os::RunWithStack(size_t{256} << 20, [&] {
      const std::string printed = ToSql(**statement);
      EXPECT_TRUE(ParseStatement(printed).ok()) << text.substr(0, 40);
      statement->reset();
    });
  }
}

TEST(Bounds, FiftyMegabytesAreTooMany) {
  const std::string text = "SELECT '" + std::string(size_t{50} << 20, 'x') + "'";
  EXPECT_EQ(SqlStateOf(ParseOf(text)), sqlstate::kStatementTooLong);
  const std::string words = "SELECT " + Repeat("1,", 1'100'000) + "1";
  EXPECT_EQ(SqlStateOf(ParseOf(words)), sqlstate::kStatementTooLong);
  // A long file of short statements is not a long statement.
  EXPECT_EQ(Parse(Repeat("SELECT 1;\n", 1000)).value().size(), 1000u);
}

TEST(Bounds, LongChainsParseAndPrint) {
  constexpr size_t kMany = 20'000;
  for (const std::string& text :
       {"SELECT 1" + Repeat(" + 1", kMany), "SELECT a" + Repeat(" || a", kMany), "SELECT a" + Repeat(" AND a", kMany),
        "SELECT a" + Repeat(" OR a = 1", kMany), "SELECT a" + Repeat("::int", kMany), "SELECT a" + Repeat("[1]", kMany),
        "SELECT (a)" + Repeat(".b", kMany), "SELECT a IN (1" + Repeat(", 1", kMany) + ")", "SELECT a" + Repeat(", a", kMany),
        "SELECT a FROM t" + Repeat(", t", 2000), "SELECT 1" + Repeat(" UNION ALL SELECT 1", 2000), "SELECT * FROM t" + Repeat(" CROSS JOIN t", 2000),
        "VALUES (1)" + Repeat(", (1)", kMany), "SELECT CASE" + Repeat(" WHEN a THEN 1", 2000) + " END", "SELECT " + Repeat("(1),", 5000) + "1"}) {
    StatusOr<ast::StatementPtr> statement = ParseStatement(text);
    ASSERT_TRUE(statement.ok()) << text.substr(0, 40) << FormatError(statement.status(), "", "");
    const std::string printed = ToSql(**statement);
    StatusOr<ast::StatementPtr> again = ParseStatement(printed);
    ASSERT_TRUE(again.ok()) << printed.substr(0, 40);
    EXPECT_EQ(ToSql(**again), printed) << text.substr(0, 40);
  }
}

}  // namespace
}  // namespace kappa
