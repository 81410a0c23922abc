SELECT k, (SELECT n + 1) AS next, EXISTS (SELECT 1 WHERE b) AS yes, x.v FROM plain, LATERAL (SELECT t || '!' AS v) x;
