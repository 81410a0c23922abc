SELECT k, ARRAY(SELECT price FROM bids WHERE auction = a.k ORDER BY price) FROM plain a;
