-- Nexmark q21: the number of each bid's channel: known by its name, or taken out of the URL by a regular expression.
--
--   kappa run samples/nexmark/q21.sql
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

CREATE SINK q21 AS
SELECT auction, bidder, price, channel, channel_id
FROM (SELECT auction, bidder, price, channel,
             CASE lower(channel) WHEN 'apple' THEN '0' WHEN 'google' THEN '1' WHEN 'facebook' THEN '2' WHEN 'baidu' THEN '3'
                  ELSE substring(url FROM '(?:&|^)channel_id=([^&]*)') END AS channel_id
      FROM bid) AS numbered
WHERE channel_id IS NOT NULL
WITH (connector = 'stdout') FORMAT PLAIN ENCODE JSON;
