-- Asks PostgreSQL about every case of datetime_cases, each in its time zone, and lists those where kappa answers otherwise.
\set ON_ERROR_STOP on
SET client_min_messages = error;
CREATE UNLOGGED TABLE cases (id bigserial, zone text, sql text, kappa text);
\copy cases (zone, sql, kappa) FROM pstdin

CREATE FUNCTION evaluate(zone text, sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
  PERFORM set_config('TimeZone', zone, true);
  EXECUTE 'SELECT CASE WHEN v IS NULL THEN ''NULL'' ELSE format(''%s'', v) END FROM (SELECT ' || sql || ' AS v OFFSET 0) AS t' INTO answer;
  RETURN answer;
EXCEPTION WHEN OTHERS THEN
  RETURN '!' || SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE UNLOGGED TABLE answers AS SELECT id, zone, sql, kappa, evaluate(zone, sql) AS postgres FROM cases;

CREATE VIEW mismatches AS
SELECT * FROM answers
WHERE kappa IS DISTINCT FROM postgres
  AND NOT (sql LIKE '%age%infinity%' AND kappa = '!22008 timestamp out of range')   -- PostgreSQL 15 counts infinity as a date in the year 294277
  AND NOT sql ~ 'date_trunc.*(MSK|VET)';   -- there an abbreviation whose meaning changed stands for its whole zone

SELECT count(*) || ' cases, ' || (SELECT count(*) FROM mismatches) || ' mismatches' FROM answers;
SELECT zone || '  ' || sql || '  kappa: ' || kappa || '  postgres: ' || postgres FROM mismatches ORDER BY id LIMIT 400;
SELECT 1 / (CASE WHEN EXISTS (SELECT FROM mismatches) OR (SELECT count(*) FROM answers) < 20000 THEN 0 ELSE 1 END);
