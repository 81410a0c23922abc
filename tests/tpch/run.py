#!/usr/bin/env python3
"""The 22 TPC-H queries as materialized views under random changes of all eight tables: after each epoch each view holds what PostgreSQL answers.

  run.py KAPPA [--epochs 5] [--seed 1] [--scale 1.0] [--queries q01,q02] [--kill-every N] [--allow-unsupported]

Data and changes are made here, from the seed; see data.py. Standard library only; PostgreSQL is started unless $KAPPA_TEST_POSTGRES_FILE names one.
"""
import argparse
import collections
import os
import random
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'oracle')]

from data import Data  # noqa: E402
from engines import Kappa, Postgres  # noqa: E402
from wire import Error, Lost  # noqa: E402


def must(answer, what):
    if isinstance(answer, Error):
        raise SystemExit(f'{answer.sqlstate} {answer.message}\n  {what[:300]}')
    return answer


class Run:
    def __init__(self, options, postgres, kappa):
        self.options, self.postgres, self.kappa = options, postgres, kappa
        self.views, self.unsupported, self.failures, self.rows = {}, {}, [], collections.Counter()
        self.seconds = collections.Counter()

    def both(self, statement):
        must(self.postgres.execute(statement), statement)
        must(self.kappa.execute(statement), statement)

    def create(self):
        for name in self.options.queries or [f'q{i:02}' for i in range(1, 23)]:
            with open(os.path.join(HERE, 'queries', f'{name}.sql'), encoding='utf-8') as file:
                text = file.read()
            must(self.postgres.execute(f'CREATE VIEW {name} AS {text}'), name)
            made = self.kappa.execute(f'CREATE MATERIALIZED VIEW {name} AS {text}')
            if not isinstance(made, Error):
                self.views[name] = text
            elif made.sqlstate == '0A000':
                self.unsupported[name] = made.message
            else:
                self.failures.append(f'{name}: {made.sqlstate} {made.message}')

    def compare(self, number):
        for name in list(self.views):
            started = time.monotonic()
            actual = self.kappa.execute(f'SELECT * FROM {name}')
            self.seconds['read kappa'] += time.monotonic() - started
            expected = must(self.postgres.execute(f'SELECT * FROM {name}'), name)
            self.rows[name] += len(expected)
            if isinstance(actual, Error):
                self.failures.append(f'{name} after epoch {number}: {actual.sqlstate} {actual.message}')
            elif sorted(actual, key=str) != sorted(expected, key=str):
                missing = collections.Counter(expected) - collections.Counter(actual)
                extra = collections.Counter(actual) - collections.Counter(expected)
                self.failures.append(f'{name} after epoch {number}: {len(expected)} rows expected, {len(actual)} came\n  missing {list(missing)[:3]}\n  too many {list(extra)[:3]}')
            else:
                continue
            del self.views[name]

    def apply(self, statements, together):
        started = time.monotonic()
        if together:
            together = not isinstance(self.kappa.execute('BEGIN'), Error)
        for statement in statements:
            self.both(statement)
        if together:
            must(self.kappa.execute('COMMIT'), 'COMMIT')
        self.seconds['change'] += time.monotonic() - started

    def run(self):
        r = random.Random(self.options.seed)
        data = Data(r, self.options.scale)
        must(self.postgres.execute('CREATE SCHEMA tpch; SET search_path = tpch'), 'schema')
        with open(os.path.join(HERE, 'schema.sql'), encoding='utf-8') as file:
            for statement in file.read().strip().split(';\n'):
                self.both(statement.rstrip(';'))
        fill = data.fill()
        half = len(fill) // 2
        self.apply(fill[:half], False)
        self.create()  # over some rows; the rest comes after
        self.apply(fill[half:], False)
        self.compare(0)
        for number in range(1, self.options.epochs + 1):
            self.apply(data.changes(), r.random() < 0.5)
            if self.options.kill_every and number % self.options.kill_every == 0:
                self.kappa.kill()
                self.kappa.start()
            self.compare(number)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('kappa')
    parser.add_argument('--epochs', type=int, default=5)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--scale', type=float, default=1.0)
    parser.add_argument('--queries', type=lambda text: text.split(','))
    parser.add_argument('--kill-every', type=int, default=0)
    parser.add_argument('--workers', type=int, default=1)
    parser.add_argument('--allow-unsupported', action='store_true')
    options = parser.parse_args()
    with Postgres() as server:
        postgres = server.connect()
        postgres.execute('DROP SCHEMA IF EXISTS tpch CASCADE')
        kappa = Kappa(options.kappa, [('workers', options.workers)])
        run = Run(options, postgres, kappa)
        try:
            run.run()
        except Lost as lost:
            run.failures.append(f'the engine is lost: {lost}')
        kappa.close()
        postgres.execute('DROP SCHEMA IF EXISTS tpch CASCADE')
    empty = sorted(name for name in run.views if not run.rows[name])
    print(f'seed {options.seed}: {len(run.views)} of {len(run.views) + len(run.unsupported) + len({f.split()[0] for f in run.failures})} views equal PostgreSQL after each of {options.epochs} epochs'
          f' ({sum(run.rows.values())} rows; {", ".join(f"{what} {took:.1f} s" for what, took in run.seconds.items())})')
    for name, why in run.unsupported.items():
        print(f'  {name}: 0A000 {why}')
    for failure in run.failures:
        print(f'  {failure}')
    if empty:
        print(f'  never any row: {", ".join(empty)}')
    return 1 if run.failures or not run.views or (run.unsupported and not options.allow_unsupported) else 0


if __name__ == '__main__':
    sys.exit(main())
