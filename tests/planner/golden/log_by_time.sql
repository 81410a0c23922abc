CREATE SOURCE late_start (v INT) WITH (connector = 'log', topic = 't', scan.startup.mode = 'timestamp', scan.startup.timestamp.millis = '1767225600123') FORMAT PLAIN ENCODE JSON ON OFFSET LOST EARLIEST;
CREATE SOURCE newest (v INT) WITH (connector = 'kafka', topic = 't') FORMAT PLAIN ENCODE JSON ON OFFSET LOST LATEST;
CREATE SINK a AS SELECT v FROM late_start WITH (connector = 'print');
CREATE SINK b AS SELECT v FROM late_start FOR LOG FROM TIMESTAMP '2026-01-02 00:00:00.0005' UNTIL TIMESTAMP '2026-01-03 01:00:00+02' AS x WITH (connector = 'print');
CREATE SINK c AS SELECT v FROM late_start FOR LOG FROM EARLIEST AS x WITH (connector = 'print');
CREATE SINK d AS SELECT v FROM newest WITH (connector = 'print');
