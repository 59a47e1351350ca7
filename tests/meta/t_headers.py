#!/usr/bin/env python3
"""Public headers and generated code in the languages of their users: t_headers.py BUILD-FOLDER.

Each header of include/ironrpc, alone, and each file that ironidl made from idl/, as C99 -pedantic
and as C++17, with gcc and clang, every warning an error.
"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys

from tap import ROOT, Tap, files

BUILD = os.path.abspath(sys.argv[1])
WARN = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"]
LANGUAGES = {
    "gcc C99": ["gcc", "-std=c99", "-x", "c", *WARN],
    "g++ C++17": ["g++", "-std=c++17", "-x", "c++", *WARN],
    "clang C99": ["clang-14", "-std=c99", "-x", "c", *WARN],
    "clang C++17": ["clang++-14", "-std=c++17", "-x", "c++", *WARN],
}


def compile_text(command, text):
    run = subprocess.run([*command, "-I", os.path.join(ROOT, "include"),
                          "-I", os.path.join(BUILD, "idl"), "-"],
                         input=text, capture_output=True, text=True)
    return [] if run.returncode == 0 else run.stderr.splitlines()[:6]


def main():
    tap = Tap()
    headers = [path[len("include/"):] for path in files("include/ironrpc", suffixes=(".h",))]
    folder = os.path.join(BUILD, "idl")
    generated = sorted(name for name in (os.listdir(folder) if os.path.isdir(folder) else [])
                       if re.search(r"(\.h|_[cst]\.c)$", name))
    tap.ok(headers, "there are public headers")
    for label, command in LANGUAGES.items():
        if shutil.which(command[0]) is None:
            tap.ok(False, f"{label}: {command[0]} is not installed")
            continue
        texts = [(h, f"#include <{h}>\n#include <{h}>\n") for h in headers]
        texts += [(g, f'#include "{g}"\n') for g in generated]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = list(pool.map(lambda t: compile_text(command, t[1]), texts))
        for what, names in (("public headers", headers), ("generated files", generated)):
            problems = [line for (name, _), lines in zip(texts, results) if name in names
                        for line in lines]
            tap.none(problems, f"{label}: {len(names)} {what}")
    # A bad one must be refused, or the lines above say nothing.
    for label, command in LANGUAGES.items():
        bad = "int f(void);\nint f(void) { int unused; return 0; }\n"
        tap.ok(compile_text(command, bad), f"{label}: a warning is an error")
    tap.done()


main()
