-- rule: source_filter
CREATE SOURCE kinds (kind INT, a TIMESTAMP, b TIMESTAMP, ts TIMESTAMP AS CASE WHEN kind = 0 THEN a ELSE b END) WITH (connector = 'log', topic = 'x') FORMAT PLAIN ENCODE JSON;
CREATE SINK s AS SELECT ts FROM kinds WHERE kind = 2 AND ts > '2024-01-01' WITH (connector = 'print');
