-- Nexmark q3: who sells in some states, and what.
--
--   kappa run samples/nexmark/q3.sql
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

CREATE VIEW person AS
SELECT (person).id, (person).name, (person).city, (person).state, at AS date_time FROM nexmark WHERE event_type = 0;

CREATE VIEW auction AS
SELECT (auction).id, (auction)."itemName" AS item_name, (auction).description, (auction)."initialBid" AS initial_bid, (auction).reserve, at AS date_time,
       (auction).expires, (auction).seller, (auction).category, (auction).extra
FROM nexmark WHERE event_type = 1;

CREATE SINK q3 AS
SELECT p.name, p.city, p.state, a.id
FROM auction a JOIN person p ON a.seller = p.id
WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA')
WITH (connector = 'stdout') FORMAT PLAIN ENCODE JSON;
