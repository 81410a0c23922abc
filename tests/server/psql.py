#!/usr/bin/env python3
"""psql over the wire: what it prints, and that its \\d family is answered: psql.py KAPPA [TEST...]"""
import subprocess

import serving

OBJECTS = """CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT NOT NULL, x NUMERIC(10,2) DEFAULT 3, a INT[]);
CREATE INDEX ti ON t (name);
CREATE VIEW v AS SELECT id, name FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT count(*) AS n FROM t;
COMMENT ON TABLE t IS 'a table';
CREATE SCHEMA other;
CREATE TABLE other.u (a INT);
"""


class Psql(serving.ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = cls.psql_of(cls.address, OBJECTS)
        assert made.returncode == 0, made

    @staticmethod
    def psql_of(address, text, *arguments):
        host, port = address.rsplit(":", 1)
        return subprocess.run(["psql", "-X", "-h", host, "-p", port, "-U", "tester", "-v", "ON_ERROR_STOP=1", *arguments, "db"], input=text, capture_output=True, text=True, timeout=60,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})

    def psql(self, text, *arguments):
        return self.psql_of(self.address, text, *arguments)

    def shows(self, text, *arguments):
        ended = self.psql(text, *arguments)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""), ended)
        return ended.stdout

    def test_rows(self):
        self.assertEqual(self.shows("SELECT 1 AS a, NULL AS b, 'x' AS c;"), " a | b | c \n---+---+---\n 1 |   | x\n(1 row)\n\n")
        self.assertEqual(self.shows("SELECT x, x * 1.5 FROM generate_series(1, 3) AS g(x);", "-A", "-t"), "1|1.5\n2|3.0\n3|4.5\n")

    def test_tags_and_errors(self):
        self.assertEqual(self.shows("CREATE TABLE tags (a INT PRIMARY KEY); INSERT INTO tags VALUES (1), (2); UPDATE tags SET a = 3 WHERE a = 2; DELETE FROM tags; DROP TABLE tags;"),
                         "CREATE TABLE\nINSERT 0 2\nUPDATE 1\nDELETE 2\nDROP TABLE\n")
        ended = self.psql("SELECT nocol FROM t;")
        self.assertEqual(ended.returncode, 3)
        self.assertIn('ERROR:  column "nocol" does not exist\nLINE 1: SELECT nocol FROM t;\n               ^\n', ended.stderr)

    def test_a_table_is_described(self):
        self.assertEqual(self.shows("\\d t"), """                    Table "public.t"
 Column |     Type      | Collation | Nullable | Default 
--------+---------------+-----------+----------+---------
 id     | bigint        |           | not null | 
 name   | text          |           | not null | 
 x      | numeric(10,2) |           |          | 3
 a      | integer[]     |           |          | 
Indexes:
    "t_pkey" PRIMARY KEY, btree (id)
    "ti" btree (name)

""")

    def test_views_and_indexes_are_described(self):
        self.assertIn('View "public.v"', self.shows("\\d v"))
        self.assertIn("View definition:\n SELECT id, name FROM t;", self.shows("\\d+ v"))
        self.assertIn('Materialized view "public.mv"', self.shows("\\d mv"))
        self.assertIn('btree, for table "public.t"', self.shows("\\d ti"))
        self.assertIn("SELECT id, name FROM t", self.shows("\\sv v"))

    def test_lists(self):
        relations = self.shows("\\d", "-A", "-t").splitlines()
        for line in ("public|mv|materialized view|tester", "public|t|table|tester", "public|v|view|tester"):
            self.assertIn(line, relations)
        self.assertNotIn("other|u|table|tester", relations)  # not in the search path
        self.assertEqual(self.shows("\\dv", "-A", "-t"), "public|v|view|tester\n")
        self.assertEqual(self.shows("\\dm", "-A", "-t"), "public|mv|materialized view|tester\n")
        self.assertEqual(self.shows("\\di", "-A", "-t"), "public|t_pkey|index|tester|t\npublic|ti|index|tester|t\n")
        self.assertEqual(self.shows("\\dn", "-A", "-t"), "other|tester\npublic|tester\n")
        self.assertIn("other|u|table|tester", self.shows("\\dt other.*", "-A", "-t"))
        self.assertIn("db|tester|UTF8|C|C|", self.shows("\\l", "-A", "-t"))
        self.assertIn("tester|Superuser", self.shows("\\du", "-A", "-t"))
        self.assertIn("a table", self.shows("\\dt+ t", "-A", "-t"))

    def test_every_other_list_is_answered(self):
        for command in ("df", "dT", "ds", "dx", "db", "dp", "dd", "dC", "do", "dy", "dE", "dc", "da", "dD", "des", "dew", "deu", "dF", "dFd", "dg", "dL", "dO", "drds", "dRp", "dRs", "dX",
                        "z", "l+", "d+", "dn+", "dt+", "dv+", "dm+", "di+", "du+", "df+", "dA", "dAc", "conninfo", "d *.*", "d t*", "dconfig"):
            ended = self.psql(f"\\{command}\n")
            self.assertEqual(ended.returncode, 0, (command, ended.stderr))
            self.assertNotIn("ERROR", ended.stderr, command)

    def test_an_unknown_relation(self):
        self.assertIn('Did not find any relation named "nosuch".', self.psql("\\d nosuch").stderr)

    def test_information_schema(self):
        self.assertEqual(self.shows("SELECT table_name, table_type FROM information_schema.tables WHERE table_name IN ('t', 'v', 'mv') ORDER BY 1;", "-A", "-t"),
                         "mv|MATERIALIZED VIEW\nt|BASE TABLE\nv|VIEW\n")
        self.assertEqual(self.shows("SELECT column_name, data_type, is_nullable, numeric_precision, numeric_scale FROM information_schema.columns WHERE table_name = 't' ORDER BY ordinal_position;",
                                    "-A", "-t"), "id|bigint|NO|64|0\nname|text|NO||\nx|numeric|YES|10|2\na|ARRAY|YES||\n")
        self.assertIn("public", self.shows("SELECT schema_name FROM information_schema.schemata;"))

    def test_who_and_where(self):
        self.assertEqual(self.shows("SELECT current_user, session_user, current_database(), current_schema, current_schemas(false), split_part(version(), ' ', 2);", "-A", "-t"),
                         "tester|tester|db|public|{public}|15.0\n")
        self.assertEqual(self.shows("SELECT 't'::regclass::oid = oid, oid::regclass FROM pg_class WHERE relname = 't';", "-A", "-t"), "t|t\n")

    def test_system_catalogs_do_not_stand_in_views(self):
        ended = self.psql("CREATE VIEW c AS SELECT relname FROM pg_class;")
        self.assertIn("0A000", self.psql("\\set VERBOSITY verbose\nCREATE MATERIALIZED VIEW c AS SELECT relname FROM pg_class;").stderr)
        self.assertIn("ERROR", ended.stderr)

    def test_transactions_and_variables(self):
        self.assertEqual(self.shows("BEGIN; INSERT INTO t VALUES (100, 'x'); ROLLBACK; SELECT count(*) FROM t WHERE id = 100;", "-A", "-t", "-q"), "0\n")
        self.assertEqual(self.shows("\\set n 7\nSELECT :n + 1;\n\\echo :SERVER_VERSION_NAME :DBNAME", "-A", "-t").splitlines()[0], "8")
        self.assertEqual(self.shows("SELECT 1 AS one \\gset\nSELECT :one + 1;", "-A", "-t"), "2\n")


if __name__ == "__main__":
    serving.main()
