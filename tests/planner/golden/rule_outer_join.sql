-- rule: outer_join
SELECT a.k, b.price FROM plain a LEFT JOIN bids b ON a.k = b.auction FULL JOIN documents d ON d.id = b.bidder WHERE b.price > 5;
