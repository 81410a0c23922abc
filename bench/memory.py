#!/usr/bin/env python3
"""Joins, top-N and DISTINCT over records in memory, beside the hand-written q17 of the same run, and what their state takes.

    bench/memory.py BUILD RECORDS.json [ROUNDS = 5] [QUERIES = q4,q9,q20,q15,q16]

CPU-seconds per million events of the whole program (its compilation too), contestants in turn, medians; the ratio is of each round's pair, its median.
State: bytes held at the end by every row that is kept (each side of a join, each group, each first row) beside the raw bytes of its columns: 8 for a
number or time, a text's own bytes. bench/run.sh makes the records."""
import json
import os
import statistics
import subprocess
import sys

BARS = {"q4": 3, "q9": 5, "q20": 4}
HERE = os.path.dirname(os.path.abspath(__file__))


def last_line(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def kappa(build, records, query):
    return last_line([f"{build}/bench/kappa_bench", "--queries", f"{HERE}/peers/kappa", "--query", query, "--file", records])


def by_hand(build, records):
    return last_line([f"{build}/bench/baseline", "--query", "q17", "--file", records])


def raw_bytes(records):
    """By query: rows kept and the raw bytes of their columns."""
    texts = lambda value, *names: sum(len(value[name].encode()) for name in names)
    rows = {query: [0, 0] for query in BARS}

    def keep(query, size):
        rows[query][0] += 1
        rows[query][1] += size

    auctions, best = {}, {}
    for line in open(records, encoding="utf-8"):
        event = json.loads(line)
        if event["event_type"] == 1:
            a = event["auction"]
            size = texts(a, "itemName", "description", "extra")
            auctions[a["id"]] = (a["dateTime"], a["expires"], 7 * 8 + size)
            keep("q4", 4 * 8)
            keep("q9", 7 * 8 + size)
            if a["category"] == 10:
                keep("q20", 7 * 8 + size)
        elif event["event_type"] == 2:
            b = event["bid"]
            keep("q4", 3 * 8)
            keep("q9", 4 * 8 + texts(b, "extra"))
            keep("q20", 4 * 8 + texts(b, "channel", "url", "extra"))
            auction = auctions.get(b["auction"])
            if auction is not None and auction[0] <= b["dateTime"] <= auction[1]:
                rank = (-b["price"], b["dateTime"])
                if b["auction"] not in best or rank < best[b["auction"]][0]:
                    best[b["auction"]] = (rank, auction[2] + 4 * 8 + texts(b, "extra"))
    for _, size in best.values():
        keep("q4", 3 * 8)  # the winning price by auction and category
        keep("q9", size)
    return rows


def main():
    build, records = sys.argv[1], sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    queries = (sys.argv[4] if len(sys.argv) > 4 else "q4,q9,q20,q15,q16").split(",")
    seconds, ratios, state = {}, {}, {}
    for _ in range(rounds):
        for query in queries:
            hand = by_hand(build, records)["cpu_seconds_per_million"]
            run = kappa(build, records, query)
            seconds.setdefault("q17 by hand", []).append(hand)
            seconds.setdefault(query, []).append(run["cpu_seconds_per_million"])
            ratios.setdefault(query, []).append(run["cpu_seconds_per_million"] / hand)
            state[query] = run["state_bytes"]
    print(f"{'query':14}{'CPU-s/M':>9}{'spread':>16}{'x q17 by hand':>15}{'bar':>6}")
    for query, values in seconds.items():
        ratio = f"{statistics.median(ratios[query]):.2f}" if query in ratios else ""
        print(f"{query:14}{statistics.median(values):9.3f}{min(values):9.3f}-{max(values):.3f}{ratio:>15}{BARS.get(query, ''):>6}")
    kept = raw_bytes(records)
    print(f"\n{'query':8}{'rows kept':>11}{'raw, bytes':>12}{'state, bytes':>14}{'1.5 raw + 24':>14}")
    for query in queries:
        if query in kept:
            rows, raw = kept[query]
            print(f"{query:8}{rows:>11}{raw / rows:12.1f}{state[query] / rows:14.1f}{1.5 * raw / rows + 24:14.1f}")


main()
