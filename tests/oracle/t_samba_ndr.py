#!/usr/bin/python3
"""Samba's packer, which python3-samba makes of Samba's own IDL, on the bytes that the oracle makes of
ours: what Samba unpacks and packs again are the same bytes, and the engine's are those, too.

    t_samba_ndr.py IRONIDL NDR_PEER IDL_FOLDER

In NDR and NDR64, both byte orders, requests and responses.
"""
import importlib
import os
import random
import sys

import ndr
import random_idl
from peer import Peer

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "meta"))
from tap import Tap  # noqa: E402

VALUES = 12  # of each operation, direction, syntax and byte order
MODULES = {"rpcecho": "echo", "epm": "epmapper", "mgmt": "mgmt"}

# Operations whose bytes Samba may refuse, and in which syntax alone (None: in both).
REFUSED = {
    # It pads a struct behind its conformant array; [MS-RPCE] 2.2.5.3.4.1 before it.
    ("rpcecho", 8): ndr.NDR64,
    # Towers and entries are more than bytes to it; these have no floors.
    ("epm", 0): None, ("epm", 1): None, ("epm", 2): None, ("epm", 3): None, ("epm", 6): None,
    # Its IDL has other parameters than [C706] appendices O and Q.
    ("epm", 5): None, ("mgmt", 1): None,
}


class Values(random_idl.Values):
    """Texts of letters, because Samba converts them."""

    def string(self, t, scope):
        made = super().string(t, scope)
        made.units = [97 + unit % 26 for unit in made.units]
        return made


def classes(module):
    """{opnum: class}"""
    found = [getattr(module, name) for name in dir(module)]
    return {one.opnum(): one for one in found if hasattr(one, "opnum")}


class Interface:
    def __init__(self, ironidl, program, path, module, samba_ndr):
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.unit = ndr.compile_idl(ironidl, path, "--no-warn")[0]
        self.peer = Peer(program, path)
        self.values = Values(self.unit, random.Random(7))
        self.classes = classes(module)
        self.samba = samba_ndr
        self.problems = []
        self.n = {"same": 0, "refused": 0, "hopeless": 0}

    def again(self, cls, direction, data, big, ndr64, request):
        """(what Samba makes of the bytes, None), or (None, why it does not take them)."""
        held = cls()
        how = {"bigendian": big, "ndr64": ndr64}
        try:
            if request is not None:  # sizes of the response may depend on it
                self.samba.ndr_unpack_in(held, request, **how)
            getattr(self.samba, f"ndr_unpack_{direction}")(held, data, **how)
            return getattr(self.samba, f"ndr_pack_{direction}")(held, **how), None
        except (RuntimeError, TypeError, ValueError) as error:
            return None, error

    def compare(self, opnum, direction, syntax, big, data, request=None):
        words = (opnum, direction, syntax, big)
        engine, why = (self.peer.ask(*words, data) if direction == "in" else
                       self.peer.ask(*words, request, data))
        samba, reason = self.again(self.classes[opnum], direction, data, big, syntax == ndr.NDR64,
                                   request)
        may_refuse = REFUSED.get((self.name, opnum), -1) in (None, syntax)
        if samba is None and may_refuse and engine == data:
            self.n["refused"] += 1
        elif samba != data or engine != data:
            self.problems.append(f"op {opnum} {direction} {('NDR', 'NDR64')[syntax]} "
                                 f"{'big' if big else 'little'}: {data.hex()}: Samba "
                                 f"{samba.hex() if samba is not None else reason}, "
                                 f"engine {engine.hex() if engine is not None else why}")
        else:
            self.n["same"] += 1

    def call(self, opnum, syntax, big):
        op = self.unit.operations[opnum]
        try:
            known = self.values.arguments(op, "in")
            request = ndr.encode(self.unit, opnum, "in", known, syntax, big)
            self.compare(opnum, "in", syntax, big, request)
            results = self.values.arguments(op, "out", known)
            response = ndr.encode(self.unit, opnum, "out", results, syntax, big)
            self.compare(opnum, "out", syntax, big, response, request)
        except random_idl.Hopeless:
            self.n["hopeless"] += 1

    def run(self):
        for opnum in sorted(set(self.classes) & set(range(len(self.unit.operations)))):
            for syntax in (ndr.NDR20, ndr.NDR64):
                for big in (False, True):
                    for _ in range(VALUES):
                        self.call(opnum, syntax, big)
        self.peer.close()


def main():
    ironidl, program, folder = sys.argv[1:4]
    try:
        samba_ndr = importlib.import_module("samba.ndr")
    except ModuleNotFoundError:
        print("1..0 # SKIP python3-samba is not here")
        return
    tap = Tap()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # Samba's library says there what it refuses
    for name, module in MODULES.items():
        one = Interface(ironidl, program, os.path.join(folder, name + ".idl"),
                        importlib.import_module("samba.dcerpc." + module), samba_ndr)
        one.run()
        tap.none(one.problems, f"{name}: {one.n['same']} values are the same, Samba refuses "
                               f"{one.n['refused']}, {one.n['hopeless']} were not found")
        tap.ok(one.n["same"] > 50, f"{name}: there are values")
    tap.done()


if __name__ == "__main__":
    main()
