#!/usr/bin/env python3
"""Documents: they exist, keep their size, lead nowhere dead; man pages: one per program, clean."""
import os
import re
import subprocess

from tap import ROOT, Tap, read

MAN = "docs/man"
# Program → page; formats of files have pages too.
PAGES = {"ironidl": "ironidl.1", "ironrpc": "ironrpc.1", "ironrpcd": "ironrpcd.8"}
FORMATS = ["ironrpcd.conf.5"]
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]


def exists(path):
    return os.path.exists(os.path.join(ROOT, path))


def lint_man(path):
    run = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", path],
                         cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                         env=dict(os.environ, LC_ALL="C.UTF-8", MANROFFSEQ="", MANWIDTH="80"))
    return [f"{path}: {line}" for line in run.stderr.splitlines()]


def check_man(tap):
    for program, page in PAGES.items():
        if exists(f"cmd/{program}/main.c"):
            tap.ok(exists(f"{MAN}/{page}"), f"{program} has a man page")
    for page in FORMATS:
        if exists("cmd/ironrpcd/main.c"):
            tap.ok(exists(f"{MAN}/{page}"), f"{page} exists")
    listed = read(f"{MAN}/meson.build")
    folder = os.path.join(ROOT, MAN)
    for page in sorted(os.listdir(folder)):
        if re.search(r"\.[1-8]$", page):
            tap.none(lint_man(f"{MAN}/{page}"), f"{page}: groff has no warnings")
            tap.ok(f"'{page}'" in listed, f"{page} is installed")


def check_links(tap, document):
    text = read(document)
    dead = []
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target and not exists(os.path.join(os.path.dirname(document), target)):
            dead.append(target)
    # Paths in backquotes that look like ours.
    for target in re.findall(r"`((?:src|cmd|include|tests|tools|docs|idl|examples|proofs|bench)/[\w./-]*)`",
                             text):
        if not exists(target) and "NAME" not in target:
            dead.append(target)
    tap.none(sorted(set(dead)), f"{document}: every file that it names exists")
    verbs = set(re.findall(r"^([a-z-]+):", read("Makefile"), flags=re.M))
    wanted = set(re.findall(r"`make ([a-z][a-z-]*)", text))
    wanted |= set(re.findall(r"^\s*(?:\$ )?make ([a-z][a-z-]*)", text, flags=re.M))
    tap.none(sorted(wanted - verbs), f"{document}: every make verb exists")


def check_makefile(tap):
    scripts = set(re.findall(r"tools/[a-z-]+\.sh", read("Makefile") + read("tools/check.sh")))
    bad = [s for s in sorted(scripts)
           if not exists(s) or not os.access(os.path.join(ROOT, s), os.X_OK)]
    tap.none(bad, "every script of the Makefile exists")
    tap.ok(re.search(r"exec make check$", read(".ci/run").strip()), ".ci/run is make check")
    tap.none([s for s in sorted(os.listdir(os.path.join(ROOT, "tools"))) if s.endswith(".sh")
              and subprocess.run(["sh", "-n", os.path.join(ROOT, "tools", s)]).returncode != 0],
             "every script of tools/ is shell")


def main():
    tap = Tap()
    for document in DOCUMENTS:
        tap.ok(exists(document), f"{document} exists")
        if exists(document):
            check_links(tap, document)
    tap.ok("MIT License" in read("LICENSE"), "the licence is MIT")
    if exists("README.md"):
        n = read("README.md").count("\n")
        tap.ok(80 <= n <= 120, "README.md has 80 to 120 lines", f"{n}")
        tap.ok("![" not in read("README.md"), "README.md has no badges")
    if exists("ARCHITECTURE.md"):
        n = read("ARCHITECTURE.md").count("\n")
        tap.ok(n <= 200, "ARCHITECTURE.md has at most 200 lines", f"{n}")
    check_makefile(tap)
    check_man(tap)
    tap.done()


main()
