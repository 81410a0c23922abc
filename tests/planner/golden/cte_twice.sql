WITH c AS (SELECT auction, count(*) AS n FROM bids GROUP BY auction) SELECT a.auction FROM c a JOIN c b ON a.n = b.n WHERE a.auction < b.auction;
