-- rule: day_group_key
SELECT to_char(ts, 'YYYY-MM-DD') AS day, count(*) FROM plain GROUP BY day;
