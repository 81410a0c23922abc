#!/usr/bin/env python3
"""Kills the engine and looks at what it wrote.

  crash.py KAPPA                          every named point once, every pipeline five times at random moments (the test command)
  crash.py KAPPA --kills 2000             nightly: every valid pair of point and pipeline at least ten times, random moments up to the number
  crash.py KAPPA --pipeline P --seed N [--at POINT:PASSES,random,...]    one life again; a failure prints this line
  crash.py KAPPA --changed                only: a log that was changed behind the engine's back is noticed

Prints kills, lost, duplicated, torn; ends with 1 when there is a finding. A life (life.py) is one data directory, killed several times.
"""
import argparse
import collections
import os
import random
import re
import sys
import time

import changed_log
import life
import pipelines

HEADER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "common", "os", "kill_point.h")
KILLS_A_LIFE = 5
UNNAMED = ("random", "stop", life.SILENCE)


def kill_points():
    with open(HEADER, encoding="utf-8") as file:
        text = file.read()
    return re.findall(r'^    "([a-z-]+)",', text, re.M)


def lives_for(kappa, pairs, randoms, chance, keep):
    """Lives that hold every (point, pipeline) of `pairs`, and for each pipeline as many random kills as `randoms` says, and a stop for ten of them."""
    by_pipeline = collections.defaultdict(list)
    for point, pipeline in pairs:
        by_pipeline[pipeline.name].append((point, chance.choice([1, 1, 2, 3])))
    lives = []
    for pipeline in pipelines.ALL:
        kills = by_pipeline[pipeline.name] + ["random"] * randoms + ["stop"] * (-(-randoms // 10))
        chance.shuffle(kills)
        for begin in range(0, len(kills), KILLS_A_LIFE):
            lives.append(life.Life(kappa, pipeline, chance.randrange(1 << 31), kills[begin:begin + KILLS_A_LIFE], keep))
    return lives


def plan(arguments, chance):
    points = kill_points()
    if arguments.pipeline:
        kills = [tuple_of(text) for text in arguments.at.split(",")]
        return [life.Life(arguments.kappa, next(p for p in pipelines.ALL if p.name == arguments.pipeline), arguments.seed, kills, arguments.keep)]
    if arguments.kills:
        pairs = [(point, p) for point in points for p in pipelines.ALL if pipelines.valid(point, p)] * 10
        randoms = max(0, -(-(arguments.kills - len(pairs)) // len(pipelines.ALL)))
        return lives_for(arguments.kappa, pairs, randoms, chance, arguments.keep)
    pairs, turn = [], 0
    for point in points:   # each once, going round the pipelines
        if not any(pipelines.valid(point, p) for p in pipelines.ALL):
            continue
        while not pipelines.valid(point, pipelines.ALL[turn % len(pipelines.ALL)]):
            turn += 1
        pairs.append((point, pipelines.ALL[turn % len(pipelines.ALL)]))
        turn += 1
    return lives_for(arguments.kappa, pairs, 5, chance, arguments.keep)


def tuple_of(text):
    name, _, passes = text.partition(":")
    return name if name in ("random", "stop") else (name, int(passes or 1))


def text_of(kills):
    return ",".join(kill if isinstance(kill, str) else f"{kill[0]}:{kill[1]}" for kill in kills)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kappa")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--pipeline", choices=[p.name for p in pipelines.ALL])
    parser.add_argument("--at", default="random,random,random,random,random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--changed", action="store_true")
    parser.add_argument("--keep", action="store_true", help="the data of a failure stays")
    parser.add_argument("--stop-at-first", action="store_true")
    arguments = parser.parse_args()

    begin = time.monotonic()
    total, by_point, failures = collections.Counter(), collections.Counter(), []

    def on_end(one, ok):
        total.update(one.counts)
        by_point.update((at, one.pipeline.name) for at in one.killed_at)
        if total["kills"] // 200 > (total["kills"] - one.counts["kills"]) // 200:
            print(f"{total['kills']} kills, {time.monotonic() - begin:.0f} s", flush=True)
        if ok:
            return
        failures.append(one)
        print(f"FAILED {one.pipeline.name}: {'; '.join(one.findings)}\n  again: {sys.argv[0]} {arguments.kappa} --pipeline {one.pipeline.name} "
              f"--seed {one.seed} --at {text_of(one.kills)}" + (f"\n  data: {one.folder}" if arguments.keep else ""), flush=True)
        if arguments.stop_at_first:
            os._exit(1)  # other lives end with their producers' input

    noticed = True
    if not arguments.pipeline:
        noticed = changed_log.is_noticed(arguments.kappa, arguments.seed)
    if not arguments.changed:
        lives = plan(arguments, random.Random(arguments.seed))
        life.run_all(lives, arguments.jobs, on_end)
        least = min((count for (at, _), count in by_point.items() if at not in UNNAMED), default=0)
        named = {at for at, _ in by_point if at not in UNNAMED}
        print(f"{len(lives)} lives of {len({one.pipeline.name for one in lives})} pipelines, seed {arguments.seed}: {total['kills']} kills, {total['stops']} stops, at {len(named)} named "
              f"points ({len({pair for pair in by_point if pair[0] not in UNNAMED})} pairs with a pipeline, each at least {least} times) and at random moments; "
              f"partitions came back from silence {total['silences']} times; "
              f"{total['lost']} lost, {total['duplicated']} duplicated, {total['torn']} torn; {time.monotonic() - begin:.0f} s")
        if any(one.pipeline.silences for one in lives) and total["silences"] == 0:
            print("FAILED: no partition ever fell silent and came back: nothing was shown of it")
            return 1
    return 1 if failures or not noticed else 0


if __name__ == "__main__":
    sys.exit(main())
