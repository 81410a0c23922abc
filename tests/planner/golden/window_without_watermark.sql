CREATE MATERIALIZED VIEW m AS SELECT window_end, count(*) FROM TUMBLE(plain, ts, INTERVAL '1 hour', INTERVAL '15 minutes') GROUP BY 1;
