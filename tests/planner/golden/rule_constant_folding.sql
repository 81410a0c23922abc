-- rule: constant_folding
SELECT k FROM plain WHERE k > 1 + 2 AND true AND CASE WHEN 1 = 1 THEN b ELSE k / 0 = 1 END;
