-- Each set is an aggregate over the same rows, which are checked for lateness once; keys it has not are NULL.
CREATE MATERIALIZED VIEW m AS
SELECT window_start, bidder, grouping(bidder) AS g, count(*) AS n, max(price) AS most
FROM TUMBLE(bids, ts, INTERVAL '10 seconds') GROUP BY window_start, ROLLUP (bidder) EMIT ON WINDOW CLOSE;
