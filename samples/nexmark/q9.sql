-- Nexmark q9: the winning bid of each auction.
--
--   kappa run samples/nexmark/q9.sql
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

CREATE VIEW winning AS
SELECT * FROM (
  SELECT a.*, b.bidder, b.price, b.date_time AS bid_date_time, b.extra AS bid_extra,
         row_number() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.date_time) AS place
  FROM auction a JOIN bid b ON a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires) w
WHERE place = 1;

-- An updating result: the sink prints each change, with what it does in the op column.
CREATE SINK q9 AS
SELECT id, item_name, seller, category, bidder, price, bid_date_time FROM winning
WITH (connector = 'stdout') FORMAT PLAIN ENCODE JSON;
