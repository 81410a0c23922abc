"""A client of PostgreSQL's wire protocol, version 3, as far as oracles need it: simple queries, values as text. Standard library only."""
import collections
import socket
import struct

Error = collections.namedtuple('Error', 'sqlstate message')


class Lost(Exception):
    """The connection ended, or answered nothing in time."""


class Connection:
    """One session. execute() answers rows (tuples of str or None; [] where a statement answers none) or an Error; raises Lost."""

    def __init__(self, port, host='127.0.0.1', user='postgres', database='postgres', timeout=60):
        try:
            self.socket = socket.create_connection((host, port), timeout)
        except OSError as error:
            raise Lost(f'no connection to port {port}: {error}') from None
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b''
        body = struct.pack('!i', 196608) + b''.join(f'{k}\0{v}\0'.encode() for k, v in (('user', user), ('database', database))) + b'\0'
        self.socket.sendall(struct.pack('!i', len(body) + 4) + body)
        self._answer()

    def execute(self, sql):
        body = sql.encode() + b'\0'
        try:
            self.socket.sendall(b'Q' + struct.pack('!i', len(body) + 4) + body)
        except OSError as error:
            raise Lost(str(error)) from None
        return self._answer()

    def close(self):
        try:
            self.socket.sendall(b'X\0\0\0\4')
            self.socket.close()
        except OSError:
            pass

    def _read(self, size):
        while len(self.buffer) < size:
            try:
                piece = self.socket.recv(1 << 16)
            except OSError as error:
                raise Lost(str(error) or 'no answer in time') from None
            if not piece:
                raise Lost('the server closed the connection')
            self.buffer += piece
        answer, self.buffer = self.buffer[:size], self.buffer[size:]
        return answer

    def _answer(self):
        """Up to ReadyForQuery: the last result, or the first error."""
        rows, error = [], None
        while True:
            kind, size = struct.unpack('!ci', self._read(5))
            body = self._read(size - 4)
            if kind == b'T':
                rows = []
            elif kind == b'D':
                rows.append(self._row(body))
            elif kind == b'E' and error is None:
                fields = {part[:1]: part[1:].decode(errors='replace') for part in body.split(b'\0') if part}
                error = Error(fields.get(b'C', '?'), fields.get(b'M', '?'))
            elif kind == b'R' and body[:4] != b'\0\0\0\0':
                raise Lost('the server asks for a password')
            elif kind == b'Z':
                return error or rows

    @staticmethod
    def _row(body):
        values, at = [], 2
        for _ in range(struct.unpack_from('!h', body)[0]):
            size, = struct.unpack_from('!i', body, at)
            at += 4
            values.append(None if size < 0 else body[at:at + size].decode())
            at += max(size, 0)
        return tuple(values)
