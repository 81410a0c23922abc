#include "tests/parser/corpus.h"

namespace kappa {

const std::vector<std::string_view>& Corpus() {
  static const std::vector<std::string_view> statements = {
      // ---- constants and names
      "SELECT 1", "SELECT", "SELECT NULL, TRUE, false", "SELECT 1.5, .5, 1e10, 1.5E-3, 12345678901234567890",
      "SELECT 'it''s', E'a\\n\\t\\'b\\\\', U&'d\\0061t\\+000061', $$body 'x'$$, $tag$a $$ b$tag$",
      "SELECT 'one'\n  'two'", "SELECT \"dateTime\", \"Weird \"\"Name\"\"\", abc, ABC",
      "SELECT DATE '2024-01-01', TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP WITH TIME ZONE '2024-01-01 00:00:00+02'",
      "SELECT TIMESTAMP(3) '2024-01-01', TIME '10:00', TIME WITHOUT TIME ZONE '10:00', DOUBLE PRECISION '1.5', int4 '7', pg_catalog.int8 '8'",
      "SELECT INTERVAL '10 s', INTERVAL '1' DAY, INTERVAL '1-2' YEAR TO MONTH, INTERVAL '5' SECOND(3), INTERVAL(2) '1.234 s'",
      "SELECT $1, $2::int, ($1).x, $3[1]", "SELECT a.b.c, a.*, b.a.*", "SELECT (item).name, (item).*, item.tags[1], (a.b).c.d[2].e, m[1:2], m[:2], m[1:], m[:]",
      "SELECT (f(x))[1], (f(x)).y", "SELECT position, timestamp, time, values, year, day, max, key, offset_, name FROM t", "SELECT größe FROM straße",
      "SELECT /* a /* nested */ comment */ 1 /*+ hint */ --+ not one\n + 2 /**/ - 3", "SELECT 1 -- x\n + 2",
      // ---- operators
      "SELECT 1 + 2 * 3 - 4 / 5 % 6 ^ 7 ^ 8", "SELECT (1 + 2) * 3, 1 - (2 - 3), (1 - 2) - 3, 2 ^ (3 ^ 4)", "SELECT -1, - -1, +1, - + - 1, -x::int, (-x)::int, -(a + b)",
      "SELECT 2 - -1, 2 * -x, -a * b, a || b || c, a || (b || c), @ -5, ~ 5 & 3, a -> 'b' ->> 'c', a #> b, a <-> b", "SELECT a = b, a <> b, a != b, a < b, a >= b, (a = b) = c",
      "SELECT a AND b OR c AND NOT d OR NOT (e OR f)", "SELECT (a OR b) AND c, a AND (b AND c), a OR (b OR c)", "SELECT NOT NOT a, NOT a = b, (NOT a) = b",
      "SELECT a IS NULL, a IS NOT NULL, a ISNULL, a NOTNULL, a IS TRUE, a IS NOT FALSE, a IS UNKNOWN, a = b IS NOT UNKNOWN",
      "SELECT a IS DISTINCT FROM b, a + 1 IS NOT DISTINCT FROM b * 2", "SELECT a BETWEEN 1 AND 2, a NOT BETWEEN SYMMETRIC b + 1 AND c AND d, (a BETWEEN 1 AND 2) = TRUE",
      "SELECT a IN (1, 2, 3), a NOT IN ('x'), (a, b) IN ((1, 2), (3, 4)), a IN (SELECT 1), a NOT IN (TABLE t)",
      "SELECT a LIKE 'x%', a NOT LIKE b ESCAPE '!', a ILIKE 'x', a NOT ILIKE 'y', a SIMILAR TO '(a|b)'", "SELECT a = ANY (ARRAY[1, 2]), a > ALL (SELECT b FROM t), a <> SOME (x)",
      "SELECT ts AT TIME ZONE 'UTC', ts AT TIME ZONE 'UTC' AT TIME ZONE z + interval '1 hour'", "SELECT a COLLATE \"C\" || b COLLATE pg_catalog.\"default\"",
      "SELECT 1::int::text::varchar(10), '1.5'::numeric(10, 2), x::double precision, y::timestamp(3) with time zone, z::int[][], w::text[3], v::int ARRAY",
      "SELECT CAST(a AS bigint), TRY_CAST(b AS date), CAST(c AS struct<name text, tags text[], inner_ struct<x int>>)", "SELECT x::interval day to second, x::interval(3), x::char(3), x::character varying(5)",
      "SELECT (a + b)::int, (SELECT 1)::int, (CASE WHEN a THEN b END)::int, a::numeric(3,-2)",
      // ---- constructs and calls
      "SELECT CASE WHEN a > 1 THEN 'x' WHEN b THEN 'y' ELSE 'z' END, CASE a WHEN 1 THEN 2 END", "SELECT COALESCE(a, b, 0), NULLIF(a, ''), GREATEST(a, b), LEAST(a, b)",
      "SELECT count(*), count(DISTINCT a), sum(ALL b), string_agg(a, ',' ORDER BY b DESC NULLS LAST, c), f()", "SELECT count(*) FILTER (WHERE a > 1), percentile_cont(0.5) WITHIN GROUP (ORDER BY x)",
      "SELECT row_number() OVER (PARTITION BY a, b ORDER BY c DESC), sum(x) OVER w, sum(y) OVER (w ROWS 5 PRECEDING) FROM t WINDOW w AS (PARTITION BY a), v AS ()",
      "SELECT sum(x) OVER (ORDER BY ts RANGE BETWEEN INTERVAL '1 hour' PRECEDING AND CURRENT ROW EXCLUDE TIES)",
      "SELECT sum(x) OVER (ORDER BY ts GROUPS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW), count(*) OVER (PARTITION BY k ORDER BY ts SESSION WITH GAP INTERVAL '5 minutes')",
      "SELECT EXTRACT(epoch FROM ts), EXTRACT('hour' FROM ts), SUBSTRING(a FROM 2 FOR 3), SUBSTRING(a FOR 3), SUBSTRING(a FROM 2), substring(a, 2, 3), substring(a, 2)",
      "SELECT POSITION('a' IN b), TRIM(a), TRIM(BOTH 'x' FROM a), TRIM(LEADING FROM a), TRIM(TRAILING 'y' FROM b), trim(a, 'x'), TRIM(FROM a)",
      "SELECT OVERLAY(a PLACING b FROM 1 FOR 2), OVERLAY(a PLACING b FROM 1), overlay(a, b, 1, 2), left(a, 2), right(b, 3), replace(a, 'b', 'c'), format('%s', a)",
      "SELECT ARRAY[1, 2, 3], ARRAY[[1, 2], [3, 4]], ARRAY[]::int[], ARRAY(SELECT x FROM t ORDER BY x), ROW(1, 2), ROW(), (1, 2), (a, (b, c))",
      "SELECT EXISTS (SELECT 1), NOT EXISTS (SELECT 1 FROM t WHERE t.a = u.a), (SELECT max(x) FROM t), ((SELECT 1)), (((SELECT 1)) + 1)", "SELECT coalesce((SELECT 1)), greatest((SELECT 1), (SELECT 2))",
      "SELECT CURRENT_DATE, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP(3), LOCALTIME, LOCALTIMESTAMP(0), CURRENT_USER, SESSION_USER, USER, CURRENT_SCHEMA, CURRENT_CATALOG", "SELECT f(a => 1, b := 2, c), g(VARIADIC arr), schema_.h(1), count(t.*)",
      "SELECT a AS select, b AS \"B\", c x, d AS emit, e AS late", "SELECT a + b c, now() - interval '1 day' d, NOW(), PROCTIME(), CURRENT_WATERMARK(ts)", "SELECT date_trunc('hour', ts), to_char(ts, 'YYYY'), max(price), min(price)",
      // ---- queries
      "SELECT * FROM bids", "SELECT DISTINCT a FROM t", "SELECT DISTINCT ON (a, b) a, c FROM t ORDER BY a, b, c DESC", "SELECT ALL a FROM t", "SELECT a FROM t WHERE a > 1 GROUP BY a HAVING count(*) > 1 ORDER BY a LIMIT 10 OFFSET 5",
      "SELECT a FROM t GROUP BY 1, (a, b), ROLLUP (a, (b, c)), CUBE (a), GROUPING SETS ((a), (), ROLLUP (b)), ()", "SELECT grouping(a, b), rollup, cube FROM t GROUP BY a, b", "SELECT a FROM t ORDER BY a ASC NULLS FIRST, b DESC NULLS LAST, c LIMIT ALL",
      "SELECT a FROM t ORDER BY a FETCH FIRST 5 ROWS ONLY", "SELECT a FROM t ORDER BY a OFFSET 2 ROWS FETCH NEXT ROW WITH TIES", "SELECT a FROM t FETCH FIRST (1 + 1) ROWS WITH TIES", "SELECT a FROM t LIMIT $1 OFFSET $2",
      "VALUES (1, 'a'), (2, DEFAULT)", "VALUES ((SELECT 1)), ((SELECT 2))", "TABLE t", "(SELECT 1)", "((SELECT 1) UNION (SELECT 2)) LIMIT 1", "SELECT 1 UNION SELECT 2 UNION ALL SELECT 3 EXCEPT SELECT 4 INTERSECT ALL SELECT 5",
      "(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3", "SELECT 1 UNION (SELECT 2 UNION SELECT 3) ORDER BY 1", "SELECT 1 UNION DISTINCT SELECT 2", "SELECT * FROM (SELECT 1) AS x", "SELECT * FROM (VALUES (1, 2)) AS v (a, b)", "SELECT * FROM ((SELECT 1) UNION ALL (SELECT 2)) u",
      "WITH a AS (SELECT 1), b (x, y) AS (SELECT 2, 3) SELECT * FROM a, b", "WITH RECURSIVE r (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r WHERE n < 10) SELECT * FROM r", "WITH a AS MATERIALIZED (SELECT 1), b AS NOT MATERIALIZED (SELECT 2) TABLE a", "WITH a AS (WITH b AS (SELECT 1) SELECT * FROM b) (SELECT * FROM a)",
      // ---- tables
      "SELECT * FROM a, b AS x, c y (p, q), s.d", "SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (y, z) CROSS JOIN d NATURAL JOIN e", "SELECT * FROM a INNER JOIN b ON TRUE RIGHT OUTER JOIN c ON a.x = c.x FULL JOIN d ON FALSE NATURAL LEFT JOIN e",
      "SELECT * FROM a JOIN (b CROSS JOIN c) ON a.x = b.x", "SELECT * FROM (a JOIN b USING (x)) AS j (p, q) JOIN c ON j.p = c.p", "SELECT * FROM trades ASOF JOIN quotes ON trades.s = quotes.s AND trades.ts >= quotes.ts", "SELECT * FROM trades t ASOF LEFT JOIN quotes q ON t.s = q.s AND t.ts >= q.ts",
      "SELECT * FROM a, LATERAL (SELECT * FROM b WHERE b.x = a.x) AS l", "SELECT * FROM a CROSS JOIN LATERAL unnest(a.tags) WITH ORDINALITY AS u (tag, n)", "SELECT * FROM generate_series(1, 10) AS g (i), unnest(ARRAY[1, 2])", "SELECT * FROM ((a CROSS JOIN b))",
      "SELECT * FROM 'events.json'", "SELECT e.x FROM 'dir/*.csv' AS e WHERE x > 1", "SELECT * FROM read_json('dir/*.json')", "SELECT * FROM read_csv('f', header => TRUE, delim => ';')", "SELECT * FROM kafka('localhost:9092', 'topic')",
      "SELECT * FROM bids FOR LOG FROM EARLIEST UNTIL LATEST AS b", "SELECT * FROM bids FOR LOG FROM OFFSETS '0:120,1:98' UNTIL TIMESTAMP '2024-01-01' b WHERE b.x = 1", "SELECT * FROM bids FOR LOG UNTIL LATEST", "SELECT * FROM bids FOR LOG",
      "SELECT * FROM m FOR SYSTEM_TIME AS OF TIMESTAMP '2024-01-01'", "SELECT * FROM m FOR SYSTEM_TIME AS OF EPOCH 17", "SELECT * FROM a JOIN r FOR SYSTEM_TIME AS OF a.ts AS r ON a.k = r.k", "SELECT * FROM a JOIN r FOR SYSTEM_TIME AS OF PROCTIME() ON a.k = r.k",
      "SELECT * FROM TUMBLE(bids, ts, INTERVAL '10 s')", "SELECT * FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10 s', INTERVAL '1 s') AS w", "SELECT * FROM HOP(bids, ts, INTERVAL '2 s', INTERVAL '10 s')", "SELECT * FROM TABLE(CUMULATE(TABLE bids, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '1' DAY))",
      "SELECT * FROM SESSION(bids PARTITION BY bidder, ts, INTERVAL '10 s')", "SELECT * FROM SESSION(TABLE bids PARTITION BY (a, b), DESCRIPTOR(ts), INTERVAL '10 s')", "SELECT * FROM TUMBLE((SELECT * FROM bids WHERE price > 1), ts, INTERVAL '1 m') AS w",
      "SELECT * FROM TUMBLE(DATA => TABLE bids, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '1 m')", "SELECT * FROM TUMBLE(bids FOR LOG FROM EARLIEST, ts, INTERVAL '1 m')", "SELECT window_start, k, count(*) FROM TUMBLE(t, ts, INTERVAL '1 s') GROUP BY window_start, window_end, k",
      // ---- CREATE
      R"(CREATE SOURCE bids (auction BIGINT, price BIGINT NOT NULL, ts TIMESTAMP, item STRUCT<name TEXT, tags TEXT[]>, part INT METADATA FROM 'partition', "offset" BIGINT METADATA, total NUMERIC(10, 2) AS price * 2, late BOOLEAN DEFAULT FALSE NOT NULL,
         WATERMARK FOR ts AS ts - INTERVAL '4 seconds' MAX AHEAD INTERVAL '1 day') WITH (connector = 'kafka', topic = 'bids', properties.bootstrap.server = 'localhost:9092', scan.startup.mode = 'earliest', follow = true, n = 5) FORMAT PLAIN ENCODE JSON ON ERROR DEAD LETTER INTO bad_bids)",
      "CREATE SOURCE IF NOT EXISTS s (*, x INT AS 1) INCLUDE KEY AS k INCLUDE HEADER 'h' BYTEA AS hh INCLUDE timestamp INCLUDE partition WITH (connector = 'log') FORMAT UPSERT ENCODE AVRO (schema.registry = 'http://x') KEY ENCODE BYTES (a = 1) ON ERROR SKIP ON OFFSET LOST EARLIEST",
      "CREATE OR REPLACE SOURCE s (a INT) WITH () ENCODE RAW ON ERROR FAIL", "CREATE SOURCE n WITH (connector = 'nexmark', 'table.type' = 'Bid', \"Odd\" = 'x')", "CREATE TABLE users (id BIGINT PRIMARY KEY, name TEXT DEFAULT 'x' || 'y')",
      "CREATE TABLE t (a INT, b INT, c AS a + b, PRIMARY KEY (a, b)) APPEND ONLY", "CREATE TABLE t (a INT PRIMARY KEY) ON CONFLICT DO UPDATE IF NOT NULL WITH (connector = 'kafka') FORMAT DEBEZIUM ENCODE JSON", "CREATE TEMP TABLE t (a INT NULL) ON CONFLICT OVERWRITE", "CREATE TABLE t (a INT) ON CONFLICT DO NOTHING",
      "CREATE TABLE t AS SELECT 1 AS a", "CREATE TABLE s.t (watermark INT, key TEXT, ts TIMESTAMPTZ AS to_timestamp(ms / 1000.0), ms BIGINT, WATERMARK FOR ts AS ts)", "CREATE VIEW v AS SELECT 1", "CREATE OR REPLACE VIEW s.v (a, b) AS SELECT 1, 2",
      "CREATE MATERIALIZED VIEW m AS SELECT a, count(*) FROM t GROUP BY a", "CREATE MATERIALIZED VIEW IF NOT EXISTS m (a, n) AS SELECT a, count(*) FROM t GROUP BY a EMIT ON WINDOW CLOSE LATE INTO late_rows", "CREATE MATERIALIZED VIEW m AS SELECT 1 EMIT CHANGES", "CREATE MATERIALIZED VIEW m WITH (x = 1) AS SELECT 1 ORDER BY 1 LIMIT 5 EMIT FINAL",
      "CREATE SINK s FROM m WITH (connector = 'kafka', topic = 'x', primary_key = 'a,b') FORMAT UPSERT ENCODE JSON", "CREATE SINK IF NOT EXISTS s AS SELECT * FROM t EMIT ON UPDATE LATE INTO l WITH (connector = 'stdout')", "CREATE SINK s INTO t FROM m", "CREATE SINK s (a INT, b TEXT) WITH (connector = 'print')",
      "CREATE SINK s AS WITH x AS (SELECT 1) SELECT * FROM x WHERE a > 1 WITH (connector = 'blackhole')",
      // ---- the rest
      "INSERT INTO t VALUES (1, 'x'), (2, NULL)", "INSERT INTO t (a, \"B\") SELECT a, b FROM u EMIT ON WINDOW CLOSE", "INSERT INTO s.t DEFAULT VALUES", "INSERT INTO t (SELECT 1)", "INSERT INTO t (a) (SELECT 1 UNION SELECT 2) LATE INTO l", "INSERT INTO t WITH x AS (SELECT 1) SELECT * FROM x",
      "DROP SOURCE s", "DROP TABLE IF EXISTS a, s.b CASCADE", "DROP MATERIALIZED VIEW m RESTRICT", "DROP VIEW v", "DROP SINK s", "EXPLAIN SELECT 1", "EXPLAIN ANALYZE SELECT 1", "EXPLAIN (LOGICAL) SELECT 1", "EXPLAIN (DATAFLOW, FORMAT JSON) CREATE VIEW v AS SELECT 1", "EXPLAIN (FORMAT JSON) SELECT 1", "EXPLAIN (ANALYZE, LLVM) INSERT INTO t SELECT 1", "EXPLAIN (ASM) (SELECT 1)", "EXPLAIN (SELECT 1)", "EXPLAIN (PIPELINES) TABLE t",
      "SET optimizer_disable = 'x,y'", "SET TIME ZONE 'UTC'", "SET LOCAL TIME ZONE LOCAL", "SET timezone TO DEFAULT", "SET search_path TO a, \"B\", 'c'", "SET SESSION jit.profile = on", "SET x = -1.5", "SET \"Odd\" = 10", "RESET ALL", "RESET jit.profile",
      "SHOW TABLES", "SHOW MATERIALIZED VIEWS", "SHOW CREATE MATERIALIZED VIEW m", "SHOW CREATE t", "SHOW ALL", "SHOW timezone", "SHOW TIME ZONE", "SHOW jit.profile", "SHOW TABLES FROM s LIKE 'x%'", "SHOW COLUMNS FROM s.t", "SHOW REPLAYS", "DESCRIBE t", "DESCRIBE 'events.json'", "DESC s.t", "DESCRIBE SELECT 1",
      "BEGIN", "BEGIN TRANSACTION", "START TRANSACTION", "COMMIT", "COMMIT WORK", "END", "ROLLBACK", "ABORT", "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT CASE WHEN x THEN 1 END FROM t; END",
      "CREATE INDEX i ON m (a, b) INCLUDE (c)", "CREATE UNIQUE INDEX ON m (a)", "CREATE SECRET s WITH (backend = 'meta') AS 'x'", "CREATE FUNCTION f(a INT) RETURNS INT LANGUAGE SQL AS $$SELECT a; $$", "CREATE OR REPLACE FUNCTION f() AS 'x'", "CREATE SCHEMA s", "CREATE USER u", "CREATE CONNECTION c WITH (a = 'b')",
      "ALTER TABLE t ADD COLUMN a INT", "ALTER MATERIALIZED VIEW m RENAME TO n", "DROP INDEX i", "COMMENT ON TABLE t IS 'x'", "UPDATE t SET a = 1 WHERE b = 2", "DELETE FROM t WHERE a = 1", "COPY t FROM STDIN", "FLUSH", "SUBSCRIBE TO m", "SUBSCRIBE TO (SELECT 1)", "REPLAY m FROM EARLIEST INTO scratch", "EXPLAIN REPLAY m", "DIFF m LIMIT 5", "CUTOVER m", "ROLLBACK m", "CANCEL REPLAY m",
      "INSERT INTO t VALUES (1) RETURNING a", "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", "PREPARE p AS SELECT $1", "EXECUTE p", "TRUNCATE t",
  };
  return statements;
}

}  // namespace kappa
