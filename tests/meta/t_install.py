#!/usr/bin/env python3
"""What `meson install` leaves, and examples/ built against it alone: t_install.py BUILD-FOLDER."""
import glob
import os
import re
import subprocess
import sys
import tempfile

from tap import ROOT, Tap, files

BUILD = os.path.abspath(sys.argv[1])


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


def one(tap, stage, pattern):
    found = glob.glob(os.path.join(stage, "**", pattern), recursive=True)
    tap.ok(len(found) == 1, f"installs {pattern}", *found)
    return found[0] if found else ""


def check_files(tap, stage):
    for pattern in ("libironrpc.so.0", "libironrpc.so.0.1.0", "libironrpc.so", "libironrpc.a",
                    "ironrpc.pc"):
        one(tap, stage, pattern)
    for header in files("include/ironrpc", suffixes=(".h",)):
        name = header[len("include/"):]
        tap.ok(glob.glob(os.path.join(stage, "**/include", name), recursive=True), f"installs {name}")
    for program in ("ironidl", "ironrpc", "ironrpcd"):
        if os.path.exists(os.path.join(ROOT, "cmd", program, "main.c")):
            path = one(tap, stage, f"*bin/{program}")
            if path:
                shown = run([path, "--version"])
                tap.ok(shown.returncode == 0 and "0.1.0" in shown.stdout,
                       f"{program} --version, from another prefix", shown.stdout + shown.stderr)
                bad = run([path, "--no-such-option"])
                tap.ok(bad.returncode not in (0, -6, -11) and bad.stderr.strip(),
                       f"{program} refuses an unknown option with a message",
                       f"{bad.returncode} {bad.stderr}")
    text = [p for p in glob.glob(os.path.join(stage, "**"), recursive=True)
            if p.endswith((".pc", ".h")) and ROOT in open(p, encoding="utf-8").read()]
    tap.none(text, "no header and no pkg-config file names the source tree")


def check_examples(tap, stage):
    """Each example has a Makefile that needs pkg-config, nothing of this tree."""
    pc = glob.glob(os.path.join(stage, "**/ironrpc.pc"), recursive=True)[0]
    with open(pc, encoding="utf-8") as file:
        text = file.read()
    prefix = re.search(r"^prefix=(.*)$", text, re.M).group(1)
    with open(pc, "w", encoding="utf-8") as file:  # as if it were installed where it is staged
        file.write(text.replace(f"prefix={prefix}\n", f"prefix={stage}{prefix}\n"))
    environment = dict(os.environ, PKG_CONFIG_PATH=os.path.dirname(pc))
    for makefile in sorted(glob.glob(os.path.join(ROOT, "examples/*/Makefile"))):
        name = os.path.basename(os.path.dirname(makefile))
        with tempfile.TemporaryDirectory() as folder:
            run(["cp", "-r", os.path.dirname(makefile) + "/.", folder])
            made = run(["make", "-C", folder], env=environment)
            tap.ok(made.returncode == 0, f"examples/{name} builds against the installed files",
                   *(made.stdout + made.stderr).splitlines()[-12:])
            tap.ok("warning" not in made.stderr, f"examples/{name} builds without a warning")


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as stage:
        done = run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet"],
                   env=dict(os.environ, DESTDIR=stage))
        tap.ok(done.returncode == 0, "meson install", *done.stderr.splitlines()[-5:])
        check_files(tap, stage)
        if os.path.exists(os.path.join(ROOT, "cmd/ironidl/main.c")):
            check_examples(tap, stage)
    tap.done()


main()
