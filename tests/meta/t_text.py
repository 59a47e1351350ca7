#!/usr/bin/env python3
"""Budgets and habits of the text itself: sizes, nesting, line length, words, comments, citations."""
import os
import re
import shutil
import subprocess

from tap import ROOT, Tap, blank_comments, files, read

FILE_SOFT, FILE_HARD = 600, 1000
FUNCTION_SOFT, FUNCTION_HARD = 60, 100
NESTING = 4  # hard; 3 is the aim
COLUMNS = 100
COLUMNS_IN_TABLES = 120  # between clang-format off and on

# Words that mark unfinished work, spelt so that this file does not contain them.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")

# Highest number of each class of checks; the meaning of a number is in docs/checks.md.
CHECKS = {"H": 19, "B": 22, "A": 21, "R": 17, "F": 13, "S": 10, "D": 20, "E": 14, "N": 21, "P": 24,
          "W": 13, "T": 15, "L": 14, "G": 15}

CODE = ("src", "include", "cmd", "tests", "bench", "examples", "proofs")


def exceptions():
    """tests/meta/exceptions.txt: "path[:function] reason", for the hard budgets."""
    names = set()
    path = "tests/meta/exceptions.txt"
    if os.path.exists(os.path.join(ROOT, path)):
        for line in read(path).splitlines():
            if line.strip() and not line.startswith("#"):
                name, _, reason = line.partition(" ")
                assert reason.strip(), f"{path}: {name} has no reason"
                names.add(name)
    return names


def functions(text):
    """(name, first line, last line, deepest nesting) of each function; ^{ and ^} delimit it."""
    lines = blank_comments(text).splitlines()
    at = 0
    while at < len(lines):
        if lines[at] != "{":
            at += 1
            continue
        head = " ".join(lines[max(0, at - 6):at])
        names = re.findall(r"\b([A-Za-z_]\w*)\s*\(", head)
        end = at
        depth, deepest = 0, 0
        while end < len(lines) and lines[end] != "}":
            for char in lines[end]:
                depth += (char == "{") - (char == "}")
                deepest = max(deepest, depth)
            end += 1
        name = names[-1] if names else "?"
        for candidate in reversed(names):
            if not candidate.isupper() and not candidate.startswith("__"):
                name = candidate
                break
        yield name, at + 1, end + 1, deepest - 1
        at = end + 1


def check_budgets(tap):
    excused = exceptions()
    long_files, long_functions, deep, wide = [], [], [], []
    soft_files = soft_functions = n_functions = 0
    for path in files(*CODE):
        if "/golden/" in path:
            continue
        text = read(path)
        n_lines = text.count("\n")
        soft_files += n_lines > FILE_SOFT
        if n_lines > FILE_HARD and path not in excused:
            long_files.append(f"{path}: {n_lines} lines")
        limit = COLUMNS
        for number, line in enumerate(text.splitlines(), 1):
            if "clang-format o" in line:
                limit = COLUMNS_IN_TABLES if "clang-format off" in line else COLUMNS
            if len(line) > limit:
                wide.append(f"{path}:{number}: {len(line)} columns")
        if not path.endswith(".c"):
            continue
        for name, first, last, nesting in functions(text):
            n_functions += 1
            size = last - first + 1
            soft_functions += size > FUNCTION_SOFT
            if f"{path}:{name}" in excused:
                continue
            if size > FUNCTION_HARD:
                long_functions.append(f"{path}:{first}: {name} has {size} lines")
            if nesting > NESTING:
                deep.append(f"{path}:{first}: {name} nests {nesting} deep")
    tap.none(long_files, f"no file over {FILE_HARD} lines")
    tap.none(long_functions, f"no function over {FUNCTION_HARD} lines")
    tap.none(deep, f"nothing nests deeper than {NESTING}")
    tap.none(wide, f"no line over {COLUMNS} columns")
    tap.note(f"{n_functions} functions, {soft_functions} over {FUNCTION_SOFT} lines;"
             f" {soft_files} files over {FILE_SOFT} lines")


