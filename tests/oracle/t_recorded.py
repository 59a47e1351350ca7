#!/usr/bin/python3
"""The oracle itself against buffers recorded on Windows: each decodes, and encodes to itself.

    t_recorded.py IRONIDL SHARED
"""
import json
import os
import sys
import tempfile

import ndr

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "meta"))
from tap import Tap  # noqa: E402


def replay(tap, ironidl, folder, name):
    """Number of buffers."""
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        case = json.load(file)
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "case.idl")
        with open(path, "w", encoding="utf-8") as file:
            file.write(case["idl"])
        unit = ndr.compile_idl(ironidl, path)[0]
    problems = []
    known = None
    for buffer in case["buffers"]:
        syntax = ndr.NDR64 if buffer["syntax"] == "ndr64" else ndr.NDR20
        direction = "in" if buffer["pdu"] == "request" else "out"
        data = bytes.fromhex(buffer["hex"])
        try:
            values = ndr.decode(unit, 0, direction, data, syntax, known=known)
            again = ndr.encode(unit, 0, direction, values, syntax)
        except ndr.Refused as error:
            again = repr(error).encode()
        if again != data:
            problems.append(f"{buffer['syntax']} {direction}: {data.hex()} became {again.hex()}")
        known = values if direction == "in" else None
    tap.none(problems, f"{name}: {len(case['buffers'])} buffers")
    return len(case["buffers"])


def main():
    ironidl, shared = sys.argv[1:3]
    folder = os.path.join(shared, "vectors", "midl")
    if not os.path.isdir(folder):
        print(f"1..0 # SKIP {folder} is not here")
        return
    tap = Tap()
    # Those with pipes are in fragments, of two operations, with padding as it was: t_ndr_midl.c.
    names = [n for n in sorted(os.listdir(folder)) if n.endswith(".json") and "pipe" not in n]
    total = sum(replay(tap, ironidl, folder, name) for name in names)
    tap.ok(total >= 100, "there are buffers", f"{total} of them")
    tap.done()


if __name__ == "__main__":
    main()
