-- Batch ETL: CSV of one shop and JSON of another, to one standard form in files:   kappa run samples/etl.sql
-- (from the repository's root: the inputs are in samples/data). Dates, decimal commas, cents and milliseconds, names in any case become one table;
-- what cannot be understood is kept with its place and the reason, and the run goes on.
CREATE SOURCE north (
  order_id   TEXT,
  customer   TEXT,
  "date"     TEXT,
  article    TEXT,
  quantity   INT,
  unit_price TEXT
) WITH (connector = 'file', path = 'samples/data/sales_north.csv') FORMAT PLAIN ENCODE CSV (header = true, delimiter = ';')
  ON ERROR DEAD LETTER INTO rejected;

CREATE SOURCE web (
  id       BIGINT,
  ts       BIGINT,                                           -- milliseconds
  "user"   STRUCT<name TEXT>,
  lines    STRUCT<sku TEXT, qty INT, cents BIGINT>[],
  currency TEXT
) WITH (connector = 'file', path = 'samples/data/sales_web.jsonl') FORMAT PLAIN ENCODE JSON
  ON ERROR DEAD LETTER INTO rejected;

CREATE MATERIALIZED VIEW sales AS
SELECT 'north' AS shop, order_id, nullif(initcap(trim(customer)), '') AS customer, to_date("date", 'DD.MM.YYYY') AS day, article, quantity,
       quantity * replace(replace(unit_price, '.', ''), ',', '.')::numeric(12, 2) AS total
FROM north
UNION ALL
SELECT 'web', 'W-' || id, initcap(("user").name), to_timestamp(ts / 1000.0)::date, l.sku, l.qty, l.qty * round(l.cents / 100.0, 2)
FROM web, unnest(lines) AS l                                 -- an order becomes as many rows as it has lines
WHERE currency = 'EUR';

CREATE SINK standard FROM sales WITH (connector = 'log', topic = 'sales') FORMAT PLAIN ENCODE JSON;

CREATE MATERIALIZED VIEW by_day AS SELECT day, count(DISTINCT order_id) AS orders, sum(total) AS total FROM sales GROUP BY day;

SELECT * FROM sales ORDER BY shop, order_id, article;
SELECT * FROM by_day ORDER BY day;
-- What was left out: records that are not what their columns say, and rows whose expressions failed.
SELECT * FROM rejected;
SELECT * FROM kappa_dead_letters;
-- The standard form:   kappa topic consume sales --until latest
