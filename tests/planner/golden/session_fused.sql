CREATE MATERIALIZED VIEW m AS
SELECT bidder, window_start, count(*) AS n, max(price) AS top FROM SESSION(bids PARTITION BY bidder, ts, INTERVAL '10 seconds') WHERE bidder > 7 GROUP BY bidder, window_start
EMIT ON WINDOW CLOSE LATE INTO late_bids;
