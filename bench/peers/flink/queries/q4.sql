CREATE TABLE sink (category BIGINT, average BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO sink
SELECT category, avg(final) AS average
FROM (SELECT a.id, a.category, max(b.price) AS final
      FROM auction AS a, bid AS b
      WHERE a.id = b.auction AND b.event_time BETWEEN a.event_time AND a.expires
      GROUP BY a.id, a.category) AS winning
GROUP BY category;
