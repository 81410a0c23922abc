#!/usr/bin/env python3
"""The shell on a real terminal, driven by tmux:  shell_terminal.py KAPPA"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

DEADLINE = 30  # seconds for what is to appear


class Terminal:
    def __init__(self, command, folder, columns=100, rows=40):
        self.socket = os.path.join(folder, "tmux")
        self.environment = dict(os.environ, HOME=folder, LANG="C.UTF-8", LC_ALL="C.UTF-8", TERM="xterm-256color")
        for name in ("TMUX", "KAPPA_HISTORY", "KAPPA_DATA", "PAGER"):
            self.environment.pop(name, None)
        self.environment["KAPPA_PAGER"] = "cat"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", str(columns), "-y", str(rows), command + "; echo left with $?; sleep 60")

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-S", self.socket, *arguments], env=self.environment, capture_output=True, text=True, timeout=30, check=True).stdout

    def type(self, text):
        self.tmux("send-keys", "-t", "t", "-l", "--", text[:-1] + "\\;" if text.endswith(";") else text)

    def key(self, *names):
        for name in names:
            self.tmux("send-keys", "-t", "t", name)

    def line(self, text):
        self.type(text)
        self.key("Enter")

    def screen(self, all_of_it=False):
        return self.tmux("capture-pane", "-t", "t", "-p", *(["-S", "-"] if all_of_it else []))

    def wait(self, pattern, seconds=DEADLINE):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            screen = self.screen()
            if re.search(pattern, screen, re.M):
                return screen
            time.sleep(0.1)
        raise AssertionError(f"{pattern!r} did not appear in {seconds} s:\n{self.screen()}")

    def clear(self):
        """An empty prompt on an empty screen, so that what appears next is new."""
        self.key("C-c")
        time.sleep(0.2)
        self.key("C-l")
        self.wait(r"\A\s*kappa> *\Z|\A\s*kappa> ?\s*\Z")

    def child(self):
        """The shell's process."""
        pane = self.tmux("display-message", "-p", "-t", "t", "#{pane_pid}").strip()
        return subprocess.run(["pgrep", "-P", pane], capture_output=True, text=True, check=True).stdout.split()[0]

    def end(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], env=self.environment, capture_output=True, check=False)


def peak_kb(process):
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s*(\d+)", status.read())[1])


def statements_of_several_lines(t):
    t.line("SELECT 'it''s', (1 +")
    t.wait(r"^ +\(> ?$")
    t.line("2) AS three,")
    t.wait(r"^ +-> *$")
    t.line("'日本語' AS wide, NULL AS nothing;")
    screen = t.wait(r"\(1 row\)")
    assert "│ it's     │     3 │ 日本語 │ NULL    │" in screen, screen
    t.clear()
    t.line("SELECT 'open")
    t.wait(r"^ +'> *$")
    t.clear()


def completion(t):
    t.type("SELE")
    t.key("Tab")
    t.wait(r"kappa> SELECT ?$")
    t.type("sqlst")
    t.clear()
    t.type("SELECT count(*) FROM kappa_dea")
    t.key("Tab")
    t.type("WHERE sqlst")
    t.key("Tab")
    t.wait(r"FROM kappa_dead_letters WHERE sqlstate")
    t.clear()
    t.type("\\timi")
    t.key("Tab")
    t.wait(r"kappa> \\timing")
    t.clear()


def mistakes(t):
    t.line("SELEC 1;")
    t.wait(r"ERROR 42601")
    t.line("\\tming")
    t.wait(r"did you mean \\timing\?")
    t.clear()


def interrupts(t):
    t.line("SELECT count(*) FROM events;")
    time.sleep(1.5)
    started = time.monotonic()
    t.key("C-c")
    t.wait(r"cancelled")
    assert time.monotonic() - started < 10
    t.line("SELECT 'still ' || 'here';")
    t.wait(r"still here")
    t.clear()


def sizes(t):
    t.line("SELECT repeat('abc ', 50) AS long, 1 AS n;")
    screen = t.wait(r"\(1 row\)")
    assert "…" in screen and all(len(line) <= 100 for line in screen.splitlines()), screen
    t.tmux("resize-window", "-t", "t", "-x", "60", "-y", "40")
    time.sleep(0.5)
    t.clear()
    t.line("SELECT repeat('abc ', 50) AS long, 1 AS n;")
    screen = t.wait(r"\(1 row\)")
    assert "┐" in screen and max(len(line) for line in screen.splitlines() if line.startswith("┌")) == 60, screen
    t.tmux("resize-window", "-t", "t", "-x", "100", "-y", "40")
    time.sleep(0.5)
    t.clear()


def a_million_rows(t):
    process = t.child()
    before = peak_kb(process)
    t.line("\\o rows.txt")
    t.line("SELECT sequence, name FROM million;")
    t.line("\\o")
    t.line("SELECT 'all ' || 'shown';")
    t.wait(r"all shown", 120)
    with open(os.path.join(t.environment["HOME"], "rows.txt"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert lines[-2].startswith("(1,000,000 rows)") or lines[-1].startswith("(1,000,000 rows)"), lines[-3:]
    assert len([line for line in lines if line.startswith("│")]) == 1_000_001, len(lines)
    grown = peak_kb(process) - before
    print(f"a million rows: {grown / 1024:.0f} MB more at the most")
    t.clear()


def history(t):
    t.line("SELECT 'remember ' || 'me';")
    t.wait(r"remember me")
    t.clear()
    t.key("Up")
    t.wait(r"SELECT 'remember ' \|\| 'me';")
    t.clear()
    t.line("CREATE SECRET s AS 'hunter2';")
    t.wait(r"CREATE SECRET")
    with open(os.path.join(t.environment["HOME"], ".kappa_history"), encoding="utf-8") as file:
        text = file.read()
    assert "remember" in text and "hunter2" not in text, text
    t.line("\\q")
    t.wait(r"left with 0")


def main():
    kappa = os.path.abspath(sys.argv[1])
    if shutil.which("tmux") is None:
        sys.exit("tmux is not installed")
    folder = tempfile.mkdtemp(prefix="kappa-terminal-")
    definitions = os.path.join(folder, "definitions.sql")
    with open(definitions, "w", encoding="utf-8") as file:
        file.write("CREATE SOURCE events (a BIGINT) WITH (connector = 'datagen', rows = 2000000000) FORMAT PLAIN ENCODE JSON;\n"
                   "CREATE SOURCE million (sequence BIGINT, name TEXT) WITH (connector = 'datagen', rows = 1000000, fields.sequence.kind = 'sequence')"
                   " FORMAT PLAIN ENCODE JSON;\n")
    terminal = Terminal(f"cd {shlex.quote(folder)}; {shlex.quote(kappa)} shell --data data", folder)
    try:
        terminal.wait(r"kappa> ?$")
        terminal.line("\\i definitions.sql")
        terminal.wait(r"CREATE SOURCE\s+CREATE SOURCE")
        for part in (statements_of_several_lines, completion, mistakes, interrupts, sizes, a_million_rows, history):
            part(terminal)
            print(part.__name__.replace("_", " "), "ok", flush=True)
    finally:
        terminal.end()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
