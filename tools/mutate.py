#!/usr/bin/env python3
"""Takes checks out of the code, one at a time, and looks whether a test notices.

    mutate.py                 every check
    mutate.py --random 10     ten of them; the seed is printed (IR_SEED sets it)
    mutate.py --list          what would be taken out
    mutate.py F05 src/wire/   those of these numbers, files or folders

A check is an `if` that cites its number ("check: F05" on its line or in the comment above) or whose
body names it ("F05" in a refusal). build-mutate/ gets a copy of the tree, built once, in which the
condition of each is false if the environment variable IR_MUTANT has the key of the check; to try a
check is to run tests with that variable: the unit tests that docs/checks.md names for its number, the
other unit tests, the replay of the fuzz corpora, a few scenarios. The first that fails or hangs with it,
each time, and passes without it, has noticed. docs/mutation.md lists the checks that
nothing notices, with the reason; one that is noticed nowhere and not listed there is a failure, and so
is one that is listed and noticed. JOBS (default: the number of processors) are tried at once.
"""
import concurrent.futures
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORK = os.path.join(ROOT, "build-mutate")
TREE = os.path.join(WORK, "tree")
BUILD = os.path.join(WORK, "build")
FOLDERS = ("src/base", "src/wire", "src/auth", "src/ndr", "src/engine", "src/server", "src/client",
           "src/epm", "src/transport")
SCENARIOS = ("t_ironrpcd", "t_access")
NUMBER = re.compile(r"\b[A-Z]\d\d\b")
NAMED = re.compile(r"\"([HBARFSENTL]\d\d)\"")
CITED = re.compile(r"check:((?:\s*,?\s*[A-Z]\d\d)+)")
JOBS = int(os.environ.get("JOBS") or os.cpu_count())
SCALE = os.environ.get("IR_TEST_SCALE", "2")

# Goes in front of each file that has checks; a process reads the variable before its main(). The mark
# tells which programs have the code of a check.
SWITCH = """#ifndef IR_KEPT
#include <stdlib.h>
static unsigned long ir_mutant;
__attribute__((constructor)) static void ir_mutant_read(void)
{
    const char *key = getenv("IR_MUTANT");
    ir_mutant = key != NULL ? strtoul(key, NULL, 10) : 0;
}
#define IR_KEPT(key)                                                                \\
    ({                                                                              \\
        static const char mark[] __attribute__((used)) = "IR_MUTANT=" #key;         \\
        ir_mutant != (key);                                                         \\
    })
#endif
#line 1
"""


class Check:
    def __init__(self, path, function, ordinal, numbers, start, end):
        self.path, self.function, self.ordinal = path, function, ordinal
        self.numbers, self.start, self.end = numbers, start, end  # of the condition, in the text
        self.key = zlib.crc32(str(self).encode()) or 1

    def __str__(self):
        return f"{self.path} {self.function} {'+'.join(self.numbers)} {self.ordinal}"


class Test:
    def __init__(self, entry, files):
        self.name, self.command, self.limit = entry["name"], entry["cmd"], entry["timeout"]
        self.environment = entry["env"]
        self.suite = entry["suite"][0].split(":")[-1]
        self.needs = [files[need] for need in entry["depends"]]

    def has(self, check):
        """Whether one of its programs has the code of @check: else it cannot notice."""
        for need in self.needs:
            with open(os.path.join(BUILD, need), "rb") as file:
                if f"IR_MUTANT={check.key}\0".encode() in file.read():
                    return True
        return False

    def fails(self, check):
        """Run it without @check, or (None) with all of them. A hang is a failure."""
        environment = dict(os.environ, IR_TEST_SCALE=SCALE, IR_MUTANT=str(check.key) if check else "0",
                           **self.environment)
        with subprocess.Popen(self.command, cwd=BUILD, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              start_new_session=True) as child:
            try:
                output = child.communicate(timeout=self.limit * float(SCALE))[0]
            except subprocess.TimeoutExpired:
                return True
            finally:
                try:
                    os.killpg(child.pid, signal.SIGKILL)  # what it left behind, too
                except ProcessLookupError:
                    pass
        return child.returncode not in (0, 77) or re.search(rb"^not ok", output, re.M) is not None


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
    text = re.sub(r"\b__attribute__\(\(.*?\)\)\s", "", text[:at])
    heads = re.findall(r"^[^\s#/}*][^;{}]*?\b(\w+)\([^;{}]*\)\s*\n\{", text, flags=re.M)
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
    for match in re.finditer(r"(?<!#)\bif (\()", text):
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


def switched(text, checks):
    """@text with a switch in the condition of each of @checks, which are in their order."""
    for check in reversed(checks):
        text = (f"{text[:check.start]}IR_KEPT({check.key}) && ({text[check.start:check.end]})"
                f"{text[check.end:]}")
    return SWITCH + text


