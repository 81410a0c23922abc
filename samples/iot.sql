-- A health check of machines, which run hot and which have fallen silent, by window of event time:   kappa run samples/iot.sql
-- (from the repository's root: the readings are in samples/data). Each device reports every 10 seconds; pump-1 gets hot in the second
-- minute, fan-7 stops after the first; one reading is garbled, and one comes late.
CREATE SOURCE readings (
  device  TEXT NOT NULL,
  celsius DOUBLE PRECISION,
  at      TIMESTAMP,
  WATERMARK FOR at AS at - INTERVAL '10 seconds'               -- readings may come up to 10 seconds out of order
) WITH (connector = 'file', path = 'samples/data/readings.jsonl')
  FORMAT PLAIN ENCODE JSON
  ON ERROR DEAD LETTER INTO garbled_readings;

-- Overheating: a minute whose average is above 80 degrees. Final, once the minute has ended.
CREATE MATERIALIZED VIEW overheating AS
SELECT window_start, device, round(avg(celsius)::numeric, 1) AS average, max(celsius) AS hottest
FROM TUMBLE(readings, at, INTERVAL '1 minute')
GROUP BY window_start, device HAVING avg(celsius) > 80
EMIT ON WINDOW CLOSE LATE INTO late_readings;

-- Silent: heard in the last minute, but fewer than 4 times; looked at every 30 seconds.
CREATE MATERIALIZED VIEW silent AS
SELECT window_end AS at, device, count(*) AS readings, max(readings.at) AS last_heard
FROM HOP(readings, at, INTERVAL '30 seconds', INTERVAL '1 minute')
GROUP BY window_end, device HAVING count(*) < 4
EMIT ON WINDOW CLOSE LATE INTO late_readings_too;

SELECT * FROM overheating ORDER BY window_start, device;
SELECT * FROM silent ORDER BY at, device;

-- Nothing is lost silently: what was too late, and what could not be read.
SELECT kind, "offset", payload FROM late_readings;
SELECT kind, "offset", payload, message FROM garbled_readings;
