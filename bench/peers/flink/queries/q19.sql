CREATE TABLE sink (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, event_time TIMESTAMP(3), extra STRING, place BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO sink
SELECT auction, bidder, price, channel, url, event_time, extra, place
FROM (SELECT auction, bidder, price, channel, url, event_time, extra, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC) AS place FROM bid) AS placed
WHERE place <= 10;
