#!/usr/bin/env python3
"""Deletes checks of the code, one at a time, and looks whether a test notices.

    mutate.py                 every check
    mutate.py --random 10     ten of them; the seed is printed (IR_SEED sets it)
    mutate.py --list          what would be deleted
    mutate.py F05 src/wire/   those of these numbers, files or folders

A check is an `if` that cites its number ("check: F05" on its line or in the comment above) or whose
body names it ("F05" in a refusal). It is deleted by making its condition false. The work is done in a
copy of the tree in build-mutate/; a check counts as tested when the build of the copy without it
fails a test, or hangs one. docs/mutation.md lists those that nothing notices, with the reason; one
that is noticed nowhere and not listed there is a failure, and so is one that is listed and noticed.
"""
import os
import random
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORK = os.path.join(ROOT, "build-mutate")
TREE = os.path.join(WORK, "tree")
BUILD = os.path.join(WORK, "build")
FOLDERS = ("src/base", "src/wire", "src/auth", "src/ndr", "src/engine", "src/server", "src/client",
           "src/epm", "src/transport")
NUMBER = re.compile(r"\b[A-Z]\d\d\b")
NAMED = re.compile(r"\"([HBARFSENTL]\d\d)\"")
CITED = re.compile(r"check:((?:\s*,?\s*[A-Z]\d\d)+)")
JOBS = os.environ.get("JOBS", str(os.cpu_count()))


class Check:
    def __init__(self, path, function, ordinal, numbers, start, end):
        self.path, self.function, self.ordinal = path, function, ordinal
        self.numbers, self.start, self.end = numbers, start, end  # of the condition, in the text

    def __str__(self):
        return f"{self.path} {self.function} {'+'.join(self.numbers)} {self.ordinal}"


def closing(text, at):
    """Where the parenthesis that opens at @at closes. Strings and characters are passed over."""
    depth = 0
    for token in re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[()]").finditer(text, at):
        depth += {"(": 1, ")": -1}.get(token.group(), 0)
        if depth == 0:
            return token.start()
    raise ValueError("unbalanced")


def body_of(text, at):
    """The block that begins behind @at: up to the brace that closes it; short ones only."""
    depth = 0
    for n in range(at, min(len(text), at + 600)):
        depth += {"{": 1, "}": -1}.get(text[n], 0)
        if depth == 0 and text[n] == "}":
            return text[at:n]
    return ""


def function_of(text, at):
    heads = re.findall(r"^[^\s#/}*][^;{}]*?\b(\w+)\([^;{}]*\)\s*\n\{", text[:at], flags=re.M)
    return heads[-1] if heads else "?"


