#!/usr/bin/env python3
"""The samples, run as their first lines say, against awk and DuckDB.   tests/venv.sh tests/samples/samples_test.py KAPPA"""
import decimal
import glob
import json
import os
import subprocess
import sys

import duckdb

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'oracle'))
import kappa as harness  # noqa: E402

CONFIGURATIONS = [{}, {'workers': 2, 'epoch_max_records': 7, 'jit_tier': 'quick'}, {'workers': 3, 'epoch_max_records': 1, 'jit_tier': 'o2'}]


def run(kappa, name, settings):
    arguments = ['run', os.path.join('samples', name), '--quiet', '--format', 'json', '--data', kappa.data]
    for setting, value in settings.items():
        arguments += ['--set', f'{setting}={value}']
    return kappa.command(*arguments).splitlines()


def connect():
    connection = duckdb.connect()
    connection.execute('SET threads = 1')
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def lines_of(connection, sql):
    result = connection.execute(sql)
    names = [column[0] for column in result.description]
    return [harness.json_line(names, row) for row in result.fetchall()]


def plain(lines):
    """The lines with every number written in one way: 1.50 and 1.5 are the same."""
    number = lambda text: format(decimal.Decimal(text).normalize(), 'f')
    return [json.dumps(json.loads(line, parse_float=number, parse_int=number)) for line in lines]


def compare(what, connection, sql, actual, *members):
    """The lines that have all these members, beside DuckDB's rows."""
    chosen = [line for line in actual if all(member in json.loads(line) for member in members)]
    harness.compare(what, plain(lines_of(connection, sql)), plain(chosen))


def raw_lines(connection, path):
    connection.execute(f"""CREATE VIEW raw AS SELECT row_number() OVER () AS n, line
        FROM read_csv('{path}', columns = {{line: 'VARCHAR'}}, delim = chr(1), quote = '', escape = '', header = false, skip = 0, null_padding = false, nullstr = chr(2))""")


def check_dpkg(kappa, settings):
    """The machine's own log, counted by awk."""
    program = r'''{ n[$1 " " substr($2, 1, 2) ":00:00|" $3]++ } END { for (k in n) { split(k, p, "|"); printf "{\"hour\":\"%s\",\"action\":\"%s\",\"n\":%d}\n", p[1], p[2], n[k] } }'''
    counted = subprocess.run(['awk', program, '/var/log/dpkg.log'], capture_output=True, check=True, text=True).stdout.splitlines()
    harness.compare('dpkg', counted, run(kappa, 'dpkg.sql', settings))


# Lateness as the language defines it: behind the largest time so far, less 10 seconds; late is what lies in a slice that has ended by then.
READINGS = """CREATE VIEW readings AS
    WITH numbered AS (SELECT row_number() OVER () AS n, json FROM read_csv('{path}', columns = {{json: 'VARCHAR'}}, delim = chr(1), quote = '', escape = '', header = false)),
         typed AS (SELECT n, json ->> 'device' AS device, try_cast(json ->> 'celsius' AS DOUBLE) AS celsius, (json ->> 'at')::TIMESTAMP AS t FROM numbered),
         good AS (SELECT * FROM typed WHERE celsius IS NOT NULL)
    SELECT *, max(t) OVER (ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - INTERVAL 10 SECOND AS watermark FROM good"""
OVERHEATING = """SELECT strftime(time_bucket(INTERVAL 1 MINUTE, t), '%Y-%m-%d %H:%M:%S') AS window_start, device, round(avg(celsius)::DECIMAL(20, 6), 1)::DECIMAL(20, 1) AS average, max(celsius) AS hottest
    FROM readings WHERE watermark IS NULL OR time_bucket(INTERVAL 1 MINUTE, t) + INTERVAL 1 MINUTE > watermark
    GROUP BY ALL HAVING avg(celsius) > 80"""
SILENT = """SELECT start + INTERVAL 1 MINUTE AS "at", device, count(*) AS readings, max(r.t) AS last_heard
    FROM readings r, (SELECT time_bucket(INTERVAL 30 SECOND, t) - INTERVAL 30 SECOND * k AS start, n FROM readings, range(2) s(k)) w
    WHERE w.n = r.n AND (watermark IS NULL OR time_bucket(INTERVAL 30 SECOND, r.t) + INTERVAL 30 SECOND > watermark)
    GROUP BY ALL HAVING count(*) < 4"""


