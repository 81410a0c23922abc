SELECT a.k, b.t FROM plain a JOIN plain b ON a.k = b.k AND a."V" < b."V" WHERE a.b AND b.d > '2024-01-01';
