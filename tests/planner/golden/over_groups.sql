-- Over what GROUP BY and HAVING leave, before DISTINCT and ORDER BY.
SELECT DISTINCT bidder, sum(count(*)) OVER (PARTITION BY bidder ORDER BY sum(price) GROUPS 1 PRECEDING) AS n FROM bids GROUP BY bidder, auction
HAVING count(*) > 1 ORDER BY n;
