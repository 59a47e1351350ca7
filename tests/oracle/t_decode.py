#!/usr/bin/python3
"""ironrpc decode: what it prints for random values is what the oracle and ironrpc-json(7) say;
its options and its messages.

    t_decode.py IRONIDL IRONRPC
"""
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

import json_values
import ndr
import random_idl

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "meta"))
from tap import Tap  # noqa: E402

INTERFACES = 60 if os.environ.get("IR_CHECK_ALL") == "1" else 6

EXAMPLE = """
[uuid(225b9fcb-eb3d-497b-8b0b-591f049a2507), version(1.0), pointer_default(unique)]
interface example {
    typedef enum { RED, GREEN } color;
    typedef struct { unsigned long a; unsigned short b, c; byte d[8]; } GUID;
    hyper Get([in] short n, [in] color c, [in] GUID *id, [in, string] wchar_t *s,
              [out, size_is(n)] long v[], [out] double *d);
}
[uuid(225b9fcb-eb3d-497b-8b0b-591f049a2508)]
interface other { typedef pipe short shorts; void Get(void); void Pair([in] long a, [in] long b);
    long Flow([in, out] shorts *s, [in, out] long *n);
    typedef [encode] struct { short n; [string] char *s; } kept;
    typedef [decode] long number; }
"""
REQUEST = ("0200 0100 33221100 5544 7766 8899aabbccddeeff "
           "03000000 00000000 03000000 6800 6900 0000")
# [MS-RPCE] 2.2.6: common header, private header, value padded to 8; base types without the latter.
KEPT = ("01 10 0800 cccccccc 18000000 00000000 0700 0000 00000200 03000000 00000000 03000000 6869 00 00"
        "08000000 00000000 0800 0000 00000000")
NUMBERS = "01 10 0800 cccccccc 05000000 00000000 ffffffff 00000000"
RESPONSE = "02000000 01000000 ffffffff 00000000 000000000000f87f 00000000 00000080"


class Tool:
    def __init__(self, program):
        self.program = program

    def __call__(self, *args, stdin=""):
        return subprocess.run([self.program, "decode", *args], input=stdin, capture_output=True,
                              text=True, timeout=60)


def check_random(tap, ironidl, tool, work, seed):
    rng = random.Random(seed)
    path = os.path.join(work, "random.idl")
    with open(path, "w", encoding="utf-8") as file:
        file.write(random_idl.Interface(rng).text())
    unit = ndr.compile_idl(ironidl, path, "--no-warn")[0]
    values = random_idl.Values(unit, rng)
    problems = []
    for opnum, op in enumerate(unit.operations):
        syntax, big = rng.randrange(2), rng.random() < 0.3
        options = ["--ndr64"] * syntax + ["--big-endian"] * big
        try:
            sent = values.arguments(op, "in")
            got = values.arguments(op, "out", sent)
        except random_idl.Hopeless:
            continue
        request = ndr.encode(unit, opnum, "in", sent, syntax, big).hex()
        response = ndr.encode(unit, opnum, "out", got, syntax, big).hex()
        for direction, held, args in (("in", sent, ["-"]),
                                      ("out", got, ["-", "--request", request])):
            done = tool(*options, "--json", path, op["name"], *args,
                        stdin=request if direction == "in" else response)
            wanted = json_values.parameters(unit, opnum, direction, held)
            if done.returncode or not same(json.loads(done.stdout), wanted):
                problems.append(f"seed {seed} {op['name']} {direction} {options}: "
                                f"{done.stderr}{done.stdout} instead of {json.dumps(wanted)}")
    for number, kept in enumerate(unit.pickles):
        form = rng.choice([(1, ndr.NDR20), (2, ndr.NDR20), (2, ndr.NDR64)])
        check_pickle(tool, path, unit, number, form, values, problems)
    tap.none(problems, f"random interface {seed}")


def check_pickle(tool, path, unit, number, form, values, problems):
    kept = ndr.Pickle(unit, number, form, values.rng.random() < 0.3)
    try:
        held = [values.value(kept.type, None, 0) for _ in range(values.rng.randrange(1, 4))]
        data = kept.encode(held).hex()
    except random_idl.Hopeless:
        return
    name = unit.pickles[number]["name"]
    done = tool("--json", "--pickle", path, name, "-", stdin=data)
    wanted = [json_values.value(unit, kept.type, one) for one in held]
    if done.returncode or not same(json.loads(done.stdout), wanted):
        problems.append(f"{name} {form}: {data}: {done.stderr}{done.stdout} instead of "
                        f"{json.dumps(wanted)}")


