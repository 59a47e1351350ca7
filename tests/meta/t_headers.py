#!/usr/bin/env python3
"""Public headers and generated code in the languages of their users: t_headers.py BUILD-FOLDER.

Each header of include/ironrpc, alone, and each file that ironidl made from idl/, as C99 -pedantic
and as C++17, with gcc and clang, every warning an error; and that its stubs only pass arguments on.
"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys

from tap import ROOT, Tap, blank_comments, files

BUILD = os.path.abspath(sys.argv[1])
WARN = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"]
LANGUAGES = {
    "gcc C99": ["gcc", "-std=c99", "-x", "c", *WARN],
    "g++ C++17": ["g++", "-std=c++17", "-x", "c++", *WARN],
    "clang C99": ["clang-14", "-std=c99", "-x", "c", *WARN],
    "clang C++17": ["clang++-14", "-std=c++17", "-x", "c++", *WARN],
}
# What a stub has no use for: loops, places in memory, bits.
PARSING = re.compile(r"\b(?:for|while|do|goto|switch|sizeof|mem\w+)\b|<<|>>|\w\[\w")


def compile_text(command, text):
    run = subprocess.run([*command, "-I", os.path.join(ROOT, "include"),
                          "-I", os.path.join(BUILD, "idl"), "-"],
                         input=text, capture_output=True, text=True)
    return [] if run.returncode == 0 else run.stderr.splitlines()[:6]


def check_stubs(paths):
    """Stubs move arguments and call irpc_*() or the manager; what decodes is the library.  check: N21"""
    problems = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        name = os.path.basename(path)
        problems += [f"{name}: {word}" for word in PARSING.findall(blank_comments(text))]
        own = set(re.findall(r"^(?:static )?enum irpc_status (\w+)\(", text, flags=re.M))
        problems += [f"{name}: calls {callee}()" for callee in re.findall(r"([\w>-]+)\(", blank_comments(text))
                     if callee not in own and not re.match(r"if$|irpc_|m->", callee)]
    return problems


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
    expected = os.path.join(ROOT, "tests/golden/expected")
    stubs = [os.path.join(base, name) for top in (folder, expected) for base, _, names in os.walk(top)
             for name in sorted(names) if re.search(r"_[cs]\.c$", name)]
    tap.ok(len(stubs) > 8, f"{len(stubs)} files of stubs")
    tap.none(check_stubs(stubs), "stubs only pass arguments on")
    # A bad one must be refused, or the lines above say nothing.
    for label, command in LANGUAGES.items():
        bad = "int f(void);\nint f(void) { int unused; return 0; }\n"
        tap.ok(compile_text(command, bad), f"{label}: a warning is an error")
    tap.done()


main()
