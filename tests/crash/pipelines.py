"""The pipelines that are killed, and what each must have written: an oracle over the rows that were fed, in plain Python.

An oracle is told the rows of each input partition in their order. `complete` answers the sink's contents once everything was read; `torn` answers what is
wrong with contents that a reader sees at any moment ("" when nothing is): they must be those of whole epochs.
"""
import collections
import datetime

PARTITIONS = 2
DELAY_SECONDS = 2
DELETED = "(deleted)"   # marks the key of a record without a value
START = datetime.datetime(2024, 1, 1)

SOURCE = f"""CREATE SOURCE e (id BIGINT, a INT, b INT, v INT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '{DELAY_SECONDS} seconds')
  WITH (connector = 'log', topic = 'e', idle_timeout = '{{idle_timeout}}') FORMAT PLAIN ENCODE JSON;
"""


def time_text(seconds):
    """As kappa prints a timestamp."""
    moment = START + datetime.timedelta(milliseconds=round(seconds * 1000))
    return moment.strftime("%Y-%m-%d %H:%M:%S") + (f".{moment.microsecond:06}".rstrip("0") if moment.microsecond else "")


def row(**columns):
    """A row that can be counted."""
    return tuple(sorted(columns.items()))


def excess(rows, allowed):
    """How many of `rows` are there more often than in `allowed`."""
    return sum((rows - allowed).values())


class Pipeline:
    """name; query, the SELECT; emit, its EMIT clause; key, of an updating result ("" where rows are only added); log_partitions, of its log sink;
    silences, whether partitions of the input fall silent for longer than idle_timeout and come back."""
    emit = ""
    key = ""
    log_partitions = 1
    stateful = True
    idle_timeout = "1 hour"
    silences = False

    def program(self, folder, rollover, topic="out", idle_timeout=""):
        form = "FORMAT UPSERT ENCODE JSON" if self.key else "FORMAT PLAIN ENCODE JSON"
        primary = f", primary_key = '{self.key}'" if self.key else ""
        sink = "CREATE SINK {name} AS {query} {emit} WITH ({options}" + primary + ") " + form + ";\n"
        return SOURCE.format(idle_timeout=idle_timeout or self.idle_timeout) + sink.format(name="to_log", query=self.query, emit=self.emit,
                                    options=f"connector = 'log', topic = '{topic}', partitions = {self.log_partitions}") + sink.format(
            name="to_file", query=self.query, emit=self.emit, options=f"connector = 'file', path = '{folder}', rollover.interval = '{rollover}'")

    def dead_letters(self, fed):
        """(query, partition, offset) of each row that must be among the dead letters."""
        return collections.Counter()

    def repeated(self, records):
        """How many records of an updating result say again what was said before: each change of a group counts up its n."""
        seen, count = {}, 0
        for record in records:
            if DELETED in record:
                continue
            key = tuple(record[name] for name in self.key.split(","))
            count += key in seen and record.get("n", 0) <= seen[key]
            seen[key] = max(record.get("n", 0), seen.get(key, -1))
        return count

    def contents(self, records):
        """Of a sink: the multiset of rows, or of an updating result the last row of each key."""
        if not self.key:
            return collections.Counter(row(**record) for record in records)
        last = {}
        for record in records:
            key = tuple(record[name] for name in self.key.split(","))
            if DELETED in record:
                last.pop(key, None)
            else:
                last[key] = record
        return collections.Counter(row(**record) for record in last.values())


class Stateless(Pipeline):
    """Each row is answered by the rows of of_row(row)."""
    stateful = False

    def complete(self, fed):
        return collections.Counter(out for rows in fed for r in rows for out in self.of_row(r))

    def torn(self, contents, fed):
        for number, rows in enumerate(fed):
            answered = [all(out in contents for out in self.of_row(r)) for r in rows if self.of_row(r)]
            touched = [any(out in contents for out in self.of_row(r)) for r in rows if self.of_row(r)]
            if answered != sorted(answered, reverse=True) or touched != answered:
                return f"what is visible of input partition {number} is not a beginning of it"
        return ""


class Filter(Stateless):
    name = "filter"
    query = "SELECT id, a, v FROM e WHERE v % 3 <> 1"

    def of_row(self, r):
        return [row(id=r["id"], a=r["a"], v=r["v"])] if r["v"] % 3 != 1 else []


class Pairs(Stateless):
    name = "pairs"
    query = "SELECT id, 1 AS side FROM e UNION ALL SELECT id, 2 AS side FROM e"

    def of_row(self, r):
        return [row(id=r["id"], side=1), row(id=r["id"], side=2)]


