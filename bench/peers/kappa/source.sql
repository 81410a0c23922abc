CREATE SOURCE nexmark (
  event_type INT,
  person  STRUCT<id BIGINT, name TEXT, "emailAddress" TEXT, "creditCard" TEXT, city TEXT, state TEXT, "dateTime" TIMESTAMP, extra TEXT>,
  auction STRUCT<id BIGINT, "itemName" TEXT, description TEXT, "initialBid" BIGINT, reserve BIGINT, "dateTime" TIMESTAMP, expires TIMESTAMP,
                 seller BIGINT, category BIGINT, extra TEXT>,
  bid     STRUCT<auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, url TEXT, "dateTime" TIMESTAMP, extra TEXT>,
  event_time TIMESTAMP AS CASE event_type WHEN 0 THEN (person)."dateTime" WHEN 1 THEN (auction)."dateTime" ELSE (bid)."dateTime" END,
  WATERMARK FOR event_time AS event_time - INTERVAL '4 seconds'
) WITH (${SOURCE}, validate = '${VALIDATE}') FORMAT PLAIN ENCODE JSON;
CREATE VIEW person AS SELECT (person).id, (person).name, (person)."emailAddress" AS email_address, (person)."creditCard" AS credit_card, (person).city, (person).state, event_time, (person).extra FROM nexmark WHERE event_type = 0;
CREATE VIEW auction AS SELECT (auction).id, (auction)."itemName" AS item_name, (auction).description, (auction)."initialBid" AS initial_bid, (auction).reserve, event_time, (auction).expires, (auction).seller, (auction).category, (auction).extra FROM nexmark WHERE event_type = 1;
CREATE VIEW bid AS SELECT (bid).auction, (bid).bidder, (bid).price, (bid).channel, (bid).url, event_time, (bid).extra FROM nexmark WHERE event_type = 2;
