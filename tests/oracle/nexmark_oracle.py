#!/usr/bin/env python3
"""The Nexmark samples against DuckDB, over the same records.

nexmark_oracle.py KAPPA [--bootstrap HOST:PORT] [--queries q0,q17] [--sources nexmark,file,log,kafka] [--matrix small|full] [--rows N]

Append-only results must be identical bytes after sorting; updating ones must hold the same rows after their changes.
"""
import argparse
import collections
import datetime
import glob
import itertools
import json
import os
import re
import sys
import tempfile
import time

import duckdb

import kappa as harness

RANKS = ', '.join(f'''count(*) FILTER ({condition}) AS {rank}_bids''' for rank, condition in (
    ('rank1', 'price < 10000'), ('rank2', 'price >= 10000 AND price < 1000000'), ('rank3', 'price >= 1000000'))) + ', ' + ', '.join(
        f'''count(DISTINCT {column}) AS total_{column}s, count(DISTINCT {column}) FILTER (price < 10000) AS rank1_{column}s,
            count(DISTINCT {column}) FILTER (price >= 10000 AND price < 1000000) AS rank2_{column}s, count(DISTINCT {column}) FILTER (price >= 1000000) AS rank3_{column}s'''
        for column in ('bidder', 'auction'))
WINNING = """SELECT a.*, b.bidder, b.price, b.date_time AS bid_date_time FROM auction a JOIN bid b ON a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires
             QUALIFY row_number() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.date_time) = 1"""
