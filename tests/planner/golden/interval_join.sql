-- Both sides are asked whether they are late, and forgotten once the watermark is past the last time they may meet; a window over the result closes.
CREATE MATERIALIZED VIEW pairs AS SELECT window_start, count(*) AS n FROM TUMBLE((SELECT a.ts AS at FROM bids a JOIN bids b ON a.auction = b.bidder AND b.ts BETWEEN a.ts - INTERVAL '5 s' AND a.ts + INTERVAL '1 minute'), at, INTERVAL '1 hour')
  GROUP BY window_start EMIT ON WINDOW CLOSE;
