SELECT k, (SELECT sum(b.price) FROM bids b WHERE b.auction < a.k) AS below FROM plain a;
