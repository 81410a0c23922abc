"""Random scalar expressions that cannot fail: no overflow, no division by what may be zero, no cast that may not work.

Types: those of tables.py, and n0: a numeric without digits behind the point (a sum of bigints).
"""
import collections

from tables import POOLS, SQL_TYPES
from tree import Node

# small: at most a few dozen, so that it may be multiplied.
Ref = collections.namedtuple('Ref', 'text type small')
NUMBERS = ('i2', 'i4', 'i8', 'n0', 'n2', 'f8')
INTEGERS = ('i2', 'i4', 'i8')
ALL = tuple(POOLS)


def literal(random, kind):
    if kind == 'n0':
        return Node('e:n0', f'{random.randint(0, 9)}::numeric')
    text = random.choice(POOLS[kind])
    if kind in ('date', 'ts'):
        return Node(f'e:{kind}', f'{"DATE" if kind == "date" else "TIMESTAMP"} {text}')
    if kind == 'bool':
        return Node('e:bool', text)
    return Node(f'e:{kind}', f'({text})::{SQL_TYPES[kind]}' if kind in ('i2', 'i8', 'n2', 'f8') else f'{text}::text' if kind == 'text' else text)


class Expressions:
    """`subquery(kind, scope, depth)` answers a scalar or boolean subquery as a node, or None."""

    def __init__(self, random, subquery=lambda kind, scope, depth: None):
        self.random, self.subquery = random, subquery

    def column(self, scope, kind):
        found = [c for c in scope if c.type == kind]
        return self.random.choice(found) if found else None

    def make(self, kind, scope, depth=2):
        r = self.random
        column = self.column(scope, kind)
        chosen = r.random()
        if column and chosen < (0.55 if depth else 0.85):
            return Node(f'e:{kind}', column.text)
        if not column and scope and chosen < 0.8:
            return self.converted(kind, scope)
        if depth <= 0 or (chosen < 0.72 if column else chosen < 0.1):
            return Node(f'e:{kind}', column.text) if column and r.random() < 0.75 else literal(r, kind)
        if chosen < 0.76 if column else chosen < 0.14:
            found = self.subquery(kind, scope, depth)
            if found:
                return found
        return self.compound(kind, scope, depth - 1)

    def converted(self, kind, scope):
        """From a column of another type."""
        r = self.random
        whole = [c for c in scope if c.type in INTEGERS and c.small]
        if kind == 'bool' or kind == 'text' or not whole:
            column = r.choice(scope)
            text = f'({column.text} IS NOT NULL)' if kind == 'bool' else f'{column.text}::text'
            if kind not in ('bool', 'text'):
                return Node(f'e:{kind}', f'CASE WHEN {column.text} IS NULL THEN ', literal(r, kind), ' ELSE ', literal(r, kind), ' END')
            return Node(f'e:{kind}', text)
        column = r.choice(whole).text
        text = {'date': f"(DATE '2024-02-28' + {column}::int)", 'ts': f"(TIMESTAMP '2024-02-28 00:00:00' + {column} * INTERVAL '6 hours')"}.get(kind)
        return Node(f'e:{kind}', text or f'{column}::{"numeric" if kind == "n0" else SQL_TYPES[kind]}')

    def compound(self, kind, scope, depth):
        r, sort = self.random, f'e:{kind}'
        common = r.random()
        if common < 0.15:
            return Node(sort, 'coalesce(', self.make(kind, scope, depth), ', ', self.make(kind, scope, depth), ')')
        if common < 0.30:
            return Node(sort, 'CASE WHEN ', self.boolean(scope, depth), ' THEN ', self.make(kind, scope, depth), Node('opt', ' ELSE ', self.make(kind, scope, depth)), ' END')
        if common < 0.36:
            return Node(sort, 'nullif(', self.make(kind, scope, depth), ', ', self.make(kind, scope, depth), ')')
        if common < 0.42:
            return Node(sort, r.choice(('greatest(', 'least(')), self.make(kind, scope, depth), ', ', self.make(kind, scope, depth), ')')
        return getattr(self, '_' + kind)(scope, depth)

    def _i2(self, scope, depth):
        return Node('e:i2', '(', self.make('i2', scope, depth), ' % 3::smallint)')

    def _i4(self, scope, depth):
        r = self.random
        chosen = r.random()
        if chosen < 0.3:
            return Node('e:i4', 'length(', self.make('text', scope, depth), ')')
        if chosen < 0.5:
            return Node('e:i4', 'extract(day FROM ', self.make(r.choice(('date', 'ts')), scope, depth), ')::int')
        return Node('e:i4', '(', self.make('i4', scope, depth), f' % {r.randint(2, 5)}', Node('opt', f' + {r.randint(1, 3)}'), ')')

    def _i8(self, scope, depth):
        r = self.random
        small = [c for c in scope if c.small and c.type in INTEGERS]
        if small and r.random() < 0.3:
            return Node('e:i8', f'({r.choice(small).text}::bigint * {r.choice(small).text})')
        return Node('e:i8', '(', self.make(r.choice(INTEGERS), scope, depth), f'::bigint {r.choice("+-")} ', self.make(r.choice(INTEGERS), scope, depth), ')')

    def _n0(self, scope, depth):
        return Node('e:n0', '(', self.make('n0', scope, depth), ' + ', self.make('i8', scope, depth), ')')

    def _n2(self, scope, depth):
        return Node('e:n2', '(', self.make('n2', scope, depth), f' {self.random.choice("+-")} ', self.make('n2', scope, depth), ')')

    def _f8(self, scope, depth):
        return Node('e:f8', '(', self.make('f8', scope, depth), f' {self.random.choice("+-")} ', self.make('f8', scope, depth), ')')

    def _text(self, scope, depth):
        r = self.random
        chosen = r.random()
        if chosen < 0.4:
            return Node('e:text', '(', self.make('text', scope, depth), ' || ', self.make('text', scope, depth), ')')
        if chosen < 0.7:
            return Node('e:text', f'{r.choice(("md5", "reverse", "btrim"))}(', self.make('text', scope, depth), ')')
        return Node('e:text', '(', self.make(r.choice(('i4', 'bool', 'date', 'n2', 'ts')), scope, depth), ')::text')

    def _bool(self, scope, depth):
        return self.boolean(scope, depth)

    def _date(self, scope, depth):
        if self.random.random() < 0.5:
            return Node('e:date', '(', self.make('ts', scope, depth), ')::date')
        return Node('e:date', '(', self.make('date', scope, depth), f' + {self.random.randint(1, 3)})')

    def _ts(self, scope, depth):
        r = self.random
        if r.random() < 0.3:
            return Node('e:ts', "date_trunc('day', ", self.make('ts', scope, depth), ')')
        return Node('e:ts', '(', self.make('ts', scope, depth), f" + INTERVAL '{r.randint(1, 36)} hours')")

    def pair(self, scope, other, depth):
        """Two expressions that may be compared, the first over `scope`, the second over `other`; of columns whenever there are any."""
        r = self.random
        here = {c.type for c in scope}
        both = [(a, b) for a in sorted(here) for b in sorted({c.type for c in other}) if a == b or a in NUMBERS and b in NUMBERS]
        same = [p for p in both if p[0] == p[1]]
        a, b = r.choice(same if same and r.random() < 0.85 else both or [('i4', 'i4')])
        return self.make(a, scope, depth), self.make(b, other, depth)

    def boolean(self, scope, depth=1):
        r = self.random
        chosen = r.random()
        if depth > 0:
            if chosen < 0.12:
                return Node('e:bool', '(', self.boolean(scope, depth - 1), r.choice((' AND ', ' OR ')), self.boolean(scope, depth - 1), ')')
            if chosen < 0.16:
                return Node('e:bool', '(NOT ', self.boolean(scope, depth - 1), ')')
            if chosen < 0.27:
                found = self.subquery('bool', scope, depth)
                if found:
                    return found
        kind = r.choice(scope).type if scope else 'i4'
        if chosen < 0.36:
            return Node('e:bool', '(', self.make(kind, scope, depth), r.choice((' IS NULL)', ' IS NOT NULL)')))
        if chosen < 0.44:
            return Node('e:bool', '(', self.make(kind, scope, depth), r.choice((' IN (', ' NOT IN (')), Node('list', *(literal(r, kind) for _ in range(3))), '))')
        if chosen < 0.50:
            return Node('e:bool', '(', self.make(kind, scope, depth), ' BETWEEN ', literal(r, kind), ' AND ', literal(r, kind), ')')
        if chosen < 0.54 and kind == 'text':
            return Node('e:bool', '(', self.make('text', scope, depth), f" LIKE '{r.choice(('a%', '%b', '_', '%'))}')")
        if kind == 'bool' and chosen < 0.7:
            return self.column(scope, 'bool') and Node('e:bool', self.column(scope, 'bool').text)
        left, right = self.pair(scope, scope, depth) if r.random() < 0.6 and len(scope) > 1 else (self.make(kind, scope, depth), literal(r, kind))
        if str(left) == str(right):
            right = literal(r, left.sort[2:])
        return Node('e:bool', '(', left, f' {r.choice(("=", "<=", "<", "<=", ">=", ">", "<>", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"))} ', right, ')')
