-- rule: unused_watermark
SELECT auction FROM bids;
