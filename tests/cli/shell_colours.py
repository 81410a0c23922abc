#!/usr/bin/env python3
"""Colours of what is typed: two shells on real terminals, one with NO_COLOR, get the same keys and must show the same text:
shell_colours.py KAPPA"""
import os
import random
import re
import shlex
import shutil
import sys
import tempfile
import time
import unicodedata

from shell_terminal import DEADLINE, Terminal

HISTORY = ("SELECT 1 AS one,\\n\\t2 AS two,\\n  'three\\n  and four' AS \"Four\"\\nFROM kappa_dead_letters;\n"
           "SELECT 'one' AS line, 12 AS number;\n")
SGR = re.compile(r"\x1b\[([0-9;]*)m")


def attributes(screen):
    """[(character, its SGR codes)] of a screen that was captured with its escapes; a newline is one too."""
    cells, codes, at = [], frozenset(), 0
    while at < len(screen):
        found = SGR.match(screen, at)
        if not found:
            assert screen[at] != "\x1b", screen[at:at + 20]
            cells.append((screen[at], codes))
            at += 1
            continue
        for code in (found.group(1) or "0").split(";"):
            if code in ("", "0"):
                codes = frozenset()
            elif code[0] == "3":
                codes = frozenset(each for each in codes if each[0] != "3") | ({code} if code != "39" else set())
            elif code != "49":
                codes = codes | {code}
        at = found.end()
    return cells


def codes_of(cells, text):
    """What the last `text` on the screen is shown with, all of it alike."""
    plain = "".join(character for character, _ in cells)
    begin = plain.rfind(text)
    assert begin >= 0, f"{text!r} is not on the screen:\n{plain}"
    codes = {codes for _, codes in cells[begin:begin + len(text)]}
    assert len(codes) == 1, f"{text!r} has {codes}:\n{plain}"
    return codes.pop()


class Pair:
    """Two shells, with colours and without."""

    def __init__(self, kappa, folder, columns=60, rows=20):
        self.both = []
        for name, variables in (("coloured", {}), ("plain", {"NO_COLOR": "1"})):
            home = os.path.join(folder, name)
            os.mkdir(home)
            with open(os.path.join(home, ".kappa_history"), "w", encoding="utf-8") as file:
                file.write(HISTORY)
            os.environ.pop("NO_COLOR", None)
            assignments = "".join(f"{variable}={value} " for variable, value in variables.items())
            self.both.append(Terminal(f"cd {shlex.quote(home)}; {assignments}{shlex.quote(kappa)} shell --data data", home, columns, rows))
        self.coloured, self.plain = self.both
        for terminal in self.both:
            terminal.wait(r"kappa> ?$")

    def look(self, terminal):
        return terminal.screen(), terminal.tmux("display-message", "-p", "-t", "t", "#{cursor_x},#{cursor_y}").strip()

    def same(self, expected=None):
        """Both show the same, the cursor too, and go on doing so; with `expected` in it. Answers the coloured one's cells."""
        end = time.monotonic() + DEADLINE
        before = None
        while True:
            looks = [self.look(terminal) for terminal in self.both]
            if looks[0] == looks[1] == before and (expected is None or expected in looks[0][0]):
                break
            if time.monotonic() > end:
                raise AssertionError(f"with colours, cursor at {looks[0][1]}:\n{looks[0][0]}\nwithout, at {looks[1][1]}:\n{looks[1][0]}\nexpected: {expected}")
            before = looks[0]
            time.sleep(0.15)
        assert "\x1b" not in self.escapes(self.plain), self.escapes(self.plain)
        return attributes(self.escapes(self.coloured))

    def shows(self, text, columns=60, cursor=None):
        """Both show the prompt and `text` as a terminal of so many columns breaks it, and the cursor, where given, at that character. (libedit alone
        loses some of it.)"""
        rows, width, cell = [""], 0, None
        for i, character in enumerate("kappa> " + text + " "):
            wide = 2 if unicodedata.east_asian_width(character) in "WF" else 1
            if width + wide > columns:
                rows, width = rows + [""], 0
            if cursor is not None and i == cursor + len("kappa> "):
                cell = f"{width},{len(rows) - 1}"
            rows[-1], width = rows[-1] + character, width + wide
        for terminal in self.both:
            terminal.wait(r"\A" + r" *\n".join(re.escape(row.rstrip()) for row in rows) + r"\s*\Z")
        cells = self.same()
        assert cell is None or self.look(self.coloured)[1] == cell, f"the cursor is at {self.look(self.coloured)[1]}, not {cell}:\n{text}"
        return cells

    def escapes(self, terminal):
        return terminal.tmux("capture-pane", "-t", "t", "-p", "-e")

    def type(self, text):
        for terminal in self.both:
            terminal.type(text)

    def key(self, *names):
        for terminal in self.both:
            terminal.key(*names)

    def tmux(self, *arguments):
        for terminal in self.both:
            terminal.tmux(*arguments)

    def clear(self):
        for terminal in self.both:
            terminal.clear()

    def end(self):
        for terminal in self.both:
            terminal.end()


