-- rule: key_inference
SELECT DISTINCT k, n FROM (SELECT k, count(*) AS n FROM plain GROUP BY k) x;
