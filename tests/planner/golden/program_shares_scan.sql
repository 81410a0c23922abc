CREATE MATERIALIZED VIEW a AS SELECT bidder, count(*) AS n FROM bids GROUP BY bidder;
CREATE MATERIALIZED VIEW b AS SELECT window_start, sum(price2) AS total FROM TUMBLE(bids, ts, INTERVAL '1 minute') GROUP BY window_start;
CREATE MATERIALIZED VIEW c AS SELECT window_start, max(price) AS top FROM TUMBLE(bids, ts, INTERVAL '1 hour') GROUP BY window_start;
CREATE SINK s FROM a WITH (connector = 'kafka', topic = 'out') FORMAT UPSERT ENCODE JSON;
CREATE SINK over_a AS SELECT n, count(*) AS bidders FROM a GROUP BY n WITH (connector = 'print');