QUERIES = {
    'q0': 'SELECT auction, bidder, price, date_time, extra FROM bid',
    'q1': 'SELECT auction, bidder, 0.908 * price AS price, date_time, extra FROM bid',
    'q2': 'SELECT auction, price FROM bid WHERE auction % 123 = 0',
    'q3': "SELECT p.name, p.city, p.state, a.id FROM auction a JOIN person p ON a.seller = p.id WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA')",
    'q4': """SELECT category, sum(final) AS total, count(*) AS n FROM (SELECT a.id, a.category, max(b.price) AS final FROM auction a
               JOIN bid b ON a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires GROUP BY ALL) GROUP BY category""",
    'q5': """SELECT auction, num, window_end FROM (SELECT *, rank() OVER (PARTITION BY window_end ORDER BY num DESC) AS place FROM (SELECT auction, count(*) AS num, start + INTERVAL 10 SECOND AS window_end
               FROM (SELECT *, time_bucket(INTERVAL 2 SECOND, date_time) - INTERVAL 2 SECOND * k AS start FROM bid, range(5) s(k)) GROUP BY ALL)) WHERE place = 1""",
    'q6': f"""SELECT id, seller, sum(price) OVER w AS total, count(*) OVER w AS n FROM ({WINNING}) WINDOW w AS (PARTITION BY seller ORDER BY bid_date_time, id ROWS 9 PRECEDING)""",
    'q7': """SELECT auction, price, bidder, date_time, extra FROM (SELECT *, rank() OVER (PARTITION BY time_bucket(INTERVAL 10 SECOND, date_time) ORDER BY price DESC) AS place FROM bid) WHERE place = 1""",
    'q8': """SELECT p.id, p.name, time_bucket(INTERVAL 10 SECOND, p.date_time) AS window_start FROM person p JOIN auction a
               ON p.id = a.seller AND time_bucket(INTERVAL 10 SECOND, p.date_time) = time_bucket(INTERVAL 10 SECOND, a.date_time)""",
    'q9': f'SELECT id, item_name, seller, category, bidder, price, bid_date_time FROM ({WINNING})',
    'q13': "SELECT auction, bidder, price, date_time, 'auctions ending in ' || auction % 100 AS value FROM bid",
    'q18': """SELECT auction, bidder, price, channel, date_time FROM bid QUALIFY row_number() OVER (PARTITION BY bidder, auction ORDER BY date_time DESC, price DESC) = 1""",
    'q19': """SELECT *, row_number() OVER (PARTITION BY auction ORDER BY price DESC, date_time) AS place FROM (SELECT auction, bidder, price, date_time FROM bid) QUALIFY place <= 10""",
    'q20': """SELECT b.auction, b.bidder, b.price, b.date_time, a.item_name, a.initial_bid, a.seller FROM bid b JOIN auction a ON b.auction = a.id WHERE a.category = 10""",
    'q10': """SELECT auction, bidder, price, date_time, extra, strftime(date_time, '%Y-%m-%d') AS day, strftime(date_time, '%H:%M') AS minute FROM bid""",
    'q11': """SELECT bidder, count(*) AS bid_count, min(date_time) AS starttime, max(date_time) + INTERVAL 10 SECOND AS endtime FROM (SELECT *,
                sum(fresh) OVER (PARTITION BY bidder ORDER BY date_time ROWS UNBOUNDED PRECEDING) AS session
                FROM (SELECT *, coalesce(date_time - lag(date_time) OVER (PARTITION BY bidder ORDER BY date_time) > INTERVAL 10 SECOND, true)::INT AS fresh FROM bid)) GROUP BY bidder, session""",
    'q12': 'SELECT bidder, count(*) AS bid_count FROM bid GROUP BY bidder',
    'q14': """SELECT auction, bidder, 0.908 * price AS price,
                CASE WHEN hour(date_time) BETWEEN 8 AND 18 THEN 'dayTime' WHEN hour(date_time) <= 6 OR hour(date_time) >= 20 THEN 'nightTime' ELSE 'otherTime' END AS bid_time_type,
                date_time, extra, len(regexp_replace(extra, '[^c]', '', 'g')) AS c_counts
              FROM bid WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000""",
    'q15': f"""SELECT strftime(date_time, '%Y-%m-%d') AS day, count(*) AS total_bids, {RANKS} FROM bid GROUP BY ALL""",
    'q16': f"""SELECT channel, strftime(date_time, '%Y-%m-%d') AS day, max(strftime(date_time, '%H:%M')) AS minute, count(*) AS total_bids, {RANKS} FROM bid GROUP BY ALL""",
    'q17': """SELECT auction, strftime(date_time, '%Y-%m-%d') AS day, count(*) AS total_bids, count(*) FILTER (price < 10000) AS rank1_bids,
                count(*) FILTER (price >= 10000 AND price < 1000000) AS rank2_bids, count(*) FILTER (price >= 1000000) AS rank3_bids,
                min(price) AS min_price, max(price) AS max_price, sum(price) AS avg_price, sum(price) AS sum_price
              FROM bid GROUP BY ALL""",
    'q21': """SELECT * FROM (SELECT auction, bidder, price, channel, CASE lower(channel) WHEN 'apple' THEN '0' WHEN 'google' THEN '1' WHEN 'facebook' THEN '2' WHEN 'baidu' THEN '3'
                ELSE nullif(regexp_extract(url, '(&|^)channel_id=([^&]*)', 2), '') END AS channel_id FROM bid) WHERE channel_id IS NOT NULL""",
    'q22': """SELECT auction, bidder, price, channel, split_part(url, '/', 4) AS dir1, split_part(url, '/', 5) AS dir2, split_part(url, '/', 6) AS dir3 FROM bid""",
}
# Queries that are no samples: windows, closed and open, DISTINCT, UNION ALL, counts of counts. Name: (kappa's, DuckDB's, updating).
STREAM = """CREATE SOURCE nexmark (
  event_type INT,
  person  STRUCT<"dateTime" TIMESTAMP>,
  auction STRUCT<"dateTime" TIMESTAMP>,
  bid     STRUCT<auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, "dateTime" TIMESTAMP>,
  at      TIMESTAMP AS coalesce((bid)."dateTime", (auction)."dateTime", (person)."dateTime"),
  WATERMARK FOR at AS at - INTERVAL '4 seconds'
) WITH (connector = 'nexmark', rows = 1) FORMAT PLAIN ENCODE JSON;
CREATE VIEW bid AS SELECT (bid).auction, (bid).bidder, (bid).price, (bid).channel, at FROM nexmark WHERE event_type = 2;
CREATE SINK s AS {query} WITH (connector = 'stdout') FORMAT PLAIN ENCODE JSON;
"""
EXTRA = {
    'tumble_close': ("""SELECT window_start, auction, count(*) AS bids, max(price) AS highest FROM TUMBLE(bid, at, INTERVAL '10 seconds') GROUP BY window_start, auction EMIT ON WINDOW CLOSE""",
                     """SELECT time_bucket(INTERVAL 10 SECOND, date_time) AS window_start, auction, count(*) AS bids, max(price) AS highest FROM bid GROUP BY ALL""", False),
    'tumble_update': ("""SELECT window_start, window_end, channel, count(*) AS bids, sum(price) AS money FROM TUMBLE(bid, at, INTERVAL '1 minute') WHERE price > 1000 GROUP BY window_start, window_end, channel""",
                      """SELECT time_bucket(INTERVAL 1 MINUTE, date_time) AS window_start, time_bucket(INTERVAL 1 MINUTE, date_time) + INTERVAL 1 MINUTE AS window_end, channel, count(*) AS bids, sum(price) AS money
                         FROM bid WHERE price > 1000 GROUP BY ALL""", True),
    'hop_close': ("""SELECT window_start, window_end, auction, count(*) AS bids FROM HOP(bid, at, INTERVAL '2 seconds', INTERVAL '10 seconds') GROUP BY window_start, window_end, auction EMIT ON WINDOW CLOSE""",
                  """SELECT start AS window_start, start + INTERVAL 10 SECOND AS window_end, auction, count(*) AS bids
                     FROM (SELECT *, time_bucket(INTERVAL 2 SECOND, date_time) - INTERVAL 2 SECOND * k AS start FROM bid, range(5) s(k)) GROUP BY ALL""", False),
    'hop_update': ("""SELECT window_end, count(*) AS bids, min(price) AS lowest FROM HOP(bid, at, INTERVAL '4 seconds', INTERVAL '6 seconds') GROUP BY window_end HAVING count(*) > 20""",
                   """SELECT start + INTERVAL 6 SECOND AS window_end, count(*) AS bids, min(price) AS lowest
                      FROM (SELECT *, to_timestamp(epoch(time_bucket(INTERVAL 4 SECOND, date_time, TIMESTAMP '1970-01-01')) - 4 * k)::TIMESTAMP AS start FROM bid, range(2) s(k))
                      WHERE start + INTERVAL 6 SECOND > date_time GROUP BY ALL HAVING count(*) > 20""", True),
    'cumulate_close': ("""SELECT window_start, window_end, channel, count(*) AS bids, sum(price) AS money FROM CUMULATE(bid, at, INTERVAL '10 seconds', INTERVAL '1 minute') GROUP BY window_start, window_end, channel EMIT ON WINDOW CLOSE""",
                       """SELECT start AS window_start, start + INTERVAL 10 SECOND * k AS window_end, channel, count(*) AS bids, sum(price) AS money
                          FROM (SELECT *, time_bucket(INTERVAL 1 MINUTE, date_time) AS start FROM bid) b, range(1, 7) s(k) WHERE start + INTERVAL 10 SECOND * k > date_time GROUP BY ALL""", False),
    'cumulate_update': ("""SELECT window_end, auction, max(price) AS highest FROM CUMULATE(bid, at, INTERVAL '15 seconds', INTERVAL '30 seconds') GROUP BY window_end, auction""",
                        """SELECT start + INTERVAL 15 SECOND * k AS window_end, auction, max(price) AS highest
                           FROM (SELECT *, time_bucket(INTERVAL 30 SECOND, date_time) AS start FROM bid) b, range(1, 3) s(k) WHERE start + INTERVAL 15 SECOND * k > date_time GROUP BY ALL""", True),
    'session_close': ("""SELECT bidder, window_start, window_end, count(*) AS bids, max(price) AS highest FROM SESSION(bid PARTITION BY bidder, at, INTERVAL '10 seconds') GROUP BY bidder, window_start, window_end EMIT ON WINDOW CLOSE""",
                      """SELECT bidder, min(date_time) AS window_start, max(date_time) + INTERVAL 10 SECOND AS window_end, count(*) AS bids, max(price) AS highest FROM (SELECT *,
                           sum(fresh) OVER (PARTITION BY bidder ORDER BY date_time ROWS UNBOUNDED PRECEDING) AS session
                           FROM (SELECT *, coalesce(date_time - lag(date_time) OVER (PARTITION BY bidder ORDER BY date_time) > INTERVAL 10 SECOND, true)::INT AS fresh FROM bid)) GROUP BY bidder, session""", False),
    'session_update': ("""SELECT channel, window_start, auction % 3 AS part, count(*) AS bids, sum(price) AS money FROM SESSION(bid PARTITION BY channel, at, INTERVAL '1 second') GROUP BY channel, window_start, auction % 3""",
                       """SELECT channel, window_start, auction % 3 AS part, count(*) AS bids, sum(price) AS money FROM (SELECT *, min(date_time) OVER (PARTITION BY channel, session) AS window_start FROM (SELECT *,
                            sum(fresh) OVER (PARTITION BY channel ORDER BY date_time ROWS UNBOUNDED PRECEDING) AS session
                            FROM (SELECT *, coalesce(date_time - lag(date_time) OVER (PARTITION BY channel ORDER BY date_time) > INTERVAL 1 SECOND, true)::INT AS fresh FROM bid))) GROUP BY ALL""", True),
    'chained_close': ("""SELECT window_start, count(*) AS auctions, sum(bids) AS bids, max(bids) AS most FROM TUMBLE((SELECT window_time AS last, auction, count(*) AS bids FROM TUMBLE(bid, at, INTERVAL '10 seconds') GROUP BY window_start, window_end, window_time, auction), last, INTERVAL '1 minute') GROUP BY window_start EMIT ON WINDOW CLOSE""",
                      """SELECT time_bucket(INTERVAL 1 MINUTE, t) AS window_start, count(*) AS auctions, sum(bids) AS bids, max(bids) AS most
                         FROM (SELECT time_bucket(INTERVAL 10 SECOND, date_time) AS t, auction, count(*) AS bids FROM bid GROUP BY ALL) GROUP BY ALL""", False),
    'most_close': ("""SELECT window_start, window_end, max(bids) AS most, count(*) AS auctions FROM (SELECT window_start, window_end, auction, count(*) AS bids FROM HOP(bid, at, INTERVAL '2 seconds', INTERVAL '10 seconds') GROUP BY window_start, window_end, auction) AS a GROUP BY window_start, window_end EMIT ON WINDOW CLOSE""",
                   """SELECT window_start, window_start + INTERVAL 10 SECOND AS window_end, max(bids) AS most, count(*) AS auctions FROM (SELECT start AS window_start, auction, count(*) AS bids
                        FROM (SELECT *, time_bucket(INTERVAL 2 SECOND, date_time) - INTERVAL 2 SECOND * k AS start FROM bid, range(5) s(k)) GROUP BY ALL) GROUP BY ALL""", False),
    'distinct': ("""SELECT DISTINCT channel, price % 10 AS digit FROM bid""", """SELECT DISTINCT channel, price % 10 AS digit FROM bid""", True),
    'union': ("""SELECT bidder AS id, 'bidder' AS what FROM bid WHERE price < 500 UNION ALL SELECT auction, 'auction' FROM bid WHERE price > 50000000""",
              """SELECT bidder AS id, 'bidder' AS what FROM bid WHERE price < 500 UNION ALL SELECT auction, 'auction' FROM bid WHERE price > 50000000""", False),
    'histogram': ("""SELECT bids, count(*) AS auctions, sum(money) AS money FROM (SELECT auction, count(*) AS bids, sum(price) AS money FROM bid GROUP BY auction) AS a GROUP BY bids""",
                  """SELECT bids, count(*) AS auctions, sum(money) AS money FROM (SELECT auction, count(*) AS bids, sum(price) AS money FROM bid GROUP BY auction) AS a GROUP BY bids""", True),
    'global': ("""SELECT count(*) AS bids, sum(price) AS money, count(*) FILTER (WHERE channel LIKE 'a%') AS some FROM bid""",
               """SELECT count(*) AS bids, sum(price) AS money, count(*) FILTER (channel LIKE 'a%') AS some FROM bid""", True),
}
# A second of event time holds few events, so that q17 sees several days and q14 all times of day.
EVENT_RATE = 20
WITH_CLAUSE = re.compile(r"WITH \(connector = 'nexmark'[^)]*\) FORMAT PLAIN ENCODE JSON")
FILE_SINK = re.compile(r"path = '/tmp/kappa-nexmark-[^']*'")


