CREATE SINK q9 AS
SELECT id, item_name, description, initial_bid, reserve, auction_time, expires, seller, category, extra, auction, bidder, price, bid_time, bid_extra
FROM (SELECT a.id, a.item_name, a.description, a.initial_bid, a.reserve, a.event_time AS auction_time, a.expires, a.seller, a.category, a.extra,
             b.auction, b.bidder, b.price, b.event_time AS bid_time, b.extra AS bid_extra,
             ROW_NUMBER() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.event_time ASC) AS place
      FROM auction AS a, bid AS b
      WHERE a.id = b.auction AND b.event_time BETWEEN a.event_time AND a.expires) AS placed
WHERE place <= 1
WITH (connector = 'blackhole');
