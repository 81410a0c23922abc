CREATE SINK q20 AS
SELECT b.auction, b.bidder, b.price, b.channel, b.url, b.event_time AS bid_time, b.extra AS bid_extra,
       a.item_name, a.description, a.initial_bid, a.reserve, a.event_time AS auction_time, a.expires, a.seller, a.category, a.extra
FROM bid AS b INNER JOIN auction AS a ON b.auction = a.id
WHERE a.category = 10
WITH (connector = 'blackhole');
