SELECT ts, n, price FROM gap_fill(bids, ts, INTERVAL '1 minute', locf(price), interpolate(auction), partition_by => bidder) AS g (auction, bidder, price, url, ts, part, n);
