#!/usr/bin/env python3
"""The Nexmark samples as materialized views over a log that grows, beside PostgreSQL over a table of the same events: after each step each view holds what
PostgreSQL answers to the sample's own text.

  nexmark_postgres.py KAPPA [--rows 3000] [--steps 6] [--queries q4,q9] [--kill-every 2] [--workers N]

What PostgreSQL has no word for is said in its own: windows by date_bin and generate_series, AS OF PROCTIME() (of a side that never changes) by a join. q12
groups by the clock and is left out. Standard library only; PostgreSQL is started unless $KAPPA_TEST_POSTGRES_FILE names one.
"""
import argparse
import collections
import glob
import os
import re
import subprocess
import sys
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__))]

import kappa as harness  # noqa: E402
from engines import Kappa, Postgres  # noqa: E402
from wire import Error, Lost  # noqa: E402

ALL = [f'q{i}' for i in range(23) if i != 12]
EVENT_RATE = 20  # a second of event time holds few events, so that there are several days
TYPES = {
    'person': 'id bigint, name text, "emailAddress" text, "creditCard" text, city text, state text, "dateTime" timestamp, extra text',
    'auction': 'id bigint, "itemName" text, description text, "initialBid" bigint, reserve bigint, "dateTime" timestamp, expires timestamp, seller bigint, category bigint, extra text',
    'bid': 'auction bigint, bidder bigint, price bigint, channel text, url text, "dateTime" timestamp, extra text',
}
SOURCE = f"""CREATE SOURCE nexmark (event_type INT, {', '.join(f'{name} STRUCT<{fields}>' for name, fields in TYPES.items())},
  at TIMESTAMP AS coalesce((bid)."dateTime", (auction)."dateTime", (person)."dateTime"), WATERMARK FOR at AS at - INTERVAL '4 seconds')
  WITH (connector = 'log', topic = 'nexmark') FORMAT PLAIN ENCODE JSON"""
COMMENT = re.compile(r'--[^\n]*')
SINK = re.compile(r"CREATE SINK (\w+) AS\s+(.*?)\s+(?:EMIT ON WINDOW CLOSE\s+)?WITH \(connector[^)]*\) FORMAT PLAIN ENCODE JSON$", re.DOTALL)
TUMBLE = re.compile(r"TUMBLE\((\w+), (\w+), (INTERVAL '[^']*')\)(?:\s+(?!JOIN|GROUP|ON|WHERE)(\w+))?")
HOP = re.compile(r"HOP\((\w+), (\w+), (INTERVAL '[^']*'), (INTERVAL '[^']*')\)(?:\s+(?!JOIN|GROUP|ON|WHERE)(\w+))?")
SESSION = re.compile(r"SESSION\((\w+) PARTITION BY (\w+), (\w+), (INTERVAL '[^']*')\)(?:\s+(?!JOIN|GROUP|ON|WHERE)(\w+))?")


def statements(query):
    """The sample's views, then its sink as (name, query)."""
    with open(os.path.join(harness.ROOT, 'samples', 'nexmark', query + '.sql'), encoding='utf-8') as file:
        texts = [text.strip() for text in COMMENT.sub('', file.read()).split(';')]
    views = [text for text in texts if text.startswith('CREATE VIEW')]
    sinks = [SINK.fullmatch(text) for text in texts if text.startswith('CREATE SINK')]
    if len(sinks) != 1 or sinks[0] is None:
        raise SystemExit(f'{query}: no sink that can be asked as a view')
    return views, sinks[0].group(1), sinks[0].group(2)


def postgres_text(text):
    def tumble(m):
        start = f"date_bin({m[3]}, {m[2]}, TIMESTAMP '2000-01-01')"
        return f'(SELECT *, {start} AS window_start, {start} + {m[3]} AS window_end FROM {m[1]}) AS {m[4] or "windows"}'

    def hop(m):
        last = f"date_bin({m[3]}, {m[2]}, TIMESTAMP '2000-01-01')"
        return (f'(SELECT r.*, s AS window_start, s + {m[4]} AS window_end FROM {m[1]} r, generate_series({last} - ({m[4]} - {m[3]}), {last}, {m[3]}) s '
                f'WHERE r.{m[2]} >= s AND r.{m[2]} < s + {m[4]}) AS {m[5] or "windows"}')

    def session(m):
        return (f'(SELECT *, min({m[3]}) OVER (PARTITION BY {m[2]}, session) AS window_start, max({m[3]}) OVER (PARTITION BY {m[2]}, session) + {m[4]} AS window_end FROM '
                f'(SELECT *, sum(fresh) OVER (PARTITION BY {m[2]} ORDER BY {m[3]} ROWS UNBOUNDED PRECEDING) AS session FROM '
                f'(SELECT *, coalesce({m[3]} - lag({m[3]}) OVER (PARTITION BY {m[2]} ORDER BY {m[3]}) > {m[4]}, true)::int AS fresh FROM {m[1]}) f) g) AS {m[5] or "windows"}')

    text = TUMBLE.sub(tumble, text)
    text = HOP.sub(hop, text)
    text = SESSION.sub(session, text)
    return text.replace(' FOR SYSTEM_TIME AS OF PROCTIME()', '')


def must(answer, what):
    if isinstance(answer, Error):
        raise SystemExit(f'{answer.sqlstate} {answer.message}\n  {what[:500]}')
    return answer


