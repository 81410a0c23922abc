// What changes texts and trees: renaming relations, hiding secrets.
#include <gtest/gtest.h>

#include <string>

#include "parser/ast/table_names.h"
#include "parser/parser.h"
#include "parser/printer.h"
#include "parser/redact.h"

namespace kappa {
namespace {

// t becomes u, s.t becomes s.u.
std::string Renamed(std::string_view text) {
  StatusOr<ast::StatementPtr> statement = ParseStatement(text);
  if (!statement.ok()) return FormatError(statement.status(), "", text);
  ast::RenameTables(statement->get(), [](ast::QualifiedName* name) {
    if (name->last().name == "t") name->parts.back().name = "u";
  });
  return ToSql(**statement);
}

TEST(RenameTables, ColumnsGoOnMeaningWhatTheyDid) {
  EXPECT_EQ(Renamed("SELECT t.a, t FROM t"), "SELECT t.a, t FROM u AS t");
  EXPECT_EQ(Renamed("SELECT x.a FROM s.t AS x"), "SELECT x.a FROM s.u AS x");
  EXPECT_EQ(Renamed("SELECT 1 FROM TUMBLE(t, ts, INTERVAL '1 s')"), "SELECT 1 FROM TUMBLE(u, ts, INTERVAL '1 s') AS t");
  EXPECT_EQ(Renamed("TABLE t"), "TABLE u");
  EXPECT_EQ(Renamed("SELECT 1 FROM a JOIN t ON a.x = t.x"), "SELECT 1 FROM a JOIN u AS t ON a.x = t.x");
}

TEST(RenameTables, EveryPlaceOfAName) {
  EXPECT_EQ(Renamed("CREATE SINK k FROM t WITH (connector = 'print')"), "CREATE SINK k FROM u WITH (connector = 'print')");
  EXPECT_EQ(Renamed("INSERT INTO t SELECT 1"), "INSERT INTO u SELECT 1");
  EXPECT_EQ(
      Renamed("CREATE VIEW v AS SELECT (SELECT max(a) FROM t) + 1, EXISTS (TABLE t) FROM a WHERE b IN (SELECT b FROM t) ORDER BY (SELECT 1 FROM t)"),
      "CREATE VIEW v AS SELECT (SELECT max(a) FROM u AS t) + 1, EXISTS (TABLE u) FROM a WHERE b IN (SELECT b FROM u AS t) ORDER BY (SELECT 1 FROM u "
      "AS t)");
  EXPECT_EQ(Renamed("SELECT f(ARRAY(TABLE t), CASE WHEN a = ANY (SELECT 1 FROM t) THEN 1 END) UNION TABLE t"),
            "SELECT f(ARRAY(TABLE u), CASE WHEN a = ANY (SELECT 1 FROM u AS t) THEN 1 END) UNION TABLE u");
}

TEST(RenameTables, WithQueriesHideTables) {
  EXPECT_EQ(Renamed("WITH t AS (TABLE t) SELECT * FROM t"), "WITH t AS (TABLE u) SELECT * FROM t");
  EXPECT_EQ(Renamed("WITH RECURSIVE t AS (TABLE t) SELECT * FROM t"), "WITH RECURSIVE t AS (TABLE t) SELECT * FROM t");
  EXPECT_EQ(Renamed("SELECT * FROM (WITH t AS (SELECT 1) TABLE t) AS x, t"), "SELECT * FROM (WITH t AS (SELECT 1) TABLE t) AS x, u AS t");
}

TEST(Redact, ValuesOfSecretsAreHidden) {
  EXPECT_EQ(RedactSecrets("CREATE SECRET s AS 'hunter2'; SELECT 'x'"), "CREATE SECRET s AS '*******'; SELECT 'x'");
  EXPECT_EQ(RedactSecrets("create or replace secret s as E'a\\'b';"), "create or replace secret s as E'****';");
  EXPECT_EQ(RedactSecrets("CREATE SECRET s AS $x$ab$x$ 'c'"), "CREATE SECRET s AS $x$**$x$ '*'");
  EXPECT_EQ(RedactSecrets("ALTER SECRET s AS 'it''s"), "ALTER SECRET s AS '*****");
  EXPECT_EQ(RedactSecrets("CREATE USER u WITH PASSWORD 'pw' VALID 'x'"), "CREATE USER u WITH PASSWORD '**' VALID 'x'");
  EXPECT_EQ(RedactSecrets("EXPLAIN CREATE /* ' */ SECRET -- '\n \"a'\" AS 'x\ny'"), "EXPLAIN CREATE /* ' */ SECRET -- '\n \"a'\" AS '*\n*'");
}

TEST(Redact, AMistypedVerbHidesTooRatherThanNot) {
  EXPECT_EQ(RedactSecrets("CREAT SECRET s AS 'abc"), "CREAT SECRET s AS '***");
  EXPECT_EQ(RedactSecrets("SECRET s WITH (backend = 'meta') AS 'abc'; SELECT 'x'"), "SECRET s WITH (backend = 'meta') AS '***'; SELECT 'x'");
}

TEST(Redact, OtherTextIsKept) {
  for (const std::string_view text :
       {"SELECT secret, 'x' FROM t", "CREATE SOURCE s (a INT) WITH (p = SECRET x, q = 'y')", "SELECT $1, $ab, 'a", "", "'", "$"}) {
    EXPECT_EQ(RedactSecrets(text), text);
  }
}

}  // namespace
}  // namespace kappa
