#!/usr/bin/env python3
"""Holds the tree to its own rules: layers, sizes, and what must not stand in the sources.

    check.py             every rule; one line a finding, exit 1 if there is one
    check.py --sizes     prints medians and the largest files and functions instead

The layers come from the tributary_room() lines of CMakeLists.txt: a room may include what it links, and only rooms
named before it. What is checked is what git tracks.
"""
import ast
import pathlib
import re
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import cpp_functions  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE_LINES, FUNCTION_LINES = 800, 70
CPP = (".cc", ".h")
TEXT = CPP + (".py", ".md", ".yaml", ".yml", ".txt", ".cmake", ".sh", ".json", "")
ASIO_ROOMS = {"admin", "broker", "main"}
CORE_ROOMS = {"wire", "storage", "quorum", "replica", "control", "group"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)
ASIO = re.compile(r"^(boost/(asio|beast)|asio[./])")
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(")
CLOCK = re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)::now|\bclock_gettime\s*\(|\bgettimeofday\s*\(")
THREAD = re.compile(r"\bstd::(thread|jthread|mutex|shared_mutex|condition_variable|this_thread|async)\b")
LEFT_OVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
# written in pieces, or this file would find itself
HOSTS = ["pypi" + r"\.org", r"registry\." + "npmjs", r"repo1?\." + "maven", r"proxy\." + r"golang\.org", "crates" + r"\.io",
         r"deb\." + r"debian\.org", r"files\." + "pythonhosted"]
MACHINE = re.compile("(?<![\\w.$}])/(work|home|root)" + "/|" + "|".join(HOSTS))


def tracked():
    names = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=True).stdout
    return [pathlib.PurePosixPath(n) for n in names.split("\0") if n and (ROOT / n).is_file()]


def allowed_rooms():
    """room -> rooms it may include, by its links; a link to a room not named before it is left out, so it is found."""
    allowed = {}
    for line in re.findall(r"^tributary_room\(([^)]*)\)", (ROOT / "CMakeLists.txt").read_text(), re.M):
        words = line.split()
        below = {w.removeprefix("tributary_") for w in words[2:] if w.startswith("tributary_")} & allowed.keys()
        allowed[words[0]] = below.union(*(allowed[b] for b in below))
    allowed["main"] = set(allowed)
    return allowed


def room_of(path):
    parts = path.parts
    if parts[:2] == ("include", "tributary") and len(parts) > 3:
        return parts[2]
    return parts[1] if parts[0] == "src" and len(parts) > 2 else None


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def layers(path, text, allowed):
    room = room_of(path)
    if room is None:
        return
    for match in INCLUDE.finditer(text):
        name, line = match.group(1), line_of(text, match.start())
        target = re.match(r"(?:tributary/)?(\w+)/", name)
        if target and target.group(1) in allowed and target.group(1) not in allowed[room] | {room}:
            yield line, f"{room} includes {name}: not a room below it"
        if name.startswith("../"):
            yield line, f"include by a relative path: {name}"
        if ASIO.match(name) and room not in ASIO_ROOMS:
            yield line, f"{room} includes {name}: Asio is for {', '.join(sorted(ASIO_ROOMS))} only"


def banned(path, code):
    """Findings in code without comments and strings."""
    room = room_of(path)
    unit = path.parts[:2] in (("tests", "unit"), ("tests", "sim"))
    rules = []
    if room or unit:
        rules.append((SLEEP, "sleeps"))
    if (room in CORE_ROOMS | {"config"}) or unit:
        rules.append((CLOCK, "reads a clock: time is handed in"))
    if room in CORE_ROOMS:
        rules.append((THREAD, "threads and locks have no place in the core"))
    for pattern, why in rules:
        for match in pattern.finditer(code):
            yield line_of(code, match.start()), f"{match.group(0).strip()}: {why}"


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def functions(path, text):
    if path.suffix in CPP:
        return cpp_functions.extents(text)
    return python_functions(text) if path.suffix == ".py" else ()


def header_form(path, text):
    if path.suffix == ".h" and path.parts[0] in ("include", "src"):
        if not text.startswith("//"):
            yield 1, "a header begins with a comment that says what it is"
        if "#pragma once" not in text:
            yield 1, "no #pragma once"


def check_file(path, text, allowed):
    if path.suffix in CPP + (".py",) and text.count("\n") > FILE_LINES:
        yield 1, f"{text.count(chr(10))} lines, at most {FILE_LINES}"
    for name, line, length in functions(path, text):
        if length > FUNCTION_LINES:
            yield line, f"{name} has {length} lines, at most {FUNCTION_LINES}"
    if path.suffix in CPP:
        yield from layers(path, text, allowed)
        yield from header_form(path, text)
        yield from banned(path, cpp_functions.blank(text))
    if path.name != "check.py":
        for match in LEFT_OVER.finditer(text) if path.suffix in CPP + (".py",) else ():
            yield line_of(text, match.start()), f"{match.group(0)} left over"
        for match in MACHINE.finditer(text):
            yield line_of(text, match.start()), f"names a place outside the tree: {match.group(0)}"


def sizes(files):
    lines = {str(p): t.count("\n") for p, t in files if p.suffix in CPP}
    lengths = [(n, f"{p}:{line} {name}") for p, t in files if p.suffix in CPP for name, line, n in cpp_functions.extents(t)]
    print(f"files {len(lines)}, median {statistics.median(lines.values()):.0f} lines; "
          f"functions {len(lengths)}, median {statistics.median(n for n, _ in lengths):.0f}")
    for name, n in sorted(lines.items(), key=lambda x: -x[1])[:10]:
        print(f"{n:5} {name}")
    for n, name in sorted(lengths, reverse=True)[:15]:
        print(f"{n:5} {name}")


def main():
    files = [(p, (ROOT / p).read_text(errors="replace")) for p in tracked() if p.suffix in TEXT]
    if "--sizes" in sys.argv:
        return sizes(files)
    allowed, findings = allowed_rooms(), 0
    for path, text in files:
        for line, message in check_file(path, text, allowed):
            print(f"{path}:{line}: {message}")
            findings += 1
    print(f"structure: {len(files)} files, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
