-- The condition on the stream's own column goes below the function; of its columns only those are carried that are read.
SELECT auction, word, number FROM bids LEFT JOIN LATERAL string_to_table(url, '/') WITH ORDINALITY AS w (word, number) ON true, generate_series(1, 3) AS i
WHERE auction > 7 AND word <> '' LIMIT 5;
