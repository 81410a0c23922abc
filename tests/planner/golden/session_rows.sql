-- Rows are kept where the condition may not move below: those it leaves out hold sessions together.
CREATE MATERIALIZED VIEW m AS
SELECT window_start, window_end, count(*) AS n FROM SESSION(TABLE bids PARTITION BY bidder, DESCRIPTOR(ts), GAP => INTERVAL '10' SECOND) WHERE price > 100 GROUP BY window_start, window_end;
