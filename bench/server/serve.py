#!/usr/bin/env python3
"""kappa serve beside PostgreSQL, in one run on one disk (issue 6's figures).

  bench/server/serve.py KAPPA [reads] [idle] [inserts] [first-row]

reads      pgbench -M prepared -c 8 -j 1: point SELECT by key from a view that RATE (100,000) events a second stream into, in both read modes
idle       the same while nothing comes, and PostgreSQL over a table of as many rows
inserts    single-row prepared INSERTs from 8 connections, each acknowledged durable, in turn with PostgreSQL (fsync on): ROUNDS (5) times, medians
first-row  from the query to its first row: a join and an aggregate over views, each with other columns and literals

SECONDS (8) a measurement. WORK: where both keep their data (/var/tmp). One JSON line for each figure. Needs PostgreSQL's programs and pgbench.
"""
import glob, json, os, pwd, random, shutil, signal, socket, statistics, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../tests/server"))
from wire import Wire, packet, text  # noqa: E402

KAPPA = os.path.abspath(sys.argv[1])
CHOSEN = sys.argv[2:] or ["idle", "reads", "inserts", "first-row"]
ROUNDS, SECONDS, RATE = (int(os.environ.get(name, default)) for name, default in (("ROUNDS", "5"), ("SECONDS", "8"), ("RATE", "100000")))
KEYS = 100_000
WORK = tempfile.mkdtemp(prefix="kappa-serve-", dir=os.environ.get("WORK", "/var/tmp"))
os.chmod(WORK, 0o755)


def say(**figures):
    print(json.dumps(figures), flush=True)


