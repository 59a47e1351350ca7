#!/usr/bin/python3
"""Samba's smbtorture against our services: echo at full size in both byte orders, the management
interface, the endpoint mapper, and counting operations until op_rng_error."""
import re

import peer

ECHO = ["addone", "sinkdata", "echodata", "sourcedata", "testcall", "testcall2", "enum",
        "surrounding", "doublepointer", "sleep"]
EPMAPPER = ["Map_simple", "Map_full", "Lookup_simple", "Lookup_terminate_search",
            "Insert_noreplace"]
# Operations that smbtorture counts: it calls 0, 1, 2 ... until the answer is op_rng_error.
COUNTS = {"rpcecho": 10, "mgmt": 5, "epmapper": 8}


def torture(serving, test, *options, endian=""):
    binding = f"ncacn_ip_tcp:{serving.address}[{endian}]"
    return peer.run(["smbtorture", f"--configfile={serving.smb_conf()}", "-U%",
                     *[f"--option={o}" for o in options], binding, test], 300)


def check_each(tap, label, names, suite, result):
    status, text = result
    for name in names:
        tap.ok(re.search(rf"^success: {suite}\.{name}$", text, re.M), f"{label} {suite}.{name}", text)
    tap.ok(status == 0, f"{label}: exit status 0", f"status {status}\n{text}")


def main():
    tap = peer.begin(["smbtorture"])
    with peer.Serving(tap, "127.0.0.31", name="smbtorture") as serving:
        for endian in ("", "bigendian"):
            label = f"rpc.echo {endian or 'littleendian'}"
            check_each(tap, label, ECHO, "echo",
                       torture(serving, "rpc.echo", "torture:quick=no", endian=endian))
        check_each(tap, "rpc.epmapper", EPMAPPER, "epmapper", torture(serving, "rpc.epmapper"))
        check_each(tap, "rpc.mgmt", ["mgmt"], "mgmt", torture(serving, "rpc.mgmt"))
        for interface, n in COUNTS.items():
            status, text = torture(serving, "rpc.countcalls", f"countcalls:interface={interface}")
            tap.ok(status == 0 and re.search(r"^success: countcalls", text, re.M)
                   and re.search(rf"^{n} calls available$", text, re.M),
                   f"rpc.countcalls {interface}: {n} operations, then op_rng_error", text)
    tap.done()


main()
