-- Nexmark q20: bids with their auctions, of one category.
--
--   kappa run samples/nexmark/q20.sql
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

CREATE SINK q20 AS
SELECT b.auction, b.bidder, b.price, b.date_time, a.item_name, a.initial_bid, a.seller
FROM bid b JOIN auction a ON b.auction = a.id
WHERE a.category = 10
WITH (connector = 'stdout') FORMAT PLAIN ENCODE JSON;
