#!/usr/bin/env python3
"""docs/checks.md is what tools/checks.py makes of the tree; and that finds what it should."""
import os
import sys

from tap import ROOT, Tap, read

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools"))
import checks  # noqa: E402

C = """/* A file. check: H01 */

/* check: H02, H03 */
static int
judge(const char *p)
{
    return refuse(p, "B07", "reason"); /* check: H04 */
}

IR_TEST(of_something)
{
    call(); /* accepts: H05 */
}
"""


def check_reader(tap):
    lines = C.split("\n")
    functions = list(checks.c_functions(lines))
    tap.ok([name for name, _, _ in functions] == ["judge", "of_something"], "functions and tests are found",
           functions)
    where = [checks.place("src/wire/x.c", functions, n) for n in (0, 2, 6, 11)]
    tap.ok(where == ["wire/x.c", "wire/x.c judge", "wire/x.c judge", "wire/x.c of_something"],
           "a comment in front of a function belongs to it", where)
    tap.ok(checks.CITATION.findall(C)[1] == ("check", " H02, H03") and checks.NAMED.findall(C) == [("B07", "")],
           "lists of numbers, and names in log records, are found")
    page = checks.page("| H01 | old |\n| H01 | old | x |\n| H02 | new | y | z |\n| H03 | x (not here: y) |",
                       {"H01": (["a"], [], ["t"])})
    tap.ok(page.startswith("| H01 | old | a | - | t |\n| H02 | new | - | - | - |\n")
           and "Made nowhere: H02." in page and "No test names: H02." in page
           and "About what is not here: H03." in page,
           "rows are filled, rows that a merge left twice are one, gaps are listed", page)


def main():
    tap = Tap()
    check_reader(tap)
    text = read("docs/checks.md")
    wanted = checks.page(text, checks.collect())
    differing = [line for line in wanted.split("\n") if line not in text.split("\n")]
    tap.ok(text == wanted, "docs/checks.md is current (else: make fmt)", *differing[:10])
    tap.done()


main()