def classes_have_colours(pair):
    pair.type("SELECT 'text', 12.5, plain, count(*) -- note")
    cells = pair.same("-- note")
    assert codes_of(cells, "SELECT") == {"1", "35"}
    assert codes_of(cells, "'text'") == {"32"}
    assert codes_of(cells, "12.5") == {"36"}
    assert codes_of(cells, "count") == {"36"}
    assert codes_of(cells, " plain") == set()
    assert codes_of(cells, "-- note") == {"2"}
    pair.key("Enter")
    pair.same("->")
    pair.type("'open) \\d")
    assert codes_of(pair.same("open)"), "'open) \\d") == {"4", "32"}
    pair.key("Enter")
    pair.type("still' x)")
    cells = pair.same("still' x)")
    assert codes_of(cells, "still'") == {"32"} and codes_of(cells, " x") == set() and codes_of(cells, ")") == {"1", "31"}
    pair.clear()
    pair.type("\\timing")
    assert codes_of(pair.same("\\timing"), "\\timing") == {"1", "36"}
    pair.clear()


def editing_a_line(pair):
    pair.type("SELECT 'a' AS b FROM t")
    pair.same("FROM t")
    pair.key("C-a", "C-f", "C-f", "C-f", "C-f", "C-f", "C-f")
    pair.type(" 42, ")
    cells = pair.same("SELECT 42,  'a' AS b FROM t")
    assert codes_of(cells, "42") == {"36"} and codes_of(cells, "'a'") == {"32"} and codes_of(cells, " b ") == set()
    pair.key("C-d", "BSpace", "BSpace", "BSpace", "BSpace")
    pair.same("SELECT 'a' AS b FROM t")
    pair.key("C-a", "C-k")
    pair.type("FROM")
    pair.same("kappa> FROM")
    pair.key("BSpace")
    assert codes_of(pair.same("kappa> FRO"), "FRO") == set()
    pair.key("C-a")
    pair.type("'")
    assert codes_of(pair.same("kappa> 'FRO"), "'FRO") == {"4", "32"}
    pair.clear()


def over_the_edge(pair):
    text = "SELECT 'one', 2, three FROM " * 4
    pair.type(text)
    pair.same()
    pair.shows(text)
    pair.key("C-e", *["C-b"] * 70)
    pair.type(" 'x' ")
    text = text[:-70] + " 'x' " + text[-70:]
    pair.shows(text)
    assert codes_of(pair.same("'x'"), "'x'") == {"32"}
    pair.key(*["BSpace"] * 30)
    pair.same()
    text = text[:-100] + text[-70:]
    pair.shows(text)
    pair.key("C-e")
    wide = "'" + "日本語" * 20
    pair.type(wide)
    text += wide
    pair.same()
    pair.shows(text)
    pair.key("C-a", *["C-f"] * 10)
    pair.type("日x本 ")
    text = text[:10] + "日x本 " + text[10:]
    pair.shows(text)
    pair.key(*["C-d"] * 12)
    text = text[:14] + text[26:]
    pair.shows(text)
    pair.key("C-e", *["BSpace"] * 7)
    pair.shows(text[:-7])
    pair.clear()


def full_rows(pair):
    pair.type("SELECT 1" + " " * 60 + "FROM")  # a word at the begin of a row
    cells = pair.same("FROM")
    assert codes_of(cells, "FROM") == {"1", "35"}
    pair.key("C-e", "C-u")
    pair.type("x" * 53)  # the row is full
    pair.same("x" * 53)
    pair.type("y")
    pair.same("\ny")
    pair.key("BSpace", "BSpace")
    pair.same("x" * 52)
    pair.clear()
    pair.type("SELECT 'long' " * 100)  # taller than the terminal
    pair.same()
    pair.key("C-u")
    pair.type("SELECT 2")
    pair.same("SELECT 2")
    pair.clear()


