SELECT k FROM plain a WHERE EXISTS (SELECT 1 FROM bids b WHERE b.auction = a.k AND b.price > (SELECT avg(c.price) FROM bids c WHERE c.bidder = b.bidder AND c.auction = a.k));
