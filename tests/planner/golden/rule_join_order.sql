-- rule: join_order
SELECT a.k, d.id FROM plain a CROSS JOIN documents d JOIN bids b ON b.auction = a.k AND b.bidder = d.id;
