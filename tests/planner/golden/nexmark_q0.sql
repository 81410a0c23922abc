CREATE SINK nexmark_q0 AS SELECT auction, bidder, price, date_time, extra FROM bid WITH (connector = 'blackhole');
