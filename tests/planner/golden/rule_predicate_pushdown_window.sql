-- rule: predicate_pushdown
SELECT * FROM (SELECT window_start, bidder, count(*) AS n FROM TUMBLE(bids, ts, INTERVAL '1 minute') GROUP BY window_start, bidder) w WHERE bidder = 7 AND n > 1 AND window_start > '2024-01-01';