def sample(query):
    if query in EXTRA:
        return STREAM.format(query=EXTRA[query][0])
    with open(os.path.join(harness.ROOT, 'samples', 'nexmark', query + '.sql'), encoding='utf-8') as file:
        return file.read()


def over(sql, clause):
    changed, count = WITH_CLAUSE.subn(lambda _: clause, sql)
    if count != 1:
        raise harness.Failure('the sample has no WITH clause of the nexmark connector')
    return changed


def dump_events(kappa, rows):
    """The generator's records, one a line."""
    folder = kappa.path('events')
    kappa.run(f"""CREATE SOURCE n (line TEXT) WITH (connector = 'nexmark', rows = {rows}, event.rate = {EVENT_RATE}) FORMAT PLAIN ENCODE BYTES;
                  CREATE SINK f AS SELECT line FROM n WITH (connector = 'file', path = '{folder}') FORMAT PLAIN ENCODE BYTES;""")
    lines = []
    for part in sorted(glob.glob(folder + '/*')):
        with open(part, encoding='utf-8') as file:
            lines += file.readlines()
    if len(lines) != rows:
        raise harness.Failure(f'{len(lines)} events were written to the file, {rows} were made')
    path = kappa.path('events.jsonl')
    with open(path, 'w', encoding='utf-8') as file:
        file.writelines(lines)
    return path


