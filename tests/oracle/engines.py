"""kappa and PostgreSQL as the oracles drive them: statements in, rows of texts or an Error out. Standard library only."""
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time

from wire import Connection, Error, Lost

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CELL = re.compile(r'"((?:[^"]|"")*)"|([^,\n]*)')


class Postgres:
    """The server named by $KAPPA_TEST_POSTGRES_FILE (cmake/TestServers.cmake), else one of its own for as long as this lives."""

    def __init__(self):
        self.own = None
        file = os.environ.get('KAPPA_TEST_POSTGRES_FILE')
        if not file:
            self.own = tempfile.mkdtemp(prefix='kappa-oracle-postgres-')
            subprocess.run([f'{ROOT}/scripts/postgres.sh', 'start', self.own], check=True, stdout=subprocess.DEVNULL)
            file = f'{self.own}/conninfo'
        with open(file, encoding='utf-8') as conninfo:
            self.port = int(re.search(r'port=(\d+)', conninfo.read()).group(1))

    def connect(self):
        return Connection(self.port)

    def close(self):
        if self.own:
            subprocess.run([f'{ROOT}/scripts/postgres.sh', 'stop', self.own], check=False, stdout=subprocess.DEVNULL)
            shutil.rmtree(self.own, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Kappa:
    """An engine over a data directory of its own, spoken to through `kappa shell`; kill() and start() as often as wanted."""

    def __init__(self, binary, settings=(), timeout=60):
        self.binary, self.settings, self.timeout = os.path.abspath(binary), list(settings), timeout
        self.directory = tempfile.mkdtemp(prefix='kappa-oracle-')
        self.errors = None
        self.start()

    def start(self, settings=None):
        self.settings = self.settings if settings is None else list(settings)
        arguments = [self.binary, 'shell', '--data', f'{self.directory}/data', '--format', 'csv', '--continue-on-error']
        for name, value in self.settings:
            arguments += ['--set', f'{name}={value}']
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
        self.buffer = b''
        self.asked = 0

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        """Ends it in order; its exit code."""
        try:
            self.process.stdin.close()
            code = self.process.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            self.kill()
            code = 'killed: it did not end'
        shutil.rmtree(self.directory, ignore_errors=True)
        return code

    def execute(self, sql):
        """One statement, or several in one go. Rows are those of the last result."""
        self.asked += 1
        mark = f'@@{self.asked}@@'
        try:
            self.process.stdin.write(f'{sql.rstrip().rstrip(";")};\n\\echo {mark}\n'.encode())
        except OSError:
            self._lost()
        text = self._until(mark.encode() + b'\n').decode(errors='replace')
        found = re.search(r'^ERROR ([0-9A-Z]{5}): (.*)$', text, re.MULTILINE)
        if found:
            return Error(found.group(1), found.group(2))
        return parse_csv(text)

    def _until(self, mark):
        deadline = time.monotonic() + self.timeout
        while mark not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                self.process.send_signal(signal.SIGABRT)
                raise Lost(f'no answer within {self.timeout} s')
            piece = os.read(self.process.stdout.fileno(), 1 << 16)
            if not piece:
                self._lost()
            self.buffer += piece
        text, self.buffer = self.buffer.split(mark, 1)
        return text

    def _lost(self):
        code = self.process.wait()
        raise Lost(f'the engine ended with {code}: {self.buffer[-500:].decode(errors="replace")}')


def parse_csv(text):
    """The rows of the last result: an empty line ends a result, its first line is its header. A cell that is empty and not quoted is NULL."""
    rows, at = [], 0
    lines = []
    while at < len(text):
        row = []
        while True:
            cell = CELL.match(text, at)
            row.append(cell.group(1).replace('""', '"') if cell.group(1) is not None else (cell.group(2) or None))
            at = cell.end()
            if at >= len(text) or text[at] == '\n':
                at += 1
                break
            at += 1
        lines.append(tuple(row))
    for line in lines:
        if line == (None,) and not rows:
            continue
        rows.append(line)
    return rows[1:]
