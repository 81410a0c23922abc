-- rule: window_slicing
SELECT window_start, count(*) FROM HOP(bids, ts, INTERVAL '1 minute', INTERVAL '5 minutes') GROUP BY window_start;
