#!/usr/bin/env python3
"""Transactions over several tables, killed between the appends that one is made of.   transactions.py KAPPA

A transaction inserts into two tables and changes a third. It is killed where it is decided and no table has it, and after each table that has; the
engine that starts next is killed while it finishes what was left, and so is the one after it. Whatever happened, all three tables have the same
transactions: every one that was acknowledged, and the one that was decided.
"""
import os
import signal
import subprocess
import sys
import tempfile

PATIENCE = 60
TABLES = 3
COUNT = 12


def shell(kappa, data, script, kill_at=""):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KAPPA_")}
    if kill_at:
        environment["KAPPA_KILL_AT"] = kill_at
    return subprocess.run([kappa, "shell", "--data", data, "--format", "csv"], input=script, capture_output=True, text=True, timeout=PATIENCE, env=environment, check=False)


def transaction(i):
    return f"BEGIN; INSERT INTO a VALUES ({i}); INSERT INTO b VALUES ({i}, 'row {i}'); UPDATE total SET n = n + 1, sum = sum + {i}; COMMIT;\n"


def is_atomic(kappa, point, passes, kills_in_recovery):
    with tempfile.TemporaryDirectory(prefix="kappa-transactions-") as folder:
        data = os.path.join(folder, "data")
        made = shell(kappa, data, "CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY, name TEXT); "
                                  "CREATE TABLE total (one INT PRIMARY KEY, n INT, sum INT); INSERT INTO total VALUES (1, 0, 0);\n")
        if made.returncode != 0:
            sys.exit(made.stderr)
        killed = shell(kappa, data, "".join(transaction(i) for i in range(1, COUNT + 1)), f"{point}:{passes}")
        what = f"{point}:{passes}, {kills_in_recovery} kills in recovery"
        if killed.returncode != -signal.SIGKILL:
            print(f"FAILED {what}: the shell ended with {killed.returncode}: {killed.stderr}")
            return False
        recovery_kills = 0
        for _ in range(kills_in_recovery):
            recovery_kills += shell(kappa, data, "SELECT count(*) FROM b;\n", "transaction-between-tables:1").returncode == -signal.SIGKILL
        read = shell(kappa, data, "SELECT (SELECT count(*) FROM a) || ' ' || (SELECT sum(id) FROM a) || ' ' || (SELECT count(*) FROM b) || ' ' || (SELECT sum(id) FROM b) || ' ' || n || ' ' || sum AS told FROM total;\n"
                                 + transaction(100) + "SELECT n AS after FROM total;\n")
        decided = passes if point == "transaction-recorded" else -(-passes // TABLES)
        total = decided * (decided + 1) // 2
        lines = read.stdout.split("\n")
        if f"{decided} {total} " * 2 + f"{decided} {total}" not in lines or str(decided + 1) not in lines:
            print(f"FAILED {what}: wanted {decided} transactions in each table: {read.stdout} {read.stderr}")
            return False
        # All tables but one are left to recovery at 'recorded', and after the last one's append none.
        left = TABLES if point == "transaction-recorded" else (TABLES - passes % TABLES) % TABLES
        if recovery_kills != min(left, kills_in_recovery):
            print(f"FAILED {what}: recovery was killed {recovery_kills} times, {left} tables were left to it")
            return False
        return True


def main():
    kappa, cases, failed = os.path.abspath(sys.argv[1]), 0, 0
    for point, passes in (("transaction-recorded", 1), ("transaction-recorded", 5), ("transaction-between-tables", 1), ("transaction-between-tables", 2),
                          ("transaction-between-tables", 3), ("transaction-between-tables", 14)):
        for kills_in_recovery in (0, 2):
            cases += 1
            failed += not is_atomic(kappa, point, passes, kills_in_recovery)
    print(f"transactions over {TABLES} tables: {cases} kills between their appends, {failed} torn")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
