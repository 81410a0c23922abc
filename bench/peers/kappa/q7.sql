CREATE SINK q7 AS
SELECT b.auction, b.price, b.bidder, b.event_time, b.extra
FROM bid AS b
JOIN (SELECT max(price) AS most, window_end FROM TUMBLE(bid, event_time, INTERVAL '10 s') GROUP BY window_start, window_end) AS highest
  ON b.price = highest.most AND b.event_time BETWEEN highest.window_end - INTERVAL '10 s' AND highest.window_end
WITH (connector = 'blackhole');