def tree():
    """Every text file of the tree: what git tracks or would."""
    names = files(".", suffixes=("",))  # without git, or in an unpacked archive
    if shutil.which("git"):
        out = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"],
                             capture_output=True, text=True)
        names = out.stdout.split("\n") if out.returncode == 0 else names
    for name in names:
        path = os.path.join(ROOT, name)
        if name and os.path.isfile(path):
            with open(path, "rb") as file:
                data = file.read()
            if b"\0" not in data and "/corpus/" not in name:
                yield name, data.decode("utf-8", errors="replace")


def check_words(tap):
    unfinished, paths, blanks = [], [], []
    machine = re.compile(r"/(?:wo" + r"rk|ro" + r"ot|ho" + r"me/[a-z]+)/")
    for name, text in tree():
        for number, line in enumerate(text.splitlines(), 1):
            if UNFINISHED.search(line):
                unfinished.append(f"{name}:{number}: {line.strip()[:80]}")
            if machine.search(line):
                paths.append(f"{name}:{number}: {line.strip()[:80]}")
            if line != line.rstrip() and name.endswith((".c", ".h", ".py", ".sh", ".md", ".build", ".idl")):
                blanks.append(f"{name}:{number}")
    tap.none(unfinished, "no marks of unfinished work")
    tap.none(paths, "no path of somebody's machine")
    tap.none(blanks, "no blanks at line ends")


def without_literals(text):
    return re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)


def check_comments(tap):
    slashes, headless, unmarked = [], [], []
    for path in files(*CODE):
        if "/golden/" in path:
            continue
        text = read(path)
        bare = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group(0)),
                      without_literals(text), flags=re.S)
        for number, line in enumerate(bare.splitlines(), 1):
            if "//" in line:
                slashes.append(f"{path}:{number}")
        if path.startswith(("src/", "cmd/")) and not text.lstrip().startswith("/*"):
            headless.append(path)
        if path.startswith("src/") and path.endswith(".h") and "#pragma once" not in text:
            unmarked.append(path)
    tap.none(slashes, "comments are /* */")
    tap.none(headless, "every file of src/ and cmd/ begins by saying what it is")
    tap.none(unmarked, "internal headers say #pragma once")


def check_citations(tap):
    wrong, cited, tested = [], set(), set()
    pattern = re.compile(r"\b(?:check|accepts):((?:\s*,?\s*[A-Z]\d{2})+)")
    for path in files("src", "cmd", "tests", suffixes=(".c", ".h", ".py", ".sh")):
        if path == "tests/meta/t_text.py":
            continue
        for number, line in enumerate(read(path).splitlines(), 1):
            for match in pattern.finditer(line):
                for letter, digits in re.findall(r"([A-Z])(\d{2})", match.group(1)):
                    if not 1 <= int(digits) <= CHECKS.get(letter, 0):
                        wrong.append(f"{path}:{number}: there is no check {letter}{digits}")
                    (tested if path.startswith("tests/") else cited).add(letter + digits)
            if re.search(r"\bcheck:\s*[A-Z]\d(?!\d)", line):
                wrong.append(f"{path}:{number}: a check has two digits")
    tap.none(wrong, "every check that is cited exists")
    listed = set(re.findall(r"^\| ([A-Z]\d\d) \|", read("docs/checks.md"), re.M))
    tap.none(sorted((cited | tested) - listed), "every check that is cited is in docs/checks.md")
    tap.note(f"{len(cited)} of {sum(CHECKS.values())} checks are cited in the code,"
             f" {len(tested)} by tests, {len(cited & tested)} by both")


def check_parser(tap):
    """The reader above, on text with known answers."""
    text = "int f(int a)\n{\n    if (a) {\n        while (a) {\n        }\n    }\n}\n"
    tap.ok(list(functions(text)) == [("f", 2, 7, 2)], "the reader finds functions and nesting",
           list(functions(text)))
    tap.ok(UNFINISHED.search("/* " + "TO" + "DO: x */"), "the reader finds marks")


def main():
    tap = Tap()
    check_parser(tap)
    check_budgets(tap)
    check_words(tap)
    check_comments(tap)
    check_citations(tap)
    tap.done()


main()
