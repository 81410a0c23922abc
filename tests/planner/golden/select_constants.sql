SELECT 1 + 2, 'a' || 'b' AS ab, NULL, DATE '2024-02-29', CASE WHEN 1 > 2 THEN 'x' END;
