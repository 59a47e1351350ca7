#!/usr/bin/env python3
"""docs/checks.md: the meaning of each check, and where it is made and tested.

    checks.py             prints the page as it should be
    checks.py --write     writes it
    checks.py --missing   the checks that no code cites, and those that no test cites

The meanings are written by hand, in the second column of the page; the rest is collected here. Code
that makes a check says `check: H11`, or names it in what it logs. A test says `check: H11` where it shows that a violation is
answered, and `accepts: H11` where it shows that what is legal passes. Places are functions, not lines:
lines change with every edit.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, "docs/checks.md")
CITATION = re.compile(r"\b(check|accepts):((?:\s*,?\s*[A-Z]\d{2})+)")
# What goes into a log record: refuse(..., "B07", ...), "event=refused check=E09".
NAMED = re.compile(r"\"([HBARFSENTL]\d\d)\"|\bcheck=([A-Z]\d\d)\b")
ABSENT = "(not here:"  # in a meaning: with what it comes
ROW = re.compile(r"^\| ([A-Z]\d\d) \| ([^|]*?) \|.*$")


def sources():
    for folder in ("src", "cmd", "tests"):
        for base, dirs, names in os.walk(os.path.join(ROOT, folder)):
            dirs[:] = sorted(d for d in dirs if d not in ("corpus", "golden", "__pycache__"))
            for name in sorted(names):
                if name.endswith((".c", ".h", ".py", ".sh")) and name != "t_checks.py":  # of examples
                    yield os.path.relpath(os.path.join(base, name), ROOT)


def c_functions(lines):
    """(name, line of its first comment or word, last line), from 0."""
    at = 0
    while at < len(lines):
        if lines[at] != "{":
            at += 1
            continue
        first = at
        while first > 0 and lines[first - 1].strip() and lines[first - 1] not in ("}", "};"):
            first -= 1
        head = " ".join(line for line in lines[first:at] if not line.startswith((" *", "/*")))
        test = re.search(r"\bIR_TEST\w*\((\w+)", head)
        named = re.search(r"\b([a-z_]\w*)\s*\(", re.sub(r"\b__?attribute__\b|IR_\w+\(.*?\)", "", head))
        end = at
        while end + 1 < len(lines) and lines[end] != "}":
            end += 1
        if test or named:
            yield (test or named).group(1), first, end
        at = end + 1


def python_functions(lines):
    starts = [(n, re.match(r"(?:def|class) (\w+)", line)) for n, line in enumerate(lines)]
    starts = [(n, match.group(1)) for n, match in starts if match]
    for (n, name), (end, _) in zip(starts, starts[1:] + [(len(lines), "")]):
        yield name, n, end - 1


def place(path, functions, line):
    short = re.sub(r"^(src|cmd|tests)/", "", path) if not path.startswith("cmd/") else path
    short = re.sub(r"^(unit|scenario|interop|fuzz)/", "", short) if path.startswith("tests/") else short
    for name, first, last in functions:
        if first <= line <= last:
            return f"{short} {name}"
    return short


def collect():
    """{check: (places in the code, tests that accept, tests that refuse)}, each in order."""
    found = {}
    for path in sources():
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            lines = file.read().split("\n")
        reader = python_functions if path.endswith(".py") else c_functions
        functions = list(reader(lines))
        for number, line in enumerate(lines):
            named = [("check", " ".join(pair)) for pair in NAMED.findall(line)]
            for kind, names in CITATION.findall(line) + named:
                column = 0 if not path.startswith("tests/") else 1 if kind == "accepts" else 2
                where = place(path, functions, number)
                for check in re.findall(r"[A-Z]\d\d", names):
                    columns = found.setdefault(check, ([], [], []))
                    if where not in columns[column]:
                        columns[column].append(where)
    return found


def gaps(text, found):
    absent = [row.group(1) for row in map(ROW.match, text.split("\n")) if row and ABSENT in row.group(2)]
    made = [n for n in missing(text, found, 0) if n not in absent]
    tested = [n for n in missing(text, found, 2) if n in missing(text, found, 1) and n not in absent]
    return (f"\n## Gaps\n\nMade nowhere: {' '.join(made) or 'none'}.\n\n"
            f"No test names: {' '.join(tested) or 'none'}.\n\n"
            f"About what is not here: {' '.join(dict.fromkeys(absent)) or 'nothing'}.\n")


def page(text, found):
    out = []
    seen = set()  # a merge may leave a row twice
    for line in text.split("\n"):
        row = ROW.match(line)
        if row and row.group(1) in seen:
            continue
        if row:
            seen.add(row.group(1))
            cells = [", ".join(cell) or "-" for cell in found.get(row.group(1), ([], [], []))]
            line = f"| {row.group(1)} | {row.group(2)} | {' | '.join(cells)} |"
        out.append(line)
    text = re.sub(r"\n## Gaps\n.*", "", "\n".join(out), flags=re.S) + gaps(text, found)
    return re.sub(r"^\|(?: \|)+\n\|(?:---\|)+$", "| | | made in | legal passes | violation is answered |\n"
                  "|---|---|---|---|---|", text, flags=re.M)


def missing(text, found, column):
    names = dict.fromkeys(row.group(1) for row in map(ROW.match, text.split("\n")) if row)
    return [name for name in names if not found.get(name, ([], [], []))[column]]


def main():
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    found = collect()
    if "--missing" in sys.argv:
        print(gaps(text, found).strip())
    elif "--write" in sys.argv:
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(page(text, found))
    else:
        print(page(text, found), end="")


if __name__ == "__main__":
    main()
