-- rule: semi_join_reduction
SELECT x.k, count(*) FROM (SELECT a.k FROM plain a LEFT JOIN bids b ON b.auction = a.k UNION ALL SELECT id + 0 FROM documents) x WHERE k IN (SELECT auction FROM bids) GROUP BY k;
