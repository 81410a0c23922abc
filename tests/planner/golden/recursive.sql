-- The recursion stands before its term, which reads it and feeds it.
CREATE MATERIALIZED VIEW reach AS WITH RECURSIVE r (a, b) AS (SELECT auction, bidder FROM bids UNION SELECT r.a, e.bidder FROM r JOIN bids e ON r.b = e.auction) SELECT a, b FROM r WHERE a > 7;
