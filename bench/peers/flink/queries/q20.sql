CREATE TABLE sink (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, bid_time TIMESTAMP(3), bid_extra STRING, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, auction_time TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT, extra STRING) WITH ('connector' = 'blackhole');
INSERT INTO sink
SELECT b.auction, b.bidder, b.price, b.channel, b.url, b.event_time AS bid_time, b.extra AS bid_extra,
       a.itemName, a.description, a.initialBid, a.reserve, a.event_time AS auction_time, a.expires, a.seller, a.category, a.extra
FROM bid AS b INNER JOIN auction AS a ON b.auction = a.id
WHERE a.category = 10;
