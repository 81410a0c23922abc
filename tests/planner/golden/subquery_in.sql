SELECT k FROM plain WHERE k IN (SELECT auction FROM bids) AND t NOT IN (SELECT url FROM bids WHERE price > 5) AND k NOT IN (SELECT price FROM bids);
