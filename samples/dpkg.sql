-- What was installed and removed on this machine, by hour:   kappa run samples/dpkg.sql
-- Lines as they are, no server, no import. Each line: 2024-05-06 07:08:09 ACTION PACKAGE VERSION ...
CREATE SOURCE dpkg_log (
  line    TEXT,
  at      TIMESTAMP AS (split_part(line, ' ', 1) || ' ' || split_part(line, ' ', 2))::timestamp,
  action  TEXT AS split_part(line, ' ', 3),
  package TEXT AS split_part(line, ' ', 4)
) WITH (connector = 'file', path = '/var/log/dpkg.log') FORMAT PLAIN ENCODE BYTES;

CREATE MATERIALIZED VIEW hourly AS
SELECT date_trunc('hour', at) AS hour, action, count(*) AS n
FROM dpkg_log GROUP BY date_trunc('hour', at), action;

SELECT hour, action, n FROM hourly ORDER BY hour, action;
