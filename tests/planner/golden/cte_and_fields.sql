WITH w AS (SELECT item, "V" * 2 AS v FROM plain), x (name, h) AS (SELECT item.name, ((item).size).h FROM w) SELECT * FROM x WHERE h BETWEEN 1 AND 3 OR name IN ('a', 'b');
