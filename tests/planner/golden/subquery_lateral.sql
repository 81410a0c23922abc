SELECT a.k, b.price FROM plain a LEFT JOIN LATERAL (SELECT price FROM bids WHERE auction = a.k ORDER BY price DESC LIMIT 2) b ON true;
