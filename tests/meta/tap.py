"""TAP for the meta tests, and where the tree is."""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BLESS = os.environ.get("IR_BLESS") == "1"


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = 0

    def ok(self, condition, name, *details):
        self.number += 1
        if not condition:
            self.failed += 1
            for detail in details:
                print(*(f"# {line}" for line in str(detail).splitlines() or [""]), sep="\n")
        print(f"{'ok' if condition else 'not ok'} {self.number} - {name}", flush=True)

    def none(self, problems, name):
        """Passes if the list of problems is empty, else shows up to 40 of them."""
        details = problems[:40]
        if len(problems) > 40:
            details = details + [f"... and {len(problems) - 40} more"]
        self.ok(not problems, name, *details)

    def note(self, text):
        print(f"# {text}", flush=True)

    def done(self):
        print(f"1..{self.number}")
        sys.exit(1 if self.failed or self.number == 0 else 0)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def files(*folders, suffixes=(".c", ".h")):
    """Paths relative to the root, sorted."""
    found = []
    for folder in folders:
        for base, dirs, names in os.walk(os.path.join(ROOT, folder)):
            dirs[:] = [name for name in dirs if not name.startswith((".", "build", "__"))]
            for name in names:
                if name.endswith(suffixes):
                    found.append(os.path.relpath(os.path.join(base, name), ROOT))
    return sorted(found)


def blank_comments(text):
    """The same text with comments and literals blanked, line structure kept."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)

    def blank(match):
        found = match.group(0)
        if found[0] in "\"'":
            return found[0] + " " * (len(found) - 2) + found[0]
        return re.sub(r"[^\n]", " ", found)

    return pattern.sub(blank, text)