def random_edits(pair):
    """Any sequence of keys leaves on the screen what it leaves in the line."""
    pieces = ["SELECT ", "'", "a", "日", "本語", "FROM t ", " ", "1.5", "(", ")", "-- ", "/*", "*/", '"', "xyz", "é", "$1 ", "한"]
    seed = int(os.environ.get("KAPPA_FUZZ_SEED", "1"))
    for _ in range(int(os.environ.get("KAPPA_FUZZ_ROUNDS", "3"))):
        print("seed", seed, flush=True)
        random_ = random.Random(seed)
        seed += 1
        text, cursor = "", 0
        for step in range(30):
            count = random_.randint(1, 30)
            action = random_.choice(("type", "type", "left", "right", "back", "delete", "home", "end"))
            if action == "type" and len(text) < 200:
                typed = "".join(random_.choice(pieces) for _ in range(count // 5 + 1))
                pair.type(typed)
                text, cursor = text[:cursor] + typed + text[cursor:], cursor + len(typed)
            elif action == "left":
                pair.key(*["C-b"] * min(count, cursor))
                cursor -= min(count, cursor)
            elif action == "right":
                pair.key(*["C-f"] * min(count, len(text) - cursor))
                cursor += min(count, len(text) - cursor)
            elif action == "back":
                count = min(count // 3, cursor)
                pair.key(*["BSpace"] * count)
                text, cursor = text[:cursor - count] + text[cursor:], cursor - count
            elif action == "delete":
                count = min(count // 3, len(text) - cursor)
                pair.key(*["C-d"] * count)
                text = text[:cursor] + text[cursor + count:]
            elif action in ("home", "end"):
                pair.key("C-a" if action == "home" else "C-e")
                cursor = 0 if action == "home" else len(text)
            if step % 3 == 2:
                pair.shows(text, cursor=cursor)
        pair.clear()


def history_and_search(pair):
    pair.key("Up")
    cells = pair.same("SELECT 'one' AS line, 12 AS number;")
    assert codes_of(cells, "'one'") == {"32"}
    pair.key("Up")
    cells = pair.same("FROM kappa_dead_letters;")
    assert codes_of(cells, "FROM") == {"1", "35"} and codes_of(cells, "  and four'") == {"32"} and codes_of(cells, "\"Four\"") == {"1"}
    pair.key(*["C-b"] * 30)
    pair.type("99, ")
    pair.same("99, ")
    pair.key("C-a")
    pair.type("-- ")
    assert codes_of(pair.same("kappa> -- SELECT"), "-- SELECT 1 AS one,") == {"2"}
    pair.key("Down")
    pair.same("12 AS number;")
    pair.clear()
    pair.key("C-r")
    pair.type("three")
    cells = pair.same("bck:three")
    assert codes_of(cells, "bck:three") == set() and codes_of(cells, "SELECT") == {"1", "35"}
    pair.key("C-e")
    pair.same("FROM kappa_dead_letters;")
    pair.clear()


def lists_of_completions(pair):
    pair.type("SELECT 'x' FROM kappa_dead_letters WHERE sqlst")
    pair.key("Tab")
    pair.same("sqlstate")
    pair.clear()
    pair.type("SELECT " + "1234567 + " * 12 + " cu")
    pair.key("Tab")
    cells = pair.same("current_")
    assert codes_of(cells, "1234567") == {"36"}
    pair.key("C-a")
    pair.same()
    pair.clear()


def other_sizes(pair):
    pair.type("SELECT 'one', 2 AS two ")
    pair.same("two")
    for columns in ("50", "70"):
        pair.tmux("resize-window", "-t", "t", "-x", columns, "-y", "20")
        time.sleep(0.3)
        pair.type("'more' ")
        assert codes_of(pair.same("'more'"), "'more'") == {"32"}
    pair.tmux("resize-window", "-t", "t", "-x", "60", "-y", "20")
    time.sleep(0.3)
    pair.clear()
    text = "SELECT 'a text that is long enough for two rows of it', 2 AS two "
    pair.type(text)
    pair.shows(text)
    pair.tmux("resize-window", "-t", "t", "-x", "40", "-y", "20")
    time.sleep(0.3)
    pair.type("FROM nothing")
    pair.shows(text + "FROM nothing", 40)
    pair.tmux("resize-window", "-t", "t", "-x", "60", "-y", "20")
    time.sleep(0.3)
    pair.same()
    pair.clear()


def pasted_lines(pair):
    for terminal in pair.both:
        terminal.tmux("set-buffer", "--", "SELECT 'pas\nted' AS text,\n  12 AS number\n")
        terminal.tmux("paste-buffer", "-t", "t")
    cells = pair.same("12 AS number")
    assert codes_of(cells, "ted'") == {"32"} and codes_of(cells, "12") == {"36"} and codes_of(cells, "SELECT") == {"1", "35"}
    pair.type(";")
    pair.key("Enter")
    pair.same("(1 row)")
    pair.clear()


def switched_off(pair):
    pair.type("\\set highlight off")
    pair.key("Enter")
    pair.type("SELECT 'x'")
    assert codes_of(pair.same("SELECT 'x'"), "SELECT 'x'") == set()
    pair.key("C-c")
    pair.type("\\set highlight maybe")
    pair.key("Enter")
    pair.same("highlight takes on or off")
    pair.type("\\unset highlight")
    pair.key("Enter")
    pair.type("SELECT 'x'")
    assert codes_of(pair.same("SELECT 'x'"), "'x'") == {"32"}
    pair.clear()


def main():
    kappa = os.path.abspath(sys.argv[1])
    if shutil.which("tmux") is None:
        sys.exit("tmux is not installed")
    folder = tempfile.mkdtemp(prefix="kappa-colours-")
    pair = Pair(kappa, folder)
    try:
        for part in (classes_have_colours, editing_a_line, over_the_edge, full_rows, random_edits, history_and_search, lists_of_completions, other_sizes, pasted_lines, switched_off):
            if len(sys.argv) > 2 and part.__name__ not in sys.argv[2:]:
                continue
            pair.clear()
            part(pair)
            print(part.__name__.replace("_", " "), "ok", flush=True)
    finally:
        pair.end()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
