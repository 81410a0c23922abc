#!/usr/bin/env python3
"""The kappa command as people use it: end_to_end.py KAPPA [TEST...]. With $KAPPA_TEST_KAFKA_FILE set, topics of a real broker too."""
import csv
import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

KAPPA = os.path.abspath(sys.argv.pop(1))
PATIENCE = 30  # seconds, on a busy machine

SOURCE = """CREATE SOURCE bids (auction BIGINT, price BIGINT, who TEXT)
  WITH (connector = 'log', topic = 'bids') FORMAT PLAIN ENCODE JSON;
"""


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.env = {k: v for k, v in os.environ.items() if k != "KAPPA_DATA"}
        self.env.update(HOME=self.folder.name, TERM="xterm", KAPPA_DATA=os.path.join(self.folder.name, "data"))

    def tearDown(self):
        self.folder.cleanup()

    def run_kappa(self, *arguments, stdin=""):
        done = subprocess.run([KAPPA, *arguments], input=stdin.encode(), capture_output=True, env=self.env, cwd=self.folder.name, timeout=PATIENCE)
        done.out, done.err = done.stdout.decode(), done.stderr.decode()
        self.assertGreaterEqual(done.returncode, 0, f"ended by a signal: {done.err}")
        return done

    def ok(self, *arguments, stdin=""):
        done = self.run_kappa(*arguments, stdin=stdin)
        self.assertEqual(done.returncode, 0, done.err + done.out)
        return done

    def write(self, name, text):
        with open(os.path.join(self.folder.name, name), "w", encoding="utf-8") as file:
            file.write(text)
        return name

    def produce(self, records, topic="bids", *more):
        return self.ok("topic", "produce", topic, *more, stdin="".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records))

    def bids(self, count=3, partitions=1):
        self.ok("topic", "create", "bids", "--partitions", str(partitions))
        self.produce([{"auction": i, "price": 10 * i, "who": f"p{i}"} for i in range(count)])


