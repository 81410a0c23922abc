-- One stream, several destinations:   kappa run samples/classify.sql
-- (from the repository's root: the requests are in samples/data). The stream is read and decoded once; each sink takes its share.
CREATE SOURCE requests (
  path TEXT, status INT, millis INT, at TIMESTAMP
) WITH (connector = 'file', path = 'samples/data/requests.jsonl') FORMAT PLAIN ENCODE JSON;

CREATE VIEW classified AS
SELECT path, status, millis, at,
       CASE WHEN status >= 500 THEN 'error' WHEN status >= 400 THEN 'client' WHEN millis > 1000 THEN 'slow' ELSE 'fine' END AS class
FROM requests;

CREATE SINK errors AS SELECT path, status, at FROM classified WHERE class = 'error'
WITH (connector = 'log', topic = 'request_errors') FORMAT PLAIN ENCODE JSON;

CREATE SINK slow AS SELECT path, millis FROM classified WHERE class = 'slow'
WITH (connector = 'log', topic = 'request_slow') FORMAT PLAIN ENCODE JSON;

CREATE SINK shown AS SELECT class, path, status, millis FROM classified WHERE class <> 'fine'
WITH (connector = 'stdout') FORMAT PLAIN ENCODE JSON;

CREATE MATERIALIZED VIEW classes AS SELECT class, count(*) AS n FROM classified GROUP BY class;

SELECT class, n FROM classes ORDER BY class;
-- Look at what was written:   kappa topic consume request_errors
