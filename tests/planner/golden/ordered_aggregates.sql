-- Lists without an order take the source position, which the scan gives then; others do not need it.
CREATE MATERIALIZED VIEW m AS
SELECT auction, array_agg(bidder) AS bidders, string_agg(url, ',' ORDER BY price DESC) AS urls, count(DISTINCT bidder) AS n,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY price) AS median
FROM bids GROUP BY auction;
