#!/usr/bin/env python3
"""Operators x what happens to their input, each cell compared with PostgreSQL after every epoch.

  run.py KAPPA [--write] [--only 'row_number'] [--condition kill]

Fails when a cell is wrong, or when docs/coverage.md is not what came out; --write writes it. Standard library only.
"""
import argparse
import concurrent.futures
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, 'tests', 'oracle')]

from conditions import CONDITIONS, DDL, KILL  # noqa: E402
from engines import Kappa, Postgres  # noqa: E402
from operators import BASE_VIEW, OPERATORS  # noqa: E402
from wire import Connection, Error, Lost  # noqa: E402

PAGE = os.path.join(ROOT, 'docs', 'coverage.md')
HEAD = """# Coverage of incremental maintenance

Made by `tests/coverage/run.py`, and checked by it; do not edit. A row is a query that stands as a materialized view, a column what happens to the tables under it. In each cell the view's contents are compared with
PostgreSQL's answer after every epoch: **ok**; **0A000**, not supported yet; **wrong**. `churn` is changes that take each other back within one transaction, `kill` is `kill -9` and recovery between changes.

"""


def must(answer, what):
    if isinstance(answer, Error):
        raise SystemExit(f'{answer.sqlstate} {answer.message}\n  {what[:300]}')
    return answer


class Column:
    """One condition: all operators as views of one engine."""

    def __init__(self, name, operators, binary, postgres):
        self.name, self.operators, self.postgres = name, operators, postgres
        self.fill, self.epochs, workers = CONDITIONS[name]
        self.kappa = Kappa(binary, [('workers', workers)])
        self.cells, self.failures = {}, []

    def both(self, statement):
        must(self.postgres.execute(statement), statement)
        must(self.kappa.execute(statement), statement)

    def run(self):
        schema = 'coverage_' + self.name.replace(' ', '_')
        must(self.postgres.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE; CREATE SCHEMA "{schema}"; SET search_path = "{schema}"'), 'schema')
        for statement in DDL:
            self.both(statement)
        must(self.postgres.execute(f'CREATE VIEW base_view AS {BASE_VIEW}'), BASE_VIEW)
        must(self.kappa.execute(f'CREATE MATERIALIZED VIEW base_view AS {BASE_VIEW}'), BASE_VIEW)
        # Half of the operators find rows when they are made, the others see them come.
        self.create(0)
        for statement in self.fill:
            self.both(statement)
        self.create(1)
        self.compare('the first rows')
        for number, epoch in enumerate(self.epochs):
            if epoch == [KILL]:
                self.kappa.kill()
                self.kappa.start()
            elif epoch and epoch[0] == 'BEGIN':
                must(self.kappa.execute('BEGIN'), 'BEGIN')
                for statement in epoch[1:]:
                    self.both(statement)
                must(self.kappa.execute('COMMIT'), 'COMMIT')
            else:
                for statement in epoch:
                    self.both(statement)
            self.compare(f'epoch {number}: {"; ".join(epoch)[:200]}')
        self.kappa.close()
        must(self.postgres.execute(f'DROP SCHEMA "{schema}" CASCADE'), 'schema')

    def create(self, part):
        for number, (name, query, *_) in enumerate(self.operators):
            if number % 2 == part:
                made = self.kappa.execute(f'CREATE MATERIALIZED VIEW o{number} AS {query}')
                if not isinstance(made, Error):
                    self.cells[number] = 'ok'
                else:
                    self.fail(number, '0A000' if made.sqlstate == '0A000' else 'wrong', f'{made.sqlstate} {made.message}')

    def fail(self, number, result, why):
        self.cells[number] = result
        self.failures.append((result, f'{self.operators[number][0]} x {self.name}: {why}'))

    def compare(self, where):
        for number, (name, query, *other) in enumerate(self.operators):
            if self.cells[number] != 'ok':
                continue
            expected = must(self.postgres.execute(other[0] if other else query), query)
            actual = self.kappa.execute(f'SELECT * FROM o{number}')
            if isinstance(actual, Error):
                self.fail(number, 'wrong', f'after {where}: {actual.sqlstate} {actual.message}')
            elif sorted(actual, key=str) != sorted(expected, key=str):
                self.fail(number, 'wrong', f'after {where}:\n    expected {sorted(expected, key=str)[:12]}\n    actual   {sorted(actual, key=str)[:12]}\n    {query}')


def run_column(name, operators, binary, port):
    column = Column(name, operators, binary, Connection(port))
    try:
        column.run()
    except Lost as lost:
        column.failures.append(('wrong', f'{name}: the engine is lost: {lost}'))
        column.cells = dict.fromkeys(range(len(operators)), 'wrong')
    return column.name, column.cells, column.failures


def page(operators, columns):
    text, number = [HEAD], 0
    for group, members in OPERATORS:
        text.append(f'## {group}\n\n| | {" | ".join(name for name, _, _ in columns)} |\n|---|{"---|" * len(columns)}\n')
        for member in members:
            text.append(f'| {member[0]} | {" | ".join(cells[number] for _, cells, _ in columns)} |\n')
            number += 1
        text.append('\n')
    all_cells = [cells[i] for _, cells, _ in columns for i in range(len(operators))]
    text.append(f'{all_cells.count("ok")} of {len(all_cells)} cells are ok.\n')
    return ''.join(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('kappa')
    parser.add_argument('--write', action='store_true')
    parser.add_argument('--only', help='one operator')
    parser.add_argument('--condition', choices=CONDITIONS)
    parser.add_argument('--jobs', type=int, default=2, help='engines at a time')
    options = parser.parse_args()
    operators = [m for _, members in OPERATORS for m in members if options.only in (None, m[0])]
    names = [options.condition] if options.condition else list(CONDITIONS)
    with Postgres() as server, concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        running = [pool.submit(run_column, name, operators, options.kappa, server.port) for name in names]
        columns = [done.result() for done in running]
    failures = [why for _, _, found in columns for result, why in found if result == 'wrong']
    missing = [why for why in dict.fromkeys(why for result, why in columns[0][2] if result == '0A000')]
    for why in failures + missing:
        print(why)
    whole = not options.only and not options.condition
    if whole:
        made = page(operators, columns)
        print(made.splitlines()[-1])
        with open(PAGE, encoding='utf-8') if os.path.exists(PAGE) else open(os.devnull, encoding='utf-8') as file:
            same = file.read() == made
        if options.write:
            with open(PAGE, 'w', encoding='utf-8') as file:
                file.write(made)
        elif not same:
            print('docs/coverage.md is not what came out: look, then run.py --write')
            return 1
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