def check_iot(kappa, settings):
    connection = connect()
    connection.execute(READINGS.format(path=os.path.join(ROOT, 'samples/data/readings.jsonl')))
    actual = [line for line in run(kappa, 'iot.sql', settings)]
    hot = [line.replace('"hottest":97.0', '"hottest":97').replace('"hottest":90.0', '"hottest":90') for line in lines_of(connection, OVERHEATING)]
    harness.compare('iot: overheating', hot, [line for line in actual if '"hottest"' in line])
    harness.compare('iot: silent', lines_of(connection, SILENT), [line for line in actual if '"last_heard"' in line])
    late = connection.execute("""SELECT count(*) FROM readings WHERE time_bucket(INTERVAL 1 MINUTE, t) + INTERVAL 1 MINUTE <= watermark""").fetchone()[0]
    harness.compare('iot: late', ['late'] * late, [json.loads(line)['kind'] for line in actual if '"kind":"late"' in line])
    harness.compare('iot: garbled', ['9'], [str(json.loads(line)['offset']) for line in actual if '"kind":"decode"' in line])


def check_classify(kappa, settings):
    connection = connect()
    connection.execute(f"""CREATE VIEW classified AS SELECT *, CASE WHEN status >= 500 THEN 'error' WHEN status >= 400 THEN 'client' WHEN millis > 1000 THEN 'slow' ELSE 'fine' END AS class
        FROM read_json('{ROOT}/samples/data/requests.jsonl', format = 'newline_delimited', columns = {{path: 'VARCHAR', status: 'INT', millis: 'INT', "at": 'TIMESTAMP'}})""")
    actual = run(kappa, 'classify.sql', settings)
    harness.compare('classify: shown', lines_of(connection, "SELECT class, path, status, millis FROM classified WHERE class <> 'fine'"), [line for line in actual if '"path"' in line])
    harness.compare('classify: classes', lines_of(connection, 'SELECT class, count(*) AS n FROM classified GROUP BY class'), [line for line in actual if '"n"' in line])
    for topic, sql in (('request_errors', """SELECT path, status, "at" FROM classified WHERE class = 'error'"""), ('request_slow', "SELECT path, millis FROM classified WHERE class = 'slow'")):
        written = kappa.command('topic', 'consume', topic, '--until', 'latest', '--quiet', '--data', kappa.data).splitlines()
        harness.compare(f'classify: topic {topic}', lines_of(connection, sql), written)


WEBLOG = r"""CREATE TABLE requests AS
    WITH matched AS (SELECT n, line, regexp_extract(line, '^(\S+) \S+ \S+ \[([^\]]+) \+0000\] "\S+ ([^ ?"]+)[^"]*" (\d+) (\d+)', ['client', 'at', 'page', 'status', 'bytes']) AS p FROM raw),
         typed AS (SELECT n, p.client AS client, strptime(p.at, '%d/%b/%Y:%H:%M:%S') AS t, p.page AS page, p.status::INT AS status, p.bytes::BIGINT AS bytes FROM matched WHERE p.client <> '')
    SELECT *, max(t) OVER (ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - INTERVAL 1 MINUTE AS watermark FROM typed"""
VISITS = """SELECT client, min(t) AS began, (max(t) - min(t))::VARCHAR AS stayed, count(*) AS requests, sum(bytes)::BIGINT AS bytes, string_agg(page, ' ' ORDER BY t, page) AS path FROM (SELECT *,
      sum(fresh) OVER (PARTITION BY client ORDER BY t ROWS UNBOUNDED PRECEDING) AS visit
      FROM (SELECT *, coalesce(t - lag(t) OVER (PARTITION BY client ORDER BY t) > INTERVAL 30 MINUTE, true)::INT AS fresh FROM requests WHERE watermark IS NULL OR t >= watermark)) GROUP BY client, visit"""


