CREATE MATERIALIZED VIEW m AS
SELECT window_start, bidder, count(*) AS n, max(price) AS top FROM TUMBLE(bids, ts, INTERVAL '10 seconds') WHERE price > 100 GROUP BY window_start, bidder
EMIT ON WINDOW CLOSE LATE INTO late_bids;