def make_events(binary, rows):
    """The generator's records, one a line."""
    kappa = harness.Kappa(binary)
    folder = kappa.path('events')
    kappa.run(f"""CREATE SOURCE n (line TEXT) WITH (connector = 'nexmark', rows = {rows}, event.rate = {EVENT_RATE}) FORMAT PLAIN ENCODE BYTES;
                  CREATE SINK f AS SELECT line FROM n WITH (connector = 'file', path = '{folder}') FORMAT PLAIN ENCODE BYTES;""")
    lines = []
    for part in sorted(glob.glob(folder + '/*')):
        with open(part, encoding='utf-8') as file:
            lines += file.read().splitlines()
    if len(lines) != rows:
        raise SystemExit(f'{len(lines)} events were written, {rows} were made')
    return lines


class Run:
    def __init__(self, options, postgres, kappa):
        self.options, self.postgres, self.kappa = options, postgres, kappa
        self.failures, self.views, self.rows = [], [], collections.Counter()

    def topic(self, *arguments, text=None):
        done = subprocess.run([os.path.abspath(self.options.kappa), 'topic', *arguments, '--data', f'{self.kappa.directory}/data'], input=text, timeout=60,
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f'kappa topic {" ".join(arguments)}: {done.stderr}')

    def create(self):
        self.topic('create', 'nexmark', '--partitions', '1')
        for name, fields in TYPES.items():
            must(self.postgres.execute(f'CREATE TYPE {name}_event AS ({fields})'), name)
        must(self.postgres.execute('CREATE TABLE nexmark (event_type int, person person_event, auction auction_event, bid bid_event, at timestamp)'), 'nexmark')
        must(self.kappa.execute(SOURCE), SOURCE)
        for query in self.options.queries:
            views, name, text = statements(query)
            for engine, change in ((self.postgres, postgres_text), (self.kappa, str)):
                must(engine.execute(f'CREATE SCHEMA of_{query}'), query)
                must(engine.execute(f'SET search_path = of_{query}, {"nexmark_oracle" if engine is self.postgres else "public"}'), query)
                for view in views:
                    must(engine.execute(change(view)), view)
            must(self.postgres.execute(f'CREATE VIEW {name} AS {postgres_text(text)}'), text)
            made = self.kappa.execute(f'CREATE MATERIALIZED VIEW {name} AS {text}')
            if isinstance(made, Error):
                self.failures.append(f'{query}: {made.sqlstate} {made.message}')
            else:
                self.views.append(f'of_{query}.{name}')

    def append(self, lines):
        self.topic('produce', 'nexmark', text=''.join(line + '\n' for line in lines))
        texts = ', '.join("('" + line.replace("'", "''") + "'::json)" for line in lines)
        event = "CASE WHEN json_typeof(j->'{0}') = 'object' THEN json_populate_record(NULL::{0}_event, j->'{0}') END AS {0}"
        events = ', '.join(event.format(name) for name in TYPES)
        statement = (f'INSERT INTO nexmark SELECT event_type, person, auction, bid, coalesce((bid)."dateTime", (auction)."dateTime", (person)."dateTime") '
                     f"FROM (SELECT (j->>'event_type')::int AS event_type, {events} FROM (VALUES {texts}) v(j)) e")
        must(self.postgres.execute(statement), statement)

    def compare(self, step):
        for name in list(self.views):
            expected = must(self.postgres.execute(f'SELECT * FROM {name}'), name)
            actual = self.kappa.execute(f'SELECT * FROM {name}')
            self.rows[name] += len(expected)
            if isinstance(actual, Error):
                self.failures.append(f'{name} after step {step}: {actual.sqlstate} {actual.message}')
            elif sorted(actual, key=str) != sorted(expected, key=str):
                missing = collections.Counter(expected) - collections.Counter(actual)
                extra = collections.Counter(actual) - collections.Counter(expected)
                self.failures.append(f'{name} after step {step}: {len(expected)} rows expected, {len(actual)} came\n  missing {list(missing)[:3]}\n  too many {list(extra)[:3]}')
            else:
                continue
            self.views.remove(name)

    def run(self):
        must(self.postgres.execute('CREATE SCHEMA nexmark_oracle; SET search_path = nexmark_oracle'), 'schema')
        lines = make_events(self.options.kappa, self.options.rows)
        self.create()
        size = -(-len(lines) // self.options.steps)
        for step in range(1, self.options.steps + 1):
            self.append(lines[(step - 1) * size:step * size])
            if self.options.kill_every and step % self.options.kill_every == 0:
                self.kappa.kill()
                self.kappa.start()
            self.compare(step)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('kappa')
    parser.add_argument('--rows', type=int, default=3000)
    parser.add_argument('--steps', type=int, default=6)
    parser.add_argument('--queries', type=lambda text: text.split(','), default=ALL)
    parser.add_argument('--kill-every', type=int, default=2)
    parser.add_argument('--workers', type=int, default=2)
    options = parser.parse_args()
    started = time.monotonic()
    with Postgres() as server:
        postgres = server.connect()
        schemas = ''.join(f'DROP SCHEMA IF EXISTS of_{query} CASCADE; ' for query in ALL) + 'DROP SCHEMA IF EXISTS nexmark_oracle CASCADE'
        postgres.execute(schemas)
        kappa = Kappa(options.kappa, [('workers', options.workers)])
        run = Run(options, postgres, kappa)
        try:
            run.run()
        except Lost as lost:
            run.failures.append(f'the engine is lost: {lost}')
        kappa.close()
        postgres.execute(schemas)
    print(f'{len(run.views)} of {len(options.queries)} queries equal PostgreSQL after each of {options.steps} steps of {options.rows} events '
          f'({sum(run.rows.values())} rows) in {time.monotonic() - started:.0f} s')
    for failure in run.failures:
        print(f'  {failure}')
    empty = sorted(name for name in run.views if not run.rows[name])
    if empty:
        print(f'  never any row: {", ".join(empty)}')
    return 1 if run.failures or empty or not run.views else 0


if __name__ == '__main__':
    sys.exit(main())