def check_weblog(kappa, settings):
    connection = connect()
    raw_lines(connection, os.path.join(ROOT, 'samples/data/access.log'))
    connection.execute(WEBLOG)
    actual = run(kappa, 'weblog.sql', settings)
    compare('weblog: visits', connection, VISITS, actual, 'stayed')
    compare('weblog: pages', connection, """SELECT page, count(*) AS requests, count(DISTINCT client) AS clients, sum(bytes)::BIGINT AS bytes FROM requests WHERE status < 400
        GROUP BY page ORDER BY requests DESC, page LIMIT 3""", actual, 'clients')
    compare('weblog: errors', connection, """SELECT time_bucket(INTERVAL 5 MINUTE, t) AS window_start, count(*) AS requests, count(*) FILTER (status >= 500) AS failed,
        round((100.0 * count(*) FILTER (status >= 500))::DECIMAL(20, 6) / count(*), 1)::DECIMAL(20, 1) AS percent FROM requests
        WHERE watermark IS NULL OR time_bucket(INTERVAL 5 MINUTE, t) + INTERVAL 5 MINUTE > watermark GROUP BY ALL HAVING failed > 0""", actual, 'failed')
    compare('weblog: no visits', connection, """SELECT 'late' AS kind, n - 1 AS "offset", line AS payload FROM raw JOIN requests USING (n) WHERE t < watermark
        UNION ALL SELECT 'expression', n - 1, line FROM raw WHERE n NOT IN (SELECT n FROM requests)""", actual, 'payload')


ALERTS = """CREATE VIEW alerts AS SELECT *, CASE WHEN payments >= 7 THEN 'too many' WHEN total > 3000 THEN 'too much' ELSE 'too many places' END AS reason
    FROM (SELECT start + INTERVAL 10 MINUTE AS "at", card, count(*) AS payments, sum(amount)::DECIMAL(20, 2) AS total, count(DISTINCT country) AS countries, list(id ORDER BY id) AS ids
          FROM (SELECT *, time_bucket(INTERVAL 1 MINUTE, "at") - INTERVAL 1 MINUTE * k AS start FROM payments, range(10) s(k)) GROUP BY start, card)
    WHERE payments >= 7 OR total > 3000 OR (countries >= 4 AND payments < 5)"""


def check_fraud(kappa, settings):
    with open(os.path.join(ROOT, 'samples', 'fraud.sql'), encoding='utf-8') as file:
        source = file.read().split(';\n')[0]
    path = kappa.path('payments.jsonl')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(kappa.run(source + '; SELECT * FROM payments;')))
    connection = connect()
    connection.execute(f"""CREATE VIEW payments AS SELECT * FROM read_json('{path}', format = 'newline_delimited',
        columns = {{id: 'BIGINT', card: 'INT', amount: 'DECIMAL(10, 2)', country: 'VARCHAR', "at": 'TIMESTAMP'}})""")
    connection.execute(ALERTS)
    actual = run(kappa, 'fraud.sql', settings)
    compare('fraud: reasons', connection, 'SELECT reason, count(*) AS alerts, count(DISTINCT card) AS cards, max(total) AS most FROM alerts GROUP BY reason', actual, 'most')
    compare('fraud: worst', connection, 'SELECT "at", card, payments, total, countries, reason, ids FROM alerts ORDER BY payments DESC, total DESC, "at" LIMIT 5', actual, 'ids')


SALES = """CREATE VIEW sales AS
    SELECT 'north' AS shop, order_id, nullif(array_to_string(list_transform(string_split(lower(trim(customer)), ' '), lambda w: upper(w[1]) || w[2:]), ' '), '') AS customer,
           try_strptime("date", '%d.%m.%Y')::DATE AS day, article, try_cast(quantity AS INT) AS quantity,
           try_cast(quantity AS INT) * replace(replace(unit_price, '.', ''), ',', '.')::DECIMAL(12, 2) AS total
    FROM read_csv('{root}/samples/data/sales_north.csv', delim = ';', header = true, all_varchar = true)
    WHERE try_cast(quantity AS INT) IS NOT NULL AND try_strptime("date", '%d.%m.%Y') IS NOT NULL
    UNION ALL
    SELECT 'web', 'W-' || id, array_to_string(list_transform(string_split(lower("user".name), ' '), lambda w: upper(w[1]) || w[2:]), ' '),
           epoch_ms(try_cast(ts AS BIGINT))::DATE, l.sku, l.qty, l.qty * l.cents / 100
    FROM (SELECT *, unnest(lines) AS l FROM read_json('{root}/samples/data/sales_web.jsonl', format = 'newline_delimited',
         columns = {{id: 'BIGINT', ts: 'VARCHAR', "user": 'STRUCT(name VARCHAR)', lines: 'STRUCT(sku VARCHAR, qty INT, cents BIGINT)[]', currency: 'VARCHAR'}}))
    WHERE currency = 'EUR' AND try_cast(ts AS BIGINT) IS NOT NULL"""


