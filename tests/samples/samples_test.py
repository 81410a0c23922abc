#!/usr/bin/env python3
"""The samples, run as their first lines say, against awk and DuckDB.   tests/oracle/venv.sh tests/samples/samples_test.py KAPPA"""
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


def main():
    passed = failed = 0
    for name, check in (('dpkg', check_dpkg), ('iot', check_iot), ('classify', check_classify), ('quickstart', check_quickstart)):
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
