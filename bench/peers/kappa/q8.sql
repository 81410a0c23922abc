CREATE SINK q8 AS
SELECT p.id, p.name, p.window_start
FROM (SELECT id, name, window_start, window_end FROM TUMBLE(person, event_time, INTERVAL '10 s') GROUP BY id, name, window_start, window_end) AS p
JOIN (SELECT seller, window_start, window_end FROM TUMBLE(auction, event_time, INTERVAL '10 s') GROUP BY seller, window_start, window_end) AS a
  ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end
WITH (connector = 'blackhole');
