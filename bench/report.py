"""Medians of bench/run.sh's runs, as a table and as JSON:  report.py runs.jsonl medians.json"""
import collections
import json
import statistics
import sys

runs = [json.loads(line) for line in open(sys.argv[1]) if line.strip()]
cells = collections.defaultdict(list)
rss = collections.defaultdict(list)
for run in runs:
    if "cpu_seconds_per_million" not in run:
        continue
    key = (run["query"], run["source"], run["contestant"], run.get("validate", "-"))
    cells[key].append(run["cpu_seconds_per_million"])
    rss[key].append(run.get("peak_rss_bytes", run.get("peak_rss_kb", 0) * 1024))
median = {key: statistics.median(values) for key, values in cells.items()}

print(f"{'query':6}{'source':8}{'contestant':12}{'validate':10}{'CPU-s/M':>9}{'spread':>16}{'x baseline':>12}{'RSS MB':>8}{'runs':>6}")
out = []
for key in sorted(median):
    query, source, contestant, validate = key
    base = median.get((query, source, "baseline", "-"))
    ratio = median[key] / base if base else None
    spread = f"{min(cells[key]):.3f}-{max(cells[key]):.3f}"
    print(f"{query:6}{source:8}{contestant:12}{validate:10}{median[key]:9.3f}{spread:>16}{ratio and f'{ratio:12.2f}' or '':>12}{statistics.median(rss[key]) / 1e6:8.0f}{len(cells[key]):6}")
    out.append(dict(query=query, source=source, contestant=contestant, validate=validate, cpu_seconds_per_million=median[key], ratio_to_baseline=ratio, runs=len(cells[key])))
json.dump(out, open(sys.argv[2], "w"), indent=1)
