CREATE TABLE sink (auction BIGINT, price BIGINT, bidder BIGINT, event_time TIMESTAMP(3), extra STRING) WITH ('connector' = 'blackhole');
INSERT INTO sink
SELECT b.auction, b.price, b.bidder, b.event_time, b.extra
FROM bid AS b
JOIN (SELECT max(price) AS most, window_end FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(event_time), INTERVAL '10' SECOND)) GROUP BY window_start, window_end) AS highest
  ON b.price = highest.most AND b.event_time BETWEEN highest.window_end - INTERVAL '10' SECOND AND highest.window_end;
