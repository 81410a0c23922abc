CREATE MATERIALIZED VIEW m AS
SELECT window_start, window_end, sum(price) FROM HOP(TABLE bids, DESCRIPTOR(ts), INTERVAL '2 seconds', INTERVAL '10 seconds') GROUP BY window_start, window_end HAVING count(*) > 1;