def same(a, b):
    """Equal; the text of a float may be any that is read back as the same float."""
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (abs(b) < 1e39 and struct.pack("<f", a) == struct.pack("<f", b))
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def check_example(tap, tool, path):
    def gives(name, args, wanted, stdin=""):
        done = tool("--json", *args, stdin=stdin)
        tap.ok(done.returncode == 0 and json.loads(done.stdout) == wanted and not done.stderr, name,
               done.stdout, done.stderr)

    def fails(name, status, text, *args, stdin=""):
        done = tool(*args, stdin=stdin)
        tap.ok(done.returncode == status and text in done.stderr and done.stdout == "", name,
               str(done.returncode), done.stdout, done.stderr)

    request = {"n": 2, "c": "GREEN", "id": "00112233-4455-6677-8899-aabbccddeeff", "s": "hi"}
    response = {"v": [1, -1], "d": "NaN", "return": "-9223372036854775808"}
    gives("a request", [path, "example.Get", REQUEST], request)
    gives("a response", ["-r", "-q", REQUEST, path, "example.Get", "0x" + RESPONSE[:8]
                         + RESPONSE[8:]], response)
    gives("from standard input, in lines", [path, "example.Get", "-"], request,
          REQUEST.replace(" ", "\n"))
    with open(path + ".hex", "w", encoding="utf-8") as file:
        file.write(REQUEST + "\n")
    gives("from a file", [path, "example.Get", "@" + path + ".hex"], request)
    gives("big-endian", ["-b", path, "Pair", "00000001 00000002"], {"a": 1, "b": 2})
    gives("a pipe of a request, behind the rest",
          [path, "Flow", "07000000 02000000 0100 ffff 01000000 0300 0000 00000000"],
          {"s": [[1, -1], [3]], "n": 7})
    flow = "02000000 0100 ffff 01000000 0300 0000 00000000 07000000 09000000"
    gives("a pipe of a response, before the rest", ["-q", "07000000 00000000", path, "Flow", flow],
          {"s": [[1, -1], [3]], "n": 7, "return": 9})
    gives("a pipe in NDR64, big-endian", ["-6", "-b", path, "Flow",
                                          "00000007 00000000 0000000000000001 0005 000000000000"
                                          "ffffffffffffffff 0000000000000000 0000000000000000"],
          {"s": [[5]], "n": 7})
    done = tool("-C", path, "Pair", "01000000 02000000")
    tap.ok(done.stdout == "other.Pair, opnum 1, request, 8 bytes of NDR 2.0, little-endian\n"
                          '{"a":1,"b":2}\n', "without --json a line says what it is", done.stdout)
    done = tool("-jC", path, "Pair", "01000000 02000000 77")
    tap.ok(done.returncode == 0 and done.stdout == '{"a":1,"b":2}\n'
           and "the last 1 of 9 bytes" in done.stderr, "bytes that are left over", done.stderr)
    fails("stub data that does not fit", 1, "Get: the request does not fit the operation at s: ",
          path, "example.Get", REQUEST[:-4])
    fails("a response without its request", 1, "--request", "-r", path, "example.Get", RESPONSE)
    gives("serialized values", ["-p", path, "kept", KEPT],
          [{"n": 7, "s": "hi"}, {"n": 8, "s": None}])
    gives("of a base type", ["--pickle", path, "other.number", NUMBERS], [5, -1])
    done = tool("-pC", path, "number", NUMBERS)
    tap.ok(done.stdout == "other.number, 2 serialized, 24 bytes\n[5,-1]\n", "and what they are",
           done.stdout)
    fails("serialized values that do not fit", 1, "kept: value 2: ", "-p", path, "kept", KEPT[:-2])
    fails("no pickle", 1, "number: value 1: ", "-p", path, "number", "02000000")
    fails("no such type", 2, "no type with [encode] or [decode] that is called 'Pair'; it has: kept, "
          "number", "-p", path, "Pair", KEPT)
    fails("serialized values say their form", 2, "--pickle goes with no option", "-p", "-6", path,
          "kept", KEPT)
    fails("half a byte", 2, "character 3 is half of a byte", path, "Pair", "012")
    fails("no digit", 2, "character 2 is not a hexadecimal digit", path, "Pair", " g0")
    fails("two operations of a name", 2, "write example.Get or other.Get", path, "Get", "00")
    fails("no such operation", 2, "no operation 'Put'", path, "Put", "00")
    fails("no such file", 2, "cannot read", path + "x", "Get", "00")
    fails("standard input twice", 2, "cannot be both", "-q", "-", path, "Pair", "-")
    fails("an operand too many", 2, "one operand too many", path, "Pair", "01", "02")