def oracle(path):
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"""CREATE VIEW bid AS
        SELECT bid.auction, bid.bidder, bid.price, bid.channel, bid.url, bid."dateTime" AS date_time, bid.extra
        FROM read_json('{path}', format = 'newline_delimited', columns = {{event_type: 'INT',
             bid: 'STRUCT(auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, "dateTime" TIMESTAMP, extra VARCHAR)'}})
        WHERE event_type = 2""")
    connection.execute(f"""CREATE VIEW auction AS
        SELECT auction.id, auction."itemName" AS item_name, auction."initialBid" AS initial_bid, auction."dateTime" AS date_time, auction.expires, auction.seller, auction.category
        FROM read_json('{path}', format = 'newline_delimited', columns = {{event_type: 'INT',
             auction: 'STRUCT(id BIGINT, "itemName" VARCHAR, "initialBid" BIGINT, "dateTime" TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT)'}})
        WHERE event_type = 1""")
    connection.execute(f"""CREATE VIEW person AS
        SELECT person.id, person.name, person.city, person.state, person."dateTime" AS date_time
        FROM read_json('{path}', format = 'newline_delimited', columns = {{event_type: 'INT',
             person: 'STRUCT(id BIGINT, name VARCHAR, city VARCHAR, state VARCHAR, "dateTime" TIMESTAMP)'}})
        WHERE event_type = 0""")
    return connection


