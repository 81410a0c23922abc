SELECT a.k FROM plain a, bids b WHERE a.k + 1 = b.auction AND a.t = lower(b.url) AND a.k IS NOT DISTINCT FROM b.part;
