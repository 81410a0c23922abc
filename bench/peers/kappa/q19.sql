CREATE SINK q19 AS
SELECT auction, bidder, price, channel, url, event_time, extra, place
FROM (SELECT auction, bidder, price, channel, url, event_time, extra, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC) AS place FROM bid) AS placed
WHERE place <= 10
WITH (connector = 'blackhole');
