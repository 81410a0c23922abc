#!/usr/bin/env python3
"""What a client must not be able to do to the server: malformed.py KAPPA [TEST...]"""
import random
import resource
import socket
import struct

import serving
from wire import SYNC, Wire, kinds, packet, startup, text


class Malformed(serving.ServerTest):
    def assert_lives(self):
        with Wire.open(self.address) as wire:
            self.assertEqual(wire.rows("SELECT 1"), [["1"]])

    def assert_refused(self, wire, code="08P01", pattern="."):
        """A fatal error, and the end."""
        messages = wire.last_words()
        self.assertEqual(kinds(messages), "E", messages)
        fields = messages[0].fields()
        self.assertEqual((fields["S"], fields["V"], fields["C"]), ("FATAL", "FATAL", code), fields)
        self.assertRegex(fields["M"], pattern)
        self.assert_lives()

    # --- startup ---

    def test_startup_packets_outside_their_bounds(self):
        for length in (0, 1, 4, 7, 10_001, 1 << 30, 0xFFFFFFFF, 0x80000000):
            wire = self.connect()
            wire.send(struct.pack(">II", length, 3 << 16))
            self.assert_refused(wire, pattern="length of startup packet")

    def test_the_largest_startup_packet_is_taken_and_the_smallest_refused(self):
        wire = self.connect()
        fixed = len(startup({"user": "u", "application_name": ""}))
        wire.send(startup({"user": "u", "application_name": "a" * (10_000 - fixed)}))
        self.assertEqual(wire.until_ready()[-1].kind, "Z")
        wire = self.connect()
        wire.send(struct.pack(">II", 8, 3 << 16))
        self.assert_refused(wire)

    def test_a_startup_packet_without_its_terminator(self):
        wire = self.connect()
        body = b"user\0tester\0"
        wire.send(struct.pack(">II", len(body) + 8, 3 << 16) + body)
        self.assert_refused(wire, pattern="terminator")
        wire = self.connect()
        body = b"user\0tester"
        wire.send(struct.pack(">II", len(body) + 8, 3 << 16) + body)
        self.assert_refused(wire)
        wire = self.connect()
        body = b"user\0tester\0\0more"
        wire.send(struct.pack(">II", len(body) + 8, 3 << 16) + body)
        self.assert_refused(wire, pattern="terminator")

    def test_other_protocols_and_no_user(self):
        for code, pattern in ((2 << 16, "unsupported frontend protocol 2.0"), (4 << 16, "unsupported frontend protocol 4.0")):
            wire = self.connect()
            wire.send(startup({"user": "u"}, code))
            self.assert_refused(wire, "0A000", pattern)
        wire = self.connect()
        wire.send(startup({}))
        self.assert_refused(wire, "28000", "no PostgreSQL user name")
        wire = self.connect()
        wire.send(startup({"user": "u", "replication": "database"}))
        self.assert_refused(wire, "0A000")
        wire = self.connect()
        wire.send(startup({"user": "u", "no_such_setting": "1"}))
        self.assert_refused(wire, "42704", "no_such_setting")

    def test_a_newer_minor_version_is_negotiated_down(self):
        wire = self.connect()
        wire.send(startup({"user": "u", "_pq_.later": "x"}, (3 << 16) + 2))
        messages = wire.until_ready()
        self.assertEqual(messages[0].kind, "v")
        self.assertEqual(messages[0].body, struct.pack(">II", 0, 1) + text("_pq_.later"))

    def test_encryption_is_declined_but_not_for_ever(self):
        wire = self.connect()
        for code in (80877103, 80877104):
            wire.send(struct.pack(">II", 8, code))
            self.assertEqual(wire._take(1), b"N")
        wire.send(struct.pack(">II", 8, 80877103))
        self.assert_refused(wire)
        wire = self.connect()
        wire.send(struct.pack(">II", 12, 80877103) + b"more")
        self.assert_refused(wire)

    def test_http_and_garbage_at_startup(self):
        for data in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\xff" * 64, b"\0" * 64):
            wire = self.connect()
            wire.send(data)
            self.assert_refused(wire)

    # --- messages ---

    def test_unknown_types_end_the_connection(self):
        for kind in (0, 1, ord("A"), ord("Z"), ord("q"), 255):
            wire = self.open()
            wire.send(bytes([kind]) + struct.pack(">I", 4))
            self.assert_refused(wire, pattern=f"invalid frontend message type {kind}$")

    def test_lengths_that_no_message_has(self):
        for length in (0, 1, 3, 1 << 30, (1 << 30) - 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, (64 << 20) + 1):
            wire = self.open()
            wire.send(b"Q" + struct.pack(">I", length))
            self.assert_refused(wire, pattern="invalid message length")
        for kind in "SHXDEC":
            wire = self.open()
            wire.send(kind.encode() + struct.pack(">I", 10_001))
            self.assert_refused(wire, pattern="invalid message length")

    def test_a_long_message_is_held_only_as_far_as_it_has_come(self):
        before = self.served.memory()
        wires = []
        for _ in range(50):
            wire = self.open()
            wire.send(b"Q" + struct.pack(">I", 64 << 20) + b"SELECT 1" * 100)
            wires.append(wire)
        self.assert_lives()
        self.assertLess(self.served.memory() - before, 100 << 20)  # of 3.2 GB claimed
        for wire in wires:
            wire.socket.close()
        self.assert_lives()

    def test_half_messages(self):
        for data in (b"Q", b"Q\0", b"Q\0\0\0", packet("Q", text("SELECT 1"))[:-1], packet("P", b"a\0SELECT")[:-2]):
            wire = self.open()
            wire.send(data)
            wire.socket.shutdown(socket.SHUT_WR)
            self.assertEqual(wire.last_words(), [])
        self.assert_lives()

    def test_a_message_byte_by_byte(self):
        wire = self.open()
        for byte in packet("Q", text("SELECT 'slowly'")):
            wire.send(bytes([byte]))
        self.assertEqual([m.row() for m in wire.until_ready() if m.kind == "D"], [["slowly"]])

    def test_many_messages_in_one_packet(self):
        wire = self.open()
        wire.send(b"".join(packet("Q", text(f"SELECT {i}")) for i in range(200)))
        for i in range(200):
            self.assertEqual([m.row() for m in wire.until_ready() if m.kind == "D"], [[str(i)]])

    def test_bodies_that_lie_are_errors_after_which_it_goes_on(self):
        bodies = [packet("Q", b"SELECT 1"), packet("Q", b""), packet("Q", b"SELECT 1\0more")]
        for body in bodies:
            wire = self.open()
            wire.send(body)
            messages = wire.until_ready()
            self.assertEqual(kinds(messages), "EZ")
            self.assertEqual(messages[0].fields()["C"], "08P01")
            self.assertEqual(wire.rows("SELECT 2"), [["2"]])
        extended = [packet("P"), packet("P", b"a\0"), packet("P", text("") + text("SELECT 1") + struct.pack(">h", 3)), packet("P", text("") + text("SELECT 1") + struct.pack(">h", -1)),
                    packet("B", b"\0"), packet("B", b"no terminator"), packet("D"), packet("D", b"Q" + text("")), packet("D", b"S"), packet("E", b""), packet("E", text("")),
                    packet("C", b"X" + text("")), packet("C", b"S"), packet("p", text("secret")), packet("F", b"\0\0\0\1")]
        for message in extended:
            wire = self.open()
            wire.send(message + SYNC)
            messages = wire.until_ready()
            self.assertEqual(kinds(messages), "EZ", message)
            self.assertIn(messages[0].fields()["C"], ("08P01", "26000", "34000", "0A000"), message)
            self.assertEqual(wire.rows("SELECT 2"), [["2"]])

    def test_copy_messages_outside_a_copy_are_passed_over(self):
        wire = self.open()
        wire.send(packet("d", b"1\t2\n") + packet("c") + packet("f", text("why")))
        self.assertEqual(wire.rows("SELECT 3"), [["3"]])

    def test_texts_that_are_no_utf8(self):
        wire = self.open()
        wire.send(packet("Q", b"SELECT '\xff\xfe'\0"))
        messages = wire.until_ready()
        self.assertEqual(kinds(messages), "EZ")
        self.assertEqual(messages[0].fields()["C"], "22021")

    def test_garbage(self):
        seed = 20_240_601
        generator = random.Random(seed)
        for round_ in range(300):
            wire = self.open() if round_ % 2 else self.connect()
            data = generator.randbytes(generator.randrange(1, 300))
            if round_ % 3 == 0:  # a valid head, a random body
                body = generator.randbytes(generator.randrange(0, 60))
                data = packet(generator.choice("QPBDECSHFp"), body)
            try:
                wire.send(data)
                wire.socket.shutdown(socket.SHUT_WR)
                wire.last_words()
            except ConnectionError:
                pass
            wire.socket.close()
        self.assert_lives()

    # --- too many, too slow, wrong keys ---

    def test_wrong_cancel_keys_cancel_nobody(self):
        wire = self.open()
        process, secret = wire.key
        wire.send(packet("Q", text("SELECT 1")))
        for key in ((process, secret ^ 1), (process + 1, secret), (0, 0), (0xFFFFFFFF, 0xFFFFFFFF)):
            wire.cancel(key)
        self.assertEqual(kinds(wire.until_ready()), "TDCZ")
        for size in (8, 12, 15, 17, 20):  # a cancel request has 16 bytes
            other = self.connect()
            other.send(struct.pack(">II", size, 80877102) + bytes(size - 8))
            self.assertEqual(other.last_words(), [])
        self.assert_lives()


