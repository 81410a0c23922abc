-- The clock compared with a time: the rest of the condition is a filter beneath.
CREATE MATERIALIZED VIEW recent AS SELECT price FROM bids WHERE ts > now() - INTERVAL '1 hour' AND price > 3 AND now() BETWEEN ts AND ts + INTERVAL '2 days' AND ts::date <= current_date;
