-- Nexmark q7: the highest bid of each ten seconds.
--
--   kappa run samples/nexmark/q7.sql
--
-- The events come from the generator; over Kafka or the embedded log only the source's WITH clause is another:
--   WITH (connector = 'kafka', topic = 'nexmark', properties.bootstrap.server = 'localhost:9092') FORMAT PLAIN ENCODE JSON
CREATE SOURCE nexmark (
  event_type INT,                                  -- 0 a person, 1 an auction, 2 a bid
  person     STRUCT<id BIGINT, name TEXT, "emailAddress" TEXT, "creditCard" TEXT, city TEXT, state TEXT, "dateTime" TIMESTAMP, extra TEXT>,
  auction    STRUCT<id BIGINT, "itemName" TEXT, description TEXT, "initialBid" BIGINT, reserve BIGINT, "dateTime" TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT, extra TEXT>,
  bid        STRUCT<auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, url TEXT, "dateTime" TIMESTAMP, extra TEXT>,
  at         TIMESTAMP AS coalesce((bid)."dateTime", (auction)."dateTime", (person)."dateTime"),
  WATERMARK FOR at AS at - INTERVAL '4 seconds'    -- of all events: persons and auctions move time too
) WITH (connector = 'nexmark', rows = 2000) FORMAT PLAIN ENCODE JSON;

CREATE VIEW bid AS
SELECT (bid).auction, (bid).bidder, (bid).price, (bid).channel, (bid).url, at AS date_time, (bid).extra
FROM nexmark WHERE event_type = 2;

-- An updating result: the sink prints each change, with what it does in the op column.
CREATE SINK q7 AS
SELECT b.auction, b.price, b.bidder, b.date_time, b.extra
FROM bid b
JOIN (SELECT max(price) AS most, window_start, window_end FROM TUMBLE(bid, date_time, INTERVAL '10 seconds') GROUP BY window_start, window_end) m
  ON b.price = m.most AND b.date_time >= m.window_start AND b.date_time < m.window_end
WITH (connector = 'stdout') FORMAT PLAIN ENCODE JSON;