def expected_rows(connection, query):
    result = connection.execute(EXTRA[query][1] if query in EXTRA else QUERIES[query])
    return [column[0] for column in result.description], result.fetchall()


def check_append_only(what, names, rows, lines):
    harness.compare(what, [harness.json_line(names, row) for row in rows], lines)


def check_updating(what, names, rows, lines):
    actual = [harness.json_line_of(row) for row in harness.apply_changes(lines)]
    harness.compare(what, [harness.json_line(names, row) for row in rows], actual)


def check_averages(what, names, rows, lines):
    """avg_price of the oracle is the sum: the average is computed here, exactly, with the digits that kappa shows."""
    actual = harness.apply_changes(lines)
    averages = {(row[0][1], row[1][1]): dict(map(tuple, row))['avg_price'] for row in actual}
    if any(len(str(text).partition('.')[2]) < 4 for text in averages.values()):
        raise harness.Failure(f'{what}: an average without the digits of a numeric')
    expected = []
    for row in rows:
        row = dict(zip(names, row))
        like = averages.get((row['auction'], row['day']), '')
        row['avg_price'] = harness.average_text(int(row['sum_price']), row['total_bids'], like)
        expected.append(str([[name, str(row[name])] for name in names]))
    harness.compare(what, expected, [str([[name, str(value)] for name, value in row]) for row in actual])


def check_mean(what, names, rows, lines):
    """The oracle's last two columns are the sum and the number of what kappa's last one is the average of."""
    actual = harness.apply_changes(lines)
    means = {tuple(value for _, value in row[:-1]): row[-1][1] for row in actual}
    expected = []
    for row in rows:
        shown = [[name, value] for name, value in zip(names, row)][:-2]
        like = means.get(tuple(value for _, value in shown), '')
        expected.append(str([[name, str(value)] for name, value in [*shown, ['avg', harness.average_text(int(row[-2]), row[-1], like)]]]))
    harness.compare(what, expected, [str([[name, str(value)] for name, value in row]) for row in actual])


def check_clock(what, names, rows, lines):
    """Which window of the clock a bid is in depends on when it was read: that each is in one, and windows are whole 10 seconds, does not."""
    counts = collections.Counter()
    for line in lines:
        row = json.loads(line)
        start, end = (datetime.datetime.fromisoformat(row[name] + ':00') for name in ('starttime', 'endtime'))
        if start.second % 10 or start.microsecond or end - start != datetime.timedelta(seconds=10):
            raise harness.Failure(f'{what}: no window of 10 seconds: {line}')
        counts[row['bidder']] += row['bid_count']
    harness.compare(what, [harness.json_line(names, row) for row in rows], [harness.json_line(names, row) for row in counts.items()])


