-- rule: projection_merge
SELECT sum(y), max(y) FROM (SELECT x + 1 AS y FROM (SELECT k * 2 AS x, k FROM plain) a) b;
