-- rule: shared_scan
CREATE SINK a AS SELECT auction FROM bids WITH (connector = 'print');
CREATE SINK b AS SELECT price2, ts FROM bids WHERE price > 1 WITH (connector = 'print');