class Usage(Command):
    def test_help_and_version(self):
        self.assertRegex(self.ok("--version").out, r"^kappa \d+\.\d+\.\d+\n$")
        for words in (["run"], ["replay"], ["explain"], ["check"], ["shell"], ["topic"], ["topic", "create"], ["topic", "consume"]):
            self.assertIn("kappa", self.ok(*words, "--help").out)

    def test_completion_and_manual(self):
        script = self.write("kappa.bash", self.ok("completion", "bash").out)
        for words, expected in [(["topic", "cop"], "copy"), (["shell", "--format", "mark"], "markdown"), (["run", "--reb"], "--rebuild"), (["expl"], "explain")]:
            line = " ".join(["kappa", *words])
            done = subprocess.run(["bash", "-c", f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _kappa; echo ${{COMPREPLY[@]}}"],
                                  capture_output=True, text=True, cwd=self.folder.name, timeout=PATIENCE, check=True)
            self.assertEqual(done.stdout.strip(), expected, done.stderr)
        self.assertTrue(self.ok("completion", "zsh").out.startswith("#compdef kappa\n"))
        self.assertIn("-l rebuild", self.ok("completion", "fish").out)
        manual = self.ok("man").out
        self.assertTrue(manual.startswith(".TH KAPPA 1"))
        self.assertIn('.SS "kappa topic copy"', manual)
        self.assertEqual(self.run_kappa("completion", "tcsh").returncode, 1)

    def test_mistakes_are_answered_with_1(self):
        for words, hint in ((["rum"], "run"), (["run", "nothing.sql"], "nothing.sql"), (["run"], "-e"), (["run", "-e", "SELECT 1", "--set", "worker=2"], "workers"),
                            (["topic", "consume", "nothing"], "kappa topic list"), (["topic", "consume", "x", "--from", "7"], "0:120,1:98")):
            done = self.run_kappa(*words)
            self.assertEqual(done.returncode, 1, f"{words}: {done.err}")
            self.assertIn(hint, done.err)
            self.assertEqual(done.out, "")


class Topics(Command):
    def test_round_trip(self):
        self.assertIn("with 2 partitions", self.ok("topic", "create", "t", "--partitions", "2").err)
        lines = "k1:one\nk2:zwei ü\nno key\nk1:\n"
        self.ok("topic", "produce", "t", "--key-separator", ":", "--header", "from=test", "--empty-is-tombstone", stdin=lines)
        consumed = [json.loads(line) for line in self.ok("topic", "consume", "t", "--until", "latest", "--format", "json").out.splitlines()]
        self.assertEqual(sorted((r["key"] or "", r["value"] or "") for r in consumed), [("", "no key"), ("k1", ""), ("k1", "one"), ("k2", "zwei ü")])
        self.assertTrue(all(r["headers"] == [{"name": "from", "value": "test"}] and r["topic"] == "t" and r["timestamp"] > 1.6e12 for r in consumed))
        by_key = {(r["key"], r["partition"]) for r in consumed if r["key"] == "k1"}
        self.assertEqual(len(by_key), 1)
        self.assertIn(None, [r["value"] for r in consumed])
        listed = self.ok("topic", "list").out.splitlines()[1].split()
        self.assertEqual(listed[:3], ["t", "2", "4"])

    def test_describe_and_copy(self):
        self.ok("topic", "create", "a", "--partitions", "2")
        self.ok("topic", "produce", "a", "--key-separator", ":", "--header", "h=v", stdin="k:1\nj:2\nl:3\n")
        self.ok("topic", "copy", "a", "--as", "b")
        self.assertRegex(self.ok("topic", "describe", "b").out, r"(?s)topic b in the embedded log.*retention.ms.*partition +begin +end +records\n +0 +0")
        read = [sorted(self.ok("topic", "consume", topic, "--until", "latest", "-q", "--format", "json").out.replace(f'"topic":"{topic}"', "").splitlines())
                for topic in ("a", "b")]
        self.assertEqual(read[0], read[1])
        self.assertEqual(len(read[0]), 3)
        self.ok("topic", "copy", "a", "--to-data", "elsewhere")
        self.assertIn("topic a", self.ok("topic", "describe", "a", "--data", "elsewhere").out)
        self.assertIn("exists", self.run_kappa("topic", "copy", "a", "--as", "b").err)
        self.assertEqual(self.run_kappa("topic", "describe", "nosuch").returncode, 1)

    def test_ranges(self):
        self.ok("topic", "create", "t")
        self.ok("topic", "produce", "t", stdin="".join(f"{i}\n" for i in range(10)))
        self.assertEqual(self.ok("topic", "consume", "t", "--from", "0:7", "--until", "latest").out, "7\n8\n9\n")
        self.assertEqual(self.ok("topic", "consume", "t", "--max", "2").out, "0\n1\n")
        self.assertEqual(self.ok("topic", "consume", "t", "--from", "latest", "--until", "latest").out, "")
        done = self.run_kappa("topic", "consume", "t", "--from", "3:0", "--until", "latest")
        self.assertEqual(done.returncode, 1)
        self.assertIn("has no partition 3", done.err)

    def test_bytes_are_kept(self):
        self.ok("topic", "create", "t")
        raw = b"\x00\xff\r\nlast without newline"
        done = subprocess.run([KAPPA, "topic", "produce", "t"], input=raw, capture_output=True, env=self.env, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0)
        done = subprocess.run([KAPPA, "topic", "consume", "t", "--until", "latest"], capture_output=True, env=self.env, timeout=PATIENCE)
        self.assertEqual(done.stdout, raw + b"\n")

    def test_consume_follows_and_ctrl_c_ends_it(self):
        self.ok("topic", "create", "t")
        with subprocess.Popen([KAPPA, "topic", "consume", "t"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.env) as consumer:
            self.ok("topic", "produce", "t", stdin="hello\n")
            self.assertEqual(consumer.stdout.readline(), b"hello\n")
            consumer.send_signal(signal.SIGINT)
            self.assertEqual(consumer.wait(PATIENCE), 130)
            consumer.communicate()

    def test_names(self):
        self.ok("topic", "create", "bids")
        again = self.run_kappa("topic", "create", "bids")
        self.assertEqual(again.returncode, 1)
        self.assertIn("already exists", again.err)
        self.assertIn('did you mean "bids"?', self.run_kappa("topic", "produce", "bid").err)
        self.ok("topic", "delete", "bids")
        self.assertIn("no topics", self.ok("topic", "list").err)

    def test_settings(self):
        self.ok("topic", "create", "t", "--config", "segment.bytes=1000", "--config", "retention.bytes=3000")
        for _ in range(20):
            self.ok("topic", "produce", "t", stdin="".join(f"{i} {'x' * 50}\n" for i in range(10)))
        first, end = self.ok("topic", "list").out.split("0:")[1].split("..")
        self.assertGreater(int(first), 100, "old segments went")
        self.assertEqual(int(end), 200)
        self.assertLess(len(self.ok("topic", "consume", "t", "--until", "latest").out), 8000)
        self.assertIn('did you mean "retention.ms"?', self.run_kappa("topic", "create", "u", "--config", "retentions.ms=1").err)
        self.assertIn("integer", self.run_kappa("topic", "create", "u", "--config", "retention.ms=soon").err)

    def test_a_server_that_is_not_there_is_a_lost_connection(self):
        done = self.run_kappa("topic", "list", "--bootstrap", "127.0.0.1:1", "--property", "socket.timeout.ms=1000")
        self.assertEqual(done.returncode, 2, done.err)
        self.assertIn("127.0.0.1:1", done.err)

    @unittest.skipUnless(os.environ.get("KAPPA_TEST_KAFKA_FILE"), "no broker")
    def test_kafka(self):
        with open(os.environ["KAPPA_TEST_KAFKA_FILE"], encoding="utf-8") as file:
            bootstrap = ["--bootstrap", file.read().strip()]
        topic = f"cli-{uuid.uuid4()}"
        self.ok("topic", "create", topic, "--partitions", "2", *bootstrap)
        self.ok("topic", "produce", topic, "--key-separator", ":", *bootstrap, stdin="a:1\nb:2\na:3\n")
        consumed = [json.loads(line) for line in self.ok("topic", "consume", topic, "--until", "latest", "--format", "json", *bootstrap).out.splitlines()]
        self.assertEqual(sorted((r["key"], r["value"]) for r in consumed), [("a", "1"), ("a", "3"), ("b", "2")])
        self.assertRegex(self.ok("topic", "list", *bootstrap).out, f"{topic} +2 +3 ")
        self.ok("topic", "delete", topic, *bootstrap)


class Run(Command):
    def test_formats(self):
        self.bids()
        query = self.write("q.sql", SOURCE + "SELECT auction, price, who FROM bids WHERE price > 5;\n")
        table = self.ok("run", query)
        self.assertEqual(table.out, " auction | price | who\n---------+-------+-----\n       1 |    10 | p1\n       2 |    20 | p2\n(2 rows)\n\n")
        rows = list(csv.DictReader(io.StringIO(self.ok("run", query, "--format", "csv").out)))
        self.assertEqual([r["who"] for r in rows], ["p1", "p2"])
        rows = [json.loads(line) for line in self.ok("run", query, "--format", "json").out.splitlines()]
        self.assertEqual(rows, [{"auction": 1, "price": 10, "who": "p1"}, {"auction": 2, "price": 20, "who": "p2"}])

    def test_statements_of_the_command_line(self):
        self.assertIn(" 3\n", self.ok("run", "-e", "SELECT 1 + 2 AS n").out)
        self.assertIn("<stdin>:2:8", self.run_kappa("run", "-", stdin="SELECT 1;\nSELECT nope").err)

    def test_errors_point_at_their_place(self):
        self.bids()
        done = self.run_kappa("run", self.write("source.sql", SOURCE), self.write("q.sql", "-- a query\nSELECT aution, price FROM bids;\n"))
        self.assertEqual(done.returncode, 3)
        self.assertIn("ERROR 42703", done.err)
        self.assertIn("  q.sql:2:8\n    SELECT aution, price FROM bids;\n           ^^^^^^\n", done.err)
        self.assertIn('did you mean "auction"?', done.err)
        for text, state in (("SELEC 1", "42601"), ("SELECT 1/0", "22012"), ("SELECT * FROM nowhere", "42P01"), ("SELECT lenght('a')", "42883")):
            done = self.run_kappa("run", "-e", text)
            self.assertEqual(done.returncode, 3, text)
            self.assertIn(f"ERROR {state}", done.err)
            self.assertIn("^", done.err)

    def test_errors_cannot_steer_the_terminal(self):
        done = self.run_kappa("run", "-e", 'SELECT "a\x1b[2J"')
        self.assertIn("a\\x1b[2J", done.err)
        self.assertNotIn("\x1b", done.err)

    def test_dead_letters_are_named_with_the_way_to_them(self):
        self.bids()
        self.ok("topic", "produce", "bids", stdin="this is no JSON\n")
        done = self.ok("run", self.write("p.sql", SOURCE + "CREATE SINK s AS SELECT * FROM bids WITH (connector = 'print') FORMAT PLAIN ENCODE JSON;\n"), "--until", "latest")
        self.assertEqual(len(done.out.splitlines()), 3)
        self.assertIn("1 dead letter in kappa_dead_letters", done.err)
        command = done.err.split("look at it:\n")[1].splitlines()[0].strip()
        self.assertEqual(command, 'kappa run -e "SELECT * FROM kappa_dead_letters"')
        look = self.ok("run", "-e", "SELECT * FROM kappa_dead_letters", "--format", "json")
        self.assertIn("this is no JSON", look.out)

    def test_ctrl_c_ends_a_program_gracefully(self):
        self.bids()
        program = self.write("p.sql", SOURCE + "CREATE SINK s AS SELECT who FROM bids WITH (connector = 'print') FORMAT PLAIN ENCODE JSON;\n")
        with subprocess.Popen([KAPPA, "run", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.env, cwd=self.folder.name) as running:
            for _ in range(3):
                self.assertIn(b"p", running.stdout.readline())
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=PATIENCE)
            self.assertEqual(running.returncode, 130, err)
            self.assertIn(b"stopped", err)

    def test_a_reader_that_leaves_is_no_error(self):
        self.bids(2000)
        query = self.write("q.sql", SOURCE + "SELECT * FROM bids;\n")
        done = subprocess.run(["sh", "-c", f'"{KAPPA}" run {query} --format csv | head -n 1; exit 0'], capture_output=True, env=self.env, cwd=self.folder.name, timeout=PATIENCE)
        self.assertEqual(done.stdout, b"auction,price,who\n")
        self.assertNotIn(b"ERROR", done.stderr)

    def test_a_program_ends_when_nobody_reads_it(self):
        self.bids(20000)
        program = self.write("p.sql", SOURCE + "CREATE SINK s AS SELECT * FROM bids WITH (connector = 'print') FORMAT PLAIN ENCODE JSON;\n")
        done = subprocess.run(["sh", "-c", f'"{KAPPA}" run {program} | head -n 1'], capture_output=True, env=self.env, cwd=self.folder.name, timeout=PATIENCE)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertNotIn(b"ERROR", done.stderr)

    def test_a_full_disk_is_told(self):
        self.bids()
        for query in ("SELECT * FROM bids", "CREATE SINK s AS SELECT * FROM bids WITH (connector = 'print') FORMAT PLAIN ENCODE JSON"):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([KAPPA, "run", self.write("p.sql", SOURCE + query), "--until", "latest"], stdout=full, stderr=subprocess.PIPE, env=self.env,
                                      cwd=self.folder.name, timeout=PATIENCE)
            self.assertEqual(done.returncode, 3)
            self.assertIn(b"No space left", done.stderr)

    def test_a_lost_server_is_2(self):
        text = "CREATE SOURCE k (a INT) WITH (connector = 'kafka', topic = 't', properties.bootstrap.server = '127.0.0.1:1', connect.timeout = '1 s') FORMAT PLAIN ENCODE JSON;"
        done = self.run_kappa("run", "-e", text + "SELECT * FROM k")
        self.assertEqual(done.returncode, 2, done.err)
        self.assertIn("127.0.0.1:1", done.err)

    def test_a_second_engine_is_told_and_topics_still_work(self):
        self.bids()
        program = self.write("p.sql", SOURCE + "CREATE SINK s AS SELECT who FROM bids WITH (connector = 'print') FORMAT PLAIN ENCODE JSON;\n")
        with subprocess.Popen([KAPPA, "run", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.env, cwd=self.folder.name) as running:
            running.stdout.readline()
            second = self.run_kappa("run", program)
            self.assertNotEqual(second.returncode, 0)
            self.assertIn("another kappa", second.err)
            self.produce([{"auction": 9, "price": 9, "who": "late"}])
            seen = [running.stdout.readline() for _ in range(3)]
            self.assertIn(b"late", seen[-1])
            running.send_signal(signal.SIGTERM)
            running.communicate(timeout=PATIENCE)
            self.assertEqual(running.returncode, 130)

    def test_check_and_explain(self):
        query = self.write("q.sql", SOURCE + "SELECT who, count(*) FROM bids GROUP BY who;\n")
        self.assertIn("ok", self.ok("check", query).out)
        self.assertEqual(self.run_kappa("check", self.write("bad.sql", SOURCE + "SELECT whom FROM bids;")).returncode, 3)
        self.assertIn("Aggregate", self.ok("explain", query, "--logical").out)
        self.assertIn("define", self.ok("explain", query, "--llvm").out)

    def test_replay_shows_what_sinks_would_get(self):
        self.bids(10)
        program = self.write("p.sql", SOURCE + "CREATE SINK alerts AS SELECT auction FROM bids WITH (connector = 'file', path = 'alerts') FORMAT PLAIN ENCODE JSON;\n")
        done = self.ok("replay", program, "--from", "0:2", "--until", "0:5", "--format", "json")
        self.assertEqual([json.loads(line) for line in done.out.splitlines()], [{"sink": "alerts", "auction": n} for n in (2, 3, 4)])
        self.assertFalse(os.path.exists(os.path.join(self.folder.name, "alerts")))
        self.ok("replay", program, "--into", "past")
        self.assertTrue(os.path.exists(os.path.join(self.folder.name, "past")))


class Shell(Command):
    def test_a_script(self):
        done = self.ok("shell", "--format", "csv", stdin="SELECT 1 AS a,\n  ';' AS b;\n-- nothing\nSELECT 2 AS c")
        self.assertEqual(done.out, "a,b\n1,;\n\nc\n2\n")
        self.assertEqual(done.err, "")

    def test_errors_of_a_script_carry_lines(self):
        done = self.run_kappa("shell", stdin="SELECT 1;\n\nSELECT\n  nope;\nSELECT 2;\n")
        self.assertEqual(done.returncode, 3)
        self.assertIn("<stdin>:4:3\n      nope;\n      ^^^^\n", done.err)
        self.assertNotIn(" 2\n", done.out)
        done = self.run_kappa("shell", "--continue-on-error", stdin="SELECT nope;\nSELECT 2 AS two;\n")
        self.assertEqual(done.returncode, 3)
        self.assertIn("two", done.out)

    def test_files_within(self):
        self.write("inner.sql", "SELECT 1 AS x;\nSELECT nope;\n")
        done = self.run_kappa("shell", stdin="\\timing\n\\i inner.sql\nSELECT 3;\n")
        self.assertEqual(done.returncode, 3)
        self.assertIn("inner.sql:2:8", done.err)
        self.assertIn("Time: ", done.out)
        self.write("loop.sql", "\\i loop.sql\n")
        self.assertEqual(self.run_kappa("shell", stdin="\\i loop.sql\n").returncode, 3)

    def test_expanded(self):
        self.assertIn("-[ RECORD 1 ]", self.ok("shell", stdin="\\x on\nSELECT 1 AS a;\n").out)


class Terminal:
    """A kappa on a pseudo terminal."""

    def __init__(self, test, *arguments):
        self.test = test
        self.seen = ""
        pid, self.fd = pty.fork()
        if pid == 0:
            os.chdir(test.folder.name)
            os.execve(KAPPA, [KAPPA, *arguments], test.env)
        self.pid = pid

    def type(self, text):
        os.write(self.fd, text.encode())

    def expect(self, text):
        """Reads until `text` comes; answers what came before it."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], max(0, deadline - time.monotonic()))
            try:
                got = os.read(self.fd, 4096).decode(errors="replace") if ready else ""
            except OSError:
                got = ""
            if not got:
                self.test.fail(f"{text!r} did not come; there was {self.seen!r}")
            self.seen += got
        before, self.seen = self.seen.split(text, 1)
        return before

    def end(self):
        """Reads what still comes until the process has gone; answers its exit code."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            ready, _, _ = select.select([self.fd], [], [], 0.1)
            try:
                if ready and not os.read(self.fd, 4096):
                    ready = []
            except OSError:
                ready = []  # the other side is closed
            pid, status = os.waitpid(self.pid, os.WNOHANG) if not ready else (0, 0)
            if pid != 0:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.test.fail("it does not end")


class Interactive(Command):
    def test_lines_interrupts_and_history(self):
        shell = Terminal(self, "shell")
        shell.expect("kappa> ")
        shell.type("SELECT 'one' AS a,\n")
        shell.expect("    -> ")
        shell.type("2 AS b;\n")
        shell.expect("(1 row)")
        shell.expect("kappa> ")
        shell.type("SELECT 'lost")
        shell.expect("lost")
        shell.type("\x03")
        shell.expect("^C")
        shell.expect("kappa> ")
        shell.type("SELECT nope;\n")
        shell.expect("ERROR 42703")
        shell.expect("kappa> ")
        shell.type("\x1b[A\x1b[A\n")  # up, up: the first statement
        shell.expect("(1 row)")
        shell.expect("kappa> ")
        shell.type("\\q\n")
        self.assertEqual(shell.end(), 0)
        with open(os.path.join(self.folder.name, ".kappa_history"), encoding="utf-8") as file:
            self.assertIn("SELECT 'one' AS a,\\n2 AS b;\n", file.read())

    def test_ctrl_d_leaves(self):
        shell = Terminal(self, "shell")
        shell.expect("kappa> ")
        shell.type("\x04")
        self.assertEqual(shell.end(), 0)

    def test_ctrl_c_stops_a_query(self):
        shell = Terminal(self, "shell")
        shell.expect("kappa> ")
        shell.type("CREATE SOURCE n (event_type INT) WITH (connector = 'nexmark', rows = 2000000000) FORMAT PLAIN ENCODE JSON;\n")
        shell.expect("CREATE SOURCE")
        shell.expect("kappa> ")
        shell.type("SELECT count(*) FROM n;\n")
        time.sleep(1)
        shell.type("\x03")
        shell.expect("cancelled")
        shell.expect("kappa> ")
        shell.type("SELECT 40 + 2 AS answer;\n")
        shell.expect("42")
        shell.expect("kappa> ")
        shell.type("\x04")
        self.assertEqual(shell.end(), 0)

    def test_progress_line(self):
        self.bids()
        program = self.write("p.sql", SOURCE + "CREATE SINK s AS SELECT who FROM bids WITH (connector = 'print') FORMAT PLAIN ENCODE JSON;\n")
        run = Terminal(self, "run", program)
        run.expect("p2")
        run.expect("rows/s")
        run.type("\x03")
        run.expect("stopping; Ctrl-C again stops at once")
        run.expect("stopped: 3 records")
        self.assertEqual(run.end(), 130)


class Connected(Command):
    """kappa shell --connect, on a terminal of its own, to a kappa serve."""

    def setUp(self):
        super().setUp()
        self.serve()

    def tearDown(self):
        self.stop(signal.SIGTERM)
        super().tearDown()

    def serve(self, address="127.0.0.1:0"):
        self.server = subprocess.Popen([KAPPA, "serve", "--listen", address], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.env, cwd=self.folder.name)
        self.address = self.server.stdout.readline().decode().split(" listens on ")[1].split(",")[0]

    def stop(self, number):
        self.server.send_signal(number)
        self.server.wait(timeout=PATIENCE)
        self.server.stdout.close()

    def shell(self):
        shell = Terminal(self, "shell", "--connect", self.address)
        shell.expect("kappa> ")
        return shell

    def test_statements_rows_and_mistakes(self):
        shell = self.shell()
        for statement, answer in (("CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT);", "CREATE TABLE"), ("INSERT INTO t VALUES (1, 'one'), (2, NULL);", "INSERT 0 2"),
                                  ("CREATE MATERIALIZED VIEW v AS SELECT count(*) AS n FROM t;", "CREATE MATERIALIZED VIEW")):
            shell.type(statement + "\n")
            shell.expect(answer)
            shell.expect("kappa> ")
        shell.type("SELECT id,\n")
        shell.expect("    -> ")
        shell.type("name FROM t ORDER BY id;\n")
        table = shell.expect("(2 rows)")
        for cell in ("│ id", "│ name", "│ one", "NULL"):
            self.assertIn(cell, table)
        shell.type("SELECT n * 21 AS answer FROM v;\n")
        shell.expect("42")
        shell.expect("kappa> ")
        shell.type("SELECT nme FROM t;\n")
        shell.expect("ERROR 42703")
        shell.expect("did you mean")
        shell.expect("kappa> ")
        shell.type("INSERT INTO t VALUES (1, 'again');\n")
        shell.expect("ERROR 23505")
        shell.expect("kappa> ")
        shell.type("\\dt\n")
        shell.expect("t")
        shell.expect("kappa> ")
        shell.type("\\q\n")
        self.assertEqual(shell.end(), 0)

    def test_another_session_sees_what_is_committed(self):
        one, other = self.shell(), self.shell()
        one.type("CREATE TABLE t (id BIGINT PRIMARY KEY);\n")
        one.expect("CREATE TABLE")
        one.type("BEGIN; INSERT INTO t VALUES (1);\n")
        one.expect("INSERT 0 1")
        other.type("SELECT 'rows: ' || count(*) FROM t;\n")
        other.expect("rows: 0")
        one.type("COMMIT;\n")
        one.expect("COMMIT")
        one.expect("kappa> ")
        other.type("SELECT 'rows: ' || count(*) FROM t;\n")
        other.expect("rows: 1")
        for shell in (one, other):
            shell.type("\x04")
            self.assertEqual(shell.end(), 0)

    def test_ctrl_c_cancels_on_the_server(self):
        shell = self.shell()
        shell.type("CREATE SOURCE n (a BIGINT) WITH (connector = 'datagen', rows = 2000000000);\n")
        shell.expect("CREATE SOURCE")
        shell.expect("kappa> ")
        shell.type("SELECT count(*) FROM n;\n")
        time.sleep(1)
        shell.type("\x03")
        shell.expect("cancel")
        shell.expect("kappa> ")
        shell.type("SELECT 40 + 2 AS answer;\n")
        shell.expect("42")
        shell.expect("kappa> ")
        shell.type("\x04")
        self.assertEqual(shell.end(), 0)

    def test_a_server_that_comes_back(self):
        shell = self.shell()
        shell.type("CREATE TABLE t (id BIGINT PRIMARY KEY); INSERT INTO t VALUES (7);\n")
        shell.expect("INSERT 0 1")
        shell.expect("kappa> ")
        self.stop(signal.SIGKILL)
        shell.type("SELECT id FROM t;\n")
        shell.expect("ERROR 08006")
        shell.expect("kappa> ")
        self.serve(self.address)
        shell.type("SELECT 'kept: ' || id FROM t;\n")
        shell.expect("kept: 7")
        shell.expect("kappa> ")
        shell.type("CREATE SOURCE n (a BIGINT) WITH (connector = 'datagen', rows = 2000000000); SELECT count(*) FROM n;\n")
        time.sleep(1)
        shell.type("\x03")  # a cancel request has the key of the new connection
        shell.expect("cancel")
        shell.expect("kappa> ")
        shell.type("\x04")
        self.assertEqual(shell.end(), 0)

    def test_nobody_listens(self):
        self.stop(signal.SIGTERM)
        done = self.run_kappa("shell", "--connect", self.address)
        self.assertEqual(done.returncode, 2)
        self.assertIn("08001", done.err)
        self.serve()

    def test_a_script(self):
        script = self.write("s.sql", "CREATE TABLE t (a INT); INSERT INTO t VALUES (1), (2);\nSELECT sum(a) AS s FROM t;\n")
        self.assertEqual(self.ok("shell", "--connect", self.address, "--format", "csv", "--file", script).out, "s\n3\n")
        failed = self.run_kappa("shell", "--connect", self.address, "--command", "SELECT 1/0")
        self.assertEqual(failed.returncode, 3)
        self.assertIn("22012", failed.err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
