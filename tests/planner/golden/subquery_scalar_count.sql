SELECT k, (SELECT count(*) FROM bids b WHERE b.auction = a.k) AS n, (SELECT max(price) FROM bids) AS m FROM plain a;
