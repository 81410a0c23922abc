-- Velocity of card payments: too many, too much, or from too many places within ten minutes, looked at every minute:   kappa run samples/fraud.sql
-- The payments are made up: 2,000 of them, one every 3 seconds, by 120 cards. The same seed makes the same ones. Over Kafka only the WITH clause is another.
CREATE SOURCE payments (
  id      BIGINT,
  card    INT,
  amount  NUMERIC(10, 2),
  country TEXT,
  at      TIMESTAMP,
  WATERMARK FOR at AS at - INTERVAL '5 seconds'
) WITH (connector = 'datagen', rows = 2000, seed = 7,
        fields.id.kind = 'sequence', fields.card.min = 1, fields.card.max = 120, fields.amount.min = 1, fields.amount.max = 900,
        fields.country.choices = 'DE,FR,PL,BR', fields.at.kind = 'sequence', fields.at.start = '2024-05-06 10:00:00', fields.at.step = '3 seconds');

-- Each payment is in ten overlapping windows; a window is judged once, when it is over.
CREATE VIEW velocity AS
SELECT card, window_start, window_end, count(*) AS payments, sum(amount) AS total, max(amount) AS highest,
       count(DISTINCT country) AS countries, array_agg(id ORDER BY id) AS ids
FROM HOP(payments, at, INTERVAL '1 minute', INTERVAL '10 minutes')
GROUP BY card, window_start, window_end;

CREATE MATERIALIZED VIEW alerts AS
SELECT window_end AS at, card, payments, total, countries, ids,
       CASE WHEN payments >= 7 THEN 'too many' WHEN total > 3000 THEN 'too much' ELSE 'too many places' END AS reason
FROM velocity
WHERE payments >= 7 OR total > 3000 OR (countries >= 4 AND payments < 5)
EMIT ON WINDOW CLOSE;

SELECT reason, count(*) AS alerts, count(DISTINCT card) AS cards, max(total) AS most FROM alerts GROUP BY reason ORDER BY reason;
SELECT at, card, payments, total, countries, reason, ids FROM alerts ORDER BY payments DESC, total DESC, at LIMIT 5;
