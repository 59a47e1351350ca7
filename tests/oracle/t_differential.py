#!/usr/bin/python3
"""Random interfaces and values: the engine and the oracle write the same bytes and agree on what
is valid, in NDR and NDR64, in both byte orders.

    t_differential.py IRONIDL NDR_PEER [--seed N] [--seconds S] [--keep FOLDER]

Without --seed, make check takes the same 12 seconds of seeds every time, and make check-all those
of two minutes that begin where the date says. A disagreement prints the seed of its interface (--seed N --seconds 0 repeats that one alone) and
leaves the IDL file in FOLDER.
"""
import argparse
import os
import random
import sys
import tempfile
import time

import ndr
import random_idl
from peer import Peer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "meta"))
from tap import Tap  # noqa: E402

ROWS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rows.idl")
VALUES = 3      # of each operation, syntax and byte order
MUTATIONS = 12  # of each value
LONG = 80       # elements of the longest arrays of parameters
LIMITS = ("LIMIT ", "NO_MEMORY ")


class Case:
    """One interface."""

    def __init__(self, seed, ironidl, program, folder, path=None):
        self.rng = random.Random(seed)
        self.seed = seed
        self.problems = []
        self.n = {"values": 0, "mutations": 0, "refused": 0, "hopeless": 0, "pickles": 0}
        self.path = path or os.path.join(folder, f"random_{seed}.idl")
        if path is None:
            with open(self.path, "w", encoding="utf-8") as file:
                file.write(random_idl.Interface(self.rng).text())
        self.unit = ndr.compile_idl(ironidl, self.path, "--no-warn")[0]
        self.peer = Peer(program, self.path)
        self.values = random_idl.Values(self.unit, self.rng, LONG if path or seed % 4 == 0 else 16)

    def wrong(self, what, opnum, syntax, big, data, detail):
        self.problems.append(f"seed {self.seed} Op{opnum} {('NDR', 'NDR64')[syntax]} "
                             f"{'big' if big else 'little'}-endian {what}: {data.hex()}: {detail}")

    def compare(self, what, opnum, direction, syntax, big, data, request=None, known=None):
        """Both decode, and encode again."""
        words = (opnum, direction, syntax, big)
        engine, why = (self.peer.ask(*words, data) if direction == "in" else
                       self.peer.ask(*words, request, data))
        try:
            values = ndr.decode(self.unit, opnum, direction, data, syntax, big, known)
            oracle = ndr.encode(self.unit, opnum, direction, values, syntax, big)
            reason = None
        except ndr.Refused as error:
            oracle, reason = None, error
        if engine is None and " VALIDATION " in why:
            self.wrong(what, opnum, syntax, big, data, why)
        elif engine is None and oracle is None:
            self.n["refused"] += 1
        elif engine is None and not why.startswith(LIMITS):
            self.wrong(what, opnum, syntax, big, data, f"only the engine refuses: {why}")
        elif engine is not None and oracle is None:
            self.wrong(what, opnum, syntax, big, data, f"only the oracle refuses: {reason}")
        elif engine is not None and engine != oracle:
            self.wrong(what, opnum, syntax, big, data,
                       f"the engine writes {engine.hex()}, the oracle {oracle.hex()}")
        return engine

    def value(self, opnum, syntax, big):
        op = self.unit.operations[opnum]
        try:
            known = self.values.arguments(op, "in")
            request = ndr.encode(self.unit, opnum, "in", known, syntax, big)
        except random_idl.Hopeless:
            self.n["hopeless"] += 1
            return
        self.one("in", opnum, syntax, big, request)
        try:
            results = self.values.arguments(op, "out", known)
            response = ndr.encode(self.unit, opnum, "out", results, syntax, big)
        except random_idl.Hopeless:
            self.n["hopeless"] += 1
            return
        self.one("out", opnum, syntax, big, response, request, known)
        again, why = self.peer.ask(opnum, "client", syntax, big, request, response)
        if again != response and " N03 " not in why:  # memory of the request may be too small
            self.wrong("client", opnum, syntax, big, response, why or again.hex())

    def one(self, direction, opnum, syntax, big, data, request=None, known=None):
        self.n["values"] += 1
        engine = self.compare("value", opnum, direction, syntax, big, data, request, known)
        if engine is not None and engine != data:
            self.wrong("value", opnum, syntax, big, data, f"the engine writes {engine.hex()}")
        for _ in range(MUTATIONS):
            self.n["mutations"] += 1
            self.compare("mutation", opnum, direction, syntax, big, self.mutate(data), request,
                         known)

    def pickle(self, number, form, big):
        """A series of values; the engine writes little-endian, whatever it read."""
        kept = ndr.Pickle(self.unit, number, form, big)
        try:
            values = []
            for _ in range(self.rng.choice([1, 1, 3])):
                self.values.full = {}
                values.append(self.values.value(kept.type, None, 0))
        except random_idl.Hopeless:
            self.n["hopeless"] += 1
            return
        data = kept.encode(values)
        self.n["pickles"] += 1
        for i in range(MUTATIONS + 1):
            changed = data if i == 0 else data[:64 if form[0] == 2 else 8] + self.mutate(
                data[64 if form[0] == 2 else 8:])
            engine, why = self.peer.pickle(number, form, changed)
            try:
                again = kept.decode(changed)
                wanted = ndr.Pickle(self.unit, number, form, False).encode(again) if again else b""
            except ndr.Refused as error:
                wanted, reason = None, error
            if engine is None and wanted is None:
                self.n["refused"] += i > 0
            elif engine is None and not why.startswith(LIMITS):
                self.wrong("pickle", number, form[1], big, changed, f"only the engine refuses: {why}")
            elif engine is not None and wanted is None:
                self.wrong("pickle", number, form[1], big, changed, f"only the oracle: {reason}")
            elif engine is not None and engine != wanted or i == 0 and engine is None:
                self.wrong("pickle", number, form[1], big, changed,
                           f"the engine writes {engine and engine.hex()}, the oracle {wanted.hex()}")

    def mutate(self, data):
        rng = self.rng
        data = bytearray(data)
        for _ in range(rng.choice([1, 1, 1, 2])):
            kind = rng.randrange(6)
            at = rng.randrange(len(data)) if data else 0
            if not data or kind == 0:
                data += rng.randbytes(rng.randint(1, 8))
            elif kind == 1:
                data[at] ^= 1 << rng.randrange(8)
            elif kind == 2:
                data[at] = rng.choice([0, 1, 2, 0x7f, 0x80, 0xff])
            elif kind == 3:
                del data[at:]
            elif kind == 4:
                at -= at % 4
                value = rng.choice([0, 1, 2, 3, 0x20000, 0x7fffffff, 0xffffffff])
                data[at:at + 4] = value.to_bytes(4, rng.choice(["little", "big"]))
            else:
                at -= at % 4
                del data[at:at + 4]
        return bytes(data)

    def run(self):
        for opnum in range(len(self.unit.operations)):
            for syntax in (ndr.NDR20, ndr.NDR64):
                for big in (False, True):
                    for _ in range(VALUES):
                        self.value(opnum, syntax, big)
        for number in range(len(self.unit.pickles)):
            for form in ((1, ndr.NDR20), (2, ndr.NDR20), (2, ndr.NDR64)):
                for big in (False, True):
                    self.pickle(number, form, big)
        self.peer.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ironidl")
    parser.add_argument("ndr_peer")
    long_form = os.environ.get("IR_CHECK_ALL") == "1"
    today = int(time.time()) // 86400 * 100000
    parser.add_argument("--seed", type=int, default=today if long_form else 1)
    parser.add_argument("--seconds", type=float, default=120 if long_form else 12)
    parser.add_argument("--keep")
    args = parser.parse_args()
    tap = Tap()
    end = time.monotonic() + args.seconds
    total = {}
    n = 0
    problems = []
    with tempfile.TemporaryDirectory() as work:
        seed = args.seed
        rows = Case(seed, args.ironidl, args.ndr_peer, work, ROWS)
        rows.run()
        tap.note(", ".join(f"{value} {key}" for key, value in rows.n.items()))
        tap.none(rows.problems, "engine and oracle agree on rows.idl")
        while n == 0 or time.monotonic() < end:
            case = Case(seed, args.ironidl, args.ndr_peer, args.keep or work)
            case.run()
            problems += case.problems
            for key, value in case.n.items():
                total[key] = total.get(key, 0) + value
            n += 1
            seed += 1
            if len(problems) > 20:
                break
    tap.note(f"{n} interfaces from seed {args.seed} on: "
             + ", ".join(f"{value} {key}" for key, value in total.items()))
    tap.none(problems, "engine and oracle agree")
    tap.ok(total["values"] > 20 and total["refused"] > 20, "there was something to disagree about")
    tap.done()


if __name__ == "__main__":
    main()
