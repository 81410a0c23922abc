"""Random queries whose answer SQL defines: every order that decides something is full, or only decides between rows that are peers."""
from expressions import ALL, INTEGERS, Expressions, Ref, literal
from tree import Node

VALUE_TYPES = ('i4', 'i8', 'text', 'i4', 'n2', 'bool', 'date', 'ts', 'f8', 'i2')
# Results of aggregates that are only looked at: their digits depend on more than their value.
OPAQUE = 'opaque'


def columns_of(table):
    """(name, type, small) of a table's columns."""
    return [(c.name, c.type, c.type in INTEGERS) for c in table.columns]


class Queries:
    """`relations`: (name, [(column, type, small)]) of all that stands in FROM: tables, and views made before."""

    def __init__(self, random, relations):
        self.random, self.relations = random, relations
        self.aliases = 0
        self.tells_apart = False  # the window made last: equal rows may get different values
        self.expressions = Expressions(random, self.subquery)

    def chance(self, probability):
        return self.random.random() < probability

    def alias(self, letter='t'):
        self.aliases += 1
        return f'{letter}{self.aliases}'

    # ---- whole queries: (node, [(name, type, small)])

    def top(self):
        if self.chance(0.04):
            return self.recursive()
        return self.query(self.random.randint(1, 4), self.random.choice((1, 1, 2)), opaque=True)

    def types(self, count):
        """Mostly types that columns have."""
        kinds = [kind for _, columns in self.relations for _, kind, _ in columns if kind != OPAQUE]
        return [self.random.choice(kinds if self.chance(0.85) else VALUE_TYPES) for _ in range(count)]

    def query(self, types, depth, outer=(), opaque=False):
        if depth > 0 and self.chance(0.14) and not outer:
            return self.set_operation(types, depth - 1)
        if depth > 0 and self.chance(0.08) and not outer:
            return self.with_query(types, depth - 1)
        return self.select(types, depth, outer, opaque)

    def set_operation(self, types, depth):
        types = self.types(types) if isinstance(types, int) else types
        left, columns = self.query(types, depth)
        right, _ = self.query(types, depth)
        operators = ('UNION', 'UNION ALL', 'INTERSECT', 'INTERSECT ALL', 'EXCEPT', 'EXCEPT ALL')
        operator = self.random.choice(operators)
        node = Node('q', '(', left, f') {operator} (', right, ')')
        if depth > 0 and self.chance(0.2):
            node = Node('q', '(', node, f') {self.random.choice(("UNION", operators[-1]))} (', self.select(types, 0)[0], ')')
        if self.chance(0.1):
            node = Node('q', '(', node, ')', self.limit(len(types)))
        return node, [(name, kind, False) for name, kind, _ in columns]

    def with_query(self, types, depth):
        inner, columns = self.query(self.random.randint(2, 3), depth)
        name = self.alias('w')
        self.relations.append((name, columns))
        weight = self.relations[-1:] * 3  # it should be used, often twice
        self.relations += weight
        outer, answer = self.select(types, depth)
        del self.relations[-4:]
        return Node('q', f'WITH {name} AS ', self.random.choice(('', '', 'MATERIALIZED ', 'NOT MATERIALIZED ')), '(', inner, ') ', outer), answer

    def recursive(self):
        """All pairs that are joined by steps, or numbers counted up to a limit that a table gives."""
        edges = [(name, [c for c, kind, _ in columns if kind in ('i4', 'i8', 'i2')]) for name, columns in self.relations]
        edges = [(name, integers) for name, integers in edges if len(integers) > 1]
        name = self.alias('r')
        if edges and self.chance(0.7):
            table, integers = self.random.choice(edges)
            a, b = self.random.sample(integers, 2)
            seed, step = self.alias(), self.alias()
            start = Node('opt', f' WHERE {seed}.{a} >= 1') if self.chance(0.5) else Node('')
            node = Node('q', f'WITH RECURSIVE {name}(c1, c2) AS (SELECT {seed}.{a}::bigint, {seed}.{b}::bigint FROM {table} {seed}', start,
                        f' UNION SELECT {name}.c1, {step}.{b}::bigint FROM {name} JOIN {table} {step} ON {name}.c2 = {step}.{a}) SELECT c1, c2 FROM {name}')
            return node, [('c1', 'i8', False), ('c2', 'i8', False)]
        inner, _ = self.select(['i4'], 0)
        start = self.alias()
        node = Node('q', f'WITH RECURSIVE {name}(c1) AS (SELECT {start}.c1 % 5 FROM (', inner, f') {start} UNION {self.random.choice(("ALL ", ""))}SELECT c1 + 1 FROM {name} WHERE c1 < 4) SELECT c1 FROM {name}')
        return node, [('c1', 'i4', False)]

    def select(self, types, depth, outer=(), opaque=False):
        """`types`: those of its columns, or how many it has."""
        relations, scope = self.from_clause(depth)
        if isinstance(types, int):
            types = [self.random.choice(scope).type if self.chance(0.9) else self.random.choice(VALUE_TYPES) for _ in range(types)]
        shape = self.random.choices((self.plain, self.distinct, self.grouped, self.global_aggregate, self.grouping_sets, self.over, self.distinct_on, self.limited, self.ranked),
                                    (26, 6, 20, 5, 5, 14, 5, 6, 6))[0]
        return shape(types, depth, relations, scope, outer, opaque)

    def where(self, scope, depth, outer, probability=0.4):
        conditions = []
        if outer and self.chance(0.9):
            conditions.append(self.correlation(scope, outer))
        while self.chance(probability) and len(conditions) < 3:
            conditions.append(self.expressions.boolean(scope, depth))
        if not conditions:
            return Node('')
        parts = [conditions[0]] + [Node('opt', ' AND ', c) for c in conditions[1:]]
        return Node('opt', ' WHERE ', *parts)

    def correlation(self, scope, outer):
        here, there = self.expressions.pair(scope, outer, 1 if self.chance(0.2) else 0)
        operator = self.random.choice(('=', '=', '=', '=', '<', '>=', '<>', 'IS NOT DISTINCT FROM'))
        return Node('e:bool', '(', here, f' {operator} ', there, ')')

    @staticmethod
    def items(expressions):
        return Node('list', *(Node('', e, f' AS c{i + 1}') for i, e in enumerate(expressions)))

    def described(self, types, expressions=(), scope=()):
        small = {c.text for c in scope if c.small}
        texts = [str(e) for e in expressions] or [''] * len(types)
        return [(f'c{i + 1}', kind, text in small) for i, (kind, text) in enumerate(zip(types, texts))]

    # ---- shapes of SELECT

    def plain(self, types, depth, relations, scope, outer, opaque):
        expressions = [self.expressions.make(t, scope, min(2, depth)) for t in types]
        return Node('q', 'SELECT ', self.items(expressions), ' FROM ', relations, self.where(scope, depth, outer)), self.described(types, expressions, scope)

    def distinct(self, types, depth, relations, scope, outer, opaque):
        expressions = [self.expressions.make(t, scope, min(1, depth)) for t in types]
        return Node('q', 'SELECT DISTINCT ', self.items(expressions), ' FROM ', relations, self.where(scope, depth, outer)), self.described(types, expressions, scope)

    def limited(self, types, depth, relations, scope, outer, opaque):
        expressions = [self.expressions.make(t, scope, min(1, depth)) for t in types]
        node = Node('q', 'SELECT ', self.items(expressions), ' FROM ', relations, self.where(scope, depth, outer), self.limit(len(types)))
        return node, self.described(types, expressions, scope)

    def limit(self, count):
        r = self.random
        ordinals = r.sample(range(1, count + 1), count)
        order = [f'{i}{r.choice(("", " DESC", " NULLS FIRST", " DESC NULLS LAST"))}' for i in ordinals]
        if self.chance(0.2):  # peers come together, whatever their order
            return Node('', f' ORDER BY {order[0]} FETCH FIRST {r.randint(1, 4)} ROWS WITH TIES')
        return Node('', f' ORDER BY {", ".join(order)} LIMIT {r.randint(1, 6)}', Node('opt', f' OFFSET {r.randint(1, 3)}') if self.chance(0.3) else '')

    def distinct_on(self, types, depth, relations, scope, outer, opaque):
        r = self.random
        expressions = [self.expressions.make(t, scope, min(1, depth)) for t in types]
        keys = r.sample([c.text for c in scope], min(len(scope), r.randint(1, 2)))
        node = Node('q', f'SELECT DISTINCT ON ({", ".join(keys)}) ', self.items(expressions), ' FROM ', relations, self.where(scope, depth, outer),
                    f' ORDER BY {", ".join(keys + [text for text in self.full_order(scope) if text.split()[0] not in keys])}')
        return node, self.described(types, expressions, scope)

    def full_order(self, scope):
        r = self.random
        texts = list(dict.fromkeys(c.text for c in scope))
        r.shuffle(texts)
        return [text + r.choice(('', '', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST')) for text in texts]

    def ranked(self, types, depth, relations, scope, outer, opaque):
        """ROW_NUMBER() <= n and its like."""
        r = self.random
        expressions = [self.expressions.make(t, scope, min(1, depth)) for t in types]
        order = self.full_order(scope)
        rank = r.choice(('row_number', 'row_number', 'rank', 'dense_rank'))
        if rank != 'row_number':
            order = order[:1]
        partition = f'PARTITION BY {r.choice(scope).text} ' if self.chance(0.7) else ''
        inner = Node('q', 'SELECT ', self.items(expressions), f', {rank}() OVER ({partition}ORDER BY {", ".join(order)}) AS rn FROM ', relations, self.where(scope, depth, outer))
        name = self.alias('d')
        shown = [f'{name}.c{i + 1}' for i in range(len(types))]
        if self.chance(0.4):
            for i, kind in enumerate(types):
                if kind == 'i8':
                    shown[i] = f'{name}.rn'
        condition = r.choice((f'<= {r.randint(1, 4)}', '= 1', f'< {r.randint(2, 4)}', 'BETWEEN 2 AND 3', f'= {r.randint(2, 3)}', '> 2'))
        return Node('q', 'SELECT ', self.items(shown), ' FROM (', inner, f') {name} WHERE {name}.rn {condition}'), self.described(types)

    def aggregate(self, kind, scope, depth):
        """An aggregate of that type over `scope`."""
        r, make = self.random, self.expressions.make
        here = {c.type for c in scope}
        tail = Node('opt', ' FILTER (WHERE ', self.expressions.boolean(scope, 0), ')') if self.chance(0.2) else Node('')
        distinct = r.choice(('', '', '', 'DISTINCT '))
        chosen = r.random()
        if kind == 'i8' and chosen < 0.7:
            if chosen < 0.2:
                return Node('e:i8', 'count(*)', tail)
            if chosen < 0.4:
                return Node('e:i8', f'count({distinct}', make(r.choice(sorted(here)), scope, depth), ')', tail)
            return Node('e:i8', f'sum({distinct}', make(r.choice(('i4', 'i2')), scope, depth), ')', tail)
        if kind in ('n2', 'f8') and chosen < 0.5:
            return Node(f'e:{kind}', f'sum({distinct}', make(kind, scope, depth), ')', tail)
        if kind == 'n0':
            return Node('e:n0', f'sum({distinct}', make('i8', scope, depth), ')', tail)
        if kind == 'bool':
            return Node('e:bool', r.choice(('bool_and(', 'bool_or(', 'every(')), self.expressions.boolean(scope, 1), ')', tail)
        if kind == 'text' and chosen < 0.4:
            inner = make('text', scope, depth)
            return Node('e:text', 'string_agg(', inner, r.choice((", ',' ORDER BY ", ", '+' ORDER BY ")), inner, r.choice(('', ' DESC')), ')', tail)
        if chosen > 0.85:
            return Node(f'e:{kind}', r.choice(('mode()', 'percentile_disc(0.5)')), ' WITHIN GROUP (ORDER BY ', make(kind, scope, 0), ')', tail) if kind != 'bool' else Node('e:bool', 'bool_or(true)')
        return Node(f'e:{kind}', r.choice(('min(', 'max(')), make(kind, scope, depth), ')', tail)

    def opaque(self, scope):
        """An aggregate whose result nothing is done with."""
        r = self.random
        kind = r.choice(('i4', 'i8', 'n2', 'f8', 'text'))
        inner = self.expressions.make(kind, scope, 1)
        if kind == 'text':
            return Node('e:' + OPAQUE, 'array_agg(', inner, ' ORDER BY ', inner, r.choice((' DESC', '', ' NULLS FIRST')), ')')
        if kind in ('i4', 'i8') and self.chance(0.4):
            return Node('e:' + OPAQUE, r.choice(('var_pop(', 'stddev_samp(')), inner, ')')
        return Node('e:' + OPAQUE, 'avg(', r.choice(('', '', 'DISTINCT ')) if kind != 'f8' else '', inner, ')')

    def having(self, keys, scope):
        if not self.chance(0.3):
            return Node('')
        kind = self.random.choice(('i8', 'i4', 'text', 'n2'))
        operator = self.random.choice(('>', '<', '=', '<>', '>='))
        return Node('opt', ' HAVING ', Node('e:bool', self.aggregate(kind, scope, 0), f' {operator} ', literal(self.random, kind)))

    def keys(self, types, scope, count):
        """Expressions to group by: of the wanted types when there are columns of them."""
        keys = []
        for _ in range(count):
            wanted = [c for c in scope if c.type in types]
            column = self.random.choice(wanted or scope)
            node = Node(f'e:{column.type}', column.text) if self.chance(0.8) else self.expressions.make(column.type, scope, 1)
            # A constant would be a position in the list.
            if any(c.text in str(node) for c in scope) and 'SELECT' not in str(node) and str(node) not in map(str, (k for k, _ in keys)):
                keys.append((node, column.type))
        return keys

    def grouped_items(self, types, keys, scope, depth, opaque):
        expressions = []
        for kind in types:
            usable = [k for k, t in keys if t == kind]
            if usable and self.chance(0.7):
                expressions.append(self.random.choice(usable))
            else:
                expressions.append(self.aggregate(kind, scope, min(1, depth)))
        described = self.described(types)
        if opaque and self.chance(0.25):
            expressions.append(self.opaque(scope))
            described.append((f'c{len(expressions)}', OPAQUE, False))
        return expressions, described

    def grouped(self, types, depth, relations, scope, outer, opaque):
        keys = self.keys(types, scope, self.random.randint(1, 2))
        if not keys:
            return self.global_aggregate(types, depth, relations, scope, outer, opaque)
        expressions, described = self.grouped_items(types, keys, scope, depth, opaque)
        node = Node('q', 'SELECT ', self.items(expressions), ' FROM ', relations, self.where(scope, depth, outer), ' GROUP BY ', Node('list', *(k for k, _ in keys)), self.having(keys, scope))
        return node, described

    def global_aggregate(self, types, depth, relations, scope, outer, opaque):
        expressions, described = self.grouped_items(types, [], scope, depth, opaque)
        return Node('q', 'SELECT ', self.items(expressions), ' FROM ', relations, self.where(scope, depth, outer), self.having([], scope)), described

    def grouping_sets(self, types, depth, relations, scope, outer, opaque):
        columns = self.random.sample(scope, min(len(scope), 2))
        keys = [(Node(f'e:{c.type}', c.text), c.type) for c in columns]
        names = [c.text for c in columns]
        expressions, described = self.grouped_items(types, keys, scope, depth, opaque)
        if opaque and self.chance(0.4):
            expressions.append(f'grouping({names[0]})')
            described.append((f'c{len(expressions)}', OPAQUE, False))
        listed = ', '.join(names)
        sets = self.random.choice((f'ROLLUP ({listed})', f'CUBE ({listed})', f'GROUPING SETS (({listed}), ({names[0]}), ())', f'GROUPING SETS (({names[-1]}), ({names[0]}))'))
        return Node('q', 'SELECT ', self.items(expressions), ' FROM ', relations, self.where(scope, depth, outer), f' GROUP BY {sets}', self.having(keys, scope)), described

    def window(self, scope, full):
        r = self.random
        partition = f'PARTITION BY {", ".join(c.text for c in r.sample(scope, min(len(scope), r.choice((1, 1, 2)))))} ' if self.chance(0.7) else ''
        order = self.full_order(scope)
        self.tells_apart |= full
        return partition, order if full else order[:r.choice((1, 1, 2))]

    def frame(self, full, ordered_by):
        """(text, whether the order must be full)"""
        r = self.random
        if self.chance(0.4):
            return ''
        bounds = r.choice(('UNBOUNDED PRECEDING AND CURRENT ROW', '{0} PRECEDING AND CURRENT ROW', '{0} PRECEDING AND {1} FOLLOWING', 'CURRENT ROW AND UNBOUNDED FOLLOWING',
                           '{0} FOLLOWING AND {2} FOLLOWING', '{2} PRECEDING AND {0} PRECEDING', 'UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING', 'UNBOUNDED PRECEDING AND {1} FOLLOWING'))
        mode = 'ROWS' if full and self.chance(0.6) else r.choice(('GROUPS', 'RANGE'))
        if mode == 'RANGE':
            step = {'date': "INTERVAL '1 day'", 'ts': "INTERVAL '1 day'", 'n2': '1.25', 'f8': '0.75', 'i4': '1', 'i8': '1', 'i2': '1'}.get(ordered_by)
            if not step:
                bounds = r.choice(('UNBOUNDED PRECEDING AND CURRENT ROW', 'CURRENT ROW AND UNBOUNDED FOLLOWING', 'CURRENT ROW AND CURRENT ROW'))
            more = {"INTERVAL '1 day'": "INTERVAL '2 days'"}.get(step, '3')
            bounds = bounds.format(step, step, more)
        else:
            bounds = bounds.format(r.randint(0, 2), r.randint(1, 2), 3)
        exclude = r.choice(('', '', '', ' EXCLUDE CURRENT ROW', ' EXCLUDE GROUP', ' EXCLUDE TIES'))
        return f' {mode} BETWEEN {bounds}{exclude}'

    def window_call(self, kind, scope):
        r, make = self.random, self.expressions.make
        choice = r.random()
        sort = f'e:{kind}'
        if kind == 'i8' and choice < 0.5:
            name = r.choice(('row_number()', 'rank()', 'dense_rank()', 'count(*)'))
            partition, order = self.window(scope, name == 'row_number()')
            frame = self.frame(False, None) if name == 'count(*)' and len(order) > 1 else ''
            return Node(sort, f'{name} OVER ({partition}ORDER BY {", ".join(order)}{frame if "RANGE" not in frame else ""})')
        if kind == 'f8' and choice < 0.4:
            partition, order = self.window(scope, False)
            return Node(sort, f'{r.choice(("percent_rank()", "cume_dist()"))} OVER ({partition}ORDER BY {", ".join(order)})')
        if kind == 'i4' and choice < 0.2:
            partition, order = self.window(scope, True)
            return Node(sort, f'ntile({r.randint(1, 4)}) OVER ({partition}ORDER BY {", ".join(order)})')
        if choice < 0.75:
            partition, order = self.window(scope, True)
            argument = make(kind, scope, 0)
            if self.chance(0.5):
                tail = r.choice(('', f', {r.randint(0, 3)}', f', {r.randint(1, 2)}, {literal(r, kind)}'))
                return Node(sort, f'{r.choice(("lag(", "lead("))}', argument, f'{tail}) OVER ({partition}ORDER BY {", ".join(order)})')
            call = r.choice(('first_value({})', 'last_value({})', f'nth_value({{}}, {r.randint(1, 3)})')).split('{}')
            # PostgreSQL takes the current row for the frame's first tie, also where it is not in the frame: NULL, where there are values.
            frame = self.frame(True, None).replace(' EXCLUDE TIES', '')
            return Node(sort, call[0], argument, call[1], f' OVER ({partition}ORDER BY {", ".join(order)}{frame if "INTERVAL" not in frame else ""})')
        return self.window_aggregate(kind, scope)

    def window_aggregate(self, kind, scope):
        r, make = self.random, self.expressions.make
        if kind in ('i8', 'n2', 'f8') and self.chance(0.7):
            inner = make('i4' if kind == 'i8' else kind, scope, 1)
            name = 'sum('
        elif kind == 'bool':
            name, inner = r.choice(('bool_and(', 'bool_or(')), self.expressions.boolean(scope, 0)
        else:
            name, inner = r.choice(('min(', 'max(')), make(kind, scope, 1)
        tail = Node('opt', ' FILTER (WHERE ', self.expressions.boolean(scope, 0), ')') if self.chance(0.15) else Node('')
        chosen = r.random()
        if chosen < 0.25:
            partition, _ = self.window(scope, False)
            return Node(f'e:{kind}', name, inner, ')', tail, f' OVER ({partition.strip()})')
        full = chosen < 0.6
        partition, order = self.window(scope, full)
        if not full:
            order = order[:1]
        ordered_by = next(c.type for c in scope if c.text == order[0].split()[0])
        frame = self.frame(full, ordered_by if len(order) == 1 else None)
        return Node(f'e:{kind}', name, inner, ')', tail, f' OVER ({partition}ORDER BY {", ".join(order)}{frame})')

    def over(self, types, depth, relations, scope, outer, opaque):
        expressions, told = [], False
        for i, t in enumerate(types):
            windowed = i == 0 or self.chance(0.4)
            self.tells_apart = False
            made = self.window_call(t, scope) if windowed else self.expressions.make(t, scope, min(1, depth))
            # Equal rows are told apart by one window alone: which of them is first in each of two is open.
            if windowed and told and self.tells_apart:
                made = self.expressions.make(t, scope, min(1, depth))
            told |= windowed and self.tells_apart
            expressions.append(made)
        return Node('q', 'SELECT ', self.items(expressions), ' FROM ', relations, self.where(scope, depth, outer)), self.described(types)

    # ---- FROM

    def from_clause(self, depth):
        item, scope = self.from_item(depth)
        joins = self.random.choices((0, 1, 2), (45, 42, 13) if depth else (75, 23, 2))[0]
        for _ in range(joins):
            item, scope = self.join(item, scope, depth)
        return item, scope

    def from_item(self, depth):
        if depth > 0 and self.chance(0.22):
            inner, columns = self.query(self.random.randint(2, 3), depth - 1)
            name = self.alias('s')
            return Node('from', '(', inner, f') {name}'), self.scope(name, columns)
        if self.chance(0.03):
            name = self.alias('v')
            rows = ', '.join(f'({self.random.randint(0, 3)}, {literal(self.random, "text")})' for _ in range(3))
            return Node('from', f'(VALUES {rows}) {name}(c1, c2)'), self.scope(name, [('c1', 'i4', True), ('c2', 'text', False)])
        table, columns = self.random.choice(self.relations)
        name = self.alias()
        return Node('from', f'{table} {name}'), self.scope(name, columns)

    @staticmethod
    def scope(name, columns):
        return [Ref(f'{name}.{column}', kind, small) for column, kind, small in columns if kind != OPAQUE]

    def join(self, left, scope, depth):
        r = self.random
        if depth > 0 and self.chance(0.12):
            return self.lateral(left, scope, depth - 1)
        right, other = self.from_item(depth)
        if depth > 0 and self.chance(0.1):
            right, other = self.join(right, other, depth - 1)
            right = Node('from', '(', right, ')')
        kind = r.choice(('JOIN', 'JOIN', 'LEFT JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'CROSS JOIN', ','))
        if kind in ('CROSS JOIN', ','):
            # The comma binds less than JOIN: the left must not be seen in a later ON.
            return Node('from', left, ' CROSS JOIN ', right), scope + other
        shared = self.shared(scope, other)
        if shared and self.chance(0.12):
            return Node('from', left, f' {kind} ', right, f' USING ({r.choice(shared)})'), scope + other
        conditions = []
        if kind == 'FULL JOIN' or not self.chance(0.12):
            a, b = self.expressions.pair(scope, other, 1 if self.chance(0.2) else 0)
            conditions.append(Node('e:bool', '(', a, ' IS NOT DISTINCT FROM ' if self.chance(0.07) and kind != 'FULL JOIN' else ' = ', b, ')'))
        while not conditions or (self.chance(0.25) and len(conditions) < 3):
            conditions.append(self.expressions.boolean(scope + other, 1 if kind != 'FULL JOIN' and self.chance(0.2) else 0))
        return Node('from', left, f' {kind} ', right, ' ON ', conditions[0], *(Node('opt', ' AND ', c) for c in conditions[1:])), scope + other

    @staticmethod
    def shared(scope, other):
        """Columns that USING may name: once on either side, of one type."""
        def once(columns):
            names = [c.text.split('.')[1] for c in columns]
            return {c.text.split('.')[1]: c.type for c in columns if names.count(c.text.split('.')[1]) == 1}
        left, right = once(scope), once(other)
        return sorted(name for name in left if right.get(name) == left[name])

    def lateral(self, left, scope, depth):
        r = self.random
        if self.chance(0.25):
            name = self.alias('g')
            return Node('from', left, f' CROSS JOIN LATERAL generate_series(1, least(', self.expressions.make('i4', scope, 0), f', 3)) {name}(c1)'), scope + self.scope(name, [('c1', 'i4', True)])
        inner, columns = self.select(r.randint(1, 2), depth, outer=tuple(scope))
        name = self.alias('l')
        joined = r.choice((' CROSS JOIN LATERAL (', ' LEFT JOIN LATERAL ('))
        return Node('from', left, joined, inner, f') {name}', ' ON true' if 'LEFT' in joined else ''), scope + self.scope(name, columns)

    # ---- subqueries in expressions

    def subquery(self, kind, scope, depth):
        r = self.random
        outer = tuple(scope) if self.chance(0.65) else ()
        if kind == 'bool' and self.chance(0.85):
            chosen = r.random()
            if chosen < 0.4:
                inner, _ = self.select(['i4'], depth - 1, outer)
                return Node('e:bool', '(', r.choice(('EXISTS (', 'NOT EXISTS (')), inner, '))')
            same = r.choice(scope).type
            if same not in ALL:
                same = 'i4'
            inner, _ = self.select([same], depth - 1, outer if chosen < 0.75 else ())
            left = self.expressions.make(same, scope, 0)
            if chosen < 0.85:
                return Node('e:bool', '(', left, r.choice((' IN (', ' NOT IN (')), inner, '))')
            return Node('e:bool', '(', left, f' {r.choice(("=", "<", ">", "<>", "<="))} {r.choice(("ANY", "ALL"))} (', inner, '))')
        if kind not in ALL:
            return None
        relations, inner = self.from_clause(0)
        if self.chance(0.8):
            node, _ = self.global_aggregate([kind], depth - 1, relations, inner, outer, False)
        else:
            value = self.expressions.make(kind, inner, 0)
            node = Node('q', 'SELECT ', value, ' FROM ', relations, self.where(inner, 0, outer), r.choice((' ORDER BY 1 LIMIT 1', ' ORDER BY 1 DESC NULLS LAST LIMIT 1')))
        return Node(f'e:{kind}', '(', node, ')')
