-- rule: top_n
CREATE MATERIALIZED VIEW dearest AS SELECT auction, bidder, price FROM (
  SELECT *, row_number() OVER (PARTITION BY auction ORDER BY price DESC) AS rn FROM bids) b WHERE rn <= 3;
CREATE MATERIALIZED VIEW second AS SELECT auction, rn FROM (
  SELECT *, dense_rank() OVER (PARTITION BY auction ORDER BY price DESC) AS rn FROM bids) b WHERE 2 = rn AND bidder > 7;
