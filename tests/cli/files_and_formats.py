#!/usr/bin/env python3
"""CSV through pipes, files that are followed while they are rotated, secrets, several Kafka topics: files_and_formats.py KAPPA [TEST...]."""
import gzip
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

KAPPA = os.path.abspath(sys.argv.pop(1))
PATIENCE = 60  # seconds, on a busy machine


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.env = {k: v for k, v in os.environ.items() if k != "KAPPA_DATA"}
        self.env.update(HOME=self.folder.name, KAPPA_DATA=self.path("data"))

    def tearDown(self):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, text, mode="w"):
        with open(self.path(name), mode) as file:
            file.write(text)
        return name

    def run_kappa(self, *arguments, stdin=b""):
        done = subprocess.run([KAPPA, *arguments], input=stdin, capture_output=True, env=self.env, cwd=self.folder.name, timeout=PATIENCE)
        done.out, done.err = done.stdout.decode(), done.stderr.decode()
        return done


class Csv(Command):
    PROGRAM = """CREATE SOURCE s (b TEXT, a INT) WITH (connector = 'stdin') FORMAT PLAIN ENCODE CSV (header = true);
CREATE SINK o AS SELECT a, b FROM s WITH (connector = 'stdout') FORMAT PLAIN ENCODE CSV (header = true, delimiter = ';');
"""

    def test_through_a_pipe(self):
        done = self.run_kappa("run", self.write("p.sql", self.PROGRAM), stdin='\ufeffa,b\r\n1,"x\ny"\r\n2,z;\r\n'.encode())
        self.assertEqual(done.returncode, 0, done.err)
        self.assertEqual(done.out, 'a;b\n1;"x\ny"\n2;"z;"\n')

    def test_a_header_line_cannot_be_recorded(self):
        done = self.run_kappa("run", self.write("p.sql", self.PROGRAM), "--name", "n", stdin=b"a,b\n1,x\n")
        self.assertEqual(done.returncode, 3)
        self.assertIn("0A000", done.err)

    def test_a_field_of_ten_megabytes(self):
        with gzip.open(self.path("big.csv.gz"), "wt") as file:
            file.write('k,v\n1,"' + 'x' * (10 << 20) + '"\n2,y\n')
        done = self.run_kappa("shell", stdin=b"SELECT k, length(v) FROM 'big.csv.gz';\n")
        self.assertEqual(done.returncode, 0, done.err)
        self.assertIn(str(10 << 20), done.out)
        self.write("p.sql", "CREATE SOURCE s (k INT, v TEXT) WITH (connector = 'file', path = 'big.csv.gz', max.line.bytes = '1 MB') FORMAT PLAIN ENCODE CSV (header = true);\nSELECT count(*) FROM s;\n")
        done = self.run_kappa("run", "p.sql")
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.err, r"54000.*big\.csv\.gz")


