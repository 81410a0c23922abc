"""A case: tables, views over them, changes in epochs; what PostgreSQL answers, and what kappa does."""
import collections
import copy
import random

from queries import Queries, columns_of
from tables import Epoch, Table, epochs
from wire import Error, Lost

MOST_ROWS = 3000
View = collections.namedtuple('View', 'name node reads')
# kind: agrees, unsupported (0A000), differs, error, lost
Outcome = collections.namedtuple('Outcome', 'kind view where detail')


class Case:
    def __init__(self, seed, views=12, epoch_count=6):
        r = random.Random(seed)
        self.seed = seed
        self.tables = [Table(r, f'k{i + 1}') for i in range(r.randint(2, 4))]
        relations = [(t.name, columns_of(t)) for t in self.tables]
        generator = Queries(r, relations * 3)
        self.views = []
        for i in range(views):
            name = f'v{i + 1}'
            node, columns = generator.top()
            self.views.append(View(name, node, [v.name for v in self.views if f' {v.name} ' in str(node)]))
            if r.random() < 0.25:
                generator.relations.append((name, columns))
        self.epochs = epochs(r, self.tables, epoch_count)
        # How kappa runs it; nothing of this may change a result.
        self.settings = [('workers', r.choice((1, 1, 2, 3))), ('jit_tier', r.choice(('quick', 'quick', 'adaptive')))]
        if r.random() < 0.3:
            self.settings.append(('epoch_max_records', r.choice((1, 3))))
        self.kill_after = r.choice((None, None, r.randrange(1, epoch_count)))
        self.workers_after_kill = r.choice((1, 2, 3))
        self.views_first = r.random() < 0.4  # before the tables are filled

    def only(self, name):
        """The same with one view, and those that it reads."""
        wanted, case = {name}, copy.copy(self)
        for view in reversed(self.views):
            if view.name in wanted:
                wanted.update(view.reads)
        case.views = [v for v in self.views if v.name in wanted]
        return case

    def script(self):
        """For a reader: `kappa shell` takes it as it is, psql without APPEND ONLY."""
        lines = [f'-- seed {self.seed}, settings {self.settings}, killed after epoch {self.kill_after}, views before rows: {self.views_first}']
        used = ' '.join(str(v.node) for v in self.views)
        lines += [t.ddl(kappa=True) + ';' for t in self.tables if t.name in used or len(self.tables) == 1]
        views = [f'CREATE MATERIALIZED VIEW {v.name} AS {v.node};' for v in self.views]
        lines += views if self.views_first else []
        for i, epoch in enumerate(self.epochs):
            lines.append(f'-- epoch {i}')
            lines += (['BEGIN;'] if epoch.transaction else []) + [s + ';' for s in epoch.statements] + (['COMMIT;'] if epoch.transaction else [])
            lines += views if i == 0 and not self.views_first else []
        return '\n'.join(lines + [f'SELECT * FROM {self.views[-1].name};']) + '\n'


def ask_postgres(case, connection):
    """({view: [rows after epoch 0, 1, ...]}, {view: why it is no test}). A schema of its own, gone afterwards."""
    execute = connection.execute
    execute(f'DROP SCHEMA IF EXISTS case_{case.seed} CASCADE')
    for statement in (f'CREATE SCHEMA case_{case.seed}', f'SET search_path = case_{case.seed}', "SET statement_timeout = '1500ms'", 'SET jit = off'):
        checked(execute(statement), statement)
    for table in case.tables:
        checked(execute(table.ddl()), table.ddl())
    answers, refused = {}, {}
    for view in case.views:
        made = execute(f'CREATE VIEW {view.name} AS {view.node}')
        if isinstance(made, Error):
            refused[view.name] = f'{made.sqlstate} {made.message}'
        else:
            answers[view.name] = []
    for epoch in case.epochs:
        for statement in epoch.statements:
            checked(execute(statement), statement)
        for name in list(answers):
            rows = execute(f'SELECT * FROM {name}')
            if isinstance(rows, Error) or len(rows) > MOST_ROWS:
                refused[name] = f'{rows.sqlstate} {rows.message}' if isinstance(rows, Error) else 'too many rows'
                del answers[name]
            else:
                answers[name].append(collections.Counter(rows))
    execute(f'DROP SCHEMA case_{case.seed} CASCADE')
    return answers, refused


