-- Statistics of a text, by line and by word:   kappa run samples/text.sql
-- (from the repository's root: the text is the LICENSE; any other file, or stdin, by another WITH clause.)
CREATE SOURCE book (
  line    TEXT,
  number  BIGINT METADATA FROM 'offset'
) WITH (connector = 'file', path = 'LICENSE') FORMAT PLAIN ENCODE BYTES;

CREATE VIEW lines AS
SELECT number + 1 AS number, line, length(line) AS characters, regexp_count(line, '\w+') AS words, regexp_count(line, '[A-Z]') AS capitals,
       lower(substring(line FROM '[A-Za-z]+')) AS first_word
FROM book;

CREATE MATERIALIZED VIEW summary AS
SELECT count(*) AS lines, sum(words) AS words, sum(characters) AS characters, count(*) FILTER (WHERE words = 0) AS blank,
       max(characters) AS longest, round(avg(words) FILTER (WHERE words > 0), 2) AS words_a_line,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY characters) AS median_length, round(sum(capitals) * 100.0 / sum(characters), 2) AS capitals_percent
FROM lines;

-- How many lines have how many words: an incremental histogram.
CREATE MATERIALIZED VIEW histogram AS
SELECT words / 5 * 5 AS at_least, count(*) AS lines, repeat('#', count(*)::int / 4) AS bar FROM lines WHERE words > 0 GROUP BY words / 5 * 5;

CREATE MATERIALIZED VIEW first_words AS
SELECT first_word, count(*) AS lines, min(number) AS first_line FROM lines WHERE first_word IS NOT NULL GROUP BY first_word;

-- Every word, wherever it stands: a line becomes as many rows as it has words.
CREATE MATERIALIZED VIEW word_counts AS
SELECT word, count(*) AS n, count(DISTINCT number) AS in_lines
FROM lines, regexp_split_to_table(lower(line), '[^a-z]+') AS word
WHERE length(word) > 4 GROUP BY word;

SELECT * FROM summary;
SELECT * FROM histogram ORDER BY at_least;
SELECT * FROM first_words ORDER BY lines DESC, first_word LIMIT 5;
SELECT * FROM word_counts ORDER BY n DESC, word LIMIT 5;
SELECT number, line FROM lines WHERE line ~* '\mwarrant(y|ies)\M' ORDER BY number LIMIT 3;
