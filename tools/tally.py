#!/usr/bin/env python3
"""Adds up the TAP results of meson's testlog.json files: tally.py [LABEL=]LOG...

Prints every failure, what was skipped and why, a table by suite, and last "N passed, N failed". A
program that crashed, timed out, broke its plan or exited nonzero without a "not ok" line counts as
one more failure. Exit status: 0 only if nothing failed and something passed.
"""
import json
import os
import re
import sys

RESULT = re.compile(r"^(ok|not ok)\b\s*(\d+)?\s*(?:- )?(.*)$")
PLAN = re.compile(r"^1\.\.(\d+)")


class Suite:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0


def read_tap(text):
    """Yields (name, verdict, comments before it); last the plan's number, or None."""
    results, comments, plan = [], [], None
    for line in text.splitlines():
        match = RESULT.match(line)
        if PLAN.match(line):
            plan = int(PLAN.match(line).group(1))
        elif line.startswith("#"):
            comments.append(line)
        elif match:
            name = match.group(3)
            if re.search(r"#\s*skip", name, re.I):
                verdict = "skip"
            elif match.group(1) == "ok":
                verdict = "pass"
            else:
                verdict = "fail"
            results.append((name, verdict, comments))
            comments = []
    return results, plan


def judge(entry, suite, skips):
    """Counts one program; returns the lines that explain its failures."""
    lines = []
    text = entry.get("stdout") or ""
    results, plan = read_tap(text)
    failed = 0
    for name, verdict, comments in results:
        if verdict == "pass":
            suite.passed += 1
        elif verdict == "skip":
            suite.skipped += 1
            skips.append(f"{entry['name']}: {name}")
        else:
            failed += 1
            lines.append(f"FAILED {entry['name']}: {name}")
            lines += [f"    {comment}" for comment in comments[-20:]]
    if plan == 0 and not results and entry["result"] in ("OK", "SKIP"):
        suite.skipped += 1
        skips.append(f"{entry['name']}: {text.strip()}")
    elif plan is None or plan != len(results):
        failed += 1
        lines.append(f"FAILED {entry['name']}: planned {plan}, reported {len(results)}"
                     f" ({entry['result']}, exit status {entry.get('returncode')})")
    elif not failed and entry["result"] not in ("OK", "SKIP"):
        failed += 1
        lines.append(f"FAILED {entry['name']}: {entry['result']},"
                     f" exit status {entry.get('returncode')}")
    if failed:
        tail = (entry.get("stderr") or "").splitlines()[-30:]
        lines += [f"    | {line}" for line in tail]
    suite.failed += failed
    return lines


def read_suites(path):
    """Test name → its first suite, from the build folder that the log lies in."""
    info = os.path.join(os.path.dirname(path), "..", "meson-info", "intro-tests.json")
    with open(info, encoding="utf-8") as file:
        return {test["name"]: test["suite"][0].split(":")[-1] for test in json.load(file)}


def main(paths):
    suites, skips, failures = {}, [], []
    for path in paths:
        label, path = path.split("=", 1) if "=" in path else ("", path)
        known = read_suites(path)
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                entry = json.loads(line)
                entry["name"] = entry["name"].split(" / ")[-1]
                name = f"{label} {known.get(entry['name'], 'other')}".strip()
                suite = suites.setdefault(name, Suite())
                failures += judge(entry, suite, skips)
    for line in failures:
        print(line)
    if skips:
        print("skipped:")
        for skip in skips:
            print(f"    {skip}")
    print(f"{'suite':<20} {'passed':>8} {'failed':>8} {'skipped':>8}")
    for name in suites:
        suite = suites[name]
        print(f"{name:<20} {suite.passed:>8} {suite.failed:>8} {suite.skipped:>8}")
    passed = sum(suite.passed for suite in suites.values())
    failed = sum(suite.failed for suite in suites.values())
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
