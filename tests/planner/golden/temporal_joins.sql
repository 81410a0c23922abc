-- As it is now: looked up. As it was: the closest of the rows of which only the last of each key is left.
CREATE VIEW last_bid AS SELECT DISTINCT ON (auction) auction, price, ts FROM bids ORDER BY auction, ts DESC;
CREATE MATERIALIZED VIEW now_joined AS SELECT p.k, l.price FROM plain p JOIN last_bid FOR SYSTEM_TIME AS OF PROCTIME() AS l ON p.k = l.auction;
CREATE MATERIALIZED VIEW then_joined AS SELECT p.k, l.price FROM plain p LEFT JOIN last_bid FOR SYSTEM_TIME AS OF p.ts AS l ON p.k = l.auction;
