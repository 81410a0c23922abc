-- A key whose equal values print differently is shown by its least; one that nobody reads is not; over an updating input one that can go back.
CREATE SOURCE s (n NUMERIC, d NUMERIC(10, 2), i TEXT, f DOUBLE PRECISION, k INT) WITH (connector = 'log', topic = 't') FORMAT PLAIN ENCODE JSON;
CREATE MATERIALIZED VIEW shown AS SELECT n, i::interval AS i, d, f, count(*) AS c FROM s GROUP BY n, i::interval, d, f;
CREATE MATERIALIZED VIEW unread AS SELECT count(*) AS c FROM s GROUP BY n;
CREATE MATERIALIZED VIEW again AS SELECT total, count(*) AS c FROM (SELECT k, sum(n) AS total FROM s GROUP BY k) AS x GROUP BY total;
CREATE MATERIALIZED VIEW filtered AS SELECT n FROM s GROUP BY n HAVING n > 1 AND n::text LIKE '1%';
CREATE MATERIALIZED VIEW twice AS SELECT DISTINCT n FROM (SELECT DISTINCT n FROM s) AS x;