class Crowd(serving.ServerTest):
    ARGUMENTS = ("--max-connections", "5")

    def admits(self):
        with Wire(self.address) as wire:
            wire.send(startup({"user": "u"}))
            return wire.receive().kind == "R"

    def test_ten_thousand_connections_without_startup(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        most = min(10_000, hard - 100)
        self.wait_for(self.admits, "a free place")
        before = self.served.memory()
        host, port = self.address.rsplit(":", 1)
        crowd = []
        try:
            for i in range(most):
                crowd.append(socket.create_connection((host, int(port)), timeout=30))
                if i % 1000 == 999:
                    with Wire.open(self.address) as wire:  # whoever says who they are gets through
                        self.assertEqual(wire.rows(f"SELECT {i}"), [[str(i)]])
            self.assertLess(self.served.memory() - before, 100 << 20)
        finally:
            for connection in crowd:
                connection.close()
        with Wire.open(self.address) as wire:
            self.assertEqual(wire.rows("SELECT 1"), [["1"]])

    def test_no_more_clients_than_may_be(self):
        wires = [self.open() for _ in range(5)]
        late = self.connect()
        late.send(startup({"user": "u"}))
        words = late.last_words()
        self.assertEqual(words[0].fields()["C"], "53300")
        wires[0].socket.close()
        self.wait_for(self.admits, "a free place")


if __name__ == "__main__":
    serving.main()
