#!/usr/bin/env python3
"""Decoders have small stacks: no recursion, no array of variable length, no alloca.  check: L13

gcc says for each function of the folders that see bytes of a peer how much stack it takes, whether that
is bounded, and whom it calls (-fcallgraph-info=su). Calls by pointer are not followed.
"""
import os
import re
import subprocess
import tempfile

from tap import ROOT, Tap, files

FOLDERS = ("src/base", "src/wire", "src/ndr", "src/engine")
MESSAGES = ["src/auth/ntlm_msg.c", "src/auth/spnego_msg.c"]
DEEPEST = 32768  # bytes of a chain of calls; NDR's own stacks are arrays of constant length in it
BOUNDED = ("static", "dynamic,bounded")  # the second: arguments are pushed
ONCE = {"ir_arena_more > ir_arena_more": "of no bytes: asks once more, for one"}
FLAGS = ["-std=gnu17", "-D_GNU_SOURCE", "-DIRONRPC_VERSION=\"0\"", "-O1", "-w", "-Iinclude", "-Isrc",
         "-fcallgraph-info=su", "-c"]
NODE = re.compile(r'^node: { title: "([^"]+)" label: "([^"]*)"', re.M)
EDGE = re.compile(r'^edge: { sourcename: "([^"]+)" targetname: "([^"]+)"', re.M)
STACK = re.compile(r"(\d+) bytes \((\w+(?:,\w+)?)\)")


def compile_one(folder, path):
    """What gcc says about one file."""
    name = os.path.join(folder, path.replace("/", "_")[:-2])
    subprocess.run(["gcc", *FLAGS, "-o", name + ".o", path], cwd=ROOT, check=True,
                   env=dict(os.environ, CCACHE_DISABLE="1"))  # it does not keep the other output
    with open(name + ".ci", encoding="utf-8") as file:
        return file.read()


def graph(paths):
    """{function: (bytes, kind)}, {function: whom it calls}. Static functions have their file in front."""
    sizes, calls = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for text in [compile_one(folder, path) for path in paths]:
            for title, label in NODE.findall(text):
                stack = STACK.search(label)
                if stack:
                    sizes[title] = (int(stack.group(1)), stack.group(2))
            for caller, callee in EDGE.findall(text):
                calls.setdefault(caller, set()).add(callee)
    return sizes, calls


def deepest(sizes, calls):
    """{function: stack of the deepest chain of calls from it}, and the cycles that are on the way."""
    depth, cycles, path = {}, [], []

    def walk(name):
        if name in path:
            cycles.append(" > ".join(path[path.index(name):] + [name]))
            return 0
        if name not in depth:
            path.append(name)
            below = max((walk(callee) for callee in sorted(calls.get(name, ())) if callee in sizes), default=0)
            path.pop()
            depth[name] = sizes[name][0] + below
        return depth[name]

    for name in sorted(sizes):
        walk(name)
    return depth, sorted(set(cycles))


def check_reader(tap):
    """That recursion and arrays of variable length are seen where they are."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bad.c")
        with open(path, "w", encoding="utf-8") as file:
            file.write("int odd(int n);\nint use(char *p);\n"
                       "__attribute__((noinline)) static int even(int n) { return n ? odd(n - 1) + 1 : 1; }\n"
                       "int odd(int n) { char a[n]; return use(a) + even(n); }\n")
        sizes, calls = graph([path])
    tap.ok(deepest(sizes, calls)[1] and sizes["odd"][1] not in BOUNDED,
           "a seeded recursion and a seeded array of variable length are found", sizes, calls)


def main():
    tap = Tap()
    check_reader(tap)
    sizes, calls = graph(files(*FOLDERS, suffixes=(".c",)) + MESSAGES)
    tap.ok(len(sizes) > 300, f"{len(sizes)} functions are known", sorted(sizes)[:20])
    tap.none([f"{name}: {kind}" for name, (_, kind) in sizes.items() if kind not in BOUNDED],
             "the stack of each function is bounded")
    depth, cycles = deepest(sizes, calls)
    tap.none([cycle for cycle in cycles if cycle not in ONCE], "none calls itself, over others either")
    most = max(depth, key=depth.get)
    tap.ok(depth[most] <= DEEPEST, f"the deepest chain of calls takes {depth[most]} bytes, at most {DEEPEST}", most)
    tap.done()


main()
