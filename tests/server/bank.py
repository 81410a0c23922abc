"""The bank: transfers of 1 between accounts stream in over the wire, the server is killed (-9) and started again, and two clients read views all the time.
Whatever they read, money is neither made nor lost; at the end every transfer that was acknowledged is there, once.

    bank.py KAPPA [--transfers 1000000] [--reads 10000] [--kill-every 10] [--accounts 1000] [--seed N]
"""
import argparse
import collections
import os
import random
import signal
import sys
import tempfile
import threading
import time

import serving
from wire import Closed, Wire

OBJECTS = """
CREATE TABLE transfers (id BIGINT NOT NULL, debit INT NOT NULL, credit INT NOT NULL) APPEND ONLY;
CREATE MATERIALIZED VIEW debits AS SELECT debit AS account, count(*) AS total FROM transfers GROUP BY debit;
CREATE MATERIALIZED VIEW credits AS SELECT credit AS account, count(*) AS total FROM transfers GROUP BY credit;
CREATE MATERIALIZED VIEW balances AS
  SELECT coalesce(c.account, d.account) AS account, coalesce(c.total, 0) - coalesce(d.total, 0) AS balance
  FROM credits AS c FULL JOIN debits AS d ON c.account = d.account;
CREATE MATERIALIZED VIEW total AS SELECT coalesce(sum(balance), 0) AS money FROM balances;
CREATE MATERIALIZED VIEW moved AS SELECT count(*) AS transfers FROM transfers;
"""
# Each answers one row of one number: 0.
READS = ["SELECT money FROM total",
         "SELECT coalesce(sum(balance), 0) FROM balances",
         "SELECT coalesce((SELECT sum(total) FROM credits), 0) - coalesce((SELECT sum(total) FROM debits), 0)",
         "SELECT coalesce((SELECT sum(total) FROM debits), 0) - (SELECT transfers FROM moved)"]
BATCH = 1000
PATIENCE = 120
LOST = (Closed, ConnectionError, OSError, TimeoutError)


class Bank:
    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = tempfile.TemporaryDirectory(prefix="kappa-bank-")
        self.data = os.path.join(self.folder.name, "data")
        self.served = serving.Served(self.data)
        self.done = threading.Event()
        self.reads = collections.Counter()
        self.wrong, self.failures, self.kills = [], [], 0
        self.expected = collections.Counter()

    def connect(self):
        """A connection to whatever server runs now; while it is being started again, the next one."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return Wire.open(self.served.address)
            except LOST:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def read(self, number):
        client = None
        choose = random.Random(self.arguments.seed + number)
        while not self.done.is_set() or self.reads[number] * 2 < self.arguments.reads:
            try:
                client = client or self.connect()
                sql = choose.choice(READS)
                rows = client.rows(sql)
                self.reads[number] += 1
                if rows != [["0"]]:
                    self.wrong.append((sql, rows))
                    return
            except LOST:
                client = None
            except AssertionError as error:  # the server is ending, or something is wrong
                self.failures.append(str(error))
                client = None
                if len(self.failures) > 100:
                    return

    def write(self):
        choose = random.Random(self.arguments.seed)
        accounts = self.arguments.accounts
        client, acknowledged, batch = None, 0, None
        while acknowledged < self.arguments.transfers:
            if batch is None:
                batch = [(acknowledged + i, choose.randrange(accounts), choose.randrange(accounts)) for i in range(BATCH)]
            try:
                if client is None:
                    client = self.connect()
                    client.query("FLUSH")
                    # The statement that was under way when the server died is there whole, or not at all.
                    there = int(client.rows("SELECT transfers FROM moved")[0][0])
                    if there not in (acknowledged, acknowledged + BATCH):
                        self.wrong.append(("acknowledged", acknowledged, there))
                        return
                    if there == acknowledged + BATCH:
                        acknowledged = self.settle(batch, acknowledged)
                        batch = None
                        continue
                values = ", ".join(f"({i}, {debit}, {credit})" for i, debit, credit in batch)
                answers = client.query(f"INSERT INTO transfers VALUES {values}")
                errors = [m.fields() for m in answers if m.kind == "E"]
                if errors:
                    self.failures.append(str(errors))
                    client = None
                    continue
                acknowledged = self.settle(batch, acknowledged)
                batch = None
            except LOST:
                client = None

    def settle(self, batch, acknowledged):
        for _, debit, credit in batch:
            self.expected[debit] -= 1
            self.expected[credit] += 1
        return acknowledged + len(batch)

    def run(self):
        with Wire.open(self.served.address) as client:
            for statement in OBJECTS.strip().split(";"):
                if statement.strip():
                    errors = [m.fields() for m in client.query(statement) if m.kind == "E"]
                    assert not errors, (statement, errors)
        begin = time.monotonic()
        writer = threading.Thread(target=self.write)
        readers = [threading.Thread(target=self.read, args=(number,)) for number in range(2)]
        for thread in [writer, *readers]:
            thread.start()
        next_kill = time.monotonic() + self.arguments.kill_every
        while writer.is_alive() or any(reader.is_alive() for reader in readers):
            writer.join(timeout=0.1)
            if not writer.is_alive():
                self.done.set()
            if time.monotonic() > next_kill and writer.is_alive():
                self.served.stop(signal.SIGKILL)
                self.kills += 1
                self.served = serving.Served(self.data)
                next_kill = time.monotonic() + self.arguments.kill_every
        with self.connect() as client:
            client.query("FLUSH")
            balances = {int(account): int(balance) for account, balance in client.rows("SELECT account, balance FROM balances")}
            moved = int(client.rows("SELECT transfers FROM moved")[0][0])
        if moved != self.arguments.transfers and not self.wrong:
            self.wrong.append(("transfers", moved))
        differ = [account for account in balances if balances[account] != self.expected[account]]
        if differ:
            self.wrong.append(("balances", len(differ)))
        code = self.served.stop()
        print(f"{moved} transfers, {self.kills} kills, {sum(self.reads.values())} reads, {len(self.wrong)} wrong, "
              f"{time.monotonic() - begin:.0f} s; answered with an error: {len(self.failures)}")
        for what in [*self.wrong, *self.failures[:3]]:
            print(what)
        self.folder.cleanup()
        return 0 if not self.wrong and code == 0 and sum(self.reads.values()) >= self.arguments.reads and self.kills > 0 else 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kappa")
    parser.add_argument("--transfers", type=int, default=1_000_000)
    parser.add_argument("--reads", type=int, default=10_000)
    parser.add_argument("--kill-every", type=float, default=10)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    serving.KAPPA = arguments.kappa
    sys.exit(Bank(arguments).run())


if __name__ == "__main__":
    main()
