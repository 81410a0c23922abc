"""Makes a failing case smaller while it still fails in the same way."""
import copy
import time

from case import Run, View, ask_postgres
from engines import Kappa
from tables import Epoch
from tree import variants


class Shrink:
    """`case` holds one view and those that it reads; the last is the one that fails with an outcome of `kind`."""

    def __init__(self, case, kind, binary, connection, seconds=60):
        self.kind, self.binary, self.connection = kind, binary, connection
        self.deadline = time.monotonic() + seconds
        self.case, self.tries = case, 0

    def fails(self, case):
        """The outcome, when the case still fails."""
        if time.monotonic() > self.deadline:
            return None
        self.tries += 1
        try:
            answers, refused = ask_postgres(case, self.connection)
        except AssertionError:
            return None
        if refused:
            return None
        kappa = Kappa(self.binary, case.settings, timeout=15)
        try:
            run = Run(case, kappa, answers)
        finally:
            kappa.close()
        return next((o for o in run.failures() if o.kind == self.kind and o.view in ('', case.views[-1].name)), None)

    def run(self):
        """(the smallest case, its outcome); None when the failure does not come again."""
        outcome = self.fails(self.case) or self.fails(self.case)
        if outcome is None:
            return None
        progress = True
        while progress and time.monotonic() < self.deadline:
            progress = False
            for smaller in self.candidates(self.case):
                found = self.fails(smaller)
                if found:
                    self.case, outcome, progress = smaller, found, True
                    break
        return self.case, outcome

    def candidates(self, case):
        yield from self.of_run(case)
        yield from self.of_changes(case)
        for i in reversed(range(len(case.views))):
            for node in variants(case.views[i].node):
                views = list(case.views)
                views[i] = View(views[i].name, node, [v.name for v in views[:i] if f' {v.name} ' in str(node)])
                used = set(views[-1].reads) | {views[-1].name} | {name for v in views for name in v.reads}
                smaller = copy.copy(case)
                smaller.views = [v for v in views if v.name in used]
                yield smaller

    @staticmethod
    def of_run(case):
        for change in ({'kill_after': None}, {'settings': [('workers', 1), ('jit_tier', 'quick')]}, {'views_first': True}, {'epochs': [Epoch(e.statements, False) for e in case.epochs]}):
            smaller = copy.copy(case)
            smaller.__dict__.update(change)
            if any(getattr(case, name) != value for name, value in change.items()):
                yield smaller
        used = ' '.join(str(v.node) for v in case.views)
        for table in case.tables:
            if f'{table.name} ' not in used and len(case.tables) > 1:
                smaller = copy.copy(case)
                smaller.tables = [t for t in case.tables if t is not table]
                smaller.epochs = [Epoch([s for s in e.statements if f' {table.name} ' not in s + ' '], e.transaction) for e in case.epochs]
                yield smaller

    @staticmethod
    def of_changes(case):
        def with_epochs(epochs):
            smaller = copy.copy(case)
            smaller.epochs = epochs
            if smaller.kill_after is not None:
                smaller.kill_after = min(smaller.kill_after, len(epochs) - 1)
            return smaller
        for i in range(len(case.epochs)):
            if len(case.epochs) > 1:
                yield with_epochs(case.epochs[:i] + case.epochs[i + 1:])
                if i:
                    joined = Epoch(case.epochs[i - 1].statements + case.epochs[i].statements, case.epochs[i].transaction)
                    yield with_epochs(case.epochs[:i - 1] + [joined] + case.epochs[i + 1:])
        for i, epoch in enumerate(case.epochs):
            for j, statement in enumerate(epoch.statements):
                for smaller in smaller_statements(statement):
                    yield with_epochs(case.epochs[:i] + [Epoch(epoch.statements[:j] + smaller + epoch.statements[j + 1:], epoch.transaction)] + case.epochs[i + 1:])


def smaller_statements(statement):
    yield []
    head, found, tail = statement.partition(' VALUES ')
    if found and ' ON CONFLICT' not in tail:
        rows = tail[1:-1].split('), (')
        if len(rows) > 1:
            half = len(rows) // 2
            for part in (rows[:half], rows[half:]):
                yield [head + found + '(' + '), ('.join(part) + ')']
            for i in range(len(rows)):
                yield [head + found + '(' + '), ('.join(rows[:i] + rows[i + 1:]) + ')']
