CREATE MATERIALIZED VIEW m AS
SELECT window_start, window_end, count(*) AS n FROM CUMULATE(bids, ts, STEP => INTERVAL '10 seconds', SIZE => INTERVAL '1 minute', OFFSET => INTERVAL '5 seconds') GROUP BY window_start, window_end
EMIT ON WINDOW CLOSE;
