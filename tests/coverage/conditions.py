"""What happens to the tables: condition -> epochs. An epoch is a list of statements; one that begins with BEGIN is one transaction; [KILL] kills the engine."""
KILL = 'kill -9'

DDL = [f'CREATE TABLE {name} (k int, v int, s text, ts timestamp)' for name in 'lr'] + ['CREATE TABLE p (id int PRIMARY KEY, k int, v int)']

DAY = '2024-02-2'


def rows(table, *values):
    """(k, v, s, hour of the 28th) each."""
    def text(value):
        k, v, s, hour = value
        return f"({'NULL' if k is None else k}, {'NULL' if v is None else v}, {'NULL' if s is None else repr(s)}, TIMESTAMP '2024-02-28 00:00:00' + INTERVAL '{hour} hours')"
    return f'INSERT INTO {table} VALUES ' + ', '.join(map(text, values))


def keyed(*values):
    return 'INSERT INTO p VALUES ' + ', '.join(f"({i}, {'NULL' if k is None else k}, {v})" for i, k, v in values)


FILL = [rows('l', (1, 1, 'a', 0), (1, 3, 'b', 5), (2, 2, 'a', 13), (3, 5, None, 20), (4, 4, 'c', 30)),
        rows('r', (1, 2, 'a', 1), (2, 2, 'b', 10), (2, 4, 'a', 12), (5, 3, 'c', 26)),
        keyed((1, 1, 2), (2, 2, 3), (3, 7, 1))]

INSERT = [[rows('l', (2, 6, 'b', 14), (5, 1, 'a', 40))], [rows('r', (3, 1, 'a', 2), (1, 4, 'b', 7))], [keyed((4, 3, 5)), rows('l', (6, 0, 'z', 50))], [rows('r', (6, 9, None, 51))]]
UPDATE = [['UPDATE l SET v = v + 2 WHERE k = 1'], ['UPDATE l SET k = 2 WHERE v = 5', 'UPDATE r SET k = 4 WHERE k = 5'], ["UPDATE r SET v = 1, s = 'z' WHERE k = 2"],
          ['UPDATE p SET k = 1 WHERE id = 3', 'UPDATE p SET v = v - 1'], ["UPDATE l SET ts = ts + INTERVAL '13 hours', s = upper(s)"]]
DELETE = [['DELETE FROM l WHERE v = 3'], ['DELETE FROM r WHERE k = 2 AND v = 2', 'DELETE FROM p WHERE id = 1'], ['DELETE FROM r'], [rows('r', (1, 2, 'a', 1), (4, 5, 'b', 3))],
          ['DELETE FROM l', 'DELETE FROM l WHERE k = 99'], ['DELETE FROM p', 'DELETE FROM r'], FILL]
NULLS = [[rows('l', (None, 1, 'n', 3), (None, 2, None, 4), (1, None, 'a', 6))], [rows('r', (None, 1, 'n', 2))], ['UPDATE l SET k = NULL WHERE k = 2'], [rows('r', (2, None, 'x', 8)), keyed((9, None, 2))],
         ['UPDATE r SET k = 1 WHERE k IS NULL'], ['DELETE FROM l WHERE k IS NULL'], ['DELETE FROM r WHERE v IS NULL', 'UPDATE l SET v = 7 WHERE v IS NULL']]
DUPLICATES = [[rows('l', (1, 1, 'a', 0), (1, 1, 'a', 0), (2, 2, 'a', 13))], [rows('r', (1, 2, 'a', 1), (1, 2, 'a', 1), (2, 4, 'a', 12))], ['UPDATE l SET v = 3 WHERE k = 1 AND v = 1'],
              ["DELETE FROM r WHERE k = 1"], ['UPDATE r SET k = 3', "UPDATE l SET k = 3, v = 1, s = 'a', ts = TIMESTAMP '2024-02-28 00:00:00'"], ['DELETE FROM l WHERE k = 3']]
CHURN = [
    ['BEGIN', rows('l', (1, 9, 'x', 9)), 'DELETE FROM l WHERE v = 9'],
    ['BEGIN', 'UPDATE r SET v = v + 1', 'UPDATE r SET v = v - 1'],
    ['BEGIN', 'DELETE FROM r WHERE k = 1', rows('r', (1, 2, 'a', 1))],
    ['BEGIN', rows('r', (3, 3, 'y', 9)), 'UPDATE r SET k = 4 WHERE k = 3', rows('l', (4, 1, 'q', 9)), 'DELETE FROM l WHERE k = 3'],
    ['BEGIN', 'DELETE FROM p WHERE id = 2', keyed((2, 2, 3)), 'UPDATE p SET v = 5 WHERE id = 2', 'UPDATE p SET v = 3 WHERE id = 2'],
    ['BEGIN', 'DELETE FROM l', *FILL[:1], 'DELETE FROM l WHERE k = 2', rows('l', (8, 8, 'h', 8))],
]
MANY = [[rows('l', *((i % 7, i * 3 % 11, 'abc'[i % 3], i * 5 % 60) for i in range(60)))], [rows('r', *((i % 5, i * 7 % 9, 'abcd'[i % 4], i * 11 % 60) for i in range(40))), keyed(*((i, i % 6, i % 8) for i in range(10, 40)))],
        UPDATE[0] + DELETE[0], NULLS[0] + NULLS[2], ['UPDATE l SET k = (k + 1) % 6', 'UPDATE r SET v = (v + 3) % 8'], ['DELETE FROM l WHERE v % 3 = 0', 'DELETE FROM r WHERE k = 2', 'DELETE FROM p WHERE id % 2 = 0']]

# name: (fill, epochs, workers)
CONDITIONS = {
    'insert': (FILL, INSERT, 1),
    'update': (FILL, UPDATE, 1),
    'delete': (FILL, DELETE, 1),
    'NULL key': (FILL, NULLS, 1),
    'duplicate row': (FILL, DUPLICATES, 1),
    'empty input': ([], [[], FILL[:1], ['DELETE FROM l'], FILL[1:2], FILL[2:], ['DELETE FROM r', 'DELETE FROM p']], 1),
    'churn': (FILL, CHURN, 1),
    'kill': (FILL, [INSERT[0], [KILL], UPDATE[0] + UPDATE[1], [KILL], DELETE[0] + DELETE[1], [KILL], NULLS[0], [KILL], INSERT[1]], 1),
    '1 worker': (FILL, MANY, 1),
    '3 workers': (FILL, MANY, 3),
}
