-- The outer window closes with the inner one: no lag where their ends agree.
CREATE MATERIALIZED VIEW m AS
SELECT window_start, max(n) AS most FROM TUMBLE((SELECT window_time AS at, bidder, count(*) AS n FROM TUMBLE(bids, ts, INTERVAL '10 seconds') GROUP BY window_start, window_time, window_end, bidder), at, INTERVAL '1 minute')
GROUP BY window_start EMIT ON WINDOW CLOSE;
