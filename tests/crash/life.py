"""One data directory through several lives of the real engine: fed while it runs, killed, looked at, started again, at last run to the end."""
import collections
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import pipelines

PATIENCE = 60     # seconds, for anything that should happen
POINT_PATIENCE = 10   # until a named place must have been reached
PROGRAM = "p"
STOPPED = 130     # exit code
SILENCE = "silence"   # a kill as soon as a partition has come back


class Failure(Exception):
    """What the harness exists to find: said by check or by an engine that ended by itself."""


class Feed:
    """Rows for the input topic, by seed: a step every few milliseconds, through producers that stay open."""

    def __init__(self, kappa, data, seed, silences=False):
        self.random = random.Random(seed)
        self.silences, self.silent = silences, None   # the partition that gets nothing for a while
        self.rows = [[] for _ in range(pipelines.PARTITIONS)]
        self.count = 0
        self.producers = [subprocess.Popen([kappa, "topic", "produce", "e", "--partition", str(p), "--data", data, "-q"], stdin=subprocess.PIPE)
                          for p in range(pipelines.PARTITIONS)]

    def step(self, most=30):
        if self.silences and self.random.random() < 0.12:
            self.silent = None if self.silent is not None else self.random.randrange(pipelines.PARTITIONS)
        for _ in range(self.random.randint(1, most)):
            self.count += 1
            seconds = self.count * 0.05 + self.random.uniform(-1.5, 0.5)
            if self.random.random() < 0.02:
                seconds -= self.random.uniform(0, 20)  # some are late
            seconds = round(max(seconds, 0.0), 3)
            row = {"id": self.count, "a": self.random.randrange(5), "b": self.random.randrange(5), "v": self.random.randrange(1000),
                   "ts": pipelines.time_text(seconds)}
            part = self.random.choice([p for p in range(pipelines.PARTITIONS) if p != self.silent])
            self.producers[part].stdin.write((json.dumps(row, separators=(",", ":")) + "\n").encode())
            self.rows[part].append(dict(row, seconds=seconds))
        for producer in self.producers:
            producer.stdin.flush()

    def close(self):
        for producer in self.producers:
            if not producer.stdin.closed:
                producer.stdin.close()
        for producer in self.producers:
            if producer.wait(PATIENCE) != 0:
                raise Failure("kappa topic produce failed")


