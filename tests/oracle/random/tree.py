"""SQL as a tree that can be written and made smaller.

A node has a sort: 'q' a query, 'from' an item of FROM, 'e:TYPE' an expression, 'list' a comma list, 'opt' what may be left out, '' anything else.
"""


class Node:
    __slots__ = ('sort', 'parts')

    def __init__(self, sort, *parts):
        self.sort, self.parts = sort, list(parts)

    def __str__(self):
        if self.sort == 'list':
            return ', '.join(map(str, self.parts))
        return ''.join(map(str, self.parts))

    def size(self):
        return len(str(self))

    def descendants(self):
        for part in self.parts:
            if isinstance(part, Node):
                yield part
                yield from part.descendants()


LITERALS = {'i2': '1::smallint', 'i4': '1', 'i8': '1::bigint', 'n0': '1::numeric', 'n2': '1.00::numeric(10,2)', 'f8': '0.5::float8', 'text': "'a'::text",
            'bool': 'true', 'date': "DATE '2024-02-29'", 'ts': "TIMESTAMP '2024-02-29 12:00:00'"}


def variants(node):
    """Smaller trees, those that leave out most first. Not all are valid SQL."""
    if node.sort == 'opt' and node.parts:
        yield Node('')
    if node.sort in ('q', 'from') or node.sort.startswith('e:'):
        for inner in node.descendants():
            if inner.sort == node.sort:
                yield inner
    if node.sort.startswith('e:') and node.parts and isinstance(node.parts[0], Node) or len(node.parts) > 1 and node.sort.startswith('e:'):
        literal = LITERALS.get(node.sort[2:])
        if literal and str(node) != literal:
            yield Node(node.sort, literal)
    if node.sort == 'list' and len(node.parts) > 1:
        for i in range(len(node.parts)):
            yield Node('list', *node.parts[:i], *node.parts[i + 1:])
    for i, part in enumerate(node.parts):
        if isinstance(part, Node):
            for smaller in variants(part):
                yield Node(node.sort, *node.parts[:i], smaller, *node.parts[i + 1:])
