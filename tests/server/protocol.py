#!/usr/bin/env python3
"""The protocol as a client sees it, message by message: protocol.py KAPPA [TEST...]"""
import re
import signal
import subprocess
import threading
import time

import serving
from wire import FLUSH, SYNC, TERMINATE, Wire, bind, close, describe, execute, kinds, packet, parse, text

LONG = "SELECT count(*) FROM endless"
# A stream that is long enough that a statement over it can be caught at work.
ENDLESS = "CREATE SOURCE endless (a BIGINT) WITH (connector = 'datagen', rows = 2000000000)"


class Simple(serving.ServerTest):
    def test_the_greeting(self):
        wire = self.open(application_name="me", database="any")
        self.assertEqual(kinds(wire.greeting)[0], "R")
        self.assertEqual(wire.greeting[0].body, b"\0\0\0\0")
        self.assertEqual(kinds(wire.greeting)[-2:], "KZ")
        self.assertEqual(wire.greeting[-1].body, b"I")
        expected = {"server_encoding": "UTF8", "client_encoding": "UTF8", "DateStyle": "ISO, MDY", "IntervalStyle": "postgres", "TimeZone": "UTC", "integer_datetimes": "on",
                    "standard_conforming_strings": "on", "application_name": "me", "is_superuser": "on", "session_authorization": "tester"}
        self.assertEqual({k: v for k, v in wire.parameters.items() if k in expected}, expected)
        self.assertRegex(wire.parameters["server_version"], r"^15\.0 \(kappa \d+\.\d+\.\d+\)$")

    def test_options_of_startup_are_settings(self):
        wire = self.open(options="-c TimeZone=Asia/Tokyo --statement_timeout=1234", client_encoding="utf8")
        self.assertEqual(wire.parameters["TimeZone"], "Asia/Tokyo")
        self.assertEqual(wire.rows("SHOW statement_timeout"), [["1234"]])
        wire = self.open(options=r"-c application_name=two\ words")
        self.assertEqual(wire.rows("SHOW application_name"), [["two words"]])

    def test_a_row(self):
        wire = self.open()
        messages = wire.query("SELECT 1 AS a, 'x'::text AS b, NULL::int8 AS c, ''::text AS d")
        self.assertEqual(kinds(messages), "TDCZ")
        self.assertEqual(messages[0].columns(), [("a", 23, 4, -1, 0), ("b", 25, -1, -1, 0), ("c", 20, 8, -1, 0), ("d", 25, -1, -1, 0)])
        self.assertEqual(messages[1].row(), ["1", "x", None, ""])
        self.assertEqual(messages[2].tag(), "SELECT 1")
        self.assertEqual(messages[3].body, b"I")

    def test_types(self):
        wire = self.open()
        # name, oid, size, modifier as PostgreSQL 15 sends them
        expected = [("true", 16, 1, -1), ("1::int2", 21, 2, -1), ("1::int4", 23, 4, -1), ("1::int8", 20, 8, -1), ("1::float4", 700, 4, -1), ("1::float8", 701, 8, -1),
                    ("1::numeric", 1700, -1, -1), ("1::numeric(10,2)", 1700, -1, (10 << 16 | 2) + 4), ("'a'::text", 25, -1, -1), ("'a'::varchar", 1043, -1, -1),
                    ("'a'::varchar(7)", 1043, -1, 11), (r"'\x00'::bytea", 17, -1, -1), ("'2024-01-01'::date", 1082, 4, -1), ("'10:00'::time", 1083, 8, -1),
                    ("'2024-01-01'::timestamp", 1114, 8, -1), ("'2024-01-01'::timestamptz", 1184, 8, -1), ("'1 day'::interval", 1186, 16, -1),
                    ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", 2950, 16, -1), ("'{}'::json", 114, -1, -1), ("'{}'::jsonb", 3802, -1, -1), ("ARRAY[1,2]", 1007, -1, -1),
                    ("ARRAY['a']", 1009, -1, -1), ("ARRAY[1.5]", 1231, -1, -1)]
        for expression, *shape in expected:
            if expression == "'a'::varchar":
                continue  # varchar without a limit is text here
            column = wire.query(f"SELECT {expression}")[0].columns()[0]
            self.assertEqual(list(column[1:4]), shape, expression)

    def test_several_statements(self):
        wire = self.open()
        messages = wire.query("SELECT 1; SELECT 2 AS b WHERE false;; SET TimeZone = 'UTC'; SELECT 3")
        self.assertEqual(kinds([m for m in messages if m.kind != "S"]), "TDCTCCTDCZ")
        self.assertEqual([m.tag() for m in messages if m.kind == "C"], ["SELECT 1", "SELECT 0", "SET", "SELECT 1"])

    def test_an_error_ends_a_query_of_several_statements(self):
        wire = self.open()
        messages = wire.query("SELECT 1; SELECT 1/0; SELECT 3")
        self.assertEqual(kinds(messages), "TDCTEZ" if "T" in kinds(messages[3:]) else "TDCEZ")
        self.assertEqual(messages[-2].fields()["C"], "22012")
        messages = wire.query("SELECT 1; SELEC 2")  # a syntax error: nothing has run
        self.assertEqual(kinds(messages), "EZ")

    def test_statements_of_one_query_are_one_transaction(self):
        wire = self.open()
        wire.rows("CREATE TABLE batch (id BIGINT PRIMARY KEY)")
        wire.rows("CREATE MATERIALIZED VIEW batch_count AS SELECT count(*) AS n FROM batch")
        ids = lambda: [int(row[0]) for row in wire.rows("SELECT id FROM batch ORDER BY id")]
        messages = wire.query("INSERT INTO batch VALUES (1); INSERT INTO batch VALUES (2); SELECT 1/0; INSERT INTO batch VALUES (3)")
        self.assertEqual((kinds(messages)[:2], kinds(messages)[-2:], messages[-1].body), ("CC", "EZ", b"I"))
        self.assertEqual(ids(), [])
        self.assertEqual(wire.query("INSERT INTO batch VALUES (1); INSERT INTO batch VALUES (2); INSERT INTO batch VALUES (1)")[-2].fields()["C"], "23505")
        self.assertEqual(ids(), [])
        messages = wire.query("INSERT INTO batch VALUES (1); UPDATE batch SET id = 5 WHERE id = 1; SELECT id FROM batch; DELETE FROM batch; INSERT INTO batch VALUES (7)")
        self.assertEqual([m.row() for m in messages if m.kind == "D"], [["5"]])  # what the query has changed itself is seen
        self.assertEqual(ids(), [7])
        # A query that reads views sees what came before it: that is committed first.
        self.assertEqual(wire.rows("INSERT INTO batch VALUES (8); SELECT n FROM batch_count"), [["2"]])
        # BEGIN takes what came before it into the block; COMMIT and ROLLBACK end it.
        self.assertEqual(wire.query("INSERT INTO batch VALUES (9); BEGIN; INSERT INTO batch VALUES (10)")[-1].body, b"T")
        self.assertEqual(wire.query("ROLLBACK")[-1].body, b"I")
        self.assertEqual(ids(), [7, 8])
        messages = wire.query("INSERT INTO batch VALUES (11); COMMIT; INSERT INTO batch VALUES (12); SELECT 1/0")
        self.assertIn("N", kinds(messages))  # there is no transaction in progress
        self.assertEqual(ids(), [7, 8, 11])
        wire.query("INSERT INTO batch VALUES (13); ROLLBACK; INSERT INTO batch VALUES (14)")
        self.assertEqual(ids(), [7, 8, 11, 14])
        self.assertEqual(wire.query("INSERT INTO batch VALUES (15); SELEC")[0].fields()["C"], "42601")
        self.assertEqual(ids(), [7, 8, 11, 14])

    def test_another_session_sees_all_of_a_query_or_nothing(self):
        wire, other = self.open(), self.open()
        wire.rows("CREATE TABLE pair (id BIGINT PRIMARY KEY)")
        stop, seen = threading.Event(), set()

        def look():
            while not stop.is_set():
                seen.add(int(other.rows("SELECT count(*) FROM pair")[0][0]) % 2)

        reader = threading.Thread(target=look)
        reader.start()
        for i in range(0, 200, 2):
            wire.query(f"INSERT INTO pair VALUES ({i}); INSERT INTO pair VALUES ({i + 1})")
        stop.set()
        reader.join()
        self.assertEqual(seen, {0})
        self.assertEqual(wire.rows("SELECT count(*) FROM pair"), [["200"]])

    def test_empty_queries(self):
        wire = self.open()
        for sql in ("", " ", ";", " ; ; ", "-- only a comment", "/* /* nested */ */"):
            self.assertEqual(kinds(wire.query(sql)), "IZ", sql)

    def test_errors_have_their_fields(self):
        wire = self.open()
        fields = wire.error("SELECT 'äöü', nocol FROM (VALUES (1)) AS t(nacol)")
        self.assertEqual((fields["S"], fields["V"], fields["C"]), ("ERROR", "ERROR", "42703"))
        self.assertEqual(fields["M"], 'column "nocol" does not exist')
        self.assertEqual(fields["H"], 'did you mean "nacol"?')
        self.assertEqual(fields["P"], "15")  # in characters, from 1
        fields = wire.error("SELECT 1; SELECT 'ß', nosuch()")
        self.assertEqual((fields["C"], fields["P"]), ("42883", "23"))

    def test_tags_of_commands(self):
        wire = self.open()
        for sql, tag in [("CREATE SOURCE tagged (a INT) WITH (connector = 'log', topic = 'tagged') FORMAT PLAIN ENCODE JSON", "CREATE SOURCE"), ("CREATE VIEW tv AS SELECT a FROM tagged", "CREATE VIEW"),
                         ("INSERT INTO tagged VALUES (1), (2)", "INSERT 0 2"), ("CREATE MATERIALIZED VIEW tm AS SELECT a FROM tagged", "CREATE MATERIALIZED VIEW"),
                         ("SELECT * FROM tm", "SELECT 2"), ("SHOW timezone", "SHOW"), ("EXPLAIN SELECT 1", "EXPLAIN"), ("DROP MATERIALIZED VIEW tm", "DROP MATERIALIZED VIEW"),
                         ("DROP VIEW tv", "DROP VIEW"), ("SET timezone = 'UTC'", "SET"), ("RESET timezone", "RESET"), ("VALUES (1), (2), (3)", "SELECT 3"), ("FLUSH", "FLUSH")]:
            messages = wire.query(sql)
            self.assertEqual([m.tag() for m in messages if m.kind == "C"], [tag], messages)

    def test_changed_parameters_are_told(self):
        wire = self.open()
        messages = wire.query("SET TimeZone = 'Europe/Berlin'")
        self.assertEqual(kinds(messages), "CSZ")
        self.assertEqual(wire.parameters["TimeZone"], "Europe/Berlin")
        self.assertEqual(wire.rows("SELECT '2024-07-01 12:00:00Z'::timestamptz"), [["2024-07-01 14:00:00+02"]])
        wire.query("SET application_name = 'x'; RESET ALL")
        self.assertEqual((wire.parameters["TimeZone"], wire.parameters["application_name"]), ("UTC", ""))

    def test_many_rows(self):
        wire = self.open()
        rows = wire.rows("SELECT x, repeat('y', 100) FROM generate_series(1, 50000) AS g(x)")
        self.assertEqual(len(rows), 50_000)
        self.assertEqual(sorted(int(r[0]) for r in rows), list(range(1, 50_001)))

    def test_a_client_that_reads_slowly(self):
        wire = self.open()
        wire.send(packet("Q", text("SELECT repeat('y', 1000) FROM generate_series(1, 20000) AS g(x)")))
        time.sleep(0.5)  # 20 MB wait for it
        other = self.open()
        self.assertEqual(kinds(wire.until_ready()).count("D"), 20_000)
        self.assertEqual(other.rows("SELECT 1"), [["1"]])

    def test_terminate(self):
        wire = self.open()
        wire.send(TERMINATE)
        self.assertEqual(wire.last_words(), [])


