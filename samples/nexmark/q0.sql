-- Nexmark q0: every bid as it is: what passing rows on costs.
--
--   kappa run samples/nexmark/q0.sql
--
-- The events come from the generator; over Kafka or the embedded log only the source's WITH clause is another:
--   WITH (connector = 'kafka', topic = 'nexmark', properties.bootstrap.server = 'localhost:9092') FORMAT PLAIN ENCODE JSON
CREATE SOURCE nexmark (
  event_type INT,                                  -- 0 a person, 1 an auction, 2 a bid
  bid        STRUCT<auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, url TEXT, "dateTime" TIMESTAMP, extra TEXT>
) WITH (connector = 'nexmark', rows = 2000) FORMAT PLAIN ENCODE JSON;

CREATE VIEW bid AS
SELECT (bid).auction, (bid).bidder, (bid).price, (bid).channel, (bid).url, (bid)."dateTime" AS date_time, (bid).extra
FROM nexmark WHERE event_type = 2;

CREATE SINK q0 AS
SELECT auction, bidder, price, date_time, extra FROM bid
WITH (connector = 'stdout') FORMAT PLAIN ENCODE JSON;
