CREATE TABLE sink (auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, event_time TIMESTAMP(3), extra STRING) WITH ('connector' = 'blackhole');
INSERT INTO sink
SELECT auction, bidder, price, channel, url, event_time, extra
FROM (SELECT auction, bidder, price, channel, url, event_time, extra, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY event_time DESC) AS place FROM bid) AS placed
WHERE place <= 1;
