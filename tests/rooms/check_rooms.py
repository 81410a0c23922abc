#!/usr/bin/env python3
"""The rules of the house, checked over the sources.

  check_rooms.py includes ROOT    no #include crosses the rooms' rules (docs/architecture.md)
  check_rooms.py door ROOT        nothing outside common/os touches the clock, files, threads or randomness
  check_rooms.py links ROOT       relative links of Markdown files lead somewhere
  check_rooms.py self-test        each rule finds what is planted for it, and nothing else

Prints one line a finding (path:line: what, and what to do) and exits with 1 when there is one.
"""
import os
import re
import subprocess
import sys

# room -> rooms (or folders of one) that it may include besides itself; all see common.
SEES = {
    "common": [],
    "types": [],
    "functions": ["types"],
    "parser": [],
    "catalog": ["types"],
    "planner": ["parser", "catalog", "functions", "types"],
    "formats": ["types", "functions/call_context.h"],  # a decoder reports failed rows as functions do
    "exec": ["planner/dataflow", "functions", "formats", "types"],
    "connectors": ["types"],
    "engine": ["types", "functions", "parser", "catalog", "planner", "formats", "exec", "connectors"],
    "cli": ["engine", "server"],
    "server": ["engine"],
}
# Folders inside a room with rules of their own, narrower than the room's: a dataflow is self-contained.
NARROWER = {"planner/dataflow": ["planner/dataflow", "types", "functions"]}
# (who, what): why it may nevertheless.
INCLUDES_ALLOWED = {
    ("cli", "connectors"): "kappa topic works on logs beside a running engine, without one of its own",
    ("cli", "formats/encoder.h"): "results are written as sinks write records",
    ("server", "types"): "rows go out, and parameters come in, as the texts of their types",
    ("cli", "parser/splitter.h"): "the shell reads on until a statement ends",
    ("cli", "parser/keywords.h"): "what is typed is coloured by the grammar's own words",
    ("cli", "parser/redact.h"): "what was typed is shown and kept without its secrets",
}
# Free of the rules: they may look anywhere.
FREE = ["tests", "bench", "samples"]

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')

# what -> (pattern, what to use instead)
DOOR = {
    "clock": (r"std::chrono::(system|steady|high_resolution|utc)_clock|\bclock_gettime\s*\(|\bgettimeofday\s*\(|(?<![\w.>])(std::)?time\s*\(\s*(nullptr|NULL|0|&)"
              r"|(?<![\w.>])(std::)?clock\s*\(\s*\)|\babsl::Now\s*\(|\bgetrusage\s*\(", "os::Clock"),
    "file": (r"(?<!\w)(std::)?f(re)?open\s*\(|std::[iow]*fstream\b|std::filesystem\b|(?<![\w.>])open(at)?\s*\([^;]*\bO_[A-Z]+|(?<![\w>])::(open|openat|creat|read|pread|write|pwrite|fsync"
             r"|fdatasync|ftruncate|rename|unlink|remove|mkdir|opendir|stat|mmap)\s*\(|\bmkstemp\s*\(|\btmpfile\s*\(|#\s*include\s*<(fstream|filesystem|fcntl\.h|dirent\.h"
             r"|sys/mman\.h|sys/stat\.h)>", "os::FileSystem"),
    "thread": (r"std::j?thread\b|std::async\b|\bpthread_create\s*\(|std::this_thread\b|std::condition_variable|\b(u|nano)?sleep\s*\(|#\s*include\s*<(thread|condition_variable"
               r"|future)>", "os::Threads, os::Event, os::SleepNanos"),
    "randomness": (r"(?<![\w.>])(std::)?s?rand\s*\(|std::random_device\b|\bgetrandom\s*\(|\bgetentropy\s*\(|\barc4random|\b[dl]rand48\s*\(|\babsl::(Insecure)?BitGen\b", "os::Random"),
    "socket": (r"#\s*include\s*<boost/asio|#\s*include\s*<sys/socket\.h>", "os::LocalStream; clients are served in server/"),
    "environment": (r"\b(secure_)?getenv\s*\(", "os::EnvironmentVariable"),
}
DOOR = {kind: (re.compile(pattern), instead) for kind, (pattern, instead) in DOOR.items()}

