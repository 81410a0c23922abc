#!/usr/bin/env python3
"""What functions cost within a query, compiled and inlined, beside the same by hand.

    bench/expressions.py BUILD [ROWS = 1000000] [ROUNDS = 5]

A query counts the rows for which each of eight conditions holds that differ in a constant; the same query without them is taken off, and the rest
divided by rows and conditions: nanoseconds a condition, its comparison too. By hand: the row of that name of bench/function_bench in the same rounds,
where there is one. Minimum of the rounds on both sides: other work on the machine only ever adds."""
import json
import os
import subprocess
import sys
import tempfile

SITES = ["https://www.nexmark.com/", "https://shop.example.org/", "http://localhost:8080/", "https://www.example.com/"]
WORDS = ["items", "channel", "user", "cart", "search", "api", "v2", "static"]
# name of function_bench's row -> eight conditions, none of which the compiler could make one of
EXPRESSIONS = {
    "url LIKE '%channel%'": [f"url LIKE '%{i}channel%'" for i in range(1, 9)],
    "url LIKE 'https://%_id=1%'": [f"url LIKE 'https://%\\_id={i}%'" for i in range(1, 9)],
    "split_part(url, '/', 4)": [f"split_part(url, '/', {i}) = 'items'" for i in range(1, 9)],
    "price * 0.908": [f"price * 0.90{i} = 1.5" for i in range(1, 9)],
    "price + 1.50": [f"price + 1.5{i} = 1.5" for i in range(1, 9)],
    "to_char(ts, 'YYYY-MM-DD HH24:MI')": [f"to_char(ts, 'YYYY-MM-DD HH24:MI {i}') = '2015'" for i in range(1, 9)],
    "date_trunc(unit, ts)": [f"date_trunc('{u}', ts) = TIMESTAMP '2015-07-15 01:00:00'" for u in "second minute hour day week month quarter year".split()],
    "extract(field FROM ts)": [f"extract({f} FROM ts) = 77" for f in "second minute hour day dow doy month year".split()],
}


def records(path, count):
    state = 42

    def following(n):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (state >> 33) % n

    with open(path, "w", encoding="utf-8") as out:
        for i in range(count):
            url = f"{SITES[following(4)]}{WORDS[following(8)]}/{WORDS[following(8)]}/item.htm?query=1&{WORDS[following(8)]}_id={following(1 << 20)}"
            price = following(1000000)
            seconds = i // 1000
            time = f"2015-07-15 {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{i % 1000:03d}"
            out.write(f'{{"url":"{url}","price":"{price // 100}.{price % 100:02d}","ts":"{time}"}}\n')


def main():
    build = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "records.json")
        records(path, count)
        with open(f"{folder}/source.sql", "w") as out:
            out.write("CREATE SOURCE t (url TEXT NOT NULL, price NUMERIC NOT NULL, ts TIMESTAMP NOT NULL) WITH (${SOURCE}, validate = '${VALIDATE}') FORMAT PLAIN ENCODE JSON;\n")
        counts = {"": "count(*) FILTER (WHERE url = '') AS a, count(*) FILTER (WHERE price = 0.001) AS b, count(*) FILTER (WHERE ts = TIMESTAMP '2000-01-01') AS c"}
        for name, conditions in EXPRESSIONS.items():
            counts[name] = counts[""] + "".join(f", count(*) FILTER (WHERE {condition}) AS c{i}" for i, condition in enumerate(conditions))
        best, hand = {}, {}
        for number, (name, items) in enumerate(counts.items()):
            with open(f"{folder}/e{number}.sql", "w") as out:
                out.write(f"CREATE SINK s AS SELECT {items} FROM t WITH (connector = 'blackhole');\n")
        for _ in range(rounds):
            done = subprocess.run([f"{build}/bench/function_bench", str(count), "1"], capture_output=True, text=True, check=True)
            for line in done.stdout.splitlines():
                cells = [cell.strip() for cell in line.split("|")]
                if len(cells) > 5 and cells[1].startswith("`"):
                    hand[cells[1].strip("`")] = min(hand.get(cells[1].strip("`"), 1e9), float(cells[4]))
            for number, name in enumerate(counts):
                command = [f"{build}/bench/kappa_bench", "--queries", folder, "--query", f"e{number}", "--file", path, "--repeat", "3"]
                done = subprocess.run(command, capture_output=True, text=True)
                if done.returncode != 0:
                    sys.exit(done.stderr)
                seconds = min(json.loads(line)["cpu_seconds"] for line in done.stdout.splitlines())
                best[name] = min(best.get(name, 1e9), seconds)
    print(f"{'expression':40}{'kappa, ns':>10}{'by hand, ns':>13}{'ratio':>7}")
    for name in EXPRESSIONS:
        nanos = (best[name] - best[""]) / count / 8 * 1e9
        ratio = f"{nanos / hand[name]:7.2f}" if name in hand else ""
        print(f"{name:40}{nanos:10.1f}{hand.get(name, float('nan')):13.1f}{ratio}")


main()
