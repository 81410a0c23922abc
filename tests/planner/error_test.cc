// What wrong statements answer: SQLSTATE, where, and what to try.
#include <gtest/gtest.h>

#include "tests/planner/harness.h"

namespace kappa::planner_test {
namespace {

struct Case {
  const char* sql;
  const char* state;
  const char* at;         // the text the range covers; "" = not checked
  const char* message;    // a part of it
  const char* hint = "";  // a part of it
};

const Case kCases[] = {
    {"SELECT bider FROM bids", "42703", "bider", "column \"bider\" does not exist", "did you mean \"bidder\"?"},
    {"SELECT b.pric FROM bids b", "42703", "b.pric", "column b.pric does not exist", "\"price\""},
    {"SELECT x.price FROM bids b", "42P01", "x.price", "missing FROM-clause entry for table \"x\""},
    {"SELECT 1 FROM bidz", "42P01", "bidz", "relation \"bidz\" does not exist", "\"bid"},
    {"SELECT lenght(url) FROM bids", "42883", "", "function lenght(text) does not exist", "\"length\""},
    {"SELECT url + 1 FROM bids", "42883", "", "operator does not exist: text + integer", "explicit type casts"},
    {"SELECT price FROM bids WHERE price", "42804", "price", "argument of WHERE must be type boolean, not type bigint"},
    {"SELECT price, count(*) FROM bids", "42803", "price", "column \"bids.price\" must appear in the GROUP BY clause"},
    {"SELECT count(*) FROM bids WHERE count(*) > 1", "42803", "count(*)", "aggregate functions are not allowed in WHERE"},
    {"SELECT sum(count(*)) FROM bids", "42803", "", "cannot be nested"},
    {"SELECT 1 FROM bids GROUP BY 3", "42P10", "3", "GROUP BY position 3 is not in select list"},
    {"SELECT 1 ORDER BY 2", "42P10", "2", "ORDER BY position 2"},
    {"SELECT DISTINCT price FROM bids ORDER BY auction", "42P10", "", "must appear in select list"},
    {"SELECT 1 UNION ALL SELECT 1, 2", "42601", "", "same number of columns"},
    {"SELECT 1 UNION ALL SELECT true", "42804", "", "UNION types integer and boolean cannot be matched"},
    {"SELECT CASE WHEN true THEN 1 ELSE DATE '2024-01-01' END", "42804", "", "CASE types"},
    {"SELECT 'abc'::integer", "22P02", "", "abc"},
    {"SELECT DATE '2024-02-30'", "22008", "", ""},
    {"SELECT true::date", "42846", "", "cannot cast type boolean to date"},
    {"SELECT 1::intger", "42704", "", "type \"intger\" does not exist", "integer"},
    {"SELECT (item).nam FROM plain", "42703", "nam", "field \"nam\" does not exist", "\"name\""},
    {"SELECT (k).x FROM plain", "42809", "x", "not a struct"},
    {"SELECT price FROM bids a, bids b", "42702", "price", "column reference \"price\" is ambiguous"},
    {"SELECT * FROM bids, bids", "42712", "", "table name \"bids\" specified more than once"},
    {"SELECT * FROM bids a JOIN plain b USING (pric)", "42703", "pric", "specified in USING clause does not exist in left table", "\"price\""},
    {"SELECT * FROM bids a JOIN plain b USING (url)", "42703", "url", "does not exist in right table"},
    {"SELECT * FROM bids a JOIN bids b USING (price) JOIN bids c USING (url)", "42702", "url", "appears more than once in left table"},
    {"SELECT * FROM bids a JOIN documents d ON a.price", "42804", "a.price", "argument of JOIN/ON must be type boolean, not type bigint"},
    {"SELECT * FROM bids a JOIN documents d ON count(*) = 1", "42803", "", "aggregate functions are not allowed in JOIN conditions"},
    {"SELECT * FROM plain p JOIN documents d USING (t)", "42804", "", "JOIN/USING types text and json cannot be matched"},
    {"SELECT * FROM bids a, plain b JOIN documents d ON a.price = d.id", "42P01", "a.price", "invalid reference to FROM-clause entry for table \"a\"",
     "There is an entry for table \"a\", but it cannot be referenced from this part of the query."},
    {"SELECT * FROM bids a, (SELECT a.price) b", "42P01", "a.price", "invalid reference to FROM-clause entry for table \"a\""},
    {"SELECT * FROM bids a, (SELECT price) b", "42703", "price", "column \"price\" does not exist", "in table \"a\""},
    {"SELECT (SELECT 1, 2)", "42601", "(SELECT 1, 2)", "subquery must return only one column"},
    {"SELECT 1 IN (SELECT 1, 2)", "42601", "", "subquery has too many columns"},
    {"SELECT (1, 2) IN (SELECT 1)", "42601", "", "subquery has too few columns"},
    {"SELECT 'a' = ANY (SELECT 1)", "22P02", "", "invalid input syntax for type integer"},
    {"SELECT true IN (SELECT 1)", "42883", "", "operator does not exist: boolean = integer"},
    {"SELECT bidder, (SELECT 1 WHERE price = 2) FROM bids GROUP BY bidder", "42803", "",
     "subquery uses ungrouped column \"bids.price\" from outer query"},
    {"SELECT * FROM bids LIMIT (SELECT 1)", "0A000", "", "cannot use subquery in LIMIT"},
    {"SELECT row_number() FROM bids", "42809", "row_number()", "window function row_number requires an OVER clause"},
    {"SELECT row_numer() OVER () FROM bids", "42883", "", "does not exist", "\"row_number\""},
    {"SELECT length(url) OVER () FROM bids", "42809", "", "length is not a window function nor an aggregate function"},
    {"SELECT 1 FROM bids WHERE rank() OVER () = 1", "42P20", "rank() OVER ()", "window functions are not allowed in WHERE"},
    {"SELECT sum(rank() OVER ()) FROM bids", "42803", "", "cannot contain window function calls"},
    {"SELECT sum(rank() OVER ()) OVER () FROM bids", "42P20", "", "window function calls cannot be nested"},
    {"SELECT sum(price) OVER w FROM bids WINDOW v AS ()", "42704", "w", "window \"w\" does not exist"},
    {"SELECT sum(price) OVER (ORDER BY ts ROWS -1 PRECEDING) FROM bids", "22013", "-1", "frame starting offset must not be negative"},
    {"SELECT sum(price) OVER (ORDER BY url RANGE 1 PRECEDING) FROM bids", "0A000", "1", "is not supported for column type text"},
    {"WITH RECURSIVE r AS (SELECT * FROM r) SELECT * FROM r", "42P19", "r", "does not have the form non-recursive-term UNION"},
    {"SELECT * FROM CUMULATE(bids, ts, INTERVAL '3 s', INTERVAL '10 s')", "22023", "INTERVAL '10 s'", "multiple of its step"},
    {"SELECT * FROM SESSION((SELECT bidder, count(*) AS n, max(ts) AS ts FROM bids GROUP BY bidder), ts, INTERVAL '1 s')", "0A000", "",
     "SESSION over rows that may be retracted"},
    {"SELECT * FROM TUMBLE(bids, ts, sise => INTERVAL '1 s')", "42883", "sise", "TUMBLE has no argument \"sise\"", "\"size\""},
    {"SELECT * FROM HOP(bids, ts, INTERVAL '1 s')", "42883", "", "HOP takes a table", "\"size\" is missing"},
    {"SELECT * FROM gap_fill(bids, ts, INTERVAL '1 s', lacf(price))", "42883", "lacf", "does not know how to fill by lacf", "\"locf\""},
    {"SELECT current_watermark(price) FROM bids", "42883", "", "CURRENT_WATERMARK takes the time column", "WATERMARK FOR"},
    {"SELECT string_agg(DISTINCT url, ',' ORDER BY price) FROM bids", "42P10", "price", "must appear in argument list"},
    {"SELECT percentile_cont(0.5) FROM bids", "42809", "", "WITHIN GROUP is required", "write percentile_cont(...) WITHIN GROUP (ORDER BY x)"},
    {"SELECT percentile_cont(price) WITHIN GROUP (ORDER BY price) FROM bids", "0A000", "price", "no constant"},
    {"SELECT sum(price) WITHIN GROUP (ORDER BY price) FROM bids", "42809", "", "is not an ordered-set aggregate"},
    {"SELECT 1, 2 INTERSECT SELECT 1", "42601", "SELECT 1", "each INTERSECT query must have the same number of columns"},
    {"SELECT 1 EXCEPT SELECT true", "42804", "", "EXCEPT types integer and boolean cannot be matched"},
    {"SELECT t FROM documents INTERSECT SELECT t FROM documents", "42883", "", "could not identify an equality operator for type json"},
    {"SELECT grouping(auction) FROM bids GROUP BY ROLLUP(price)", "42803", "auction", "must be grouping expressions"},
    {"SELECT auction FROM bids GROUP BY ROLLUP(price)", "42803", "auction", "must appear in the GROUP BY clause"},
    {"SELECT 1 LIMIT -1", "2201W", "-1", "LIMIT must not be negative"},
    {"SELECT * FROM TUMBLE(bids, price, INTERVAL '1 s')", "42804", "price", "must be a timestamp"},
    {"SELECT * FROM TUMBLE(bids, ts, INTERVAL '0 s')", "22023", "", "must be positive"},
    {"SELECT * FROM TUMBLE(bids, ts, INTERVAL '1 month')", "0A000", "", "months"},
    {"SELECT * FROM bids FOR LOG FROM OFFSETS '0-12' AS b", "22023", "", "invalid offsets"},
    {"SELECT * FROM bids FOR LOG FROM TIMESTAMP 'noon' AS b", "22007", "TIMESTAMP 'noon'", "noon"},
    {"SELECT * FROM bids FOR LOG UNTIL TIMESTAMP 'infinity' AS b", "22023", "TIMESTAMP 'infinity'", "is no time of a record"},
    {"CREATE SOURCE x (a INT) WITH (connector = 'log', topic = 't', scan.startup.mode = 'timestamp') FORMAT PLAIN ENCODE JSON", "22023",
     "'timestamp'", "needs the option \"scan.startup.timestamp\""},
    {"CREATE SOURCE x (a INT) WITH (connector = 'log', topic = 't', scan.startup.timestamp.millis = 'now') FORMAT PLAIN ENCODE JSON", "22023",
     "'now'", "milliseconds since 1970"},
    {"CREATE MATERIALIZED VIEW m AS SELECT now() FROM bids", "0A000", "", "the clock"},
    {"CREATE MATERIALIZED VIEW m AS SELECT price FROM bids ORDER BY pric", "42703", "pric", "does not exist"},
    {"SELECT DISTINCT ON (auction) price FROM bids ORDER BY price, auction", "42P10", "price", "must match initial ORDER BY"},
    {"SELECT 1 FROM bids FETCH FIRST 2 ROWS WITH TIES", "42601", "", "WITH TIES cannot be specified without ORDER BY"},
    {"CREATE MATERIALIZED VIEW m AS SELECT price, price FROM bids", "42701", "m", "column \"price\" specified more than once"},
    {"CREATE MATERIALIZED VIEW m AS SELECT bidder, count(*) FROM bids GROUP BY bidder EMIT ON WINDOW CLOSE", "0A000", "", "EMIT ON WINDOW CLOSE",
     "window_start"},
    {"CREATE MATERIALIZED VIEW m AS SELECT window_start, count(*) FROM TUMBLE(plain, ts, INTERVAL '1 s') GROUP BY 1 EMIT ON WINDOW CLOSE", "0A000",
     "", "watermark"},
    {"CREATE MATERIALIZED VIEW bids AS SELECT 1", "42P07", "bids", "already exists"},
    {"CREATE SINK s AS SELECT bidder, count(*) FROM bids GROUP BY 1 WITH (connector = 'kafka', topic = 't') FORMAT PLAIN ENCODE JSON", "0A000", "s",
     "FORMAT PLAIN", "FORMAT UPSERT"},
    {"CREATE SINK s AS SELECT price FROM bids WITH (connector = 'kafka', topic = 't') FORMAT UPSERT ENCODE JSON", "42P16", "s", "needs a key"},
    {"CREATE SINK s AS SELECT 1 WITH (connector = 'kafkaa', topic = 't')", "42704", "", "connector \"kafkaa\" does not exist", "\"kafka\""},
    {"CREATE SINK s AS SELECT 1 AS a WITH (connector = 'kafka', topik = 't')", "42704", "topik", "no option \"topik\"", "\"topic\""},
    {"CREATE SOURCE s (a INT) WITH (connector = 'kafka') FORMAT PLAIN ENCODE JSON", "22023", "", "needs the option \"topic\""},
    {"CREATE SOURCE s (a INT) WITH (connector = 'kafka', topic = 't')", "42601", "", "does not say how its records are written"},
    {"CREATE SOURCE s (a INT) WITH (connector = 'log', topic = 't', validate = 'no') FORMAT PLAIN ENCODE JSON", "22023", "", "'full' or 'read'"},
    {"CREATE SOURCE s (a INT, a INT) WITH (connector = 'log', topic = 't') FORMAT PLAIN ENCODE JSON", "42701", "", "specified more than once"},
    {"CREATE SOURCE s (a INT, WATERMARK FOR a AS a) WITH (connector = 'log', topic = 't') FORMAT PLAIN ENCODE JSON", "42804", "",
     "a watermark needs a timestamp"},
    {"CREATE SOURCE s (a INT METADATA FROM 'ofset') WITH (connector = 'log', topic = 't') FORMAT PLAIN ENCODE JSON", "42703", "",
     "no metadata 'ofset'", "\"offset\""},
    {"INSERT INTO plain (itm) VALUES (1)", "42703", "itm", "column \"itm\" of relation \"plain\" does not exist", "\"item\""},
    {"INSERT INTO plain (d) VALUES ('2024-01-01')", "23502", "", "null value in column \"k\""},
    {"INSERT INTO plain (k) VALUES ('x')", "22P02", "", "x"},
    {"INSERT INTO plain (k) VALUES (1, 2)", "42601", "", "more expressions than target columns"},
    {"INSERT INTO bids VALUES (1)", "0A000", "", "INSERT INTO source \"bids\""},
    {"DROP SOURCE events", "2BP01", "events", "view \"bid\" depends on it", "CASCADE"},
    {"DROP VIEW bids", "42809", "bids", "is not a view", "source"},
    {"SELECT price FROM bids WHERE price = $1 AND url = $3", "42P18", "", "$2"},
};

class Errors : public testing::TestWithParam<Case> {};

TEST_P(Errors, AnswersWhatWhereAndWhatToTry) {
  const Case& c = GetParam();
  Session session;
  const Status sources = session.Run(kSources);
  ASSERT_TRUE(sources.ok()) << FormatError(sources, "", kSources);
  const std::string before = session.catalog.Serialize();
  const Status status = session.Run(c.sql);
  ASSERT_FALSE(status.ok()) << c.sql;
  SCOPED_TRACE(FormatError(status, "", c.sql));
  EXPECT_EQ(SqlStateOf(status).view(), c.state);
  EXPECT_NE(MessageOf(status).find(c.message), std::string::npos);
  EXPECT_NE(HintOf(status).find(c.hint), std::string::npos);
  if (*c.at != 0) {
    const TextRange range = RangeOf(status);
    ASSERT_TRUE(range.known());
    EXPECT_EQ(std::string(c.sql).substr(range.begin, range.end - range.begin), c.at);
  }
  EXPECT_EQ(session.catalog.Serialize(), before) << "a failed statement changed the catalog";
}

INSTANTIATE_TEST_SUITE_P(All, Errors, testing::ValuesIn(kCases));

}  // namespace
}  // namespace kappa::planner_test
