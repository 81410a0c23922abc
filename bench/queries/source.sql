CREATE SOURCE nexmark (
  event_type INT,
  bid STRUCT<auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, url TEXT, dateTime TIMESTAMP, extra TEXT>
) WITH (${SOURCE}, validate = '${VALIDATE}') FORMAT PLAIN ENCODE JSON;
CREATE VIEW bid AS
  SELECT (bid).auction, (bid).bidder, (bid).price, (bid).channel, (bid).url, (bid).dateTime AS datetime, (bid).extra FROM nexmark WHERE event_type = 2;
