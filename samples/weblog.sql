-- A web server's access log: visits (sessions), top pages, error rate:   kappa run samples/weblog.sql
-- (from the repository's root: the log is in samples/data; another: change path, with follow = true it goes on as the log grows). Lines are taken
-- apart by regular expressions; one that they do not match, and one that comes far too late (a clock that ran behind), are kept aside.
CREATE SOURCE access_log (
  line   TEXT,
  client TEXT NOT NULL AS substring(line FROM '^(\S+) \S+ \S+ \['),
  at     TIMESTAMP     AS to_timestamp(substring(line FROM '\[([^\]]+)\]'), 'DD/Mon/YYYY:HH24:MI:SS') AT TIME ZONE 'UTC',
  page   TEXT          AS substring(line FROM '"\S+ ([^ ?"]+)'),
  status INT           AS substring(line FROM '" (\d{3}) ')::int,
  bytes  BIGINT        AS substring(line FROM '" \d{3} (\d+)')::bigint,
  WATERMARK FOR at AS at - INTERVAL '1 minute'
) WITH (connector = 'file', path = 'samples/data/access.log') FORMAT PLAIN ENCODE BYTES;

-- A visit ends when nothing came from its address for half an hour.
CREATE MATERIALIZED VIEW visits AS
SELECT client, window_start AS began, max(access_log.at) - window_start AS stayed, count(*) AS requests, sum(bytes) AS bytes,
       string_agg(page, ' ' ORDER BY access_log.at, page) AS path
FROM SESSION(access_log PARTITION BY client, at, INTERVAL '30 minutes')
GROUP BY client, window_start, window_end
EMIT ON WINDOW CLOSE LATE INTO late_lines;

CREATE MATERIALIZED VIEW pages AS
SELECT page, count(*) AS requests, count(DISTINCT client) AS clients, sum(bytes) AS bytes FROM access_log WHERE status < 400 GROUP BY page;

-- The share of requests that the server could not answer, by five minutes.
CREATE MATERIALIZED VIEW error_rate AS
SELECT window_start, count(*) AS requests, count(*) FILTER (WHERE status >= 500) AS failed,
       round(100.0 * count(*) FILTER (WHERE status >= 500) / count(*), 1) AS percent
FROM TUMBLE(access_log, at, INTERVAL '5 minutes')
GROUP BY window_start
EMIT ON WINDOW CLOSE;

SELECT * FROM visits ORDER BY began, client;
SELECT * FROM pages ORDER BY requests DESC, page LIMIT 3;
SELECT * FROM error_rate WHERE failed > 0 ORDER BY window_start;
-- What no visit has: lines that are none, and lines that came too late.
SELECT kind, "offset", payload FROM late_lines;