class Transfers(Pipeline):
    """A keyed aggregate whose totals cancel at every epoch's end."""
    name = "transfers"
    key = "k"
    query = ("SELECT k, count(*) AS n, sum(v) AS total FROM (SELECT a AS k, v FROM e UNION ALL SELECT b AS k, -v AS v FROM e) AS moves GROUP BY k")

    def complete(self, fed):
        groups = {}
        for r in (r for rows in fed for r in rows):
            for k, v in ((r["a"], r["v"]), (r["b"], -r["v"])):
                n, total = groups.get(k, (0, 0))
                groups[k] = (n + 1, total + v)
        return collections.Counter(row(k=k, n=n, total=total) for k, (n, total) in groups.items())

    def torn(self, contents, fed):
        rows = [dict(r) for r in contents.elements()]
        total, count = sum(r["total"] for r in rows), sum(r["n"] for r in rows)
        return f"totals add up to {total} over {count} moves" if total != 0 or count % 2 != 0 else ""


class Spread(Transfers):
    """Over several partitions of the log, each of which shows whole epochs by itself, as Kafka's do: a reader of all may see them apart."""
    name = "spread"
    log_partitions = 3


class Global(Pipeline):
    name = "global"
    key = "one"
    query = "SELECT 1 AS one, count(*) AS n, sum(v) AS total, sum(-v) AS negative FROM e"

    def complete(self, fed):
        rows = [r for part in fed for r in part]
        total = sum(r["v"] for r in rows)
        return collections.Counter([row(one=1, n=len(rows), total=total, negative=-total)])

    def torn(self, contents, fed):
        for r in contents:
            columns = dict(r)
            if columns["n"] > 0 and columns["total"] + columns["negative"] != 0:
                return f"a total that was never true: {columns}"
        return ""