def pdu(ptype, opnum, stub, flags=3, call_id=2, big=False, trailer=b""):
    """A request (0) or response (2), in hexadecimal."""
    order = ">" if big else "<"
    auth = len(trailer) - 8 if trailer else 0
    body = struct.pack(order + "IHH", len(stub), 0, opnum) + stub + trailer
    return (struct.pack("4B4B", 5, 0, ptype, flags, 0 if big else 0x10, 0, 0, 0)
            + struct.pack(order + "HHI", 16 + len(body), auth, call_id) + body).hex()


def check_pdus(tap, tool, path):
    """What a capture has: headers, fragments, byte orders, trailers."""
    request, small = bytes.fromhex(REQUEST), bytes.fromhex("0100000002000000")
    response = bytes.fromhex(RESPONSE)
    signed = bytes.fromhex("0a05 0000 00000000") + 16 * b"s"
    sealed = bytes.fromhex("0a06 0000 00000000") + 16 * b"s"
    parts = "\n".join(pdu(0, 0, request[i:i + 8], flags)
                      for i, flags in ((0, 1), (8, 0), (16, 2))) + pdu(0, 0, request[24:], 2)
    for name, args, wanted in (
            ("a request", ["other.Pair", pdu(0, 1, small)], {"a": 1, "b": 2}),
            ("a big-endian request", ["other.Pair", pdu(0, 1, small[3::-1] + small[:3:-1], big=True)],
             {"a": 1, "b": 2}),
            ("a signed request", ["other.Pair", pdu(0, 1, small, trailer=signed)], {"a": 1, "b": 2}),
            ("fragments", ["example.Get", parts], json.loads(tool("-j", path, "example.Get",
                                                                  REQUEST).stdout)),
            ("a response and its request", ["--request", pdu(0, 0, request), "example.Get",
                                            pdu(2, 0, response)],
             json.loads(tool("-j", "-q", REQUEST, path, "example.Get", RESPONSE).stdout))):
        options = args[:-2]
        done = tool("-jP", *options, path, *args[-2:])
        tap.ok(done.returncode == 0 and json.loads(done.stdout) == wanted, "PDUs: " + name,
               done.stdout, done.stderr)
    for name, data, status, text in (
            ("none", "", 1, "its end is missing"),
            ("half of a header", pdu(0, 1, small)[:30], 1, "its end is missing"),
            ("cut off", pdu(0, 1, small)[:-2], 1, "its end is missing"),
            ("stub data alone", "0100000002000000" * 3, 1, "HEX: a PDU: "),
            ("a fault", pdu(3, 0, small), 1, "it is a fault"),
            ("a bind", pdu(11, 0, 60 * b"x"), 1, "neither a request nor a response"),
            ("another operation", pdu(0, 0, small), 1, "of operation 0, and Pair is 1"),
            ("two calls", pdu(0, 1, small) + pdu(0, 1, small, call_id=3), 1, "of another call"),
            ("encrypted", pdu(0, 1, small, trailer=sealed), 1, "encrypted"),
            ("a trailer longer than it all", pdu(0, 1, b"", trailer=signed)[:20] + "ff00"
             + pdu(0, 1, b"", trailer=signed)[24:], 1, "HEX: a PDU: ")):
        done = tool("-P", path, "other.Pair", data)
        tap.ok(done.returncode == status and text in done.stderr and not done.stdout,
               "no PDUs: " + name, done.stdout, done.stderr)
    done = tool("-P", "-q", pdu(0, 1, small), path, "other.Pair", pdu(0, 1, small))
    tap.ok(done.returncode == 2 and "is a request itself" in done.stderr, "two requests",
           done.stderr)


def main():
    ironidl, ironrpc = sys.argv[1:3]
    tap = Tap()
    tool = Tool(ironrpc)
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "example.idl")
        with open(path, "w", encoding="utf-8") as file:
            file.write(EXAMPLE)
        check_example(tap, tool, path)
        check_pdus(tap, tool, path)
        for seed in range(1, INTERFACES + 1):
            check_random(tap, ironidl, tool, work, seed)
    tap.done()


if __name__ == "__main__":
    main()
