-- Nexmark q4: the average closing price of each category.
--
--   kappa run samples/nexmark/q4.sql
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

CREATE VIEW auction AS
SELECT (auction).id, (auction)."itemName" AS item_name, (auction).description, (auction)."initialBid" AS initial_bid, (auction).reserve, at AS date_time,
       (auction).expires, (auction).seller, (auction).category, (auction).extra
FROM nexmark WHERE event_type = 1;

CREATE VIEW bid AS
SELECT (bid).auction, (bid).bidder, (bid).price, (bid).channel, (bid).url, at AS date_time, (bid).extra
FROM nexmark WHERE event_type = 2;

-- An updating result: the sink prints each change, with what it does in the op column.
CREATE SINK q4 AS
SELECT category, avg(final) AS avg
FROM (SELECT a.id, a.category, max(b.price) AS final
      FROM auction a JOIN bid b ON a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires
      GROUP BY a.id, a.category) x
GROUP BY category
WITH (connector = 'stdout') FORMAT PLAIN ENCODE JSON;
