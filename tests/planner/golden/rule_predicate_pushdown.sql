-- rule: predicate_pushdown
SELECT * FROM (SELECT k, "V" * 2 AS v, t FROM plain UNION ALL SELECT 1, 2.5, 'x' FROM plain) u WHERE t = 'a' AND 10 / k > 1 AND v > 3;
