#!/usr/bin/env python3
"""psycopg 3 as people use it: drivers.py KAPPA [TEST...]"""
import datetime
import decimal
import threading
import time
import uuid

import psycopg

import serving


class Psycopg(serving.ServerTest):
    def connection(self, **options):
        host, port = self.address.rsplit(":", 1)
        connection = psycopg.connect(host=host, port=port, user="tester", dbname="db", connect_timeout=30, **options)
        self.addCleanup(connection.close)
        return connection

    def test_values_of_every_type_come_back(self):
        with self.connection(autocommit=True).cursor() as cursor:
            values = {"bool": True, "int2": 7, "int4": -70_000, "int8": 1 << 40, "float8": 0.1, "numeric": decimal.Decimal("1234.5600"), "text": "ä'\\\"\n", "bytea": b"\0\xff",
                      "date": datetime.date(2024, 2, 29), "time": datetime.time(23, 59, 59, 123456), "timestamp": datetime.datetime(2024, 1, 2, 3, 4, 5, 600),
                      "timestamptz": datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc), "interval": datetime.timedelta(days=3, seconds=61),
                      "uuid": uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), "jsonb": None}
            for name, value in values.items():
                row = cursor.execute(f"SELECT %s::{name}", (value,)).fetchone()
                self.assertEqual(row, (value,), name)
            self.assertEqual(cursor.execute("SELECT '{\"a\": [1, null]}'::jsonb").fetchone(), ({"a": [1, None]},))
            self.assertEqual(cursor.execute("SELECT ARRAY[1, 2, NULL], ARRAY['a', 'b']").fetchone(), ([1, 2, None], ["a", "b"]))
            self.assertEqual(cursor.execute("SELECT %s::int[]", ([1, 2],)).fetchone(), ([1, 2],))

    def test_statements_with_parameters(self):
        with self.connection(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE p (id BIGINT PRIMARY KEY, v TEXT, at TIMESTAMP)")
            when = datetime.datetime(2024, 5, 6, 7, 8, 9)
            cursor.executemany("INSERT INTO p VALUES (%s, %s, %s)", [(i, f"v{i}", when) for i in range(20)])
            self.assertEqual(cursor.execute("SELECT v, at FROM p WHERE id = %s", (7,)).fetchone(), ("v7", when))
            for i in range(20):  # after five times psycopg prepares it
                self.assertEqual(cursor.execute("SELECT v FROM p WHERE id = %s", (i,)).fetchall(), [(f"v{i}",)])
            self.assertEqual(cursor.execute("SELECT id FROM p WHERE v = ANY(%s) ORDER BY id", (["v3", "v1"],)).fetchall(), [(1,), (3,)])
            cursor.execute("UPDATE p SET v = %s WHERE id = %s RETURNING v", ("new", 3))
            self.assertEqual((cursor.fetchall(), cursor.rowcount), ([("new",)], 1))
            cursor.execute("DELETE FROM p WHERE id >= %s", (10,))
            self.assertEqual(cursor.rowcount, 10)
            self.assertEqual([c.name for c in cursor.execute("SELECT id, v AS w FROM p").description], ["id", "w"])

    def test_transactions(self):
        connection = self.connection()
        connection.execute("CREATE TABLE tx (id BIGINT PRIMARY KEY, n BIGINT)")
        connection.commit()
        other = self.connection(autocommit=True)
        connection.execute("INSERT INTO tx VALUES (1, 1), (2, 2)")
        self.assertEqual(connection.info.transaction_status, psycopg.pq.TransactionStatus.INTRANS)
        self.assertEqual(connection.execute("SELECT count(*) FROM tx").fetchone(), (2,))
        self.assertEqual(other.execute("SELECT count(*) FROM tx").fetchone(), (0,))
        connection.commit()
        self.assertEqual(other.execute("SELECT count(*) FROM tx").fetchone(), (2,))
        connection.execute("DELETE FROM tx")
        connection.rollback()
        self.assertEqual(other.execute("SELECT sum(n) FROM tx").fetchone(), (3,))
        with self.assertRaises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1/0")
        with self.assertRaises(psycopg.errors.InFailedSqlTransaction):
            connection.execute("SELECT 1")
        connection.rollback()
        self.assertEqual(connection.execute("SELECT 1").fetchone(), (1,))

    def test_errors(self):
        connection = self.connection(autocommit=True)
        with self.assertRaises(psycopg.errors.UndefinedTable) as caught:
            connection.execute("SELECT * FROM nosuch")
        self.assertEqual(caught.exception.diag.sqlstate, "42P01")
        self.assertEqual(caught.exception.diag.statement_position, "15")
        connection.execute("CREATE TABLE e (id BIGINT PRIMARY KEY)")
        connection.execute("INSERT INTO e VALUES (1)")
        with self.assertRaises(psycopg.errors.UniqueViolation) as caught:
            connection.execute("INSERT INTO e VALUES (1)")
        self.assertEqual(caught.exception.diag.message_detail, "Key (id)=(1) already exists.")
        with self.assertRaises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("SELECT * FROM e WHERE id = %s", ("x",))

    def test_binary_results_are_refused(self):
        connection = self.connection(autocommit=True)
        with self.assertRaises(psycopg.errors.FeatureNotSupported):
            connection.cursor(binary=True).execute("SELECT 1")
        self.assertEqual(connection.execute("SELECT 1").fetchone(), (1,))

    def test_pipeline_mode(self):
        connection = self.connection(autocommit=True)
        with connection.pipeline():
            cursors = [connection.execute("SELECT %s::int", (i,)) for i in range(30)]
        self.assertEqual([c.fetchone()[0] for c in cursors], list(range(30)))

    def test_cancel(self):
        connection = self.connection(autocommit=True)
        connection.execute("CREATE SOURCE forever (a BIGINT) WITH (connector = 'datagen', rows = 2000000000)")
        timer = threading.Timer(0.3, connection.cancel)
        timer.start()
        with self.assertRaises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT count(*) FROM forever")
        timer.join()
        self.assertEqual(connection.execute("SELECT 1").fetchone(), (1,))

    def test_a_view_follows_its_table(self):
        connection = self.connection(autocommit=True)
        connection.execute("CREATE TABLE orders (id BIGINT PRIMARY KEY, k INT, amount BIGINT)")
        connection.execute("CREATE MATERIALIZED VIEW totals AS SELECT k, sum(amount) AS total FROM orders GROUP BY k")
        for i in range(50):
            connection.execute("INSERT INTO orders VALUES (%s, %s, %s)", (i, i % 3, i))
        self.assertEqual(connection.execute("SELECT k, total FROM totals ORDER BY k").fetchall(), [(k, sum(range(k, 50, 3))) for k in range(3)])
        connection.execute("DELETE FROM orders WHERE k = 1")
        self.assertEqual(connection.execute("SELECT k FROM totals ORDER BY k").fetchall(), [(0,), (2,)])


if __name__ == "__main__":
    serving.main()
