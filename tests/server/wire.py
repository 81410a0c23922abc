"""PostgreSQL's protocol 3 by hand, for tests: what goes over the socket, message by message."""
import socket
import struct

PATIENCE = 60


class Closed(Exception):
    """The server has closed the connection."""


class Message:
    def __init__(self, kind, body):
        self.kind, self.body = kind, body

    def __repr__(self):
        return f"{self.kind}{self.body!r}"

    def fields(self):
        """Of an error or a notice: {'C': '42601', ...}."""
        parts = self.body.rstrip(b"\0").split(b"\0")
        return {chr(p[0]): p[1:].decode() for p in parts if p}

    def tag(self):
        return self.body[:-1].decode()

    def columns(self):
        """Of a RowDescription: [(name, oid, size, modifier, format)]."""
        count, at, out = struct.unpack_from(">h", self.body)[0], 2, []
        for _ in range(count):
            end = self.body.index(b"\0", at)
            table, number, oid, size, modifier, form = struct.unpack_from(">ihihih", self.body, end + 1)
            assert table == 0 and number == 0
            out.append((self.body[at:end].decode(), oid, size, modifier, form))
            at = end + 19
        assert at == len(self.body)
        return out

    def row(self):
        count, at, out = struct.unpack_from(">h", self.body)[0], 2, []
        for _ in range(count):
            size = struct.unpack_from(">i", self.body, at)[0]
            at += 4
            out.append(None if size < 0 else self.body[at:at + size].decode())
            at += max(size, 0)
        assert at == len(self.body)
        return out


def packet(kind, body=b""):
    return kind.encode() + struct.pack(">I", len(body) + 4) + body


def startup(parameters, code=3 << 16):
    body = b"".join(k.encode() + b"\0" + v.encode() + b"\0" for k, v in parameters.items()) + b"\0"
    return struct.pack(">II", len(body) + 8, code) + body


def text(value):
    return value.encode() + b"\0"


def parse(name, sql, oids=()):
    return packet("P", text(name) + text(sql) + struct.pack(">h", len(oids)) + b"".join(struct.pack(">I", o) for o in oids))


def bind(portal, name, values=(), formats=(), results=()):
    body = text(portal) + text(name) + struct.pack(">h", len(formats)) + b"".join(struct.pack(">h", f) for f in formats) + struct.pack(">h", len(values))
    for value in values:
        if value is None:
            body += struct.pack(">i", -1)
        else:
            data = value if isinstance(value, bytes) else str(value).encode()
            body += struct.pack(">i", len(data)) + data
    return packet("B", body + struct.pack(">h", len(results)) + b"".join(struct.pack(">h", f) for f in results))


def describe(kind, name):
    return packet("D", kind.encode() + text(name))


def execute(portal, limit=0):
    return packet("E", text(portal) + struct.pack(">i", limit))


def close(kind, name):
    return packet("C", kind.encode() + text(name))


SYNC, FLUSH, TERMINATE = packet("S"), packet("H"), packet("X")


class Wire:
    """A connection; after `open` one that has been greeted."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.address = address
        self.socket = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self.buffer = b""
        self.parameters, self.key = {}, None

    @classmethod
    def open(cls, address, **parameters):
        wire = cls(address)
        wire.send(startup({"user": "tester", **parameters}))
        wire.greeting = wire.until_ready()
        return wire

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def _take(self, size):
        while len(self.buffer) < size:
            got = self.socket.recv(65536)
            if not got:
                raise Closed()
            self.buffer += got
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def receive(self):
        head = self._take(5)
        message = Message(chr(head[0]), self._take(struct.unpack(">I", head[1:])[0] - 4))
        if message.kind == "S":
            name, value = message.body[:-1].split(b"\0")
            self.parameters[name.decode()] = value.decode()
        elif message.kind == "K":
            self.key = struct.unpack(">II", message.body)
        return message

    def until_ready(self):
        messages = []
        while True:
            messages.append(self.receive())
            if messages[-1].kind == "Z":
                return messages

    def query(self, sql):
        self.send(packet("Q", text(sql)))
        return self.until_ready()

    def rows(self, sql):
        messages = self.query(sql)
        errors = [m.fields() for m in messages if m.kind == "E"]
        assert not errors, errors
        return [m.row() for m in messages if m.kind == "D"]

    def error(self, sql):
        """The fields of the error that the query must answer."""
        return next(m.fields() for m in self.query(sql) if m.kind == "E")

    def last_words(self):
        """What comes until the server closes."""
        messages = []
        try:
            while True:
                messages.append(self.receive())
        except (Closed, ConnectionError):
            return messages

    def cancel(self, key=None):
        process, secret = key or self.key
        with Wire(self.address) as other:
            other.send(struct.pack(">IIII", 16, 80877102, process, secret))
            assert not other.last_words()


def kinds(messages):
    return "".join(m.kind for m in messages)
