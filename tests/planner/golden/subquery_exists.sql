SELECT k FROM plain a WHERE EXISTS (SELECT 1 FROM bids b WHERE b.auction = a.k AND b.price > 100) AND NOT EXISTS (SELECT * FROM documents d WHERE d.id = a.k);