def check_etl(kappa, settings):
    connection = connect()
    connection.execute(SALES.format(root=ROOT))
    actual = run(kappa, 'etl.sql', settings)
    compare('etl: sales', connection, 'SELECT * FROM sales', actual, 'order_id')
    compare('etl: written', connection, 'SELECT * FROM sales', kappa.command('topic', 'consume', 'sales', '--until', 'latest', '--quiet', '--data', kappa.data).splitlines(), 'order_id')
    compare('etl: days', connection, 'SELECT day, count(DISTINCT order_id) AS orders, sum(total) AS total FROM sales GROUP BY day', actual, 'orders')
    left_out = [json.loads(line) for line in actual if 'sqlstate' in json.loads(line)]
    harness.compare('etl: left out', ['decode north 2 22P02', 'decode web 2 22P02', 'expression north 3 22008'],
                    [f'{row["kind"]} {row["topic"]} {row["offset"]} {row["sqlstate"]}' for row in left_out])


SCORES = """CREATE VIEW scores AS SELECT match, home, away, coalesce(sum(goals) FILTER (team = home), 0)::INT AS home_goals, coalesce(sum(goals) FILTER (team = away), 0)::INT AS away_goals,
    CASE WHEN bool_or(what = 'whistle') THEN 'final' ELSE 'playing' END AS state
    FROM read_json('{root}/samples/data/matches.jsonl', format = 'newline_delimited',
         columns = {{match: 'INT', home: 'VARCHAR', away: 'VARCHAR', what: 'VARCHAR', team: 'VARCHAR', goals: 'INT'}}) GROUP BY match, home, away"""
LEAGUE = """SELECT team, count(*) AS played, sum(CASE WHEN shot > got THEN 3 WHEN shot = got THEN 1 ELSE 0 END)::INT AS points, sum(shot)::INT AS goals, sum(got)::INT AS against, sum(shot - got)::INT AS difference
    FROM (SELECT home AS team, home_goals AS shot, away_goals AS got FROM scores UNION ALL SELECT away, away_goals, home_goals FROM scores) GROUP BY team"""


def check_scoreboard(kappa, settings):
    connection = connect()
    connection.execute(SCORES.format(root=ROOT))
    actual = run(kappa, 'scoreboard.sql', settings)
    compare('scoreboard: scores', connection, 'SELECT * FROM scores', actual, 'home_goals')
    compare('scoreboard: league', connection, LEAGUE, actual, 'points')
    ticker = [harness.json_line_of(row) for row in harness.apply_changes([line for line in actual if line.startswith('{"op"')])]
    harness.compare('scoreboard: ticker', lines_of(connection, """SELECT match::VARCHAR AS match, home || ' - ' || away || '  ' || home_goals || ':' || away_goals AS line, state FROM scores"""),
                    [json.dumps({**json.loads(line), 'match': str(json.loads(line)['match'])}, separators=(',', ':')) for line in ticker])


WORDS = r"""CREATE TABLE lines AS SELECT n AS number, coalesce(line, '') AS line, length(coalesce(line, '')) AS characters, len(regexp_extract_all(coalesce(line, ''), '\w+')) AS words,
    len(regexp_extract_all(coalesce(line, ''), '[A-Z]')) AS capitals, nullif(lower(regexp_extract(line, '[A-Za-z]+')), '') AS first_word FROM raw"""


