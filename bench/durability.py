#!/usr/bin/env python3
"""What durability costs and how long it takes (issue 4's figures), of the real command over a Nexmark topic of the embedded log.

  bench/durability.py KAPPA LOGDATA [overhead] [paced] [pause] [recovery] [latency]

KAPPA is the binary, LOGDATA a data directory whose topic `nexmark` holds recorded events (bench/run.sh leaves one in build/bench/log). It is only read.
overhead  CPU-seconds per million events of q17 and of a hopping-window query, durable against not, interleaved, medians of ROUNDS (5), at full speed
          with a snapshot every CHECKPOINT (200 ms)
paced     the same at the default checkpoint_interval, while a generator appends RATE (150,000) events a second for FEED_SECONDS (115): both queries, each
          durable and not, read the one topic at the same time
pause     snapshots of a state of a gigabyte while events arrive: how many, the longest that the flow stood still for one
recovery  a state of a gigabyte under LOAD (0.3) of the measured rate, kill -9, start again: time to the first output
latency   10 ms epochs, fsync on, commit_interval 0: from append to output, RATE (50,000) events a second
"""
import json, os, re, resource, shutil, signal, statistics, subprocess, sys, tempfile, threading, time

kappa, log_data = sys.argv[1], os.path.abspath(sys.argv[2])
chosen = sys.argv[3:] or ["overhead", "paced", "pause", "recovery", "latency"]
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


# Nexmark's events as a program that writes them.
FEED = """CREATE SOURCE g (event_type INT, person STRUCT<id BIGINT, name TEXT, "emailAddress" TEXT, "creditCard" TEXT, city TEXT, state TEXT, "dateTime" TEXT, extra TEXT>,
  auction STRUCT<id BIGINT, "itemName" TEXT, description TEXT, "initialBid" BIGINT, reserve BIGINT, "dateTime" TEXT, expires TEXT, seller BIGINT, category BIGINT, extra TEXT>,
  bid STRUCT<auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, url TEXT, "dateTime" TEXT, extra TEXT>)
  WITH (connector = 'nexmark', rows = '{rows}', rate = '{rate}');
CREATE SINK nexmark AS SELECT * FROM g WITH (connector = 'log', topic = 'nexmark', partitions = '1') FORMAT PLAIN ENCODE JSON;
"""


def paced():
    rate, seconds = int(os.environ.get("RATE", "150000")), int(os.environ.get("FEED_SECONDS", "115"))
    feed_data = os.path.join(work, "paced")
    subprocess.run([kappa, "topic", "create", "nexmark", "--data", feed_data, "-q"], check=True)
    engines = {}
    for name, query in QUERIES.items():
        file = write(f"paced-{name}.sql", (SOURCE + query).replace(f"'{log_data}/log'", f"'{feed_data}/log'"))
        for kind in ("off", "on"):
            engines[name, kind] = started([kappa, "run", file, "--data", os.path.join(work, f"paced-{name}-{kind}")] + (["--name", "p"] if kind == "on" else []))
    fed = run([kappa, "run", write("feed.sql", FEED.format(rows=rate * seconds, rate=rate)), "--data", feed_data, "--until", "latest"])
    if fed[0] != 0:
        sys.exit(fed[2])
    time.sleep(3)
    results = {}
    for key, process in engines.items():
        process.send_signal(signal.SIGINT)
        err = process.stderr.read()
        process.stdout.read()
        usage = os.wait4(process.pid, 0)[2]
        events = int(re.search(r"([\d,]+) records", err).group(1).replace(",", ""))
        snapshots = re.search(r"(\d+) snapshots? ", err)
        results[key] = ((usage.ru_utime + usage.ru_stime) / events * 1e6, events, int(snapshots.group(1)) if snapshots else 0)
    for name in QUERIES:
        (off, events, _), (on, events_on, snapshots) = results[name, "off"], results[name, "on"]
        print(json.dumps({"what": "paced", "query": name, "events": [events, events_on], "rate": rate, "off": round(off, 4), "on": round(on, 4),
                          "ratio": round(on / off, 3), "snapshots": snapshots}), flush=True)


