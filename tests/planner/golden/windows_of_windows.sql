CREATE MATERIALIZED VIEW m AS
SELECT window_start, window_end, max(n) AS most FROM (SELECT window_start, window_end, bidder, count(*) AS n FROM HOP(bids, ts, INTERVAL '2 seconds', INTERVAL '10 seconds') GROUP BY window_start, window_end, bidder) AS w
GROUP BY window_start, window_end EMIT ON WINDOW CLOSE;