class Distinct(Pipeline):
    name = "distinct"
    key = "g,side"
    query = "SELECT DISTINCT g, side FROM (SELECT id / 7 AS g, 1 AS side FROM e UNION ALL SELECT id / 7 AS g, 2 AS side FROM e) AS both_sides"

    def complete(self, fed):
        return collections.Counter(row(g=g, side=side) for g in {r["id"] // 7 for rows in fed for r in rows} for side in (1, 2))

    def repeated(self, records):
        return len(records) - len({(r["g"], r["side"]) for r in records})   # nothing ever leaves it

    def torn(self, contents, fed):
        sides = collections.Counter(dict(r)["g"] for r in contents)
        alone = [g for g, count in sides.items() if count != 2]
        return f"one side without the other: {alone[:5]}" if alone else ""


class Windows(Pipeline):
    """ON WINDOW CLOSE: each window once, with every row that was not late by its own partition's watermark when it came."""
    emit = "EMIT ON WINDOW CLOSE"

    def complete(self, fed):
        groups = collections.defaultdict(lambda: [0, 0])
        for _, _, r, late in self.judged(fed):
            for start in [] if late else self.windows(r["seconds"]):
                groups[start, r["a"]][0] += 1
                groups[start, r["a"]][1] += r["v"]
        return collections.Counter(row(window_start=time_text(start), a=a, n=n, total=total) for (start, a), (n, total) in groups.items())

    def judged(self, fed):
        """partition, offset, row, whether it is late: its slice had ended by its own partition's watermark when it came."""
        for partition, rows in enumerate(fed):
            watermark = float("-inf")
            for offset, r in enumerate(rows):
                yield partition, offset, r, (r["seconds"] // self.slide + 1) * self.slide <= watermark
                watermark = max(watermark, r["seconds"] - DELAY_SECONDS)

    def dead_letters(self, fed):
        """Late rows, once for each of the two queries."""
        return collections.Counter({(query, partition, offset): 1 for query in ("to_log", "to_file") for partition, offset, _, late in self.judged(fed) if late})

    def windows(self, seconds):
        last = seconds // self.slide * self.slide
        return [last - i * self.slide for i in range(self.size // self.slide)]

    def torn(self, contents, fed):
        seen, full = (collections.Counter(dict(r)["window_start"] for r in rows) for rows in (contents, self.complete(fed)))
        part = [start for start, count in seen.items() if count != full[start]]
        return f"a part of the window {part[0]}" if part else ""


class Tumbling(Windows):
    name = "tumbling"
    slide, size = 2, 2
    query = "SELECT window_start, a, count(*) AS n, sum(v) AS total FROM TUMBLE(e, ts, INTERVAL '2 s') GROUP BY window_start, a"


class Idle(Tumbling):
    """Partitions fall silent and come back. When they did, the time log knows and nobody else: a row may be late by it. What is not among the dead
    letters is in its window, once; and a second program that reads the same log afterwards comes to the same windows and the same late rows."""
    name = "idle"
    idle_timeout = "40 ms"
    silences = True

    def judged(self, fed):
        """By nobody: see of_letters."""
        return ((partition, offset, r, False) for partition, rows in enumerate(fed) for offset, r in enumerate(rows))

    def of_letters(self, fed, letters):
        """The windows, when these (query, partition, offset) were late."""
        late = {(partition, offset) for _, partition, offset in letters}
        return self.complete([[r for offset, r in enumerate(rows) if (partition, offset) not in late] for partition, rows in enumerate(fed)])

    def torn(self, contents, fed):
        return ""   # of how many groups a window has when it closes, the time log decides


class Hopping(Windows):
    name = "hopping"
    slide, size = 2, 6
    query = "SELECT window_start, a, count(*) AS n, sum(v) AS total FROM HOP(e, ts, INTERVAL '2 s', INTERVAL '6 s') GROUP BY window_start, a"


class Cumulating(Windows):
    name = "cumulating"
    slide, size = 2, 6
    query = "SELECT window_start, window_end, a, count(*) AS n, sum(v) AS total FROM CUMULATE(e, ts, INTERVAL '2 s', INTERVAL '6 s') GROUP BY window_start, window_end, a"

    def complete(self, fed):
        groups = collections.defaultdict(lambda: [0, 0])
        for _, _, r, late in self.judged(fed):
            start = r["seconds"] // self.size * self.size
            for end in [] if late else range(int(start) + self.slide, int(start) + self.size + 1, self.slide):
                if end > r["seconds"]:
                    groups[start, end, r["a"]][0] += 1
                    groups[start, end, r["a"]][1] += r["v"]
        return collections.Counter(
            row(window_start=time_text(start), window_end=time_text(end), a=a, n=n, total=total) for (start, end, a), (n, total) in groups.items())

    def torn(self, contents, fed):
        def of(rows):
            return collections.Counter((dict(r)["window_start"], dict(r)["window_end"]) for r in rows)
        full = of(self.complete(fed))
        part = [window for window, count in of(contents).items() if count != full[window]]
        return f"a part of the window {part[0]}" if part else ""


class Sessions(Windows):
    """Each session once, with every row of its partition that was not behind its own log partition's watermark when it came."""
    name = "sessions"
    gap = 700   # milliseconds
    query = ("SELECT a, window_start, window_end, count(*) AS n, sum(v) AS total FROM SESSION(e PARTITION BY a, ts, INTERVAL '700 ms') "
             "GROUP BY a, window_start, window_end")

    def judged(self, fed):
        for partition, rows in enumerate(fed):
            watermark = float("-inf")
            for offset, r in enumerate(rows):
                millis = round(r["seconds"] * 1000)
                yield partition, offset, r, millis < watermark
                watermark = max(watermark, millis - DELAY_SECONDS * 1000)

    def sessions(self, fed):
        """(end, a, start, n, total), in the order in which they close."""
        rows = sorted((r["a"], round(r["seconds"] * 1000), r["v"]) for _, _, r, late in self.judged(fed) if not late)
        sessions = []
        for a, millis, v in rows:
            if sessions and sessions[-1][1] == a and millis <= sessions[-1][0]:
                sessions[-1] = (millis + self.gap, a, sessions[-1][2], sessions[-1][3] + 1, sessions[-1][4] + v)
            else:
                sessions.append((millis + self.gap, a, millis, 1, v))
        return sorted(sessions)

    def complete(self, fed):
        return collections.Counter(row(a=a, window_start=time_text(start / 1000), window_end=time_text(end / 1000), n=n, total=total)
                                   for end, a, start, n, total in self.sessions(fed))

    def torn(self, contents, fed):
        complete = self.complete(fed)
        if excess(contents, complete):
            return "a session that is none"
        shown = [contents[r] > 0 for r in complete]   # in the order in which they close, those of one end together
        ends = [dict(r)["window_end"] for r in complete]
        for i in range(1, len(shown)):
            if shown[i] and not shown[i - 1]:
                return f"the session that ended at {ends[i - 1]} is missing"
            if shown[i - 1] and not shown[i] and ends[i] == ends[i - 1]:
                return f"a part of those that end at {ends[i]}"
        return ""


class Joined(Pipeline):
    """Each even id with the next one, twice: rows of both sides wait for each other over epochs and kills."""
    name = "joined"
    join = "JOIN"
    query = property(lambda self: "SELECT x.id, s.side, y.v AS w FROM (SELECT id / 2 AS g, id FROM e WHERE id % 2 = 0) AS x "
                     + self.join + " (SELECT id / 2 AS g, v FROM e WHERE id % 2 = 1) AS y ON x.g = y.g CROSS JOIN (VALUES (1), (2)) AS s(side)")

    def complete(self, fed):
        values = {r["id"]: r["v"] for rows in fed for r in rows}
        return collections.Counter(row(id=i, side=side, w=values.get(i + 1)) for i in values for side in (1, 2)
                                   if i % 2 == 0 and (self.key or i + 1 in values))

    def torn(self, contents, fed):
        sides = {}
        for r in map(dict, contents.elements()):
            sides.setdefault((r["id"], r["w"]), []).append(r["side"])
        apart = [row for row, both in sides.items() if sorted(both) != [1, 2]]
        return f"one side without the other: {apart[:5]}" if apart else ""


class Unmatched(Joined):
    """The same by an outer join: an even id is alone until the next one comes, in an epoch of its own or not."""
    name = "unmatched"
    join = "LEFT JOIN"
    key = "id,side"

    def repeated(self, records):
        return len(records) - len({(r["id"], r["side"], r["w"]) for r in records if DELETED not in r})


class Windows(Pipeline):
    """Window functions over each a by id: a row that comes in the middle moves all behind it."""
    name = "windows"
    key = "id"
    query = ("SELECT id, a, row_number() OVER w AS place, lag(v) OVER w AS before, sum(v) OVER (PARTITION BY a ORDER BY id ROWS 2 PRECEDING) AS s "
             "FROM e WINDOW w AS (PARTITION BY a ORDER BY id)")

    def complete(self, fed):
        result = collections.Counter()
        groups = collections.defaultdict(list)
        for r in sorted((r for rows in fed for r in rows), key=lambda r: r["id"]):
            group = groups[r["a"]]
            group.append(r["v"])
            known = [v for v in group[-3:] if v is not None]
            result[row(id=r["id"], a=r["a"], place=len(group), before=group[-2] if len(group) > 1 else None, s=sum(known) if known else None)] += 1
        return result

    def torn(self, contents, fed):
        places = collections.defaultdict(list)
        for r in map(dict, contents.elements()):
            places[r["a"]].append(r["place"])
        apart = [a for a, numbers in places.items() if sorted(numbers) != list(range(1, len(numbers) + 1))]
        return f"places that are missing or taken twice: {apart[:5]}" if apart else ""

    def repeated(self, records):
        """Rows only come: a row's place only grows, and what it says changes with it."""
        return len(records) - len({(r["id"], r["place"]) for r in records})


class Best(Pipeline):
    """The two best rows of each a."""
    name = "best"
    key = "a,place"
    query = ("SELECT a, place, id FROM (SELECT a, id, row_number() OVER (PARTITION BY a ORDER BY v DESC NULLS LAST, id) AS place FROM e) AS x "
             "WHERE place <= 2")

    def complete(self, fed):
        groups = collections.defaultdict(list)
        for r in (r for rows in fed for r in rows):
            groups[r["a"]].append((r["v"] is None, -(r["v"] or 0), r["id"]))
        return collections.Counter(row(a=a, place=place, id=best[2]) for a, group in groups.items() for place, best in enumerate(sorted(group)[:2], 1))

    def torn(self, contents, fed):
        rows = list(map(dict, contents.elements()))
        apart = [r["a"] for r in rows if r["place"] == 2 and not any(o["a"] == r["a"] and o["place"] == 1 for o in rows)]
        twice = len({(r["a"], r["id"]) for r in rows}) != len(rows)
        return f"a second without a first: {apart[:5]}" if apart else "a row at two places" if twice else ""

    def repeated(self, records):
        """A row that has gone down does not come back up."""
        live = [(r["a"], r["place"], r["id"]) for r in records if DELETED not in r]
        return len(live) - len(set(live))


ALL = [Filter(), Pairs(), Transfers(), Spread(), Global(), Distinct(), Tumbling(), Idle(), Hopping(), Cumulating(), Sessions(), Joined(), Unmatched(), Windows(), Best()]


def valid(point, pipeline):
    """Whether a run of the pipeline comes by the point."""
    if point.startswith("transaction-"):
        return False  # of tables: transactions.py
    if point == "log-sink-between-markers":
        return pipeline.log_partitions > 1
    if point == "snapshot-between-runs":
        return pipeline.stateful  # without state there is nothing between a snapshot's begin and its manifest
    return True
