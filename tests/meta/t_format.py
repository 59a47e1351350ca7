#!/usr/bin/env python3
"""clang-format 14 agrees with every C file. `make fmt` makes it so."""
import os
import shutil
import subprocess

from tap import ROOT, Tap, files


def main():
    tap = Tap()
    paths = [p for p in files("src", "include", "cmd", "tests", "bench", "examples", "proofs")
             if "/golden/" not in p]
    if shutil.which("clang-format-14") is None:
        tap.ok(False, "clang-format-14 is not installed")
        tap.done()
    run = subprocess.run(["clang-format-14", "--style=file", "--dry-run", "-Werror",
                          "--ferror-limit=1", *paths],
                         cwd=ROOT, capture_output=True, text=True)
    wrong = sorted({line.split(":")[0] for line in run.stderr.splitlines() if "error:" in line})
    tap.none([os.path.relpath(p, ROOT) if p.startswith("/") else p for p in wrong],
             f"clang-format 14 agrees with {len(paths)} files")
    tap.ok(run.returncode == 0 or wrong, "clang-format ran", *run.stderr.splitlines()[:3])
    tap.done()


main()