# (path, kind): why it may. A path that ends in / stands for a folder.
ALLOWED = {
    ("common/os/", "*"): "it is the door",
    ("server/", "socket"): "thousands of clients need an event loop, which no simulation runs: what they ask is answered by the engine, behind the door",
}


def sources(root, endings):
    """Files that git knows or would add, relative to root."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, check=False)
    if listed.returncode == 0:
        paths = [p for p in listed.stdout.decode().split("\0") if p]
    else:  # an exported tree
        paths = [os.path.relpath(os.path.join(d, f), root) for d, _, files in os.walk(root) for f in files]
    return sorted(p for p in paths if p.endswith(endings) and os.path.exists(os.path.join(root, p)) and not p.startswith(("build/", ".cache/")))


def strip(text):
    """Comments, string and character literals become spaces; lines stay. Include lines keep their text."""
    def blank(match):
        token = match.group(0)
        if token[0] in "/\"'" or token.startswith('R"'):
            return re.sub(r"[^\n]", " ", token)
        return token
    pattern = re.compile(r'^[ \t]*#[ \t]*include[^\n]*|//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S | re.M)
    return pattern.sub(blank, text)


def within(path, folder):
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def check_include(path, target):
    """What is wrong with `path` including `target`, or None."""
    room, other = path.split("/")[0], target.split("/")[0]
    if room in FREE or room not in SEES or other not in set(SEES) | set(FREE):
        return None  # system headers, generated files, files of no room
    if other in FREE:
        return f"{room} must not see {other}"
    for folder, allowed in NARROWER.items():
        if within(path, folder):
            if other == "common" or any(within(target, a) for a in allowed):
                return None
            return f"{folder} sees only common, {', '.join(a for a in allowed if a != folder)}"
    if room == other:
        return None
    if any(within(path, who) and within(target, what) for who, what in INCLUDES_ALLOWED):
        return None
    if other == "common" or any(within(target, allowed) for allowed in SEES[room]):
        return None
    return f"{room} sees only common{''.join(', ' + a for a in SEES[room])}"


def findings_includes(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        match = INCLUDE.match(line)
        wrong = match and check_include(path, match.group(1))
        if wrong:
            yield f'{path}:{number}: includes "{match.group(1)}": {wrong}'


def findings_door(path, text):
    if path.split("/")[0] in FREE:
        return
    lines = text.split("\n")
    for number, line in enumerate(strip(text).split("\n"), 1):
        for kind, (pattern, instead) in DOOR.items():
            match = pattern.search(line)
            if not match:
                continue
            if any((within(path, allowed) if allowed.endswith("/") else path == allowed) and what in ("*", kind) for allowed, what in ALLOWED):
                continue
            yield f"{path}:{number}: {kind} outside common/os: {lines[number - 1].strip()[:100]}   (use {instead})"


def findings_links(root, path, text):
    text = re.sub(r"```.*?```", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.S)
    for number, line in enumerate(text.split("\n"), 1):
        for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", line)):
            file = target.split("#")[0]
            if not file or "://" in file or file.startswith("mailto:"):
                continue
            if not os.path.exists(os.path.normpath(os.path.join(root, os.path.dirname(path), file))):
                yield f"{path}:{number}: the link to {target} leads nowhere"


def run(mode, root):
    endings = (".md",) if mode == "links" else (".h", ".cc", ".inc")
    found, looked_at = [], 0
    for path in sources(root, endings):
        if mode != "links" and path.split("/")[0] not in SEES:
            continue
        looked_at += 1
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            text = file.read()
        found += {"includes": lambda: findings_includes(path, text), "door": lambda: findings_door(path, text),
                  "links": lambda: findings_links(root, path, text)}[mode]()
    if looked_at == 0:
        sys.exit(f"nothing to check below {root}")
    print("\n".join(found))
    print(f"{mode}: {looked_at} files, {len(found)} findings")
    return 1 if found else 0


def self_test():
    wrong = [("exec/a.cc", "catalog/c.h"), ("exec/a.cc", "planner/binder/b.h"), ("exec/a.cc", "connectors/kafka/k.h"), ("connectors/kafka/k.cc", "exec/e.h"), ("types/t.h", "functions/f.h"), ("common/s.h", "types/t.h"), ("parser/p.cc", "catalog/c.h"),
             ("planner/dataflow/d.h", "planner/binder/b.h"), ("planner/dataflow/d.h", "catalog/c.h"), ("cli/m.cc", "planner/p.h"), ("formats/j.cc", "exec/e.h"),
             ("engine/e.cc", "tests/t.h"), ("engine/e.cc", "cli/c.h"), ("planner/p.cc", "exec/e.h")]
    right = [("exec/a.cc", "planner/dataflow/d.h"), ("exec/codegen/a.cc", "exec/runtime/r.h"), ("connectors/kafka/k.cc", "connectors/kafka/l.h"), ("exec/a.cc", "common/record.h"),
             ("engine/e.cc", "connectors/kafka/k.h"), ("cli/m.cc", "engine/engine.h"), ("cli/topic.cc", "connectors/kafka/k.h"), ("connectors/file/f.cc", "connectors/log/l.h"), ("tests/x/t.cc", "exec/a.h"), ("planner/rules/r.cc", "catalog/c.h"),
             ("parser/p.cc", "antlr4-runtime.h"), ("planner/dataflow/d.h", "types/type.h"), ("connectors/registry.cc", "connectors/kafka/k.h")]
    failed = [f"not found: {pair}" for pair in wrong if not list(findings_includes(pair[0], f'#include "{pair[1]}"'))]
    failed += [f"found wrongly: {pair}" for pair in right if list(findings_includes(pair[0], f'#include "{pair[1]}"'))]
    planted = ["auto t = std::chrono::steady_clock::now();", "time(nullptr);", "FILE* f = fopen(p, m);", "int fd = open(path, O_RDONLY);", "int fd = ::open(path, 0);",
               "std::ifstream in(path);", "namespace fs = std::filesystem;", "std::thread t(f);", "std::this_thread::sleep_for(d);", "usleep(5);", "sleep(1);", "int r = rand();",
               "std::random_device d;", "absl::Now();", "#include <fstream>", "std::condition_variable cv;", 'getenv("X");', "clock_gettime(CLOCK_MONOTONIC, &t);", "::mmap(0, n, p, f, fd, 0);", "#include <boost/asio/io_context.hpp>"]
    innocent = ["// std::thread is not used", 'Say("open(", "rand()");', "reader.open(x);", "stream->open();", "Reopen(path);", "int64_t time = 0;", "event_time(row);", "operand(1);",
                "std::chrono::seconds s(1);", "files.OpenForRead(path);", "/* sleep(1);\n rand(); */", 'R"(fopen()")";', "file.read(buffer);", "os::SleepNanos(5);", "std::mutex m;",
                "x = 1'000'000; y = 'r';", "timestamp(0);", "Open(partition);", "Chunk* open(int32_t target);"]
    failed += [f"not found: {line}" for line in planted if not list(findings_door("exec/a.cc", line))]
    failed += [f"found wrongly: {line}" for line in innocent if list(findings_door("exec/a.cc", line))]
    failed += [f"found wrongly below {path}" for path in ("common/os/clock.cc", "tests/a.cc") if list(findings_door(path, planted[0]))]
    if not list(findings_links("/", "a.md", "see [it](no/such/file.md#x)")) or list(findings_links("/", "a.md", "[a](#b) [c](https://d/e) `[f](g)`")):
        failed.append("links")
    print("\n".join(failed) or "self-test: each rule finds what is planted, and nothing else")
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["self-test"]:
        sys.exit(self_test())
    if len(sys.argv) != 3 or sys.argv[1] not in ("includes", "door", "links"):
        sys.exit(__doc__)
    sys.exit(run(sys.argv[1], sys.argv[2]))
