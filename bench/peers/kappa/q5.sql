CREATE SINK q5 AS
SELECT bids.auction, bids.num
FROM (SELECT auction, count(*) AS num, window_start, window_end FROM HOP(bid, event_time, INTERVAL '2 s', INTERVAL '10 s') GROUP BY auction, window_start, window_end) AS bids
JOIN (SELECT max(num) AS most, window_start, window_end FROM (SELECT auction, count(*) AS num, window_start, window_end FROM HOP(bid, event_time, INTERVAL '2 s', INTERVAL '10 s') GROUP BY auction, window_start, window_end) AS counted GROUP BY window_start, window_end) AS hottest
  ON bids.window_start = hottest.window_start AND bids.window_end = hottest.window_end AND bids.num >= hottest.most
WITH (connector = 'blackhole');