class Extended(serving.ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with Wire.open(cls.address) as wire:
            wire.rows("CREATE TABLE x (id BIGINT PRIMARY KEY, v TEXT)")
            wire.rows("INSERT INTO x VALUES (1, 'one'), (2, 'two')")

    def send(self, wire, *messages):
        wire.send(b"".join(messages) + SYNC)
        return wire.until_ready()

    def test_parameters_are_described_and_bound(self):
        wire = self.open()
        messages = self.send(wire, parse("s", "SELECT v, $2::int + 1 AS n FROM x WHERE id = $1"), describe("S", "s"), bind("", "s", ["2", "41"]), describe("P", ""), execute(""))
        self.assertEqual(kinds(messages), "1tT2TDCZ")
        self.assertEqual(messages[1].body, bytes([0, 2, 0, 0, 0, 20, 0, 0, 0, 23]))
        self.assertEqual([c[0] for c in messages[2].columns()], ["v", "n"])
        self.assertEqual(messages[5].row(), ["two", "42"])
        messages = self.send(wire, bind("", "s", [None, "1"]), execute(""))
        self.assertEqual((kinds(messages), messages[1].tag()), ("2CZ", "SELECT 0"))

    def test_declared_types_count(self):
        messages = self.send(self.open(), parse("", "SELECT $1 AS a", [1700]), describe("S", ""), bind("", "", ["1.50"]), execute(""))
        self.assertEqual(messages[2].columns()[0][1], 1700)
        self.assertEqual(messages[4].row(), ["1.50"])

    def test_binary_parameters(self):
        wire = self.open()
        one = self.send(wire, parse("", "SELECT $1::int8, $2::float8, $3::bytea", [20, 701, 17]), bind("", "", [b"\xff" * 8, b"\x3f\xf8" + bytes(6), b"\0\1"], [1]), execute(""))
        self.assertEqual(one[2].row(), ["-1", "1.5", "\\x0001"])
        wrong = self.send(wire, parse("", "SELECT $1::int8", [20]), bind("", "", [b"\1\2\3"], [1]), execute(""))
        self.assertEqual(wrong[1].fields()["C"], "22P03")

    def test_row_limits_and_portals(self):
        wire = self.open()
        messages = self.send(wire, parse("", "SELECT g FROM generate_series(1, 5) AS t(g)"), bind("p", ""), execute("p", 2), execute("p", 2), execute("p", 2))
        self.assertEqual(kinds(messages), "12DDsDDsDCZ")
        self.assertEqual([m.row()[0] for m in messages if m.kind == "D"], ["1", "2", "3", "4", "5"])
        self.assertEqual(kinds(self.send(wire, execute("p"))), "EZ")  # Sync ended it
        wire.query("BEGIN")
        self.assertEqual(kinds(self.send(wire, bind("q", ""))), "EZ")  # a simple query ends the unnamed statement
        wire.query("ROLLBACK")

    def test_after_an_error_all_is_passed_over_up_to_sync(self):
        wire = self.open()
        messages = self.send(wire, parse("", "SELECT 1/0"), bind("", ""), execute(""), parse("", "SELECT 5"), bind("", ""), execute(""))
        self.assertEqual(kinds(messages), "12EZ")
        self.assertEqual(messages[2].fields()["C"], "22012")
        self.assertEqual(kinds(self.send(wire, parse("", "SELECT 5"), bind("", ""), execute(""))), "12DCZ")

    def test_wrong_names_and_numbers(self):
        wire = self.open()
        for message, code in ((bind("", "nosuch"), "26000"), (execute("nosuch"), "34000"), (describe("S", "nosuch"), "26000"), (describe("P", "nosuch"), "34000"),
                              (parse("", "SELECT 1; SELECT 2"), "42601"), (parse("", "SELECT nocol"), "42703"), (parse("", "SELECT $1", [999_999]), "0A000")):
            messages = self.send(wire, message)
            self.assertEqual((kinds(messages), messages[0].fields()["C"]), ("EZ", code))
        self.send(wire, parse("two", "SELECT $1::int, $2::int"))
        self.assertEqual(self.send(wire, bind("", "two", ["1"]))[0].fields()["C"], "08P01")
        self.assertEqual(self.send(wire, bind("", "two", ["1", "x"]))[0].fields()["C"], "22P02")
        self.assertEqual(self.send(wire, bind("", "two", ["1", "2"], [0, 0, 0]))[0].fields()["C"], "08P01")
        self.assertEqual(self.send(wire, bind("", "two", ["1", "2"], [], [1]))[0].fields()["C"], "0A000")
        self.assertEqual(self.send(wire, parse("two", "SELECT 1"))[0].fields()["C"], "42P05")
        self.assertEqual(kinds(self.send(wire, close("S", "two"), close("S", "two"), close("P", "nosuch"))), "333Z")
        self.assertEqual(self.send(wire, bind("", "two"))[0].fields()["C"], "26000")

    def test_statements_up_to_a_sync_are_one_transaction(self):
        wire, other = self.open(), self.open()
        wire.rows("CREATE TABLE synced (id BIGINT PRIMARY KEY)")
        self.send(wire, parse("i", "INSERT INTO synced VALUES ($1)"))
        insert = lambda value: bind("", "i", [value]) + execute("")
        rows = lambda: other.rows("SELECT id FROM synced ORDER BY id")
        messages = self.send(wire, insert("1"), insert("2"), insert("1"), insert("3"))
        self.assertEqual((kinds(messages), messages[-2].fields()["C"], messages[-1].body), ("2C2C2EZ", "23505", b"I"))
        self.assertEqual(rows(), [])
        wire.send(insert("1") + insert("2") + FLUSH)
        self.assertEqual([wire.receive().kind for _ in range(4)], ["2", "C", "2", "C"])
        self.assertEqual(rows(), [])  # nobody sees it before it is committed
        self.assertEqual(kinds(self.send(wire)), "Z")
        self.assertEqual(rows(), [["1"], ["2"]])
        self.assertEqual(kinds(self.send(wire, insert("3"))), "2CZ")
        self.assertEqual(kinds(self.send(wire, insert("4"), parse("", "SELECT nocol"))), "2CEZ")
        self.assertEqual(rows(), [["1"], ["2"], ["3"]])
        wire.send(insert("5") + TERMINATE)  # without a Sync: it never was
        self.assertEqual(kinds(wire.last_words()), "2C")
        self.assertEqual(rows(), [["1"], ["2"], ["3"]])

    def test_a_batch_that_another_session_gets_in_the_way_of(self):
        wire, other = self.open(), self.open()
        wire.rows("CREATE TABLE counter (id BIGINT PRIMARY KEY, n BIGINT)")
        wire.rows("INSERT INTO counter VALUES (1, 0)")
        self.send(wire, parse("u", "UPDATE counter SET n = n + 1 WHERE id = 1"))
        wire.send(bind("", "u") + execute("") + FLUSH)
        self.assertEqual([wire.receive().kind for _ in range(2)], ["2", "C"])
        other.rows("UPDATE counter SET n = 100 WHERE id = 1")
        messages = self.send(wire)
        self.assertEqual((kinds(messages), messages[0].fields()["C"]), ("EZ", "40001"))
        self.assertEqual(kinds(self.send(wire, bind("", "u"), execute(""))), "2CZ")  # a statement with its Sync is not in anybody's way
        self.assertEqual(wire.rows("SELECT n FROM counter"), [["101"]])

    def test_flush_answers_before_sync(self):
        wire = self.open()
        wire.send(parse("", "SELECT 1") + describe("S", "") + FLUSH)
        self.assertEqual([wire.receive().kind for _ in range(3)], ["1", "t", "T"])
        self.assertEqual(kinds(self.send(wire)), "Z")

    def test_empty_statements(self):
        self.assertEqual(kinds(self.send(self.open(), parse("", ""), describe("S", ""), bind("", ""), execute(""))), "1tn2IZ")

    def test_transaction_status(self):
        wire = self.open()
        self.assertEqual(wire.query("BEGIN")[-1].body, b"T")
        self.assertEqual(self.send(wire, parse("", "INSERT INTO x VALUES (7, 'seven')"), bind("", ""), execute(""))[-1].body, b"T")
        self.assertEqual(wire.query("SELEC")[-1].body, b"E")
        self.assertEqual(wire.error("SELECT 1")["C"], "25P02")
        messages = wire.query("COMMIT")
        self.assertEqual((messages[0].tag(), messages[-1].body), ("ROLLBACK", b"I"))
        self.assertEqual(wire.rows("SELECT id FROM x WHERE id = 7"), [])


class Copy(serving.ServerTest):
    def test_to_stdout(self):
        wire = self.open()
        wire.rows("CREATE TABLE o (id BIGINT PRIMARY KEY, v TEXT)")
        wire.rows("INSERT INTO o VALUES (1, 'a'), (2, NULL)")
        messages = wire.query("COPY (SELECT * FROM o ORDER BY id) TO STDOUT; SELECT 1")
        self.assertEqual(kinds(messages).replace("dd", "d"), "HdcCTDCZ")
        self.assertEqual(b"".join(m.body for m in messages if m.kind == "d"), b"1\ta\n2\t\\N\n")
        self.assertEqual([m.tag() for m in messages if m.kind == "C"], ["COPY 2", "SELECT 1"])

    def test_from_stdin(self):
        wire = self.open()
        wire.rows("CREATE TABLE i (id BIGINT PRIMARY KEY, v TEXT)")
        wire.send(packet("Q", text("COPY i FROM STDIN; SELECT count(*) FROM i")))
        self.assertEqual(wire.receive().kind, "G")
        wire.send(packet("d", b"1\tone\n2\t") + packet("d", b"\\N\n") + packet("c"))
        messages = wire.until_ready()
        self.assertEqual([m.tag() for m in messages if m.kind == "C"], ["COPY 2", "SELECT 1"])
        self.assertEqual(wire.rows("SELECT id, v FROM i ORDER BY id"), [["1", "one"], ["2", None]])

    def test_from_stdin_that_fails(self):
        wire = self.open()
        wire.rows("CREATE TABLE f (id BIGINT PRIMARY KEY)")
        for end, code in ((packet("f", text("no more")), "57014"), (packet("d", b"x\n") + packet("c"), "22P02"), (packet("Q", text("SELECT 1")), "08P01")):
            wire.send(packet("Q", text("COPY f FROM STDIN")))
            self.assertEqual(wire.receive().kind, "G")
            wire.send(packet("d", b"1\n") + end)
            messages = wire.until_ready()
            self.assertEqual((kinds(messages), messages[0].fields()["C"]), ("EZ", code))
            self.assertEqual(wire.rows("SELECT * FROM f"), [])


class Clients(serving.ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with Wire.open(cls.address) as wire:
            wire.rows(ENDLESS)

    def test_sessions_have_settings_of_their_own_and_see_the_same_objects(self):
        one, two = self.open(), self.open()
        one.rows("SET TimeZone = 'Asia/Tokyo'")
        self.assertEqual(two.rows("SHOW timezone"), [["UTC"]])
        one.rows("CREATE SOURCE shared (a INT) WITH (connector = 'log', topic = 'shared') FORMAT PLAIN ENCODE JSON")
        two.rows("INSERT INTO shared VALUES (7)")
        self.assertEqual(one.rows("SELECT a FROM shared"), [["7"]])

    def test_many_clients_at_once(self):
        failures = []

        def work(number):
            try:
                with Wire.open(self.address) as wire:
                    for i in range(20):
                        got = wire.rows(f"SELECT {number} * 1000 + {i}")
                        if got != [[str(number * 1000 + i)]]:
                            failures.append((number, i, got))
            except Exception as error:
                failures.append((number, repr(error)))

        threads = [threading.Thread(target=work, args=(n,)) for n in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_cancel(self):
        wire = self.open()
        wire.send(packet("Q", text(LONG)))
        time.sleep(0.3)
        wire.cancel()
        messages = wire.until_ready()
        self.assertEqual(kinds(messages)[-2:], "EZ")
        fields = messages[-2].fields()
        self.assertEqual((fields["C"], fields["M"]), ("57014", "canceling statement due to user request"))
        self.assertEqual(wire.rows("SELECT 1"), [["1"]])

    def test_a_cancel_after_the_statement_cancels_nothing(self):
        wire = self.open()
        wire.rows("SELECT 1")
        wire.cancel()
        time.sleep(0.1)
        self.assertEqual(wire.rows("SELECT 2"), [["2"]])

    def test_statement_timeout(self):
        wire = self.open()
        wire.rows("SET statement_timeout = 200")
        fields = wire.error(LONG)
        self.assertEqual((fields["C"], fields["M"]), ("57014", "canceling statement due to statement timeout"))
        self.assertEqual(wire.rows("SELECT 1"), [["1"]])
        wire.rows("SET statement_timeout = '100 ms'")
        self.assertEqual(wire.error(LONG)["C"], "57014")
        wire.rows("SET statement_timeout = 0")
        self.assertEqual(wire.error("SET statement_timeout = 'soon'")["C"], "22023")

    def test_a_long_statement_does_not_hold_the_others_up(self):
        busy = self.open()
        busy.send(packet("Q", text(LONG)))
        time.sleep(0.3)
        other = self.open()
        other.socket.settimeout(20)
        self.assertEqual(other.rows("SELECT 1"), [["1"]])
        busy.cancel()
        self.assertEqual(busy.until_ready()[-2].fields()["C"], "57014")

    def test_a_client_that_goes_away_during_its_statement(self):
        for _ in range(5):
            wire = self.open(options="-c statement_timeout=1000")
            wire.send(packet("Q", text(LONG)))
            wire.socket.close()
        other = self.open()
        other.socket.settimeout(30)
        self.assertEqual(other.rows("SELECT 1"), [["1"]])


class Stopping(serving.ServerTest):
    def test_sigterm_ends_clients_and_a_restart_brings_everything_back(self):
        wire = self.open()
        wire.rows("CREATE SOURCE kept (k INT, v INT) WITH (connector = 'log', topic = 'kept') FORMAT PLAIN ENCODE JSON")
        wire.rows("INSERT INTO kept VALUES (1, 10)")
        wire.rows("CREATE MATERIALIZED VIEW sums AS SELECT k, sum(v) AS s FROM kept GROUP BY k")
        wire.rows("CREATE VIEW plain AS SELECT s FROM sums WHERE k = 1")
        wire.rows("INSERT INTO kept VALUES (1, 5), (2, 7)")
        self.assertEqual(sorted(wire.rows("SELECT * FROM sums")), [["1", "15"], ["2", "7"]])
        wire.rows(ENDLESS)
        busy = self.open()
        busy.send(packet("Q", text(LONG)))
        time.sleep(0.3)
        idle = self.open()
        waiting = self.connect()  # has not said who it is
        self.assertEqual(self.served.stop(signal.SIGTERM), 0)
        self.assertEqual(idle.last_words()[-1].fields()["C"], "57P01")
        self.assertEqual([m.fields()["C"] for m in busy.last_words() if m.kind == "E"][-1], "57P01")
        self.assertEqual([m.fields()["C"] for m in waiting.last_words()], ["57P03"])
        type(self).served = serving.Served(self.data)
        type(self).address = self.served.address
        again = self.open()
        self.assertEqual(sorted(again.rows("SELECT * FROM sums")), [["1", "15"], ["2", "7"]])
        self.assertEqual(again.rows("SELECT * FROM plain"), [["15"]])

    def test_the_command_line(self):
        def run(*arguments):
            return subprocess.run([serving.KAPPA, "serve", *arguments], capture_output=True, text=True, timeout=60, cwd=self.folder.name)

        for address, pattern in (("0.0.0.0:0", "listens on this machine only"), ("[::]:0", "this machine only"), ("8.8.8.8:5432", "this machine only"), ("nonsense", "not an address"),
                                 ("127.0.0.1:99999", "not an address"), ("127.0.0.1:x", "not an address"), (self.address, "cannot listen on")):
            ended = run("--data", "other", "--listen", address)
            self.assertEqual(ended.returncode, 1, ended)
            self.assertRegex(ended.stderr, pattern)
        ended = run("--data", self.data, "--listen", "127.0.0.1:0")
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(ended.stderr, "55006")
        self.assertEqual(run("--listn", "x").returncode, 1)


if __name__ == "__main__":
    serving.main()
