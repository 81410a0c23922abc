-- rule: predicate_pushdown
SELECT a.k FROM plain a, bids b LEFT JOIN documents d ON d.id = b.auction AND d.id < 9 WHERE a.k = b.price AND a.k IN (1, 2) AND a.b AND (b.url = 'x' OR d.id IS NULL) AND ((a.t = b.url AND a."V" > 1) OR (a.t = b.url AND a."V" < 0));
