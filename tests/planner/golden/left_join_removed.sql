SELECT a.k, (SELECT count(*) FROM documents) > 0 AS any FROM plain a LEFT JOIN (SELECT auction, count(*) AS n FROM bids GROUP BY auction) b ON b.auction = a.k;