class Life:
    """kills: a list of moments, each "random" or (point, how many passes); or "stop", an end with grace (Ctrl-C) instead."""

    def __init__(self, kappa, pipeline, seed, kills, keep=False):
        self.kappa, self.pipeline, self.seed, self.kills, self.keep = os.path.abspath(kappa), pipeline, seed, kills, keep
        self.random = random.Random(seed)
        self.counts = {"kills": 0, "stops": 0, "lost": 0, "duplicated": 0, "torn": 0, "silences": 0}
        self.killed_at = []   # the points where it really died
        self.findings = []
        self.folder = tempfile.mkdtemp(prefix="kappa-crash-")
        self.data, self.out, self.sql = (os.path.join(self.folder, name) for name in ("data", "out", "program.sql"))

    def run(self):
        """True: nothing was found. The findings and counts tell the rest."""
        feed = None
        try:
            self.command("topic", "create", "e", "--partitions", str(pipelines.PARTITIONS))
            with open(self.sql, "w", encoding="utf-8") as file:
                file.write(self.pipeline.program(self.out, self.random.choice(["0 s", "50 ms"])))
            feed = Feed(self.kappa, self.data, self.seed, self.pipeline.silences)
            feed.step()
            for kill in ([SILENCE] if self.pipeline.silences else []) + self.kills:
                self.live_until(kill, feed)
                if self.pipeline.silences:
                    self.look_once()
                else:
                    self.look(feed.rows)
                for _ in range(self.random.randrange(3)):
                    feed.step()   # the log goes on while nobody reads it
            feed.close()
            self.finish()
            if self.pipeline.silences:
                self.look_at_silences(feed.rows)
            else:
                self.look(feed.rows, final=True)
                self.look_at_dead_letters(feed.rows)
        except (Failure, OSError, subprocess.SubprocessError) as failure:
            self.findings.append(str(failure))
        finally:
            if feed is not None:
                for producer in feed.producers:
                    producer.stdin.close()
                    producer.wait(PATIENCE)
            if not (self.keep and self.findings):
                shutil.rmtree(self.folder, ignore_errors=True)
        return not self.findings and not any(self.counts[k] for k in ("lost", "duplicated", "torn"))

    def command(self, *arguments, expect=0):
        done = subprocess.run([self.kappa, *arguments, "--data", self.data], capture_output=True, timeout=PATIENCE, check=False)
        if expect is not None and done.returncode != expect:
            raise Failure(f"kappa {' '.join(arguments)}: exit code {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode()

    def engine(self, *more):
        """The command of the engine; what differs between its lives must not matter."""
        return [self.kappa, "run", "--name", PROGRAM, "--data", self.data, self.sql, "-q", "--workers", str(self.random.choice([1, 1, 2])),
                "--set", "jit_tier=quick", "--set", "checkpoint_interval=" + self.random.choice(["20 ms", "60 ms"]),
                "--set", "commit_interval=" + self.random.choice(["0 ms", "10 ms"]),
                "--set", "epoch_max_records=" + self.random.choice(["1", "7", "1000000"]), *more]

    def start(self, kill_at=""):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("KAPPA_")}
        if kill_at:
            environment["KAPPA_KILL_AT"] = kill_at
        return subprocess.Popen(self.engine(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment)

    def live_until(self, kill, feed):
        named = not isinstance(kill, str)
        engine = self.start(f"{kill[0]}:{kill[1]}" if named else "")
        begin = time.monotonic()
        moment = self.random.uniform(0.3, 0.8) if kill == "stop" else self.random.uniform(0, 0.4) ** 2 * 2.5   # early moments, of recovery, more often
        if self.pipeline.silences:   # they take their time
            moment = 3 * POINT_PATIENCE if kill == SILENCE else moment + 0.3
        end, before = begin + (POINT_PATIENCE if named else moment), self.silences()
        while engine.poll() is None and time.monotonic() < end and (kill != SILENCE or self.silences() == before):
            feed.step()
            time.sleep(self.random.uniform(0.002, 0.02))
        reached = engine.poll() is not None
        wanted = STOPPED if kill == "stop" else -signal.SIGKILL
        if not reached:
            engine.send_signal(signal.SIGINT if kill == "stop" else signal.SIGKILL)
        try:
            errors = engine.communicate(timeout=PATIENCE)[1].decode(errors="replace").strip()
        except subprocess.TimeoutExpired:
            engine.kill()
            engine.communicate()
            raise Failure(f"the engine did not end within {PATIENCE} s of a {kill}") from None
        if kill == "stop" and engine.returncode == -signal.SIGINT:
            return   # before it had a handler
        if engine.returncode != wanted:
            raise Failure(f"the engine ended by itself with {engine.returncode}: {errors}")
        if named and not reached:
            raise Failure(f"{kill[0]} was not reached {kill[1]} times within {POINT_PATIENCE} s")
        self.counts["stops" if kill == "stop" else "kills"] += 1
        self.killed_at.append(kill[0] if named else kill)

    def finish(self):
        done = subprocess.run(self.engine("--until", "latest"), capture_output=True, timeout=PATIENCE, check=False)
        if done.returncode != 0:
            raise Failure(f"the last run ended with {done.returncode}: {done.stderr.decode(errors='replace').strip()}")

    def log_records(self, topic="out"):
        if not os.path.exists(os.path.join(self.data, "log", topic + ".topic")):
            return []
        told = self.parsed(self.command("topic", "consume", topic, "--until", "latest", "-q", "--format", "json"), "topic " + topic)
        return [json.loads(record["value"]) if record["value"] is not None else dict(json.loads(record["key"]), **{pipelines.DELETED: True})
                for record in told]

    def file_records(self, folder=None):
        folder = folder or self.out
        if not os.path.isdir(folder):
            return []
        records = []
        for name in sorted(os.listdir(folder)):
            if name.startswith("."):
                continue
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                records.extend(self.parsed(file.read(), name))
        return records

    @staticmethod
    def parsed(text, place):
        records = []
        for number, line in enumerate(text.split("\n")[:-1], 1):
            try:
                records.append(json.loads(line))
            except ValueError:
                raise Failure(f"{place}, line {number} is no row: {line!r}") from None
        if text and not text.endswith("\n"):
            raise Failure(f"{place} ends in the middle of a line: {text[-80:]!r}")
        return records

    def letters(self):
        """(query, partition, offset) of each dead letter."""
        if not os.path.exists(os.path.join(self.data, "log", "kappa_dead_letters.topic")):
            return collections.Counter()
        letters = self.parsed(self.command("topic", "consume", "kappa_dead_letters", "--until", "latest", "-q"), "kappa_dead_letters")
        return collections.Counter((letter["query"], letter["partition"], letter["offset"]) for letter in letters)

    def look_once(self):
        """No window is there twice, whatever was late."""
        for sink, records in (("log", self.log_records()), ("file", self.file_records())):
            twice = len(records) - len({(r["window_start"], r["a"]) for r in records})
            self.counts["duplicated"] += twice
            if twice:
                raise Failure(f"{sink} sink after {self.killed_at}: {twice} windows twice")

    def look_at_silences(self, fed):
        """Every row is in its window or among the dead letters of both queries; and all of it again, by a program that begins now."""
        letters = self.letters()
        self.agree("after " + str(self.killed_at), fed, letters, {"log": self.log_records(), "file": self.file_records()})
        self.counts["silences"] += self.silences()
        again, out = os.path.join(self.folder, "again.sql"), os.path.join(self.folder, "again")
        with open(again, "w", encoding="utf-8") as file:
            file.write(self.pipeline.program(out, "0 s", "again", "1 hour"))   # what fell silent is in the time log
        self.command("run", again, "--name", "again", "--until", "latest", "-q")
        both = self.letters() - letters
        self.agree("read again", fed, both, {"log": self.log_records("again"), "file": self.file_records(out)})
        if both != letters:
            raise Failure(f"other rows are late when the log is read again: {list((letters - both) + (both - letters))[:3]}")

    def silences(self):
        """How often, by the time log, a partition came back."""
        folder, count = os.path.join(self.data, "time"), 0
        for name in [n for n in os.listdir(folder) if n.endswith(".timelog")] if os.path.isdir(folder) else []:
            with open(os.path.join(folder, name), "rb") as file:
                count += file.read().count(b'"kind":2')
        return count

    def agree(self, when, fed, letters, sinks):
        wanted = self.pipeline.of_letters(fed, letters)
        if len({query for query, _, _ in letters}) not in (0, 2) or any(count != 1 for count in letters.values()):
            raise Failure(f"dead letters {when}: not one for each late row and query: {letters.most_common(2)}")
        for sink, records in sinks.items():
            contents = self.pipeline.contents(records)
            lost, duplicated = sum((wanted - contents).values()), sum((contents - wanted).values())
            self.counts["lost"] += lost
            self.counts["duplicated"] += duplicated
            if lost or duplicated:
                raise Failure(f"{sink} sink {when}: lost {lost}, beyond {duplicated} (missing {list(wanted - contents)[:2]}, beyond {list(contents - wanted)[:2]})")

    def look_at_dead_letters(self, fed):
        wanted, there = self.pipeline.dead_letters(fed), self.letters()
        lost, duplicated = sum((wanted - there).values()), sum((there - wanted).values())
        self.counts["lost"] += lost
        self.counts["duplicated"] += duplicated
        if lost or duplicated:
            raise Failure(f"dead letters: lost {lost}, duplicated {duplicated} (of {sum(wanted.values())}; missing {list(wanted - there)[:2]}, "
                          f"beyond {list(there - wanted)[:2]})")

    def look(self, fed, final=False):
        for sink, records in (("log", self.log_records()), ("file", self.file_records())):
            contents = self.pipeline.contents(records)
            wanted = self.pipeline.complete(fed)
            if self.pipeline.key:
                duplicated = self.pipeline.repeated(records)
                wrong = sum((contents - wanted).values()) if final else 0
            else:
                duplicated, wrong = pipelines.excess(contents, wanted), 0
            lost = sum((wanted - contents).values()) if final else 0
            apart = sink == "log" and self.pipeline.log_partitions > 1   # partitions show their epochs one by one
            torn = "" if apart and not final else self.pipeline.torn(contents, fed)
            self.counts["lost"] += max(lost, wrong)
            self.counts["duplicated"] += duplicated
            self.counts["torn"] += bool(torn)
            if lost or wrong or duplicated or torn:
                raise Failure(f"{sink} sink {'at the end' if final else 'after ' + str(self.killed_at)}: lost {max(lost, wrong)}, "
                              f"duplicated {duplicated}{', torn: ' + torn if torn else ''} "
                              f"(of {sum(wanted.values())}; missing {list((wanted - contents))[:2]}, beyond {list((contents - wanted))[:2]})")


def run_all(lives, jobs, on_end):
    """Runs them on `jobs` threads; on_end(life, ok) is called as each ends, by one thread at a time."""
    queue, lock = list(reversed(lives)), threading.Lock()

    def work():
        while True:
            with lock:
                if not queue:
                    return
                life = queue.pop()
            ok = life.run()
            with lock:
                on_end(life, ok)

    threads = [threading.Thread(target=work) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
