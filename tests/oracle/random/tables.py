"""Random tables, and random changes of them in epochs. Every statement means the same to kappa and PostgreSQL, and none fails."""
import collections

SQL_TYPES = {'i2': 'smallint', 'i4': 'int', 'i8': 'bigint', 'n2': 'numeric(10,2)', 'f8': 'float8', 'text': 'text', 'bool': 'boolean', 'date': 'date', 'ts': 'timestamp'}
# Few values, so that rows meet; floats are multiples of a quarter, so that sums are exact in any order; no -0, which prints as it came.
POOLS = {
    'i2': ['-1', '0', '1', '2', '3'],
    'i4': ['-2', '0', '1', '2', '3', '4', '7'],
    'i8': ['0', '1', '2', '3', '5', '40'],
    'n2': ['0.00', '1.00', '1.25', '2.50', '-3.75', '10.00'],
    'f8': ['0.25', '0.5', '1', '2', '-1.75', '8'],
    'text': ["''", "'a'", "'b'", "'ab'", "'B c'", "'it''s'", "'\u00e4'"],
    'bool': ['true', 'false'],
    'date': ["'2024-02-28'", "'2024-02-29'", "'2024-03-01'", "'2024-12-31'"],
    'ts': ["'2024-02-28 00:00:00'", "'2024-02-28 06:30:00'", "'2024-02-29 00:00:00'", "'2024-02-29 23:59:59.999999'", "'2024-03-01 12:00:00'"],
}
Column = collections.namedtuple('Column', 'name type not_null')
# In one transaction or statement by statement.
Epoch = collections.namedtuple('Epoch', 'statements transaction')


class Table:
    def __init__(self, random, name):
        self.name = name
        self.key = random.random() < 0.5
        # Rows only come: cheaper operators, and aggregates that several workers add up before they exchange.
        self.append_only = not self.key and random.random() < 0.35
        self.columns = [Column('id', 'i4', True)] if self.key else []
        types = list(POOLS)
        for letter in 'abcdef'[:random.randint(2, 5)]:
            # Two integers first: what joins need.
            kind = random.choice(('i4', 'i8', 'i4', 'i2', 'text')) if letter in 'ab' else random.choice(types)
            self.columns.append(Column(letter, kind, random.random() < 0.15))
        self.next_id = 1
        self.recent = []  # rows that were inserted, for duplicates and for deletes that find them

    def ddl(self, kappa=False):
        columns = [f'{c.name} {SQL_TYPES[c.type]}' + (' PRIMARY KEY' if c.name == 'id' else ' NOT NULL' if c.not_null else '') for c in self.columns]
        return f'CREATE TABLE {self.name} ({", ".join(columns)})' + (' APPEND ONLY' if kappa and self.append_only else '')

    def value(self, random, column):
        if not column.not_null and random.random() < 0.18:
            return 'NULL'
        return random.choice(POOLS[column.type])

    def row(self, random):
        if self.recent and not self.key and random.random() < 0.25:
            return random.choice(self.recent)
        values = []
        for column in self.columns:
            if column.name == 'id':
                values.append(str(self.next_id))
                self.next_id += 1
            else:
                values.append(self.value(random, column))
        row = tuple(values)
        self.recent = (self.recent + [row])[-20:]
        return row


def insert(table, rows, tail=''):
    return f'INSERT INTO {table.name} VALUES ' + ', '.join('(' + ', '.join(row) + ')' for row in rows) + tail


def equals(column, value):
    return f'{column.name} IS NULL' if value == 'NULL' else f'{column.name} = {value}'


def condition(random, table):
    column = random.choice(table.columns)
    if column.name == 'id':
        return f'id % {random.randint(4, 7)} = {random.randint(0, 1)}' if random.random() < 0.5 else f'id = {random.randint(1, table.next_id + 1)}'
    chosen = random.random()
    if chosen < 0.1 and not column.not_null:
        return f'{column.name} IS NULL'
    if chosen < 0.65 and table.recent:
        row = random.choice(table.recent)
        return ' AND '.join(equals(c, v) for c, v in zip(table.columns, row))
    if column.type == 'bool':
        return column.name if chosen < 0.8 else f'NOT {column.name}'
    return f'{column.name} {random.choice(("=", "=", "=", "<"))} {random.choice(POOLS[column.type])}'


def new_value(random, table, column):
    same = [c.name for c in table.columns if c.type == column.type and c.name != 'id' and (c.not_null or not column.not_null)]
    if random.random() < 0.3:
        return random.choice(same)
    if column.type in ('i2', 'i4', 'i8') and random.random() < 0.4:
        return f'({column.name} + 1) % 5'
    return table.value(random, column)


def statements(random, table):
    """What may come at once: usually one statement; churn that leaves nothing, or an update there and back, is two or three."""
    chosen = random.random()
    if chosen < 0.50 or table.append_only:
        return [insert(table, [table.row(random) for _ in range(random.randint(1, 5))])]
    if chosen < 0.55 and table.key:
        # Rows that may be there already.
        rows = {random.randint(1, table.next_id): None for _ in range(2)}
        rows = [(str(i),) + tuple(table.value(random, c) for c in table.columns[1:]) for i in rows]
        column = random.choice(table.columns[1:]).name
        table.next_id = max([table.next_id] + [int(row[0]) + 1 for row in rows])
        return [insert(table, rows, random.choice((' ON CONFLICT (id) DO NOTHING', f' ON CONFLICT (id) DO UPDATE SET {column} = EXCLUDED.{column}')))]
    if chosen < 0.72:
        changed = [c for c in table.columns if c.name != 'id']
        changed = random.sample(changed, random.randint(1, min(2, len(changed))))
        return [f'UPDATE {table.name} SET ' + ', '.join(f'{c.name} = {new_value(random, table, c)}' for c in changed) + f' WHERE {condition(random, table)}']
    if chosen < 0.87:
        return [f'DELETE FROM {table.name} WHERE {condition(random, table)}']
    if chosen < 0.885:
        return [f'DELETE FROM {table.name}']
    row = table.row(random)
    gone = f'DELETE FROM {table.name} WHERE ' + ' AND '.join(equals(c, v) for c, v in zip(table.columns, row))
    if chosen < 0.96:
        return [insert(table, [row]), gone]
    return [gone, insert(table, [row])] if not table.key else [insert(table, [row]), gone, insert(table, [row])]


def epochs(random, tables, count):
    """The first fills the tables (one in eight stays empty)."""
    fill = [insert(t, [t.row(random) for _ in range(random.randint(5, 14))]) for t in tables if random.random() > 0.08]
    answer = [Epoch(fill, False)]
    for _ in range(count - 1):
        some = [s for _ in range(random.randint(1, 4)) for s in statements(random, random.choice(tables))]
        answer.append(Epoch(some, random.random() < 0.5))
    return answer