def cpu_of(pid):
    """CPU-seconds of a process and those of its threads that live."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Kappa:
    name = "kappa"

    def __init__(self):
        self.data = os.path.join(WORK, "kappa")
        self.process = subprocess.Popen([KAPPA, "serve", "--data", self.data, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        self.host, self.port = self.process.stdout.readline().split(" listens on ")[1].split(",")[0].rsplit(":", 1)
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def run(self, *statements):
        with Wire.open(f"{self.host}:{self.port}") as wire:
            for statement in statements:
                wire.rows(statement)

    def cpu(self):
        return cpu_of(self.process.pid)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


class Postgres:
    name = "postgres"

    def __init__(self):
        self.binaries = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.data = os.path.join(WORK, "postgres")
        os.mkdir(self.data)
        if os.getuid() == 0:  # the server refuses to run as root
            os.chown(self.data, pwd.getpwnam("postgres").pw_uid, -1)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.host, self.port = "127.0.0.1", str(free.getsockname()[1])
        self.command("initdb", "-D", self.data + "/pg", "-U", "tester", "-A", "trust", "--locale=C", "-E", "UTF8")
        self.command("pg_ctl", "-D", self.data + "/pg", "-w", "-l", self.data + "/log", "-o", f"-p {self.port} -h {self.host} -k {self.data} -c fsync=on -c synchronous_commit=on", "start")
        self.run("CREATE DATABASE tester")

    def command(self, program, *arguments):
        as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run([*as_user, os.path.join(self.binaries, program), *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    def run(self, *statements):
        for statement in statements:
            subprocess.run(["psql", "-h", self.host, "-p", self.port, "-U", "tester", "-X", "-q", "-c", statement, "postgres"], check=True, stdout=subprocess.DEVNULL)

    def cpu(self):
        return None

    def stop(self):
        self.command("pg_ctl", "-D", self.data + "/pg", "-m", "immediate", "stop")


def pgbench(server, script, options="", clients=8):
    """Transactions a second and the latencies' percentiles in milliseconds."""
    folder = tempfile.mkdtemp(dir=WORK)
    path = os.path.join(folder, "script.sql")
    with open(path, "w") as file:
        file.write(script)
    environment = dict(os.environ, PGOPTIONS=options)
    before = server.cpu()
    done = subprocess.run(["pgbench", "-h", server.host, "-p", server.port, "-U", "tester", "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(SECONDS), "-f", path, "-l", "--log-prefix", folder + "/log", "postgres"],
                          env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"pgbench against {server.name}:\n{done.stderr}")
    used = None if before is None else server.cpu() - before
    latencies = []
    for log in glob.glob(folder + "/log.*"):
        with open(log) as file:
            latencies += [int(line.split()[2]) for line in file]
    latencies.sort()
    at = lambda p: round(latencies[min(len(latencies) - 1, int(len(latencies) * p))] / 1000, 3)
    tps = next(float(line.split()[2]) for line in done.stdout.splitlines() if line.startswith("tps"))
    shutil.rmtree(folder)
    return {"tps": round(tps), "p50_ms": at(0.5), "p99_ms": at(0.99), "p999_ms": at(0.999), "server_cpu_s": used and round(used, 2)}


POINT = f"\\set k random(0, {KEYS - 1})\nSELECT n, total FROM totals WHERE k = :k;\n"


class Feeder:
    """RATE events a second into the topic, by another process."""

    def __init__(self, kappa, tick=0.002):
        self.producer = subprocess.Popen([KAPPA, "topic", "produce", "events", "--data", kappa.data, "-q"], stdin=subprocess.PIPE)
        count = int(RATE * tick)
        self.chunks = ["".join(f'{{"k":{random.randrange(KEYS)},"v":{random.randrange(1000)}}}\n' for _ in range(count)).encode() for _ in range(200)]
        self.tick, self.done, self.sent = tick, threading.Event(), 0
        self.thread = threading.Thread(target=self.feed)
        self.began = time.monotonic()
        self.thread.start()

    def feed(self):
        while not self.done.is_set():
            due = int((time.monotonic() - self.began) / self.tick)
            while self.sent < due and not self.done.is_set():
                self.producer.stdin.write(self.chunks[self.sent % len(self.chunks)])
                self.sent += 1
            self.producer.stdin.flush()
            time.sleep(max(0.0, self.began + (self.sent + 1) * self.tick - time.monotonic()))

    def stop(self):
        """Events a second that it has kept up."""
        rate = self.sent * RATE * self.tick / (time.monotonic() - self.began)
        self.done.set()
        self.thread.join()
        self.producer.stdin.close()
        self.producer.wait(timeout=60)
        return round(rate)


def make_totals(kappa):
    subprocess.run([KAPPA, "topic", "create", "events", "--data", kappa.data, "-q"], check=True)
    kappa.run("CREATE SOURCE events (k BIGINT, v BIGINT) WITH (connector = 'log', topic = 'events') FORMAT PLAIN ENCODE JSON")
    lines = "".join(f'{{"k":{k},"v":{k % 1000}}}\n' for k in range(KEYS))
    subprocess.run([KAPPA, "topic", "produce", "events", "--data", kappa.data, "-q"], input=lines, text=True, check=True)
    kappa.run("CREATE MATERIALIZED VIEW totals AS SELECT k, count(*) AS n, sum(v) AS total FROM events GROUP BY k", "SELECT count(*) FROM totals")


def idle(kappa, postgres):
    postgres.run(f"CREATE TABLE totals AS SELECT k, 1::bigint AS n, k % 1000 AS total FROM generate_series(0, {KEYS - 1}) AS k", "ALTER TABLE totals ADD PRIMARY KEY (k)", "ANALYZE totals")
    for _ in range(2):
        for mode in ("latest", "epoch"):
            say(what="idle", server="kappa", read_mode=mode, **pgbench(kappa, POINT, f"-c read_mode={mode}"))
        say(what="idle", server="postgres", **pgbench(postgres, POINT))


def reads(kappa, postgres):
    for _ in range(2):
        for mode in ("latest", "epoch"):
            feeder = Feeder(kappa)
            time.sleep(1)
            figures = pgbench(kappa, POINT, f"-c read_mode={mode}")
            say(what="reads", server="kappa", read_mode=mode, events_per_second=feeder.stop(), **figures)


def inserts(kappa, postgres):
    create = "CREATE TABLE durable (id BIGINT PRIMARY KEY, v BIGINT)"
    script = "\\set id random(1, 1000000000000000)\nINSERT INTO durable VALUES (:id, 1);\n"
    ratios = []
    for server in (kappa, postgres):
        server.run(create)
    for index in range(ROUNDS):
        figures = {server.name: pgbench(server, script) for server in ((kappa, postgres) if index % 2 == 0 else (postgres, kappa))}
        ratios.append(figures["kappa"]["tps"] / figures["postgres"]["tps"])
        say(what="inserts", round=index, **figures, ratio=round(ratios[-1], 3))
    say(what="inserts", rounds=ROUNDS, median_ratio=round(statistics.median(ratios), 3), least=round(min(ratios), 3), most=round(max(ratios), 3))


QUERIES = (
    "SELECT p.{a}, count(*) AS c{n}, sum(t.total) AS s, max(t.n + {x}) AS m FROM totals t JOIN people p ON p.k = t.k WHERE t.k < {x} AND p.{b} <> '{y}' GROUP BY p.{a}",
    "SELECT {x} AS x{n}, count(*), avg(t.total + {x}) FROM totals t JOIN people p ON p.k = t.k WHERE p.{a} = '{y}' OR t.k BETWEEN {x} AND {x} + 500",
    "SELECT p.{a}, p.{b}, min(t.k - {x}) AS low{n}, count(DISTINCT t.n) FROM people p LEFT JOIN totals t ON t.k = p.k WHERE p.k % 100 = {x} % 100 GROUP BY p.{a}, p.{b} HAVING count(*) > 0 ORDER BY low{n} LIMIT 10",
)


def first_row(kappa, postgres):
    """People: 2,000 rows of each server's own; what is asked is never asked again."""
    people = "CREATE TABLE people (k BIGINT PRIMARY KEY, name TEXT, city TEXT, kind TEXT)"
    fill = "INSERT INTO people SELECT x, 'name' || x, 'city' || x % 50, 'kind' || x % 7 FROM generate_series(0, 1999) AS g(x)"
    for server in (kappa, postgres):
        server.run(people, fill)
    random.seed(4)
    times = {number: [] for number in range(len(QUERIES))}
    with Wire.open(f"{kappa.host}:{kappa.port}") as wire:
        for index in range(20 * len(QUERIES)):
            a, b = random.sample(["city", "kind", "name"], 2)
            query = QUERIES[index % len(QUERIES)].format(a=a, b=b, x=random.randrange(1000, 90000), y=f"city{random.randrange(50)}", n=index)
            began = time.monotonic()
            wire.send(packet("Q", text(query)))
            while (message := wire.receive()).kind != "D":
                if message.kind in "EZ":
                    sys.exit(f"{query}: {message.fields() if message.kind == 'E' else 'no row'}")
            times[index % len(QUERIES)].append((time.monotonic() - began) * 1000)
            wire.until_ready()
    for number, of_query in times.items():
        warm = sorted(of_query[3:])
        say(what="first-row", query=number, median_ms=round(statistics.median(warm), 1), p90_ms=round(warm[int(len(warm) * .9)], 1), most_ms=round(warm[-1], 1), runs=len(warm))


def main():
    kappa, postgres = Kappa(), Postgres()
    try:
        if {"idle", "reads", "first-row"} & set(CHOSEN):
            make_totals(kappa)
        for what in CHOSEN:
            {"idle": idle, "reads": reads, "inserts": inserts, "first-row": first_row}[what](kappa, postgres)
    finally:
        postgres.stop()
        kappa.stop()
        shutil.rmtree(WORK, ignore_errors=True)


main()
