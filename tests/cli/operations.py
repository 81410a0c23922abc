#!/usr/bin/env python3
"""Running programs as those see them who keep them running: operations.py KAPPA [TEST...]. Status, metrics, logs, names, snapshots."""
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest
import urllib.request

from end_to_end import KAPPA, PATIENCE, SOURCE, Command

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
from changed_log import crc32c  # noqa: E402

PROGRAM = SOURCE + """CREATE SINK totals AS SELECT auction % 2 AS parity, count(*) AS n FROM bids GROUP BY auction % 2
  WITH (connector = 'file', path = 'totals', primary_key = 'parity', rollover.interval = '0 s') FORMAT UPSERT ENCODE JSON;
CREATE SINK shown AS SELECT who FROM bids WITH (connector = 'print') FORMAT PLAIN ENCODE JSON;
"""


UNSHARE = ["unshare", "--user", "--map-root-user", "--mount"]


def may_mount():
    try:
        return subprocess.run([*UNSHARE, "true"], capture_output=True, timeout=PATIENCE).returncode == 0
    except OSError:
        return False


class Running:
    """A program that runs until stopped."""

    def __init__(self, test, *arguments, env=None):
        self.test = test
        self.process = subprocess.Popen([KAPPA, "run", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env or test.env, cwd=test.folder.name, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        return out, err


class Operations(Command):
    def wait_for(self, look, what):
        """Looks until it answers something true; answers that."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = look()
            if answer:
                return answer
            time.sleep(0.1)
        return self.fail(f"{what} did not come")

    def status(self, *arguments):
        return json.loads(self.ok("status", "--format", "json", *arguments).out)

    def pipeline(self, *arguments):
        status = self.status(*arguments)
        return status["pipelines"][0] if status["running"] and status["pipelines"] else {}

    def program(self):
        return self.write("p.sql", PROGRAM)


class Status(Operations):
    def test_a_directory_without_an_engine(self):
        missing = self.run_kappa("status", "--data", "nowhere")
        self.assertEqual(missing.returncode, 1)
        self.assertIn('there is no data directory "nowhere"', missing.err)
        self.bids()
        self.assertIn("no engine is running", self.ok("status").out)
        self.assertEqual(self.status()["running"], False)

    def test_a_running_program(self):
        self.bids(20)
        self.ok("topic", "produce", "bids", stdin="no JSON\n")
        with Running(self, self.program()) as running:
            told = self.wait_for(lambda: self.pipeline() if self.pipeline().get("records") == 21 and self.pipeline()["lag_records"] == 0 else None, "the program's progress")
            self.assertEqual((told["name"], told["state"], told["durable"], told["error"]), ("totals", "running", False, None))
            self.assertEqual(told["dead_letters"], {"kappa_dead_letters": 1})
            self.assertGreater(told["state_bytes"], 0)
            sinks = {sink["name"]: sink for sink in told["sinks"]}
            self.assertEqual(sinks["shown"]["changes"], 20)
            self.assertEqual(sinks["totals"]["connector"], "file")
            text = self.ok("status").out
            for part in ("pipeline", "totals", "running", "sink shown: print, at least once", "dead letters: 1 in kappa_dead_letters"):
                self.assertIn(part, text)
            socket_file = os.path.join(self.folder.name, "data", "kappa.sock")
            self.assertEqual(os.stat(socket_file).st_mode & 0o777, 0o600)
            running.stop()
            self.assertFalse(os.path.exists(socket_file))

    def test_watch_follows_until_interrupted(self):
        self.bids()
        with subprocess.Popen([KAPPA, "status", "--watch", "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.env) as watcher:
            self.assertFalse(json.loads(watcher.stdout.readline())["running"])
            with Running(self, self.program()):
                while not json.loads(watcher.stdout.readline())["running"]:
                    pass
            watcher.send_signal(signal.SIGINT)
            watcher.communicate(timeout=PATIENCE)
            self.assertEqual(watcher.returncode, 130)

    def test_a_deep_directory(self):
        self.env["KAPPA_DATA"] = os.path.join(self.folder.name, *(["a" * 60] * 4), "data")
        self.bids()
        with Running(self, self.program()):
            self.wait_for(lambda: self.pipeline().get("records") == 3, "an answer over a long path")

    def test_a_killed_engine_leaves_nothing_in_the_way(self):
        self.bids()
        with Running(self, self.program()) as running:
            self.wait_for(self.pipeline, "the program")
            running.stop(signal.SIGKILL)
        self.assertTrue(os.path.exists(os.path.join(self.folder.name, "data", "kappa.sock")))
        self.assertFalse(self.status()["running"])
        with Running(self, self.program()):
            self.wait_for(self.pipeline, "the program of the next engine")


class Metrics(Operations):
    SAMPLE = re.compile(r'([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*\})? (\S+)')

    def read(self, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
            self.assertTrue(answer.headers["Content-Type"].startswith("text/plain"))
            text = answer.read().decode()
        types, samples = {}, {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                name, kind = line.split()[2:]
                self.assertNotIn(name, types)
                types[name] = kind
            elif not line.startswith("# HELP "):
                name, labels, value = self.SAMPLE.fullmatch(line).groups()
                self.assertIn(re.sub("_(count|sum)$", "", name) if name not in types else name, types)
                self.assertNotIn(name + (labels or ""), samples)
                samples[name + (labels or "")] = float(value)
        return types, samples

    def test_prometheus_reads_it(self):
        self.bids(10)
        with Running(self, self.program(), "--metrics", "0") as running:
            port = int(re.search(r"http://127\.0\.0\.1:(\d+)/metrics", running.process.stderr.readline()).group(1))
            self.wait_for(lambda: self.read(port)[1].get('kappa_records_total{pipeline="totals"}') == 10, "the records")
            types, samples = self.read(port)
            self.assertEqual(types["kappa_records_total"], "counter")
            self.assertEqual(types["kappa_lag_records"], "gauge")
            self.assertEqual(samples['kappa_pipeline_state{pipeline="totals",state="running"}'], 1)
            self.assertEqual(samples['kappa_sink_changes_total{pipeline="totals",sink="shown"}'], 10)
            # Nobody but this machine is served.
            taken = self.run_kappa("run", "--data", "other", "--metrics", str(port), "-e", "SELECT 1")
            self.assertEqual(taken.returncode, 1)
            self.assertIn(f"metrics cannot be served at 127.0.0.1:{port}", taken.err)
            begin = time.monotonic()
            running.stop()
            self.assertEqual(running.process.returncode, 130)
            self.assertLess(time.monotonic() - begin, 10)
        with socket.socket() as probe:
            self.assertNotEqual(probe.connect_ex(("127.0.0.1", port)), 0)


class Logs(Operations):
    def test_silent_unless_asked(self):
        self.bids()
        done = self.ok("run", self.program(), "--until", "latest", "-q")
        self.assertEqual(done.err, "")

    def test_events_as_text(self):
        self.bids()
        err = self.ok("run", self.program(), "--until", "latest", "-q", "--log-level", "info").err
        self.assertRegex(err, r"(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info engine opened data=")
        self.assertRegex(err, r"(?m)Z info program started program=totals durable=false")
        self.assertRegex(err, r"(?m)Z info program stopped program=totals epoch=\d+ records=3$")

    def test_events_as_json_and_nothing_else(self):
        self.bids()
        lines = self.ok("run", self.program(), "--until", "latest", "--log-format", "json", "--log-level", "info").err.splitlines()
        events = [json.loads(line) for line in lines]
        self.assertEqual([e["event"] for e in events], ["engine opened", "program started", "program stopped"])
        self.assertTrue(all(e["level"] == "info" and e["time"].endswith("Z") for e in events))
        done = self.run_kappa("run", "-e", "SELECT nope", "--log-format", "json")
        self.assertEqual(done.returncode, 3)
        failure = json.loads(done.err)
        self.assertEqual((failure["level"], failure["sqlstate"]), ("error", "42703"))


    def test_what_fails_behind_a_shell_is_told(self):
        self.bids()
        source = SOURCE.replace(";", " ON ERROR FAIL;")
        with subprocess.Popen([KAPPA, "shell"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.env, cwd=self.folder.name, text=True) as shell:
            shell.stdin.write(source + "CREATE SINK s AS SELECT who FROM bids WITH (connector = 'print') FORMAT PLAIN ENCODE JSON;\n")
            shell.stdin.flush()
            self.wait_for(lambda: self.pipeline().get("records") == 3, "the sink's program")
            self.ok("topic", "produce", "bids", stdin="no JSON\n")
            failed = self.wait_for(lambda: self.pipeline() if self.pipeline().get("state") == "failed" else None, "the failure")
            self.assertIn("offset 3", failed["error"])
            self.assertIn("failed", self.ok("status").out)
            out, err = shell.communicate("SELECT 1 AS one;\n", timeout=PATIENCE)
            self.assertIn("one", out)
            self.assertEqual(len(re.findall(r"(?m)Z error program failed program=\S*s epoch=\d+ error=", err)), 1, err)

    def test_programs_of_a_shell_start_and_stop(self):
        self.bids()
        done = self.ok("shell", "--log-level", "info", stdin=SOURCE + "CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM bids; SELECT n FROM n;")
        self.assertEqual(re.findall(r"(?m)Z info program (\w+) program=\S*n\b", done.err), ["started", "stopped"])

    def test_secrets_are_not_logged(self):
        source = "CREATE SOURCE k (a INT) WITH (connector = 'kafka', topic = 't', properties.bootstrap.server = '127.0.0.1:1', connect.timeout = '300 ms', " \
                 "properties.security.protocol = 'SASL_PLAINTEXT', properties.sasl.mechanism = 'PLAIN', properties.sasl.username = 'u5er', properties.sasl.password = 'hunter2') FORMAT PLAIN ENCODE JSON;"
        done = self.run_kappa("run", "-e", source + "SELECT * FROM k", "--log-level", "debug", "--log-format", "json")
        self.assertEqual(done.returncode, 2, done.err)
        self.assertNotIn("hunter2", done.err)


class Names(Operations):
    """Programs with a name."""

    FAST = ("--set", "checkpoint_interval=200 ms")

    def totals(self):
        """The last value of each key that the file sink holds."""
        last = {}
        folder = os.path.join(self.folder.name, "totals")
        for name in sorted(os.listdir(folder)):
            if name.endswith(".jsonl"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    for line in file:
                        record = json.loads(line)
                        last[record["parity"]] = record["n"]
        return last

    def snapshots(self):
        return [line.split() for line in self.ok("snapshot", "list").out.splitlines()[1:]]

    def test_mistakes(self):
        self.bids()
        self.assertEqual(self.run_kappa("run", self.program(), "--name", "a/b").returncode, 1)
        self.assertIn("cannot be the name", self.run_kappa("run", self.program(), "--name", "a/b").err)
        nobody = self.run_kappa("run", "--name", "totals")
        self.assertEqual(nobody.returncode, 1)
        self.assertIn("no program with a name has run there yet", nobody.err)
        self.ok("run", self.program(), "--name", "totals", "--until", "latest")
        self.assertIn('did you mean "totals"?', self.run_kappa("run", "--name", "total").err)
        self.assertIn('did you mean "totals"?', self.run_kappa("snapshot", "list", "--name", "total").err)
        self.assertIn("no data directory", self.run_kappa("snapshot", "list", "--data", "nowhere").err)

    def test_goes_on_where_it_stood(self):
        self.bids(10)
        with Running(self, self.program(), "--name", "totals", *self.FAST) as running:
            told = self.wait_for(lambda: self.pipeline() if self.pipeline().get("snapshots") else None, "a snapshot")
            self.assertTrue(told["durable"])
            self.assertEqual({s["name"]: s["guarantee"] for s in told["sinks"]}, {"totals": "exactly once", "shown": "at least once"})
            self.assertIn("exactly once", self.ok("status").out)
            self.assertTrue(all(line[0] == "totals" and line[-1] == "usable" for line in self.snapshots()))
            running.stop(signal.SIGKILL)
        stopped = self.status()
        self.assertEqual([(p["name"], p["state"], p["durable"]) for p in stopped["pipelines"]], [("totals", "stopped", True)])
        self.assertGreaterEqual(stopped["pipelines"][0]["snapshot_epoch"], 0)
        self.produce([{"auction": i, "price": 1, "who": "late"} for i in range(4)])
        done = self.ok("run", "--name", "totals", "--until", "latest", "--log-format", "json", "--log-level", "info")
        self.assertEqual(self.totals(), {0: 7, 1: 7})
        events = [json.loads(line) for line in done.err.splitlines()]
        names = [event["event"] for event in events]
        self.assertLess(names.index("program recovering"), names.index("program recovered"))
        self.assertLess(names.index("program recovered"), names.index("program stopped"))
        self.assertEqual(events[names.index("program stopped")]["records"], 14)

    def test_another_program_under_the_name(self):
        self.bids()
        self.ok("run", self.program(), "--name", "totals", "--until", "latest")
        other = self.write("other.sql", PROGRAM.replace("% 2", "% 3"))
        done = self.run_kappa("run", other, "--name", "totals", "--until", "latest")
        self.assertEqual(done.returncode, 3)
        self.assertIn("is not the one whose state is kept", done.err)
        self.assertIn("--rebuild", done.err)

    def test_damage_is_named(self):
        self.bids(10)
        self.ok("run", self.program(), "--name", "totals", "--until", "latest")
        self.assertEqual(self.ok("snapshot", "verify").err, "")
        folder = os.path.join(self.folder.name, "data", "pipelines", "totals", "snapshots")
        run = os.path.join(folder, [name for name in sorted(os.listdir(folder)) if name.endswith(".sst")][0])
        with open(run, "r+b") as file:
            file.seek(20)
            byte = file.read(1)
            file.seek(20)
            file.write(bytes([byte[0] ^ 1]))
        done = self.run_kappa("snapshot", "verify", "--name", "totals")
        self.assertEqual(done.returncode, 1)
        self.assertIn("damaged", done.out)
        self.assertIn(os.path.basename(run), done.err)
        self.assertIn("kappa run --name totals --rebuild", done.err)
        self.ok("snapshot", "list")  # sizes are right: only verify reads all of it
        manifest = os.path.join(folder, [name for name in os.listdir(folder) if name.endswith(".manifest")][0])
        with open(manifest, "wb") as file:
            file.write(b"{}")
        listed = self.ok("snapshot", "list")
        self.assertIn("damaged", listed.out)
        self.assertIn(os.path.basename(manifest), listed.err)
        os.remove(run)
        self.ok("run", "--name", "totals", "--rebuild", "--until", "latest")
        self.assertEqual(self.ok("snapshot", "verify").err, "")

    def test_damage_of_a_journal_is_named(self):
        self.bids(10)
        self.ok("run", self.program(), "--name", "totals", "--until", "latest", "--set", "checkpoint_interval=1 h", "--set", "epoch_max_records=1")
        whole = self.ok("snapshot", "verify")
        self.assertRegex(whole.out, r"journal of totals: (no epochs|epochs [0-9,]+ to [0-9,]+), .*, whole")
        folder = os.path.join(self.folder.name, "data", "pipelines", "totals", "journal")
        path = os.path.join(folder, sorted(os.listdir(folder))[-1])
        payload = struct.pack("<qqBII", 7, 0, 0, 0, 0)
        frame = struct.pack("<II", len(payload), crc32c(payload)) + payload
        with open(path, "rb") as file:
            before = file.read()
        for behind, out, err, code in ((frame[:-3], "of an epoch that was not finished, whole", "", 0),
                                       (frame[:-1] + b"x" + frame, "damaged", "does not fit its checksum, and whole ones follow it", 1)):
            with open(path, "wb") as file:
                file.write(before + behind)
            done = self.run_kappa("snapshot", "verify")
            self.assertEqual(done.returncode, code, done.err)
            self.assertIn(out, done.out)
            self.assertIn(err, done.err)
            self.assertEqual(os.path.basename(path) in done.err, code == 1)


class Damage(Operations):
    """What is wrong is named, with what to do; and that helps."""

    def setUp(self):
        super().setUp()
        self.bids(10)
        self.ok("run", self.program(), "--name", "totals", "--until", "caught-up")
        self.kept = os.path.join(self.folder.name, "data", "pipelines", "totals")

    def refused(self, *parts):
        done = self.run_kappa("run", "--name", "totals", "--until", "caught-up", "-q")
        self.assertEqual(done.returncode, 3, done.err)
        for part in parts:
            self.assertIn(part, done.err)

    def definition(self, change):
        path = os.path.join(self.kept, "program.json")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        changed = change(text)
        self.assertNotEqual(changed, text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(changed)

    def test_a_damaged_definition(self):
        self.definition(lambda text: text[:len(text) // 2])
        self.refused("ERROR XX001", "program.json", "--rebuild")
        self.ok("run", self.program(), "--name", "totals", "--rebuild", "--until", "caught-up")
        self.ok("run", "--name", "totals", "--until", "caught-up")

    def test_a_newer_version(self):
        self.definition(lambda text: re.sub(r'"version": \d+', '"version": 99', text))
        self.refused("ERROR 0A000", "newer version of kappa")
        self.assertIn("totals", self.ok("status").out)

    def test_a_topic_made_anew(self):
        self.ok("topic", "delete", "bids")
        self.bids(30)
        self.refused("ERROR 58K01", "deleted and made again", "--rebuild", "ON OFFSET LOST")
        self.ok("run", "--name", "totals", "--rebuild", "--until", "caught-up")
        with open(sorted(os.path.join(self.folder.name, "totals", name) for name in os.listdir(os.path.join(self.folder.name, "totals")) if name.endswith(".jsonl"))[-1],
                  encoding="utf-8") as file:
            self.assertEqual([json.loads(line) for line in file], [{"parity": 0, "n": 15}, {"parity": 1, "n": 15}])

    def test_a_journal_that_was_cut_short(self):
        self.produce([{"auction": 1, "price": 1, "who": "x"}])
        # The file sink finishes its part at once: what it shows is in the journal, and in no snapshot.
        with Running(self, "--name", "totals", "--set", "checkpoint_interval=1 h") as running:
            self.wait_for(lambda: [s["committed_epoch"] for s in self.pipeline().get("sinks", [])] == [1, 1], "the epoch")
            running.stop(signal.SIGKILL)
        folder = os.path.join(self.kept, "journal")
        last = os.path.join(folder, sorted(os.listdir(folder))[-1])
        with open(last, "r+b") as file:
            file.truncate(os.path.getsize(last) - 1)  # as if it had never been acknowledged, but a sink shows it
        self.refused("ERROR XX001", "journal", "--rebuild")

    @unittest.skipUnless(may_mount(), "a mount of one's own needs user namespaces")
    def test_a_directory_that_cannot_be_written(self):
        data = os.path.join(self.folder.name, "data")
        for words, code, part in ((["status"], 0, "totals"), (["snapshot", "verify"], 0, "usable"), (["topic", "list"], 0, "bids"),
                                  (["run", "--name", "totals", "--until", "caught-up"], 3, "Read-only file system")):
            done = subprocess.run([*UNSHARE, "sh", "-c", 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"', data, KAPPA, *words], capture_output=True, env=self.env,
                                  cwd=self.folder.name, timeout=PATIENCE, text=True)
            self.assertIn(part, done.stdout + done.stderr)
            self.assertEqual(done.returncode, code, done.stderr)


@unittest.skipUnless(may_mount(), "a small disk of one's own needs user namespaces")
class FullDisk(Operations):
    """Journal and snapshots on a disk that fills up and gets room again; the input and the sink are elsewhere."""

    def append(self, number):
        with open(os.path.join(self.folder.name, "in.jsonl"), "a", encoding="utf-8") as file:
            for _ in range(number):
                file.write(json.dumps({"k": self.count % 7, "v": self.count}) + "\n")
                self.count += 1

    def contents(self):
        last = {}
        for name in sorted(os.listdir(os.path.join(self.folder.name, "out"))):
            if name.endswith(".jsonl"):
                with open(os.path.join(self.folder.name, "out", name), encoding="utf-8") as file:
                    last.update((record["k"], record) for record in map(json.loads, file))
        return [last[k] for k in sorted(last)]

    def test_commits_wait_for_room(self):
        self.count = 0
        self.append(100)
        os.mkdir(os.path.join(self.folder.name, "small"))
        program = self.write("p.sql", """CREATE SOURCE f (k BIGINT, v BIGINT) WITH (connector = 'file', path = 'in.jsonl', follow = true) FORMAT PLAIN ENCODE JSON;
            CREATE SINK totals AS SELECT k, count(*) AS n, sum(v) AS s FROM f GROUP BY k WITH (connector = 'file', path = 'out', primary_key = 'k') FORMAT UPSERT ENCODE JSON;""")
        script = "mount -t tmpfs -o size=2m none small && exec \"$@\""
        command = [*UNSHARE, "sh", "-c", script, "sh", KAPPA, "run", program, "--name", "totals", "--data", "small", "--set", "checkpoint_interval=300 ms", "--log-format", "json",
                   "--log-level", "info"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.env, cwd=self.folder.name) as process:
            try:
                small = f"/proc/{process.pid}/root{os.path.join(self.folder.name, 'small')}"  # as the process sees it
                here = ("--data", small)
                self.wait_for(lambda: os.path.exists(os.path.join(small, "kappa.sock")), "the engine")
                self.wait_for(lambda: self.pipeline(*here).get("snapshots"), "a snapshot")
                with open(os.path.join(small, "filler"), "wb", buffering=0) as filler, self.assertRaises(OSError):
                    while True:
                        filler.write(bytes(4096))

                def stopped():
                    self.append(10)
                    told = self.pipeline(*here)
                    return told if told["commit_error"] and told["snapshot_failures"] else None

                told = self.wait_for(stopped, "the alarm")
                self.assertIn("No space left", told["commit_error"])
                self.assertEqual(told["state"], "running")
                shown = self.contents()
                self.append(10)
                time.sleep(0.5)
                self.assertEqual(self.contents(), shown)  # nothing is visible that the journal does not know
                os.remove(os.path.join(small, "filler"))
                before = told["snapshots"]
                self.wait_for(lambda: not self.pipeline(*here)["commit_error"] and self.pipeline(*here)["snapshots"] > before, "recovery")
                self.append(10)
                self.wait_for(lambda: self.pipeline(*here)["records"] == self.count, "the rest")
                process.send_signal(signal.SIGTERM)
                _, err = process.communicate(timeout=PATIENCE)
            finally:
                process.kill()
        expected = [{"k": k, "n": len(range(k, self.count, 7)), "s": sum(range(k, self.count, 7))} for k in range(7)]
        self.assertEqual(self.contents(), expected)
        events = [json.loads(line)["event"] for line in err.decode().splitlines()]
        for event in ("snapshot failed", "commits stopped", "commits go on", "program stopped"):
            self.assertIn(event, events)


if __name__ == "__main__":
    unittest.main(verbosity=2)
