CREATE MATERIALIZED VIEW m AS SELECT window_start, max(window_end) FROM TUMBLE(bids, ts, INTERVAL '1 minute') GROUP BY window_start;