def started(arguments):
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


# Groups by a key of which there are about as many as events, so that state grows to any size.
BIG = """CREATE SINK s AS SELECT (bid).auction, (bid).bidder, (bid).price, count(*) AS n, max((bid).price) AS top, min((bid).dateTime) AS first, max((bid).url) AS url
  FROM nexmark WHERE event_type = 2 GROUP BY (bid).auction, (bid).bidder, (bid).price WITH (connector = 'blackhole');"""


def bids(first, count):
    return "".join(json.dumps({"event_type": 2, "person": None, "auction": None,
                               "bid": {"auction": k, "bidder": k * 7 % 1000, "price": k * 13 % 10000, "channel": "Google", "url": f"https://www.nexmark.com/item.htm?q={k}",
                                       "dateTime": "2015-07-15 01:00:00.000", "extra": "x" * 100}}) + "\n" for k in range(first, first + count))


def pause():
    """Twenty snapshots and more of a state that has come to a gigabyte, while new events arrive."""
    data, file = os.path.join(work, "pause"), write("pause.sql", (SOURCE + BIG).replace(f"directory = '{log_data}/log', ", ""))
    shutil.copytree(os.path.join(log_data, "log"), os.path.join(data, "log"))
    # The state is made and saved first: what is measured is a run that begins with all of it.
    got = measured([kappa, "run", file, "--data", data, "--until", "caught-up", "--name", "p"])
    process = started([kappa, "run", "--data", data, "--name", "p", "--set", "checkpoint_interval=500 ms", "--log-level", "error"])
    sent = 0
    for _ in range(25):
        subprocess.run([kappa, "topic", "produce", "nexmark", "--data", data, "-q"], input=bids(sent, 20000), text=True, check=True)
        sent += 20000
        time.sleep(0.5)
    code, out, err, _ = run([kappa, "status", "--data", data, "--format", "json"])
    state = json.loads(out)["pipelines"][0].get("state_bytes")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    found = re.search(r"(\d+) snapshots? .*no pause longer than ([\d.]+) ms", err)
    print(json.dumps({"what": "pause", "state_bytes": state, "events_meanwhile": sent, "snapshots": int(found.group(1)), "longest_pause_ms": float(found.group(2))}), flush=True)


def recovery():
    """A state of a gigabyte is made; then events come at LOAD of the rate at which it was made, the engine is killed, and started again."""
    data = os.path.join(work, "recovery")
    file = write("recovery.sql", (SOURCE + BIG).replace(f"directory = '{log_data}/log', ", "") + """
CREATE SOURCE live (k BIGINT) WITH (connector = 'log', topic = 'live', partitions = '1') FORMAT PLAIN ENCODE JSON;
CREATE SINK seen AS SELECT k FROM live WITH (connector = 'log', topic = 'seen') FORMAT PLAIN ENCODE JSON;
""")
    shutil.copytree(os.path.join(log_data, "log"), os.path.join(data, "log"))
    made = measured([kappa, "run", file, "--data", data, "--until", "caught-up", "--name", "p"])
    load = float(os.environ.get("LOAD", "0.3")) * made["events"] / made["wall"]
    engine = [kappa, "run", "--data", data, "--name", "p", "--log-level", "error"]  # with the checkpoint_interval that users have
    process, batch, stop = started(engine), bids(0, int(load / 4)), threading.Event()

    def feed():
        while not stop.is_set():
            began = time.monotonic()
            subprocess.run([kappa, "topic", "produce", "nexmark", "--data", data, "-q"], input=batch, text=True, check=True)
            time.sleep(max(0.0, 0.25 - (time.monotonic() - began)))

    feeder = threading.Thread(target=feed)
    feeder.start()
    time.sleep(24)  # past a snapshot, well on the way to the next
    code, out, err, _ = run([kappa, "status", "--data", data, "--format", "json"])
    state = json.loads(out)["pipelines"][0].get("state_bytes")
    process.send_signal(signal.SIGKILL)
    process.wait()
    subprocess.run([kappa, "topic", "produce", "live", "--data", data, "-q"], input='{"k":7}\n', text=True, check=True)
    began, seconds = time.monotonic(), None
    process = started(engine)
    while time.monotonic() - began < 60 and seconds is None:
        code, out, err, _ = run([kappa, "topic", "consume", "seen", "--data", data, "--until", "latest", "-q"])
        if '"k":7' in out:
            seconds = time.monotonic() - began
        time.sleep(0.02)
    stop.set()
    feeder.join()
    process.send_signal(signal.SIGINT)
    process.communicate()
    print(json.dumps({"what": "recovery", "state_bytes": state, "events_per_second": int(load), "seconds_to_first_output": seconds and round(seconds, 2)}), flush=True)


