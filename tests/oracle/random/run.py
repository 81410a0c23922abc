#!/usr/bin/env python3
"""Random queries as materialized views under random changes: after every epoch each view holds what PostgreSQL answers.

  run.py KAPPA --queries 200 [--seed N] [--jobs N]     so many queries, from that seed on (else from 1)
  run.py KAPPA --only SEED                             one seed again; what fails is made smaller and printed as SQL

Queries that kappa answers 0A000 are counted apart. Standard library only; PostgreSQL is started unless $KAPPA_TEST_POSTGRES_FILE names one.
"""
import argparse
import collections
import concurrent.futures
import os
import sys
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

from case import Case, Outcome, Run, ask_postgres  # noqa: E402
from engines import Kappa, Postgres  # noqa: E402
from shrink import Shrink  # noqa: E402
from wire import Connection  # noqa: E402

VIEWS = 12


def run_seed(binary, port, seed, shrink, shrink_seconds=60):
    """Counts, the features that are missing, and what to print about each failure."""
    connection = Connection(port)
    case = Case(seed, VIEWS)
    answers, refused = ask_postgres(case, connection)
    kappa = Kappa(binary, case.settings)
    run = Run(case, kappa, answers)
    code = kappa.close()
    failures = run.failures()
    if not failures and code not in (0, 3):
        failures = [Outcome('lost', '', 'its end', f'the engine ended with {code}')]
    counts = collections.Counter(o.kind for o in run.outcomes.values())
    counts['refused by PostgreSQL'] = len(refused)
    counts['ad hoc agrees'] = sum(o.kind == 'agrees' for o in run.ad_hoc_outcomes.values())
    missing = collections.Counter(o.detail for o in run.outcomes.values() if o.kind == 'unsupported')
    reports = [report(case, o, answers, binary, connection, shrink_seconds) if shrink else f'seed {seed} {o.view}: {o.kind} at {o.where}: {o.detail}' for o in failures]
    connection.close()
    return counts, missing, reports, refused


def report(case, outcome, answers, binary, connection, seconds):
    """A failure made smaller. One that names no view (the engine died) is looked for in each view alone."""
    name = outcome.view
    if not name:
        for view in case.views:
            if view.name not in answers:
                continue
            found = Shrink(case.only(view.name), outcome.kind, binary, connection).fails(case.only(view.name))
            if found:
                name = view.name
                break
    head = f'seed {case.seed} {name}: {outcome.kind} at {outcome.where}: {outcome.detail}\n'
    small = Shrink(case.only(name), outcome.kind, binary, connection, seconds).run() if name else None
    if small is None:
        return head + '(it does not fail alone)\n' + (case.only(name) if name else case).script()
    return head + f'-- smallest: {small[1].where}: {small[1].detail}\n' + small[0].script()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('kappa')
    parser.add_argument('--queries', type=int, default=200)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', type=int)
    parser.add_argument('--jobs', type=int, default=1)
    parser.add_argument('--no-shrink', action='store_true')
    parser.add_argument('--shrink-seconds', type=float, default=60)
    parser.add_argument('--most-failures', type=int, default=5, help='seeds with failures after which it ends')
    parser.add_argument('--most-unsupported', type=float, default=0.10, help='share of queries answered 0A000 that is let pass')
    options = parser.parse_args()
    totals, missing, refused, failed, started = collections.Counter(), collections.Counter(), collections.Counter(), 0, time.monotonic()
    seeds = [options.only] if options.only is not None else range(options.seed, options.seed + -(-options.queries // VIEWS))
    with Postgres() as postgres, concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        running = [pool.submit(run_seed, options.kappa, postgres.port, seed, not options.no_shrink, options.shrink_seconds) for seed in seeds]
        for done in running:
            counts, features, reports, why = done.result()
            totals.update(counts)
            missing.update(features)
            refused.update(why.values())
            for text in reports:
                print(text, flush=True)
            failed += bool(reports)
            if failed >= options.most_failures:
                for other in running:
                    other.cancel()
                break
    asked = sum(totals[k] for k in ('agrees', 'unsupported', 'differs', 'error', 'lost'))
    share = totals['unsupported'] / max(asked, 1)
    print(f'{asked} queries from seed {seeds[0]} in {time.monotonic() - started:.0f} s: {totals["agrees"]} agree after every epoch ({totals["ad hoc agrees"]} ad hoc too), '
          f'{totals["unsupported"]} not supported ({share:.1%}), {totals["differs"]} differ, {totals["error"]} errors, {totals["lost"]} engines lost; '
          f'{totals["refused by PostgreSQL"]} refused by PostgreSQL')
    for feature, count in missing.most_common():
        print(f'  0A000 {count:4} {feature}')
    if options.only is not None:
        for text, count in refused.most_common():
            print(f'  refused {count:4} {text}')
    if failed:
        print(f'{failed} seeds failed: repeat one by {sys.argv[0]} {options.kappa} --only SEED')
    return 1 if failed or not asked or share > options.most_unsupported else 0


if __name__ == '__main__':
    sys.exit(main())
