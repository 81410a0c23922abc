#!/usr/bin/env python3
"""Runs and figures of bench/peers.

    report.py take QUERY WHO RECORDS             a run of FlinkPeer on stdin, as a line of the runs file
    report.py measure QUERY WHO RECORDS -- ...   runs the command, its CPU time and peak memory as such a line
    report.py table RUNS                         medians, and the ratio
"""
import json
import resource
import statistics
import subprocess
import sys


def take(query, who, records):
    line = sys.stdin.read().strip()
    if not line.startswith("{"):
        print(json.dumps({"query": query, "who": who, "failed": line[:300]}))
        return
    run = json.loads(line)
    seconds = run["warm_cpu_seconds"] - run["empty_cpu_seconds"]
    print(json.dumps({"query": query, "who": who, "cpu_per_million": seconds * 1e6 / records, **run}))


def measure(query, who, records, command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1800)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    run = {"query": query, "who": who, "cpu_per_million": seconds * 1e6 / records, "peak_rss_mb": after.ru_maxrss / 1024}
    if done.returncode != 0:
        run = {"query": query, "who": who, "failed": done.stdout[-300:]}
    print(json.dumps(run))


def table(path):
    figures, failed = {}, {}
    for line in open(path):
        run = json.loads(line)
        if "failed" in run:
            failed[run["query"], run["who"]] = run["failed"]
        else:
            figures.setdefault((run["query"], run["who"]), []).append(run["cpu_per_million"])
    queries = sorted({query for query, _ in [*figures, *failed]}, key=lambda name: int(name[1:]))
    print(f"{'':6}{'Flink':>9}{'kappa':>9}{'ratio':>8}   CPU-seconds per million events, medians")
    for query in queries:
        flink, kappa = (statistics.median(figures[query, who]) if (query, who) in figures else None for who in ("flink", "kappa"))
        ratio = f"{flink / kappa:7.1f}x" if flink and kappa else "      -"
        print(f"{query:6}{flink or float('nan'):9.3f}{kappa or float('nan'):9.3f} {ratio}")
    for (query, who), why in failed.items():
        print(f"{query} of {who} failed: {why}")


if __name__ == "__main__":
    if sys.argv[1] == "take":
        take(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    elif sys.argv[1] == "measure":
        measure(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[6:])
    else:
        table(sys.argv[2])
