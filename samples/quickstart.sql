-- A first look at kappa:   kappa run samples/quickstart.sql
-- No server is needed: the log is embedded, in ./kappa-data.

-- 1. A stream is a topic of the log, and what its records look like. INSERT appends to it.
CREATE SOURCE visits (
  page TEXT, visitor TEXT, millis INT
) WITH (connector = 'log', topic = 'quickstart_visits', partitions = 1, scan.bounded.mode = 'latest') FORMAT PLAIN ENCODE JSON;

INSERT INTO visits VALUES
  ('/',        'ada',   12), ('/docs', 'ada',   30), ('/',     'grace', 9), ('/docs', 'grace', 41),
  ('/pricing', 'alan', 250), ('/docs', 'edsger', 28), ('/docs', 'ada',  35);

-- 2. A materialized view is a query whose result is kept, and follows the log.
CREATE MATERIALIZED VIEW pages AS
SELECT page, count(*) AS visits, round(avg(millis), 1) AS average_millis, max(millis) AS slowest
FROM visits GROUP BY page;

-- Run this file again: the log remembers, and the numbers grow.
SELECT * FROM pages ORDER BY visits DESC, page;

-- 3. Something that moves: an online auction, played by a generator. 20,000 events, 10,000 a second; 100 of them are a second of event time.
CREATE SOURCE auction_house (
  event_type INT,                                                                      -- 2 is a bid
  bid        STRUCT<auction BIGINT, bidder BIGINT, price BIGINT, "dateTime" TIMESTAMP>,
  at         TIMESTAMP METADATA FROM 'timestamp',
  WATERMARK FOR at AS at - INTERVAL '1 second'
) WITH (connector = 'nexmark', rows = 20000, event.rate = 100, rate = 10000);

-- A line for each 20 seconds of event time, as soon as they are over: watch it print.
CREATE SINK live AS
SELECT window_start, count(*) AS bids, max((bid).price) AS highest, round(avg((bid).price)) AS average
FROM TUMBLE(auction_house, at, INTERVAL '20 seconds')
WHERE event_type = 2
GROUP BY window_start
EMIT ON WINDOW CLOSE
WITH (connector = 'stdout') FORMAT PLAIN ENCODE JSON;

-- 4. Your turn. In `kappa shell`, after the statements of section 1 and 2:
SELECT 'try: INSERT INTO visits VALUES (''/blog'', ''barbara'', 17);' AS next
UNION ALL SELECT 'try: SELECT * FROM pages;                          -- the view has followed'
UNION ALL SELECT 'try: SELECT visitor, count(*) FROM visits GROUP BY visitor;'
UNION ALL SELECT 'try: EXPLAIN SELECT page, count(*) FROM visits GROUP BY page;';