class Follow(Command):
    def test_rotation_while_a_durable_program_is_killed(self):
        self.write("app.log", "one\ntwo\n")
        program = self.write("p.sql", """CREATE SOURCE f (line TEXT) WITH (connector = 'file', path = 'app.log*', follow = true) FORMAT PLAIN ENCODE BYTES;
CREATE SINK o AS SELECT line FROM f WITH (connector = 'file', path = 'out', rollover.interval = '100 ms') FORMAT PLAIN ENCODE BYTES;
""")

        def written():
            folder = self.path("out")
            lines = []
            for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
                if name.startswith("part-"):
                    with open(os.path.join(folder, name)) as file:
                        lines += file.read().splitlines()
            return sorted(lines)

        def until(expected):
            running = subprocess.Popen([KAPPA, "run", program, "--name", "n"], env=self.env, cwd=self.folder.name, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            end = time.monotonic() + PATIENCE
            while written() != expected and time.monotonic() < end and running.poll() is None:
                time.sleep(0.1)
            got = written()
            running.send_signal(signal.SIGKILL)
            error = running.communicate()[1].decode()
            self.assertEqual(got, expected, error)

        until(["one", "two"])
        os.rename(self.path("app.log"), self.path("app.log.1"))
        self.write("app.log.1", "three\n", "a")
        self.write("app.log", "four\n")
        until(["four", "one", "three", "two"])
        self.write("app.log", "five\n", "a")
        until(["five", "four", "one", "three", "two"])


class Secrets(Command):
    def test_explain_and_errors_keep_them(self):
        script = """CREATE SOURCE s (a INT) WITH (connector = 'kafka', topic = 'x', properties.bootstrap.server = '127.0.0.1:1',
  properties.security.protocol = 'sasl_plaintext', properties.sasl.mechanism = 'PLAIN', properties.sasl.username = 'u', properties.sasl.password = 'hunter2',
  connect.timeout = '300 ms') FORMAT PLAIN ENCODE JSON;
EXPLAIN SELECT * FROM s;
SHOW CREATE SOURCE s;
SELECT * FROM s;
"""
        done = self.run_kappa("shell", stdin=script.encode())
        self.assertIn("sasl.password='***'", done.out)
        self.assertIn("08001", done.err)
        self.assertNotIn("hunter2", done.out + done.err)


@unittest.skipUnless(os.environ.get("KAPPA_TEST_KAFKA_FILE"), "no broker")
class Kafka(Command):
    def test_topics_keys_headers_and_compressions(self):
        with open(os.environ["KAPPA_TEST_KAFKA_FILE"]) as file:
            broker = file.read().strip()
        run = uuid.uuid4().hex[:8]
        topics = {codec: f"{run}-{codec}" for codec in ("none", "gzip", "snappy", "lz4", "zstd")}
        for codec, topic in topics.items():
            self.assertEqual(self.run_kappa("topic", "create", topic, "--bootstrap", broker).returncode, 0)
            self.assertEqual(self.run_kappa("topic", "create", topic + "-out", "--bootstrap", broker).returncode, 0)
            subprocess.run(["kcat", "-P", "-b", broker, "-t", topic, "-K", ":", "-z", codec, "-H", "codec=" + codec], input=f'k-{codec}:{{"n":1}}\n'.encode(), check=True)
        where = f"properties.bootstrap.server = '{broker}', scan.bounded.mode = 'latest'"
        script = f"""CREATE SOURCE k (n INT, codec TEXT METADATA FROM 'headers.codec', topic TEXT METADATA FROM 'topic', key TEXT METADATA FROM 'key', at TIMESTAMPTZ METADATA FROM 'timestamp')
WITH (connector = 'kafka', topic = '^{run}-[a-z0-9]*', {where}) FORMAT PLAIN ENCODE JSON;
SELECT codec, key, split_part(topic, '-', 2), n, at > '2020-01-01' FROM k ORDER BY codec;
SELECT sum(n) AS list FROM kafka('{broker}', '{topics["gzip"]}');
"""
        done = self.run_kappa("shell", stdin=script.encode())
        for codec in topics:
            self.assertRegex(done.out, rf"{codec} +\| k-{codec} +\| {codec} +\| +1 \| t", done.err)
        program = f"CREATE SOURCE all_of_them (n INT, key TEXT METADATA FROM 'key') WITH (connector = 'kafka', topic = '{','.join(topics.values())}', {where}) FORMAT PLAIN ENCODE JSON;\n"
        for codec, topic in topics.items():
            program += (f"CREATE SINK s_{codec} AS SELECT key, n FROM all_of_them WITH (connector = 'kafka', topic = '{topic}-out', properties.bootstrap.server = '{broker}', "
                        f"properties.compression.type = '{codec}', primary_key = 'key') FORMAT UPSERT ENCODE CSV KEY ENCODE BYTES;\n")
        done = self.run_kappa("run", self.write("sinks.sql", program), "--until", "latest")
        self.assertEqual(done.returncode, 0, done.err)
        for topic in topics.values():
            read = subprocess.run(["kcat", "-C", "-e", "-q", "-b", broker, "-t", topic + "-out", "-f", "%k=%s\\n"], capture_output=True, check=True).stdout.decode()
            self.assertEqual(sorted(read.split()), sorted(f"k-{codec}=k-{codec},1" for codec in topics))


if __name__ == "__main__":
    unittest.main(verbosity=2)