def sources():
    """Every file of the tree that is not made by a build."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if listed.returncode == 0 and os.path.exists(os.path.join(ROOT, ".git")):
        return [name for name in listed.stdout.decode().split("\0") if name]
    return [os.path.relpath(os.path.join(base, name), ROOT)  # an archive
            for base, _, names in os.walk(ROOT) for name in names
            if not os.path.relpath(base, ROOT).startswith(("build", "cov", "dist", ".git"))]


def copy_tree(checks):
    """Only what changed is written, so little is built again. What is gone stays: nothing names it."""
    own = {}
    for check in checks:
        own.setdefault(check.path, []).append(check)
    for name in sources():
        source, target = os.path.join(ROOT, name), os.path.join(TREE, name)
        if not os.path.isfile(source):
            continue
        with open(source, "rb") as file:
            wanted = file.read()
        if name in own:
            wanted = switched(wanted.decode(), own[name]).encode()
        if os.path.exists(target):
            with open(target, "rb") as file:
                if file.read() == wanted:
                    continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(wanted)
        shutil.copymode(source, target)


def tool(*command):
    """Output of a tool that has to work."""
    done = subprocess.run(command, cwd=TREE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    output = done.stdout.decode(errors="replace")
    if done.returncode != 0:
        sys.exit(f"mutate.py: {' '.join(command[:3])} failed\n{output[-3000:]}")
    return output


def prepare(checks):
    """The copy, configured. Return: its tests by name, in meson's order."""
    keys = {check.key: check for check in checks}
    assert len(keys) == len(checks), "two checks have one key"
    copy_tree(checks)
    if not os.path.exists(os.path.join(BUILD, "build.ninja")):
        tool("meson", "setup", BUILD, "--buildtype=plain", "-Dwerror=false", "-Doptimization=0")
    tool("ninja", "-C", BUILD, "build.ninja")
    files = {target["id"]: os.path.relpath(target["filename"][0], BUILD)
             for target in json.loads(tool("meson", "introspect", "--targets", BUILD))}
    tests = [Test(entry, files) for entry in json.loads(tool("meson", "introspect", "--tests", BUILD))]
    return {test.name: test for test in tests}


class Build:
    """Builds what tests need, when they are first run."""

    def __init__(self):
        self.lock = threading.Lock()
        self.done = set()

    def need(self, *tests):
        with self.lock:
            missing = {need for test in tests for need in test.needs} - self.done
            if missing:
                tool("ninja", "-C", BUILD, "-j", str(JOBS), *sorted(missing))
                self.done |= missing


def order(check, pages, tests):
    """The tests that could notice, those first that do so most often."""
    text = " ".join(pages.get(number, "") for number in check.numbers)
    named = re.findall(r"\b((?:t|fuzz)_\w+)\.(?:c|py)\b", text)
    folder = "t_" + check.path.split("/")[1]
    unit = [test.name for test in tests.values() if test.suite == "unit"]
    unit.sort(key=lambda name: (not name.startswith(folder), name.startswith("t_idl")))
    fuzz = [test.name for test in tests.values() if test.suite == "fuzz"]
    names = sorted(named, key=lambda name: name not in unit) + unit + fuzz + list(SCENARIOS)
    return [tests[name] for name in dict.fromkeys(names) if name in tests]


def is_noticed(check, test):
    """Whether @test fails without @check, three times of three, and passes with it in between: some
    tests depend on time, and fail now and then where there is none."""
    if not test.fails(check):
        return False
    for _ in range(2):
        if all(test.fails(None) for _ in range(3)):
            sys.exit(f"mutate.py: {test.name} fails with every check in place")
        if not test.fails(check):
            return False
    return True


def notice(check, pages, tests, build):
    """The name of the test that notices that @check is gone, or None."""
    for test in order(check, pages, tests):
        build.need(test)
        if test.has(check) and is_noticed(check, test):
            return test.name
    return None


def rows():
    """docs/checks.md by number, and the checks that docs/mutation.md lists."""
    with open(os.path.join(ROOT, "docs/checks.md"), encoding="utf-8") as file:
        pages = dict(re.findall(r"^\| ([A-Z]\d\d) \| (.*)$", file.read(), flags=re.M))
    with open(os.path.join(ROOT, "docs/mutation.md"), encoding="utf-8") as file:
        listed = {row.strip() for row in re.findall(r"^\| `([^`]+)` \|", file.read(), flags=re.M)}
    return pages, listed


def choose(words, checks, listed):
    """Those of @checks that the command line asks for."""
    count = None
    if "--random" in words:
        at = words.index("--random")
        count = int(words[at + 1])
        del words[at:at + 2]
    checks = [check for check in checks
              if not words or any(word in check.numbers or check.path.startswith(word) for word in words)]
    if count is None:
        return checks
    seed = os.environ.get("IR_SEED", str(time.time_ns()))
    print(f"# IR_SEED={seed}", flush=True)
    return random.Random(seed).sample([check for check in checks if str(check) not in listed], count)


def main():
    words = sys.argv[1:]
    pages, listed = rows()
    everything = list(all_checks())
    if "--list" in words:
        print(*choose([word for word in words if word != "--list"], everything, listed), sep="\n")
        return 0
    checks = choose(words, everything, listed)
    tests, build = prepare(everything), Build()
    if len(checks) > 20:  # all at once is quicker
        build.need(*(test for test in tests.values() if test.suite in ("unit", "fuzz", "scenario")))
    print(f"1..{len(checks) + 1}", flush=True)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        found = pool.map(lambda check: notice(check, pages, tests, build), checks)
        for number, (check, by) in enumerate(zip(checks, found), 1):
            fine = (by is not None) != (str(check) in listed)
            bad += not fine
            print(f"{'ok' if fine else 'not ok'} {number} - {check}: "
                  f"{'noticed by ' + by if by else 'nothing notices'}", flush=True)
    unknown = sorted(listed - {str(check) for check in everything})
    for name in unknown:
        print(f"# docs/mutation.md: {name}")
    print(f"{'not ok' if unknown else 'ok'} {len(checks) + 1} - docs/mutation.md lists checks that exist")
    return 1 if bad or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
