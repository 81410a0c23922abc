-- rule: column_pruning
SELECT auction, price2 FROM bids;
