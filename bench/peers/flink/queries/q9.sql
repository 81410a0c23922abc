CREATE TABLE sink (id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, auction_time TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT, extra STRING, auction BIGINT, bidder BIGINT, price BIGINT, bid_time TIMESTAMP(3), bid_extra STRING) WITH ('connector' = 'blackhole');
INSERT INTO sink
SELECT id, itemName, description, initialBid, reserve, auction_time, expires, seller, category, extra, auction, bidder, price, bid_time, bid_extra
FROM (SELECT a.id, a.itemName, a.description, a.initialBid, a.reserve, a.event_time AS auction_time, a.expires, a.seller, a.category, a.extra,
             b.auction, b.bidder, b.price, b.event_time AS bid_time, b.extra AS bid_extra,
             ROW_NUMBER() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.event_time ASC) AS place
      FROM auction AS a, bid AS b
      WHERE a.id = b.auction AND b.event_time BETWEEN a.event_time AND a.expires) AS placed
WHERE place <= 1;
