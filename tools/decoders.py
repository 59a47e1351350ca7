#!/usr/bin/env python3
"""Branch coverage of the decoders by their unit tests and fuzz corpora: decoders.py

Compiles the decoders with clang's coverage, runs t_NAME of tests/unit and the replay of
tests/fuzz/corpus for each, and prints, file by file, how many of the branches (both outcomes of every
condition, as llvm-cov counts them) were taken. Those that were not are compared with the table of
docs/coverage.md, which gives a reason for each: one that is missing there, one that is listed and
taken, and a total below 97 % are failures. Output is TAP.
"""
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build-cov", "decoders")
LEAST = 97.0
FILES = ["src/base/cur.h", "src/base/cur.c", "src/base/uuid.c", "src/base/syntax.c", "src/wire/auth_trailer.c",
         "src/wire/bind.c", "src/wire/binding_security.c", "src/wire/call.c", "src/wire/header.c",
         "src/wire/string_binding.c", "src/wire/tower.c", "src/wire/verification_trailer.c", "src/auth/ntlm_msg.c",
         "src/auth/spnego_msg.c"]
TESTS = ["base_cur", "base_values", "ntlm_msg", "spnego_msg", "wire_bind", "wire_binding_security", "wire_call", "wire_header",
         "wire_string_binding", "wire_tower", "wire_verification_trailer"]
TARGETS = ["bind", "bind_ack", "call", "header", "ntlm_msg", "spnego_msg", "string_binding", "tower",
           "verification_trailer"]
FLAGS = ["-std=gnu17", "-D_GNU_SOURCE", "-DIRONRPC_VERSION=\"0\"", "-O1", "-g", "-fprofile-instr-generate",
         "-fcoverage-mapping", "-Iinclude", "-Isrc", "-Itests/harness", "-Itests/unit", "-w"]


def sh(*command, **options):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
                          **options).stdout


def compile_one(path):
    """Its object file, made anew if the source or a header changed."""
    target = os.path.join(BUILD, path.replace("/", "_") + ".o")
    headers = [os.path.join(base, name) for folder in ("include", "src", "tests") for base, _, names
               in os.walk(os.path.join(ROOT, folder)) for name in names if name.endswith(".h")]
    newest = max(os.path.getmtime(name) for name in [os.path.join(ROOT, path), *headers])
    if not os.path.exists(target) or os.path.getmtime(target) < newest:
        sh("clang-14", *FLAGS, "-c", "-o", target, path)
    return target


def link(name, *sources):
    program = os.path.join(BUILD, name)
    library = [os.path.join("src", folder, file) for folder in ("base", "wire")
               for file in sorted(os.listdir(os.path.join(ROOT, "src", folder))) if file.endswith(".c")]
    library += ["src/auth/ntlm_msg.c", "src/auth/spnego_msg.c"]
    sh("clang-14", *FLAGS, "-o", program, *map(compile_one, [*sources, *library]), "-lpthread")
    return program


def profile():
    """Run everything. Return: the programs; the profile is in BUILD."""
    os.makedirs(BUILD, exist_ok=True)
    for name in os.listdir(BUILD):
        if name.endswith(".profraw"):
            os.remove(os.path.join(BUILD, name))
    environment = dict(os.environ, LLVM_PROFILE_FILE=os.path.join(BUILD, "%p.profraw"))
    programs = []
    for name in TESTS:
        programs.append(link("t_" + name, f"tests/unit/t_{name}.c", "tests/harness/ir_test.c",
                             "tests/harness/ir_test_pdu.c"))
        sh(programs[-1], env=environment)
    for name in TARGETS:
        programs.append(link("fuzz_" + name, f"tests/fuzz/fuzz_{name}.c", "tests/harness/replay_main.c"))
        sh(programs[-1], f"tests/fuzz/corpus/{name}", env=environment)
    raw = [os.path.join(BUILD, name) for name in os.listdir(BUILD) if name.endswith(".profraw")]
    with open(os.path.join(BUILD, "list"), "w", encoding="utf-8") as file:
        file.write("\n".join(raw))
    sh("llvm-profdata-14", "merge", "-sparse", "-o", os.path.join(BUILD, "all.profdata"), "-f",
       os.path.join(BUILD, "list"))
    return programs


def branches(programs):
    """{(file, line, column): [times true, times false]} of FILES, all programs together."""
    objects = [word for program in programs[1:] for word in ("-object", program)]
    text = sh("llvm-cov-14", "export", "-instr-profile", os.path.join(BUILD, "all.profdata"), programs[0],
              *objects, *(os.path.join(ROOT, file) for file in FILES))
    found = {}
    for file in json.loads(text)["data"][0]["files"]:
        path = os.path.relpath(file["filename"], ROOT)
        for line, column, _, _, yes, no, *_ in file["branches"]:
            counts = found.setdefault((path, line, column), [0, 0])
            counts[0] += yes
            counts[1] += no
    return found


def condition(path, line, column):
    """What stands there, to find the row again when lines have moved."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return re.sub(r"\s+", " ", file.read().splitlines()[line - 1][column - 1:]).rstrip(" {")


def listed():
    """{(file, condition, outcome): reason} of docs/coverage.md."""
    with open(os.path.join(ROOT, "docs/coverage.md"), encoding="utf-8") as file:
        rows = re.findall(r"^\| (\S+) \| `` (.+) `` \| (true|false) \| (.+) \|$", file.read(), flags=re.M)
    return {row[:3]: row[3] for row in rows}


def main():
    found = branches(profile())
    missing, total, taken = set(), 0, 0
    for path in FILES:
        own = {at: counts for at, counts in found.items() if at[0] == path}
        hit = sum((yes > 0) + (no > 0) for yes, no in own.values())
        total, taken = total + 2 * len(own), taken + hit
        if own:
            print(f"# {path}: {hit} of {2 * len(own)} branches")
        for (_, line, column), (yes, no) in sorted(own.items()):
            for outcome, count in (("true", yes), ("false", no)):
                if count == 0:
                    missing.add((path, condition(path, line, column), outcome))
    known = listed()
    share = 100 * taken / max(total, 1)
    for number, (problems, name) in enumerate((
            ([] if share >= LEAST else [f"{share:.2f} %"],
             f"{taken} of {total} branches of the decoders are taken, {share:.2f} %, at least {LEAST} %"),
            (sorted(missing - set(known)), "docs/coverage.md has a reason for each other one"),
            (sorted(set(known) - missing), "and lists none that is taken, or is not there")), 1):
        for problem in problems:
            print("#", problem if isinstance(problem, str) else "| {} | `` {} `` | {} |".format(*problem))
        print(f"{'not ok' if problems else 'ok'} {number} - {name}")
    print("1..3")
    return 1 if share < LEAST or set(known) != missing else 0


if __name__ == "__main__":
    sys.exit(main())
