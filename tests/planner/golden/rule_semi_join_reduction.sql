-- rule: semi_join_reduction
SELECT a.k, b.price FROM plain a JOIN bids b ON b.auction = a.k WHERE a.k IN (SELECT id FROM documents) AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.id = b.bidder);