def check_of(query):
    updating = dict.fromkeys(('q5', 'q7', 'q9', 'q18', 'q19'), check_updating)
    special = {**updating, 'q4': check_mean, 'q6': check_mean, 'q12': check_clock, 'q15': check_updating, 'q16': check_updating, 'q17': check_averages}
    return special.get(query) or (check_updating if query in EXTRA and EXTRA[query][2] else check_append_only)


def answers(kappa, sql, settings):
    """What the program printed, or wrote into the folder of its file sink."""
    if not FILE_SINK.search(sql):
        return kappa.run(sql, settings)
    folder = tempfile.mkdtemp(dir=kappa.directory.name)
    kappa.run(FILE_SINK.sub(lambda _: f"path = '{folder}'", sql), settings)
    lines = []
    for part in sorted(glob.glob(folder + '/part-*')):
        with open(part, encoding='utf-8') as file:
            lines += file.read().splitlines()
    return lines


def configurations(matrix):
    full = [{'workers': w, 'epoch_max_records': e, 'jit_tier': t} for w, e, t in itertools.product((1, 2, 3), (1, 7, 1000000000), ('quick', 'o2'))]
    # Every value of every setting, and pairs that differ.
    return full if matrix == 'full' else [{}, full[0], full[9], full[16]]


def sources(arguments, kappa, events, rows):
    clauses = {
        'nexmark': f"WITH (connector = 'nexmark', rows = {rows}, event.rate = {EVENT_RATE}, partitions = 2) FORMAT PLAIN ENCODE JSON",
        'file': f"WITH (connector = 'file', path = '{events}') FORMAT PLAIN ENCODE JSON",
        'log': "WITH (connector = 'log', topic = 'nexmark') FORMAT PLAIN ENCODE JSON",
        'kafka': f"WITH (connector = 'kafka', topic = 'nexmark_oracle', properties.bootstrap.server = '{arguments.bootstrap}') FORMAT PLAIN ENCODE JSON",
    }
    wanted = arguments.sources.split(',') if arguments.sources else [name for name in clauses if name != 'kafka' or arguments.bootstrap]
    if 'log' in wanted:
        kappa.produce('nexmark', events, partitions=3)
    if 'kafka' in wanted:
        kappa.produce('nexmark_oracle', events, partitions=3, bootstrap=arguments.bootstrap)
    return {name: clauses[name] for name in wanted}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('kappa')
    parser.add_argument('--bootstrap', default='')
    parser.add_argument('--queries', default=','.join([*QUERIES, *EXTRA]))
    parser.add_argument('--sources', default='')
    parser.add_argument('--matrix', choices=('small', 'full'), default=os.environ.get('KAPPA_ORACLE_MATRIX', 'small'))
    parser.add_argument('--rows', type=int, default=3000)
    arguments = parser.parse_args()
    bootstrap_file = os.environ.get('KAPPA_TEST_KAFKA_FILE')
    if not arguments.bootstrap and bootstrap_file:
        with open(bootstrap_file, encoding='utf-8') as file:
            arguments.bootstrap = file.read().strip()
    kappa = harness.Kappa(arguments.kappa)
    events = dump_events(kappa, arguments.rows)
    connection = oracle(events)
    passed = failed = 0
    clauses = sources(arguments, kappa, events, arguments.rows)
    for query in arguments.queries.split(','):
        names, rows = expected_rows(connection, query)
        check = check_of(query)
        for (source, clause), settings in itertools.product(clauses.items(), configurations(arguments.matrix)):
            what = f'{query} over {source} {settings}'
            begin = time.monotonic()
            try:
                check(what, names, rows, answers(kappa, over(sample(query), clause), settings.items()))
                passed += 1
            except harness.Failure as failure:
                failed += 1
                print(f'FAILED {what}\n{failure}', flush=True)
            if time.monotonic() - begin > 20:
                print(f'slow: {what} took {time.monotonic() - begin:.0f} s', flush=True)
    print(f'{passed} passed, {failed} failed')
    return 0 if passed and not failed else 1


if __name__ == '__main__':
    sys.exit(main())
