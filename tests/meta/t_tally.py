#!/usr/bin/env python3
"""tools/tally.py counts honestly: what it must never call a pass."""
import json
import os
import subprocess
import sys
import tempfile

from tap import ROOT, Tap

CASES = [
    # (what, stdout, result, exit status) → (passed, failed)
    ("a pass", "1..2\nok 1 - a\nok 2 - b\n", "OK", 0, (2, 0)),
    ("a failure", "1..2\nok 1 - a\nnot ok 2 - b\n", "FAIL", 1, (1, 1)),
    ("a failure with exit status 0", "1..1\nnot ok 1 - a\n", "OK", 0, (0, 1)),
    ("a crash half-way", "1..3\nok 1 - a\n", "ERROR", -11, (1, 1)),
    ("a crash before the plan", "", "ERROR", -6, (0, 1)),
    ("no plan", "ok 1 - a\n", "OK", 0, (1, 1)),
    ("too few results", "1..3\nok 1 - a\nok 2 - b\n", "OK", 0, (2, 1)),
    ("all passed, exit status 1", "1..1\nok 1 - a\n", "ERROR", 1, (1, 1)),
    ("a timeout", "1..2\nok 1 - a\n", "TIMEOUT", -15, (1, 1)),
    ("a skip is no pass", "1..2\nok 1 - a\nok 2 - b # SKIP none here\n", "OK", 0, (1, 0)),
    ("everything skipped", "1..0 # SKIP none here\n", "SKIP", 0, (0, 0)),
    ("nothing at all", "1..0\n", "OK", 0, (0, 0)),
]


def tally(*cases):
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "meson-logs"))
        os.makedirs(os.path.join(folder, "meson-info"))
        names = [f"t_{i}" for i in range(len(cases))]
        with open(os.path.join(folder, "meson-info/intro-tests.json"), "w", encoding="utf-8") as file:
            json.dump([{"name": name, "suite": ["ironrpc:unit"]} for name in names], file)
        path = os.path.join(folder, "meson-logs/log.json")
        with open(path, "w", encoding="utf-8") as file:
            for name, (_, stdout, result, status, _) in zip(names, cases):
                file.write(json.dumps({"name": name, "stdout": stdout, "stderr": "", "result": result,
                                       "returncode": status}) + "\n")
        run = subprocess.run([sys.executable, os.path.join(ROOT, "tools/tally.py"), f"x={path}"],
                             capture_output=True, text=True)
    return run.stdout, run.returncode


def main():
    tap = Tap()
    for case in CASES:
        passed, failed = case[4]
        out, status = tally(case)
        last = out.splitlines()[-1] if out else ""
        tap.ok(last == f"{passed} passed, {failed} failed", case[0], *out.splitlines())
        tap.ok((status == 0) == (failed == 0 and passed > 0), f"{case[0]}: exit status", str(status))
    out, status = tally(*CASES)
    want = f"{sum(c[4][0] for c in CASES)} passed, {sum(c[4][1] for c in CASES)} failed"
    tap.ok(out.splitlines()[-1] == want and status == 1, "all of them together", want)
    tap.done()


main()