def latency():
    """A record in 500 comes out again; its append time is in it."""
    rate, seconds = int(os.environ.get("RATE", "50000")), int(os.environ.get("SECONDS", "20"))
    data = os.path.join(work, "latency")
    subprocess.run([kappa, "topic", "create", "in", "--data", data, "-q"], check=True)
    file = write("latency.sql", """CREATE SOURCE "in" (k BIGINT, appended BIGINT METADATA FROM 'timestamp') WITH (connector = 'log', topic = 'in') FORMAT PLAIN ENCODE JSON;
CREATE SINK out AS SELECT k, appended FROM "in" WHERE k % 500 = 0 WITH (connector = 'log', topic = 'out') FORMAT PLAIN ENCODE JSON;
""".replace("appended BIGINT", "appended TIMESTAMPTZ"))
    engine = started([kappa, "run", file, "--data", data, "--name", "p", "--set", "commit_interval=0 s", "--log-level", "error"])
    time.sleep(1.5)
    if engine.poll() is not None:
        sys.exit(engine.stderr.read())
    producer = subprocess.Popen([kappa, "topic", "produce", "in", "--data", data, "-q"], stdin=subprocess.PIPE, text=True)
    consumer = subprocess.Popen([kappa, "topic", "consume", "out", "--data", data, "-q"], stdout=subprocess.PIPE, text=True)
    delays, stop, syncs = [], threading.Event(), []

    def consume():
        import datetime
        for line in consumer.stdout:
            now = time.time()
            text = json.loads(line)["appended"].replace(" ", "T")
            then = datetime.datetime.fromisoformat(text if "+" in text[10:] else text + "+00:00" if not text.endswith("Z") else text[:-1] + "+00:00")
            delays.append((now - then.timestamp()) * 1000)

    def fsyncs():
        with open(os.path.join(work, "fsync"), "ab") as out:
            while not stop.is_set():
                out.write(b"x" * 4096)
                out.flush()
                began = time.monotonic()
                os.fdatasync(out.fileno())
                syncs.append((time.monotonic() - began) * 1000)
                time.sleep(0.02)

    threads = [threading.Thread(target=consume, daemon=True), threading.Thread(target=fsyncs, daemon=True)]
    for thread in threads:
        thread.start()
    began, sent = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        due = int((time.monotonic() - began) * rate)
        if due > sent:
            producer.stdin.write("".join(f'{{"k":{k}}}\n' for k in range(sent, due)))
            producer.stdin.flush()
            sent = due
        time.sleep(0.002)
    producer.stdin.close()
    producer.wait()
    time.sleep(1)
    stop.set()
    consumer.kill()
    engine.send_signal(signal.SIGINT)
    engine.wait()
    warm = delays[len(delays) // 10:]
    warm.sort(), syncs.sort()
    at = lambda values, p: round(values[min(len(values) - 1, int(len(values) * p))], 1)
    print(json.dumps({"what": "latency", "events": sent, "outputs": len(delays), "p50_ms": at(warm, .5), "p99_ms": at(warm, .99), "fsync_p50_ms": at(syncs, .5),
                      "fsync_p99_ms": at(syncs, .99), "bar_ms": round(30 + 3 * at(syncs, .99), 1)}), flush=True)


try:
    for what in chosen:
        globals()[what]()
finally:
    shutil.rmtree(work, ignore_errors=True)
