"""The log is changed behind the engine's back: a record that a journalled epoch has consumed gets another value, with a batch checksum to match. The
engine must refuse to go on (its journal has a checksum of every slice), not write different rows than before.
"""
import os
import shutil
import struct
import tempfile
import time
import signal
import subprocess

import life
import pipelines


def crc32c(data):
    """Castagnoli, reflected, as record batches have it (RFC 3720)."""
    table = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def change_first_batch(path):
    """Kafka's record batch: base offset 8, length 4, leader epoch 4, magic 1, CRC 4 of all that follows."""
    with open(path, "r+b") as file:
        head = file.read(12)
        length = struct.unpack(">i", head[8:12])[0]
        batch = bytearray(head + file.read(length))
        at = batch.index(b'"v":') + 4
        batch[at] = ord("9") if batch[at] != ord("9") else ord("8")
        batch[17:21] = struct.pack(">I", crc32c(bytes(batch[21:])))
        file.seek(0)
        file.write(batch)


def is_noticed(kappa, seed):
    folder = tempfile.mkdtemp(prefix="kappa-crash-")
    try:
        one = life.Life(kappa, pipelines.Pairs(), seed, [])
        shutil.rmtree(one.folder)
        one.folder, one.data, one.out, one.sql = folder, os.path.join(folder, "data"), os.path.join(folder, "out"), os.path.join(folder, "program.sql")
        one.command("topic", "create", "e", "--partitions", str(pipelines.PARTITIONS))
        # v decides nothing here but the slice's checksum: both sinks already have the rows.
        with open(one.sql, "w", encoding="utf-8") as file:
            file.write(one.pipeline.program(one.out, "0 s"))
        feed = life.Feed(kappa, one.data, seed)
        for _ in range(5):
            feed.step()
        feed.close()
        # Without a snapshot: recovery runs every epoch again.
        engine = [kappa, "run", "--name", life.PROGRAM, "--data", one.data, one.sql, "-q", "--set", "checkpoint_interval=1 hour"]
        first = subprocess.Popen(engine, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + life.PATIENCE
        while len(one.log_records()) < 2 * feed.count and first.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        first.send_signal(signal.SIGKILL)
        errors = first.communicate()[1].decode(errors="replace")
        if len(one.log_records()) < 2 * feed.count:
            print(f"FAILED changed log: the first run did not write its rows: {errors}")
            return False
        change_first_batch(os.path.join(one.data, "log", "e-0", "00000000000000000000.log"))
        again = subprocess.run(engine + ["--until", "latest"], capture_output=True, timeout=life.PATIENCE, check=False)
        told = again.stderr.decode(errors="replace").strip()
        if again.returncode == 0:
            print("FAILED changed log: records that were consumed have changed, and nobody noticed")
            return False
        if "58K01" not in told and "XX001" not in told:
            print(f"FAILED changed log: refused for another reason: {told}")
            return False
        print("changed log: noticed: " + told.splitlines()[0])
        return True
    except life.Failure as failure:
        print(f"FAILED changed log: {failure}")
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)
