SELECT a.auction, b.price FROM bids a ASOF LEFT JOIN bids b ON a.auction = b.bidder AND a.ts > b.ts + INTERVAL '1 s' AND b.price > 3;
