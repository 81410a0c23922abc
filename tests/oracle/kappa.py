"""Runs the kappa command, and brings its output and an oracle's into one form."""
import collections
import fractions
import json
import os
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Failure(Exception):
    pass


class Kappa:
    """One data directory; every command runs at the repository's root."""

    def __init__(self, binary, deadline_seconds=120):
        self.binary = os.path.abspath(binary)
        self.deadline_seconds = deadline_seconds
        self.directory = tempfile.TemporaryDirectory(prefix='kappa-oracle-')
        self.data = os.path.join(self.directory.name, 'data')

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def command(self, *arguments, stdin=None):
        try:
            done = subprocess.run([self.binary, *arguments], cwd=ROOT, stdin=stdin or subprocess.DEVNULL, capture_output=True, timeout=self.deadline_seconds)
        except subprocess.TimeoutExpired as expired:
            raise Failure(f'kappa {arguments[0]} did not end within {self.deadline_seconds} s: {arguments}\n{(expired.stderr or b"").decode()}') from None
        if done.returncode != 0:
            raise Failure(f'kappa {" ".join(arguments)}\nended with {done.returncode}:\n{done.stderr.decode()}')
        return done.stdout.decode()

    def run(self, sql, settings=(), until_latest=True):
        """The lines that the program printed."""
        path = self.path('program.sql')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(sql)
        arguments = ['run', path, '--quiet', '--format', 'json', '--data', self.data]
        if until_latest:
            arguments += ['--until', 'latest']
        for name, value in settings:
            arguments += ['--set', f'{name}={value}']
        return self.command(*arguments).splitlines()

    def produce(self, topic, path, partitions=1, bootstrap=None):
        where = ['--bootstrap', bootstrap] if bootstrap else ['--data', self.data]
        self.command('topic', 'create', topic, '--partitions', str(partitions), *where)
        with open(path, 'rb') as file:
            lines = file.readlines()
        for partition in range(partitions):
            part = self.path(f'part-{partition}')
            with open(part, 'wb') as file:
                file.writelines(lines[partition::partitions])
            with open(part, 'rb') as file:
                self.command('topic', 'produce', topic, '--partition', str(partition), *where, stdin=file)


def value_text(value):
    """A value of the oracle as kappa writes it in JSON."""
    if value is None:
        return 'null'
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if hasattr(value, 'isoformat'):
        text = value.isoformat(sep=' ') if hasattr(value, 'hour') else value.isoformat()
        if '.' in text:
            text = text.rstrip('0')
        return json.dumps(text)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def json_line(names, row):
    return '{' + ','.join(f'{json.dumps(name)}:{value_text(value)}' for name, value in zip(names, row)) + '}'


def json_line_of(members):
    """A row as apply_changes answers it, written again."""
    return '{' + ','.join(f'{json.dumps(name)}:{value_text(value)}' for name, value in members) + '}'


def apply_changes(lines):
    """What an updating result holds after its changes: {line without op: how often}."""
    contents = collections.Counter()
    for line in lines:
        members = json.loads(line, parse_float=str, object_pairs_hook=list)
        (name, op), rest = members[0], members[1:]
        if name != 'op':
            raise Failure(f'no op column: {line}')
        contents[json.dumps(rest)] += 1 if op == 'insert' else -1
    if any(count < 0 for count in contents.values()):
        raise Failure('a row was taken back that was not there')
    return [json.loads(line) for line, count in contents.items() for _ in range(count)]


def average_text(total, count, like):
    """The average with as many digits as `like` has, rounded half away from zero, as PostgreSQL's numeric does."""
    digits = len(str(like).partition('.')[2])
    scaled = fractions.Fraction(total, count) * 10**digits
    rounded = int(abs(scaled) + fractions.Fraction(1, 2)) * (-1 if scaled < 0 else 1)
    text = str(abs(rounded)).rjust(digits + 1, '0')
    sign = '-' if rounded < 0 else ''
    return sign + (text[:-digits] + '.' + text[-digits:] if digits else text)


def compare(what, expected, actual):
    """Raises unless both hold the same lines, whatever their order."""
    expected, actual = sorted(expected), sorted(actual)
    if not expected:
        raise Failure(f'{what}: the oracle answers nothing: nothing is tested')
    if expected == actual:
        return
    missing = list((collections.Counter(expected) - collections.Counter(actual)).elements())
    extra = list((collections.Counter(actual) - collections.Counter(expected)).elements())
    raise Failure(f'{what}: {len(expected)} rows expected, {len(actual)} came\n  missing {len(missing)}, such as {missing[:3]}\n  too many {len(extra)}, such as {extra[:3]}')