def checked(answer, statement):
    if isinstance(answer, Error):
        raise AssertionError(f'PostgreSQL: {answer.sqlstate} {answer.message}\n{statement}')


class Run:
    """The case in kappa: outcomes, one a view; a second list for the queries asked ad hoc at the end."""

    def __init__(self, case, kappa, answers, ad_hoc=True, log=None):
        self.case, self.kappa, self.answers, self.log = case, kappa, answers, log
        self.outcomes, self.ad_hoc_outcomes = {}, {}
        self.transactions = True
        try:
            self._run(ad_hoc)
        except Lost as lost:
            self._fail('lost', '', self.doing, str(lost))

    def failures(self):
        return [o for o in [*self.outcomes.values(), *self.ad_hoc_outcomes.values()] if o.kind in ('differs', 'error', 'lost')]

    def _execute(self, sql):
        self.doing = sql
        if self.log:
            self.log.write(sql + ';\n')
            self.log.flush()
        return self.kappa.execute(sql)

    def _fail(self, kind, view, where, detail):
        self.outcomes[view] = Outcome(kind, view, where, detail)

    def _run(self, ad_hoc):
        case = self.case
        self.alive = []
        for table in case.tables:
            if not self._must(table.ddl(kappa=True)):
                return
        if case.views_first:
            self._create_views()
        for number, epoch in enumerate(case.epochs):
            if not self._apply(epoch):
                return
            if number == 0 and not case.views_first:
                self._create_views()
            if number == case.kill_after:
                self.kappa.kill()
                self.kappa.start([(n, case.workers_after_kill if n == 'workers' else v) for n, v in case.settings])
            for view in list(self.alive):
                self._compare(view, number, self.outcomes, f'SELECT * FROM {view}')
        for view in self.alive:
            self.outcomes.setdefault(view, Outcome('agrees', view, '', ''))
        if ad_hoc:
            for view in case.views:
                if view.name in self.answers and all(name in self.alive for name in view.reads):
                    if self._compare(view.name, len(case.epochs) - 1, self.ad_hoc_outcomes, str(view.node)):
                        self.ad_hoc_outcomes[view.name] = Outcome('agrees', view.name, '', '')

    def _must(self, sql):
        answer = self._execute(sql)
        if isinstance(answer, Error):
            self._fail('error', '', sql, f'{answer.sqlstate} {answer.message}')
            return False
        return True

    def _apply(self, epoch):
        together = epoch.transaction and self.transactions
        if together:
            begun = self._execute('BEGIN')
            if isinstance(begun, Error):
                if begun.sqlstate != '0A000':
                    self._fail('error', '', 'BEGIN', begun.message)
                    return False
                self.transactions = together = False
        return all(self._must(s) for s in epoch.statements) and (not together or self._must('COMMIT'))

    def _create_views(self):
        for view in self.case.views:
            if view.name not in self.answers:
                continue
            made = self._execute(f'CREATE MATERIALIZED VIEW {view.name} AS {view.node}')
            if not isinstance(made, Error):
                self.alive.append(view.name)
            elif made.sqlstate == '0A000' or made.sqlstate == '42P01' and any(name not in self.alive for name in view.reads):
                why = made.message if made.sqlstate == '0A000' else 'it reads a view that is not supported'
                self.outcomes[view.name] = Outcome('unsupported', view.name, '', why)
            else:
                self._fail('error', view.name, 'CREATE MATERIALIZED VIEW', f'{made.sqlstate} {made.message}')

    def _compare(self, view, number, outcomes, sql):
        rows = self._execute(sql)
        where = f'epoch {number}' if outcomes is self.outcomes else 'ad hoc'
        if isinstance(rows, Error):
            outcomes[view] = Outcome('unsupported' if rows.sqlstate == '0A000' and where == 'ad hoc' else 'error', view, where, f'{rows.sqlstate} {rows.message}')
        else:
            expected, actual = self.answers[view][number], collections.Counter(rows)
            if expected == actual:
                return True
            missing, extra = list((expected - actual).elements()), list((actual - expected).elements())
            outcomes[view] = Outcome('differs', view, where, f'{sum(expected.values())} rows expected, {sum(actual.values())} came; missing {missing[:4]}; too many {extra[:4]}')
        if outcomes is self.outcomes:
            self.alive.remove(view)
        return False
