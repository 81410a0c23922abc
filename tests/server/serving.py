"""A `kappa serve` of its own for each test class."""
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from wire import PATIENCE, Wire

KAPPA = None


class Served:
    """A running server over a data directory."""

    def __init__(self, data, *arguments):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([KAPPA, "serve", "--data", data, "--listen", "127.0.0.1:0", *arguments], stdout=subprocess.PIPE, stderr=self.log)
        line = self.process.stdout.readline().decode()
        match = re.search(r"listens on (\S+),", line)
        if not match:
            raise AssertionError(f"kappa serve said {line!r} and {self.said()!r}")
        self.address = match.group(1)
        # Whatever sinks print must not fill the pipe.
        self.drain = threading.Thread(target=self.process.stdout.read, daemon=True)
        self.drain.start()

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def alive(self):
        return self.process.poll() is None

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def stop(self, number=signal.SIGTERM):
        if self.alive():
            self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE)
        self.drain.join(timeout=PATIENCE)
        self.process.stdout.close()
        self.log.close()
        return code


class ServerTest(unittest.TestCase):
    ARGUMENTS = ()

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.data = os.path.join(cls.folder.name, "data")
        cls.served = Served(cls.data, *cls.ARGUMENTS)
        cls.address = cls.served.address

    @classmethod
    def tearDownClass(cls):
        code = cls.served.stop()
        cls.folder.cleanup()
        assert code == 0, f"the server ended with {code}"

    def open(self, **parameters):
        wire = Wire.open(self.address, **parameters)
        self.addCleanup(wire.socket.close)
        return wire

    def connect(self):
        wire = Wire(self.address)
        self.addCleanup(wire.socket.close)
        return wire

    def wait_for(self, look, what):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if look():
                return
            time.sleep(0.02)
        self.fail(f"{what} did not come")


def main():
    """NAME.py KAPPA [TEST...]"""
    global KAPPA
    import serving
    serving.KAPPA = KAPPA = os.path.abspath(sys.argv[1])
    unittest.main(module="__main__", argv=[sys.argv[0]] + sys.argv[2:])
