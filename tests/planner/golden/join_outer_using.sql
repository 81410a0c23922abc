SELECT * FROM (SELECT k, n FROM plain) a FULL JOIN (SELECT k, t FROM plain) b USING (k) RIGHT JOIN (SELECT id AS k, j FROM documents) c USING (k);