def check_text(kappa, settings):
    connection = connect()
    connection.execute('CREATE TABLE raw (n BIGINT, line VARCHAR)')
    with open(os.path.join(ROOT, 'LICENSE'), encoding='utf-8') as file:
        connection.executemany('INSERT INTO raw VALUES (?, ?)', list(enumerate(file.read().splitlines(), 1)))
    connection.execute(WORDS)
    actual = run(kappa, 'text.sql', settings)
    compare('text: summary', connection, """SELECT count(*) AS lines, sum(words)::INT AS words, sum(characters)::INT AS characters, count(*) FILTER (words = 0) AS blank, max(characters) AS longest,
        round((avg(words) FILTER (words > 0))::DECIMAL(20, 8), 2)::DECIMAL(20, 2) AS words_a_line, quantile_disc(characters, 0.5) AS median_length,
        round((sum(capitals) * 100.0 / sum(characters))::DECIMAL(20, 8), 2)::DECIMAL(20, 2) AS capitals_percent FROM lines""", actual, 'blank')
    compare('text: histogram', connection, "SELECT words // 5 * 5 AS at_least, count(*) AS lines, repeat('#', count(*) // 4) AS bar FROM lines WHERE words > 0 GROUP BY ALL", actual, 'bar')
    compare('text: first words', connection, """SELECT first_word, count(*) AS lines, min(number) AS first_line FROM lines WHERE first_word IS NOT NULL GROUP BY ALL
        ORDER BY lines DESC, first_word LIMIT 5""", actual, 'first_word')
    compare('text: words', connection, """SELECT word, count(*) AS n, count(DISTINCT number) AS in_lines
        FROM (SELECT number, unnest(regexp_split_to_array(lower(line), '[^a-z]+')) AS word FROM lines) WHERE length(word) > 4 GROUP BY word ORDER BY n DESC, word LIMIT 5""", actual, 'in_lines')
    compare('text: search', connection, r"SELECT number, line FROM lines WHERE regexp_matches(line, '\bwarrant(y|ies)\b', 'i') ORDER BY number LIMIT 3", actual, 'number')


def check_quickstart(kappa, settings):
    folder = kappa.path('events')
    kappa.run(f"""CREATE SOURCE n (line TEXT) WITH (connector = 'nexmark', rows = 20000, event.rate = 100) FORMAT PLAIN ENCODE BYTES;
                  CREATE SINK f AS SELECT line FROM n WITH (connector = 'file', path = '{folder}') FORMAT PLAIN ENCODE BYTES;""")
    connection = connect()
    live = f"""SELECT time_bucket(INTERVAL 20 SECOND, bid."dateTime") AS window_start, count(*) AS bids, max(bid.price) AS highest, CAST(round(sum(bid.price)::DECIMAL(38, 6) / count(*)) AS BIGINT) AS average
        FROM read_json({sorted(glob.glob(folder + '/*'))}, format = 'newline_delimited', columns = {{event_type: 'INT', bid: 'STRUCT(price BIGINT, "dateTime" TIMESTAMP)'}}) WHERE event_type = 2 GROUP BY ALL"""
    # The second run finds what the first one left in the log.
    for times in (1, 2):
        actual = run(kappa, 'quickstart.sql', settings)
        pages = [f'{{"page":"/docs","visits":{4 * times},"average_millis":33.5,"slowest":41}}', f'{{"page":"/","visits":{2 * times},"average_millis":10.5,"slowest":12}}',
                 f'{{"page":"/pricing","visits":{times},"average_millis":250.0,"slowest":250}}']
        if [line for line in actual if '"page"' in line] != pages:
            raise harness.Failure(f'quickstart: pages, run {times}: {actual[:4]}')
        harness.compare('quickstart: live', lines_of(connection, live), [line for line in actual if '"window_start"' in line])
        if sum('"next":"try: ' in line for line in actual) != 4:
            raise harness.Failure('quickstart does not say what to type next')


CHECKS = {'dpkg': check_dpkg, 'iot': check_iot, 'classify': check_classify, 'weblog': check_weblog, 'fraud': check_fraud, 'etl': check_etl, 'scoreboard': check_scoreboard,
          'text': check_text, 'quickstart': check_quickstart}


def main():
    passed = failed = 0
    for name, check in CHECKS.items():
        for settings in CONFIGURATIONS[:1] if name == 'quickstart' else CONFIGURATIONS:
            try:
                if name == 'dpkg' and not os.path.exists('/var/log/dpkg.log'):
                    raise harness.Failure('this machine has no /var/log/dpkg.log')
                check(harness.Kappa(sys.argv[1]), settings)
                passed += 1
            except harness.Failure as failure:
                failed += 1
                print(f'FAILED {name} {settings}\n{failure}', flush=True)
    print(f'{passed} passed, {failed} failed')
    return 0 if passed and not failed else 1


if __name__ == '__main__':
    sys.exit(main())
