SELECT k, EXISTS (SELECT 1 FROM bids b WHERE b.auction = a.k) AS has, t IN (SELECT url FROM bids) AS seen FROM plain a WHERE b OR k IN (SELECT part FROM bids);
