CREATE SINK q18 AS
SELECT auction, bidder, price, channel, url, event_time, extra
FROM (SELECT auction, bidder, price, channel, url, event_time, extra, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY event_time DESC) AS place FROM bid) AS placed
WHERE place <= 1
WITH (connector = 'blackhole');
