// What is printed parses to a tree that prints the same: over the corpus, and over trees whose shape is checked by hand.
#include <gtest/gtest.h>

#include <string>

#include "parser/keywords.h"
#include "parser/parser.h"
#include "parser/printer.h"
#include "tests/parser/corpus.h"

namespace kappa {
namespace {

std::string Printed(std::string_view text) {
  StatusOr<ast::StatementPtr> statement = ParseStatement(text);
  return statement.ok() ? ToSql(**statement) : "(" + FormatError(statement.status(), "", text) + ")";
}

TEST(RoundTrip, Corpus) {
  EXPECT_GE(Corpus().size(), 150u);
  for (const std::string_view text : Corpus()) {
    StatusOr<ast::StatementPtr> first = ParseStatement(text);
    ASSERT_TRUE(first.ok()) << FormatError(first.status(), "corpus", text);
    const std::string printed = ToSql(**first);
    StatusOr<ast::StatementPtr> second = ParseStatement(printed);
    ASSERT_TRUE(second.ok()) << text << "\n" << FormatError(second.status(), "printed", printed);
    EXPECT_EQ(ToSql(**second), printed) << text;
    EXPECT_EQ((*first)->kind, (*second)->kind) << text;
  }
}

// Printing keeps what a statement says: the words that matter are those that were written.
TEST(RoundTrip, KeepsTheText) {
  for (const std::string_view text : {"SELECT 1 + 2 * 3",
                                      "SELECT (1 + 2) * 3",
                                      "SELECT 1 - (2 - 3)",
                                      "SELECT 1 - 2 - 3",
                                      "SELECT - -1",
                                      "SELECT -x::int",
                                      "SELECT (-x)::int",
                                      "SELECT (a OR b) AND NOT (c AND d)",
                                      "SELECT (a = b) = c",
                                      "SELECT a = b IS NULL",
                                      "SELECT a = (b IS NULL)",
                                      "SELECT (a IS NULL) IS TRUE",
                                      "SELECT a BETWEEN 1 AND 2 AND b",
                                      "SELECT NOT a = b",
                                      "SELECT (NOT a) = b",
                                      "SELECT 2 ^ 3 ^ 4",
                                      "SELECT 2 ^ (3 ^ 4)",
                                      "SELECT ~ 5 & 3",
                                      "SELECT (a.b).c[1].d",
                                      "SELECT \"select\".\"B\" AS \"from\"",
                                      "SELECT 'it''s'",
                                      "SELECT INTERVAL '1' day to second",
                                      "SELECT max(a) AS max FROM t",
                                      "SELECT * FROM a JOIN (b CROSS JOIN c) ON a.x = b.x",
                                      "SELECT * FROM (a JOIN b USING (x)) AS j",
                                      "(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3",
                                      "SELECT 1 UNION (SELECT 2 UNION ALL SELECT 3)",
                                      "SELECT x::numeric(10, 2)[]",
                                      "SELECT (a, b) IN ((1, 2))",
                                      "SELECT left(a, 2), \"position\"(a, b)",
                                      "SELECT EXTRACT('epoch' FROM ts)",
                                      "SELECT * FROM SESSION(TABLE t PARTITION BY (a, b), DESCRIPTOR(ts), INTERVAL '1 s')",
                                      "EXPLAIN (DATAFLOW, FORMAT JSON) SELECT 1",
                                      "CREATE VIEW v (a) AS SELECT 1 EMIT ON WINDOW CLOSE LATE INTO l"}) {
    EXPECT_EQ(Printed(text), text);
  }
}

TEST(RoundTrip, NamesOfEveryKeyword) {
  for (const std::string& word : Keywords()) {
    const std::string text = "SELECT \"" + word + "\", t.\"" + word + "\" AS \"" + word + "\" FROM \"" + word + "\" AS \"" + word + "\"";
    EXPECT_EQ(Printed(Printed(text)), Printed(text)) << word;
    std::string lower = word;
    for (char& c : lower) c = static_cast<char>(std::tolower(c));
    const std::string folded = "SELECT " + QuoteIdentifier(lower) + " FROM " + QuoteIdentifier(lower) + " AS " + QuoteIdentifier(lower);
    EXPECT_EQ(Printed(folded), folded) << word;
    // After AS and after a dot every word may stand bare.
    EXPECT_TRUE(ParseStatement("SELECT a AS " + word + ", t." + word + " FROM t").ok()) << word;
    EXPECT_NE(ClassOfKeyword(word), KeywordClass::kNone) << word << " is in no class of the grammar";
  }
}

}  // namespace
}  // namespace kappa
