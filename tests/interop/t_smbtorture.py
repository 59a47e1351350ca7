#!/usr/bin/python3
"""Samba's smbtorture against our services: echo at full size in both byte orders and in NDR64, the
management interface, the endpoint mapper, counting operations until op_rng_error; echo with NTLM at
every level, signed and sealed in both byte orders and in NDR64, with SPNEGO over NTLM,
with Kerberos at every level, and with SPNEGO over Kerberos."""
import concurrent.futures
import re

import peer
import rpc

ECHO = ["addone", "sinkdata", "echodata", "sourcedata", "testcall", "testcall2", "enum",
        "surrounding", "doublepointer", "sleep"]
EPMAPPER = ["Map_simple", "Map_full", "Lookup_simple", "Lookup_terminate_search",
            "Insert_noreplace"]
ECHO_ID = ("60a15ec5-4de8-11d7-a637-005056a20182", 1)
# Interface → its identity, number of operations (smbtorture calls 0, 1, 2 ... up to the first that
# does not exist, and prints the number of the last that does).
COUNTS = {"rpcecho": (ECHO_ID, 10), "mgmt": (rpc.MGMT, 5), "epmapper": (rpc.EPM, 7)}


NTLM = ["ntlm,connect", "ntlm,packet", "ntlm,sign", "ntlm,seal", "ntlm,sign,bigendian",
        "ntlm,seal,bigendian", "ntlm,sign,ndr64", "ntlm,seal,ndr64"]
SPNEGO = ["spnego,connect", "spnego,packet", "spnego,sign", "spnego,seal", "spnego,seal,ndr64"]
KERBEROS = ["krb5,connect", "krb5,packet", "krb5,sign", "krb5,seal", "spnego,sign", "spnego,seal"]


def torture(serving, test, *options, flag="", user="%", realm=None):
    """realm: Kerberos, and nothing else."""
    arguments = [f"--configfile={serving.smb_conf()}", f"-U{user}", *[f"--option={o}" for o in options]]
    environment = {}
    if realm:
        arguments += ["--use-kerberos=required", f"--option=realm={realm}"]
        flag += f",target_hostname={serving.env['TARGET_HOSTNAME']}"
        environment = {"KRB5_CONFIG": serving.env["KRB5_CONFIG"]}
    return peer.run(["smbtorture", *arguments, f"ncacn_ip_tcp:{serving.address}[{flag}]", test], 300,
                    environment)


def echo_with_each(tap, serving, flags, user, realm=None):
    """All at once: they sleep most of the time."""
    def echo(flag):
        return torture(serving, "rpc.echo", "torture:quick=no", flag=flag, user=user, realm=realm)

    with concurrent.futures.ThreadPoolExecutor(len(flags)) as pool:
        for flag, result in zip(flags, pool.map(echo, flags)):
            label = f"rpc.echo {flag}{' over Kerberos' if realm and 'spnego' in flag else ''}"
            check_each(tap, label, [f"echo.{name}" for name in ECHO], result)


def check_each(tap, label, names, result):
    status, text = result
    for name in names:
        tap.ok(re.search(rf"^success: {name}$", text, re.M), f"{label} {name}", text)
    tap.ok(status == 0, f"{label}: exit status 0", f"status {status}\n{text}")


def port_of(serving, interface):
    """Where smbtorture finds an interface: it asks the endpoint mapper. Ours is on 135."""
    if interface in (rpc.MGMT, rpc.EPM):
        return 135
    with rpc.Client(serving.address) as client:
        client.bind(rpc.EPM)
        return rpc.map_tcp(client, interface)


def ends_well(serving, interface, opnum):
    with rpc.Client(serving.address, port_of(serving, interface)) as client:
        client.bind(interface)
        for _ in range(2):
            try:
                client.call(opnum)
                return False
            except rpc.Error as error:
                if "0x1c010002" not in str(error):
                    return False
    return True


def check_security(tap, serving):
    user = "TESTS\\tester%Geheim-42"
    echo_with_each(tap, serving, NTLM + SPNEGO, user)
    for wrong in ("TESTS\\tester%wrong", "TESTS\\nobody%Geheim-42"):
        for flag in ("ntlm,seal", "spnego,seal"):
            status, text = torture(serving, "rpc.echo", flag=flag, user=wrong)
            tap.ok(status != 0 and "success: echo" not in text, f"{flag} {wrong}: refused", text)
    realm = serving.env.get("REALM")
    if realm is None:
        tap.skip("rpc.echo with Kerberos", "built without it, or krb5-kdc is not installed")
        return
    echo_with_each(tap, serving, KERBEROS, "tester%Geheim-42", realm)
    status, text = torture(serving, "rpc.echo", flag="krb5,seal", user="tester%wrong", realm=realm)
    tap.ok(status != 0 and "success: echo" not in text, "krb5,seal with a wrong password: refused", text)


def main():
    tap = peer.begin(["smbtorture"])
    with peer.Serving(tap, "127.0.0.31", name="smbtorture") as serving:
        for flag in ("", "bigendian", "ndr64"):
            label = f"rpc.echo {flag or 'littleendian'}"
            check_each(tap, label, [f"echo.{name}" for name in ECHO],
                       torture(serving, "rpc.echo", "torture:quick=no", flag=flag))
        check_each(tap, "rpc.epmapper", [f"epmapper.{name}" for name in EPMAPPER],
                   torture(serving, "rpc.epmapper"))
        check_each(tap, "rpc.mgmt", ["mgmt"], torture(serving, "rpc.mgmt"))
        for interface, (identity, n) in COUNTS.items():
            status, text = torture(serving, "rpc.countcalls", f"countcalls:interface={interface}")
            tap.ok(status == 0 and re.search(r"^success: countcalls", text, re.M)
                   and re.search(rf"^Found {n - 1} calls$", text, re.M),
                   f"rpc.countcalls {interface}: {n} operations", text)
            # smbtorture takes a lost connection for the end too: look at what the end is.
            tap.ok(ends_well(serving, identity, n), f"{interface}: opnum {n} is op_rng_error,"
                   " and the connection goes on")
    with peer.Serving(tap, "127.0.0.36", "--users", name="smbtorture, security") as serving:
        check_security(tap, serving)
    tap.done()


main()
