-- Functions over one partitioning and order share an operator; what they read is computed beneath; ranges of dates and times are spans of timestamps.
SELECT auction, row_number() OVER w, lag(price + 1, 2, 0) OVER w, sum(price) FILTER (WHERE bidder > 1) OVER (w ROWS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE TIES),
  count(*) OVER (PARTITION BY auction ORDER BY ts RANGE BETWEEN INTERVAL '1 minute' PRECEDING AND UNBOUNDED FOLLOWING), rank() OVER (ORDER BY price / 10 DESC)
FROM bids WINDOW p AS (PARTITION BY auction), w AS (p ORDER BY ts);