def numbers_at(text, start, end):
    """The checks that the `if` at @start, whose condition ends at @end, makes."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    above = text[:line_start].rstrip()
    comment = above[above.rfind("/*"):] if above.endswith("*/") else ""
    body = body_of(text, end)
    cited = CITED.findall(text[line_start:line_end] + " " + comment)
    if re.search(r"\bif \(", body):
        body = ""  # its own checks are their own
    found = NUMBER.findall(" ".join(cited)) + NAMED.findall(body)
    return list(dict.fromkeys(found))


def checks_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        text = file.read()
    counts = {}
    for match in re.finditer(r"\bif (\()", text):
        end = closing(text, match.start(1))
        numbers = numbers_at(text, match.start(), end)
        if not numbers:
            continue
        function = function_of(text, match.start())
        key = (function, "+".join(numbers))
        counts[key] = counts.get(key, 0) + 1
        yield Check(path, function, counts[key], numbers, match.start(1) + 1, end)


def all_checks():
    for folder in FOLDERS:
        for name in sorted(os.listdir(os.path.join(ROOT, folder))):
            if name.endswith((".c", ".h")):
                yield from checks_of(os.path.join(folder, name))


def run(command, limit):
    """Exit status, output; -1 after @limit seconds."""
    try:
        done = subprocess.run(command, cwd=TREE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=limit, check=False,
                              env=dict(os.environ, IR_TEST_SCALE="1"))
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired:
        return -1, "too long"


def prepare():
    """The copy, built. Kept from run to run; only what changed is copied, so little is built."""
    os.makedirs(WORK, exist_ok=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
    else:  # an archive
        names = [os.path.relpath(os.path.join(base, name), ROOT)
                 for base, dirs, files in os.walk(ROOT) for name in files
                 if not os.path.relpath(base, ROOT).startswith("build")]
    for name in names:
        source, target = os.path.join(ROOT, name), os.path.join(TREE, name)
        if not os.path.isfile(source):
            continue
        with open(source, "rb") as file:
            wanted = file.read()
        if os.path.exists(target):
            with open(target, "rb") as file:
                if file.read() == wanted:
                    continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(source, target)
    if not os.path.exists(os.path.join(BUILD, "build.ninja")):
        status, output = run(["meson", "setup", BUILD, "--buildtype=debug", "-Doptimization=1",
                              "-Dwerror=false"], 300)
        if status != 0:
            sys.exit(f"mutate.py: the copy cannot be configured\n{output[-2000:]}")


def build(check, *targets):
    status, output = run(["ninja", "-C", BUILD, "-j", JOBS, *targets], 1800)
    if status != 0:
        sys.exit(f"mutate.py: {check}: the copy without it cannot be built\n{output[-2000:]}")


def unit_tests(check, pages):
    """The unit tests that name the check, as programs in the build folder."""
    named = []
    for number in check.numbers:
        named += re.findall(r"\b(t_\w+)\.c\b", pages.get(number, ""))
    return [f"tests/unit/{name}" for name in dict.fromkeys(named) if name in TESTS]


def suites():
    """All tests that could notice, the quickest first."""
    known = set(TESTS)
    yield ["--suite", "unit"]
    yield ["--suite", "fuzz"]
    yield [name for name in ("t_ironrpcd", "t_deadlines", "t_cli", "t_single_packet") if name in known]


def notice(check, pages):
    """The test that notices that @check is gone, or None."""
    target = os.path.join(TREE, check.path)
    with open(os.path.join(ROOT, check.path), encoding="utf-8") as file:
        text = file.read()
    with open(target, "w", encoding="utf-8") as file:
        file.write(f"{text[:check.start]}false && ({text[check.start:check.end]}){text[check.end:]}")
    try:
        programs = unit_tests(check, pages)
        if programs:
            build(check, *programs)
        for program in programs:
            if run([os.path.join(BUILD, program)], 120)[0] != 0:
                return os.path.basename(program)
        build(check)
        for tests in suites():
            if not tests:
                continue
            status, output = run(["meson", "test", "-C", BUILD, "--no-rebuild", "--num-processes", JOBS,
                                  "--maxfail", "1", *tests], 240)
            if status != 0:
                failed = re.findall(r"\b(t_\w+|fuzz_\w+)\b.*\b(?:FAIL|ERROR|TIMEOUT|EXPECTEDFAIL)", output)
                return failed[0] if failed else "a test that hung"
        return None
    finally:
        with open(target, "w", encoding="utf-8") as file:
            file.write(text)


def rows():
    """docs/checks.md by number, and the survivors of docs/mutation.md."""
    with open(os.path.join(ROOT, "docs/checks.md"), encoding="utf-8") as file:
        pages = dict(re.findall(r"^\| ([A-Z]\d\d) \| (.*)$", file.read(), flags=re.M))
    with open(os.path.join(ROOT, "docs/mutation.md"), encoding="utf-8") as file:
        listed = {row.strip() for row in re.findall(r"^\| `([^`]+)` \|", file.read(), flags=re.M)}
    return pages, listed


def wanted(check, words):
    return not words or any(word in check.numbers or check.path.startswith(word) for word in words)


def main():
    words = sys.argv[1:]
    count = None
    if "--random" in words:
        at = words.index("--random")
        count = int(words[at + 1])
        del words[at:at + 2]
    pages, listed = rows()
    checks = [check for check in all_checks() if wanted(check, [w for w in words if w != "--list"])]
    if "--list" in words:
        print(*checks, sep="\n")
        return 0
    unknown = listed - {str(check) for check in all_checks()}
    if count is not None:
        seed = os.environ.get("IR_SEED", str(time.time_ns()))
        print(f"# IR_SEED={seed}", flush=True)
        checks = random.Random(seed).sample([c for c in checks if str(c) not in listed], count)
    prepare()
    listing = subprocess.run(["meson", "test", "-C", BUILD, "--no-rebuild", "--list"], cwd=TREE,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    TESTS.extend(line.split(" / ")[-1].strip() for line in listing.stdout.decode().splitlines())
    bad = 0
    print(f"1..{len(checks) + 1}", flush=True)
    for number, check in enumerate(checks, 1):
        by = notice(check, pages)
        fine = (by is not None) != (str(check) in listed)
        bad += not fine
        print(f"{'ok' if fine else 'not ok'} {number} - {check}: "
              f"{'noticed by ' + by if by else 'nothing notices'}", flush=True)
    print(f"{'not ok' if unknown else 'ok'} {len(checks) + 1} - docs/mutation.md lists checks that exist",
          *(f"\n# unknown: {name}" for name in sorted(unknown)))
    return 1 if bad or unknown else 0


TESTS = []

if __name__ == "__main__":
    sys.exit(main())
