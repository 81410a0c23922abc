-- rule: shared_subplan
CREATE SINK s AS SELECT k, sum(m) FROM (VALUES (1, 2), (3, 4)) v (k, m) GROUP BY k WITH (connector = 'print');
CREATE SINK t AS SELECT x, sum(y) + 1 FROM (VALUES (1, 2), (3, 4)) v (x, y) GROUP BY x WITH (connector = 'print');
