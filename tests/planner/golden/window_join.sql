-- Rows of one window meet; those without match are given when it closes.
CREATE MATERIALIZED VIEW pairs AS SELECT a.window_end, a.auction, b.bidder FROM TUMBLE(bids, ts, INTERVAL '10 s') a LEFT JOIN TUMBLE(bids, ts, INTERVAL '10 s') b ON a.window_start = b.window_start AND a.window_end = b.window_end AND a.auction = b.bidder EMIT ON WINDOW CLOSE;
