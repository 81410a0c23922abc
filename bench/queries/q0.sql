CREATE SINK q0 AS SELECT auction, bidder, price, channel, url, datetime, extra FROM bid WITH (connector = 'blackhole');
