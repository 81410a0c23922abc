-- ORDER BY and LIMIT in a view are a TopN, DISTINCT ON too; an order alone is nobody's; ties are by source position.
CREATE MATERIALIZED VIEW dearest AS SELECT auction, price FROM bids ORDER BY price DESC LIMIT 10 OFFSET 2;
CREATE MATERIALIZED VIEW ties AS SELECT auction, price FROM bids ORDER BY price FETCH FIRST 3 ROWS WITH TIES;
CREATE MATERIALIZED VIEW last_bid AS SELECT DISTINCT ON (auction) auction, bidder, price FROM bids ORDER BY auction, ts DESC;
CREATE MATERIALIZED VIEW ordered AS SELECT auction FROM bids WHERE price > 3 ORDER BY price;
