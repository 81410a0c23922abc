#!/usr/bin/env python3
"""What durability costs and how long it takes (issue 4's figures), of the real command over a Nexmark topic of the embedded log.

  bench/durability.py KAPPA LOGDATA [overhead] [pause] [recovery] [latency]

KAPPA is the binary, LOGDATA a data directory whose topic `nexmark` holds recorded events (bench/run.sh leaves one in build/bench/log). It is only read.
overhead  CPU-seconds per million events of q17 and of a hopping-window query, durable against not, interleaved, medians of ROUNDS (5)
pause     snapshots of a state of at least STATE_MB (1000): how many, the longest pause that saving cost
recovery  kill -9 in the middle, start again: time to the first output, at LOAD (30 %) of the measured rate
latency   10 ms epochs, fsync on, commit_interval 0: from append to output, RATE (50,000) events a second
"""
import json, os, re, resource, shutil, signal, statistics, subprocess, sys, tempfile, threading, time

kappa, log_data = sys.argv[1], os.path.abspath(sys.argv[2])
chosen = sys.argv[3:] or ["overhead", "pause", "recovery", "latency"]
rounds = int(os.environ.get("ROUNDS", "5"))
work = tempfile.mkdtemp(prefix="durability-", dir=os.environ.get("WORK", "/var/tmp"))

SOURCE = f"""CREATE SOURCE nexmark (event_type INT,
  bid STRUCT<auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, url TEXT, dateTime TIMESTAMP, extra TEXT>,
  at TIMESTAMP AS (bid).dateTime, WATERMARK FOR at AS at - INTERVAL '4 seconds')
  WITH (connector = 'log', directory = '{log_data}/log', topic = 'nexmark', validate = 'read') FORMAT PLAIN ENCODE JSON;
"""
QUERIES = {
    "q17": """CREATE SINK s AS SELECT (bid).auction, to_char((bid).dateTime, 'YYYY-MM-DD') AS day, count(*) AS total_bids,
  count(*) FILTER (WHERE (bid).price < 10000) AS rank1_bids, count(*) FILTER (WHERE (bid).price >= 10000 AND (bid).price < 1000000) AS rank2_bids,
  count(*) FILTER (WHERE (bid).price >= 1000000) AS rank3_bids, min((bid).price) AS min_price, max((bid).price) AS max_price,
  avg((bid).price) AS avg_price, sum((bid).price) AS sum_price
  FROM nexmark WHERE event_type = 2 GROUP BY (bid).auction, to_char((bid).dateTime, 'YYYY-MM-DD') WITH (connector = 'blackhole');""",
    "hop": """CREATE SINK s AS SELECT (bid).auction, window_start, count(*) AS n, sum((bid).price) AS total
  FROM HOP(TABLE nexmark, DESCRIPTOR(at), INTERVAL '2 seconds', INTERVAL '10 seconds') WHERE event_type = 2
  GROUP BY (bid).auction, window_start, window_end WITH (connector = 'blackhole');""",
}


def write(name, text):
    path = os.path.join(work, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def run(arguments, **more):
    """The finished process, its wall and CPU seconds."""
    began = time.monotonic()
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    out, err = process.communicate(timeout=600)
    return process.returncode, out, err, time.monotonic() - began


def measured(arguments):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code, out, err, wall = run(arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if code != 0:
        sys.exit(f"{' '.join(arguments)} ended with {code}:\n{err}")
    events = int(re.search(r"done: ([\d,]+) records", err).group(1).replace(",", ""))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"events": events, "cpu": cpu, "wall": wall, "per_million": cpu / events * 1e6, "err": err}


def overhead():
    interval = os.environ.get("CHECKPOINT", "200 ms")
    for name, query in QUERIES.items():
        file, runs = write(name + ".sql", SOURCE + query), {"off": [], "on": []}
        snapshots = []
        for index in range(rounds):
            for kind in ("off", "on"):
                data = os.path.join(work, f"{name}-{kind}-{index}")
                more = ["--name", "p", "--set", f"checkpoint_interval={interval}"] if kind == "on" else []
                got = measured([kappa, "run", file, "--data", data, "--until", "latest"] + more)
                runs[kind].append(got["per_million"])
                if kind == "on":
                    found = re.search(r"(\d+) snapshots? .*no pause longer than ([\d.]+) ms", got["err"])
                    snapshots.append((int(found.group(1)), float(found.group(2))))
                shutil.rmtree(data, ignore_errors=True)
        off, on = statistics.median(runs["off"]), statistics.median(runs["on"])
        print(json.dumps({"what": "overhead", "query": name, "events": got["events"], "off": round(off, 4), "on": round(on, 4), "ratio": round(on / off, 3),
                          "runs": {k: [round(x, 4) for x in v] for k, v in runs.items()}, "snapshots": [s[0] for s in snapshots], "longest_pause_ms": max(s[1] for s in snapshots)}), flush=True)


try:
    for what in chosen:
        globals()[what]()
finally:
    shutil.rmtree(work, ignore_errors=True)
