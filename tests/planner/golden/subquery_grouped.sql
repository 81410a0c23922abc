SELECT d, count(*), (SELECT max(price) FROM bids WHERE ts::date = d) FROM plain GROUP BY d HAVING count(*) > (SELECT min(price) FROM bids) AND d IN (SELECT ts::date FROM bids);
