#!/usr/bin/python3
"""Our client against Samba's servers: map, ping, call. They do not take NDR64, so that a client which
offers it has to fall back to NDR 2.0; and the starter keeps its promises about user and levels."""
import json
import os
import struct
import uuid

import peer
import rpc
import samba_server

ADDRESS = "127.0.0.41"
IRONRPC = os.path.join(os.environ.get("IRONRPC_BUILD", "build"), "cmd/ironrpc/ironrpc")
IDL = os.path.join(peer.HERE, "samba_peer.idl")
NDR64 = uuid.UUID("71710533-beba-4937-8319-b5dbef9ccc36")
REMARK = "remark of 32 characters, no more"
SHARES = 70
WORDS = {"ntlm": "ntlm", "negotiate": "spnego"}
SAMBA_CLIENT = """
import os, sys
from samba import credentials, param
from samba.dcerpc import srvsvc
lp = param.LoadParm(os.environ["SAMBA_CONF"])
user = credentials.Credentials()
user.guess(lp)
user.set_username(os.environ["SAMBA_USER"])
user.set_password(sys.argv[2])
user.set_domain(os.environ["SAMBA_DOMAIN"])
user.set_kerberos_state(credentials.DONT_USE_KERBEROS)
pipe = srvsvc.srvsvc(f"ncacn_ip_tcp:{os.environ['SAMBA_ADDRESS']}[{sys.argv[1]}]", lp, user)
print(pipe.NetSrvGetInfo(None, 101).server_name)
"""


def share_lines():
    """Of smb.conf: shares whose list does not fit into one fragment."""
    lines = []
    for n in range(SHARES):
        lines += [f"[share{n}]", "path = /tmp", f"comment = {REMARK * 4}"]
    return lines


def offer_ndr64(interface, port):
    """(result, reason) of a bind that offers NDR64 alone."""
    with rpc.Client(ADDRESS, port) as client:
        element = struct.pack("<HBx", 0, 1) + uuid.UUID(interface[0]).bytes_le
        element += struct.pack("<I", interface[1]) + NDR64.bytes_le + struct.pack("<I", 1)
        _, _, answer = client.exchange(11, 3, struct.pack("<HHIB3x", 5840, 5840, 0, 1) + element)
        at = 8 + 2 + struct.unpack_from("<H", answer, 8)[0]
        return struct.unpack_from("<HH", answer, ((at + 3) & ~3) + 4)


def port_of(interface):
    with rpc.Client(ADDRESS) as client:
        client.bind(rpc.EPM)
        return rpc.map_tcp(client, interface)


def check_fallback(tap):
    for name, interface, port in (("mapper", rpc.EPM, 135),
                                  ("srvsvc", samba_server.SRVSVC, port_of(samba_server.SRVSVC))):
        answer = offer_ndr64(interface, port)
        tap.ok(answer == (2, 2), f"Samba's {name} does not take NDR64", answer)
    status, text = peer.run([IRONRPC, "map", "--json", ADDRESS], 30)
    rows = json.loads(text) if status == 0 else []
    found = {row.get("name") for row in rows if row["binding"].startswith(f"ncacn_ip_tcp:{ADDRESS}[")}
    tap.ok({"epmapper", "lsarpc", "samr", "srvsvc", "winreg", "wkssvc"} <= found,
           "ironrpc map lists Samba's services", text)
    status, text = peer.run([IRONRPC, "map", "--transfer", "ndr64", ADDRESS], 30)
    tap.ok(status == 1 and "transfer syntax" in text, "ironrpc map --transfer ndr64 is refused", text)
    for host in (ADDRESS, f"{ADDRESS}[{port_of(samba_server.SRVSVC)}]"):
        status, text = peer.run([IRONRPC, "ping", "-c", "2", "-i", "0.01", host], 30)
        tap.ok(status == 0 and "2 answered" in text, f"ironrpc ping {host}", text)


def check_calls(tap):
    def call(operation, arguments, *options):
        status, text = peer.run([IRONRPC, "call", "-C", *options, ADDRESS, IDL, operation,
                                 json.dumps(arguments)], 60)
        try:
            return json.loads(text) if status == 0 else {}, text
        except ValueError:
            return {}, text

    result, text = call("NetrRemoteTOD", {"server": None}, "--transfer", "ndr64")
    tap.ok(result == {} and "transfer syntax" in text, "ironrpc call --transfer ndr64 is refused",
           text)
    for options in ((), ("--transfer", "ndr")):
        how = " ".join(options) or "by default"
        result, text = call("NetrRemoteTOD", {"server": None}, *options)
        tap.ok(result.get("return") == 0 and result["time"]["year"] >= 2024, f"time, {how}", text)
        result, text = call("NetrServerGetInfo", {"server": "\\\\a\u00e9\u20ac", "level": 101},
                            *options)
        tap.ok(result.get("return") == 0
               and result["info"]["info101"]["name"] == samba_server.COMPUTER,
               f"a union with strings, {how}", text)
        result, text = call("NetrServerGetInfo", {"server": None, "level": 99}, *options)
        tap.ok(result.get("return") == 124 and result["info"] == {"case": 99},
               f"a union's empty arm, {how}", text)
        result, text = call("NetrWkstaGetInfo", {"server": None, "level": 100}, *options)
        tap.ok(result.get("return") == 0
               and result["info"]["info100"]["lan_group"] == samba_server.DOMAIN,
               f"another interface, {how}", text)


def check_user(tap, samba):
    for level in ("connect", "packet", "sign", "seal", "seal,spnego"):
        status, text = peer.run([peer.PYTHON, "-c", SAMBA_CLIENT, level, samba_server.PASSWORD],
                                60, samba.environment())
        tap.ok(status == 0 and text.strip().endswith(samba_server.COMPUTER),
               f"Samba's client as {samba_server.USER}, {level}", text)
    status, text = peer.run([peer.PYTHON, "-c", SAMBA_CLIENT, "sign", "wrong"], 60,
                            samba.environment())
    tap.ok(status == 1 and "NT_STATUS_LOGON_FAILURE" in text, "a wrong password is refused", text)


def check_levels(tap, kind):
    """Our client with NTLM, alone or by SPNEGO: every level, fragments both ways."""
    def call(level, operation, arguments, password=samba_server.PASSWORD, host=ADDRESS):
        status, text = peer.run([IRONRPC, "call", "-C", "-A", kind, "-U",
                                 f"{samba_server.COMPUTER}\\{samba_server.USER}", "-L", level, host, IDL,
                                 operation, json.dumps(arguments)], 60, {"IRONRPC_PASSWORD": password})
        try:
            return json.loads(text) if status == 0 else {}, text
        except ValueError:
            return {}, text

    for level in ("connect", "call", "packet", "integrity", "privacy"):
        long_name = "\\\\" + "n" * 20000
        result, text = call(level, "NetrServerGetInfo", {"server": long_name, "level": 101})
        tap.ok(result.get("return") == 0 and result["info"]["info101"]["name"] == samba_server.COMPUTER,
               f"a request of 40 kB with {kind}, {level}", text)
        result, text = call(level, "NetrShareEnum",
                            {"server": None, "shares": {"level": 1, "info": {"case": 1, "level1": {
                                "count": 0, "shares": None}}}, "preferred": 0xffffffff, "resume": None})
        shares = {s["name"]: s["remark"] for s in (result["shares"]["info"]["level1"]["shares"]
                                                   if result.get("return") == 0 else [])}
        tap.ok(all(shares.get(f"share{n}") == REMARK * 4 for n in range(SHARES)),
               f"a reply of 20 kB with {kind}, {level}", text[-400:])
    host = f"ncacn_ip_tcp:{ADDRESS}[{port_of(samba_server.SRVSVC)},seal,{WORDS[kind]}]"
    result, text = call("privacy", "NetrServerGetInfo", {"server": None, "level": 101}, host=host)
    tap.ok(result.get("return") == 0, f"{kind} as the string binding says", text)
    # At level connect Samba takes the call for one of nobody's, and answers it.
    for level in ("packet", "integrity", "privacy"):
        result, text = call(level, "NetrServerGetInfo", {"server": None, "level": 101}, password="wrong")
        tap.ok(result == {} and "password may be wrong" in text,
               f"a wrong password is refused, {kind}, {level}", text)


def main():
    tap = peer.begin([IRONRPC, *samba_server.NEEDS])
    try:
        with samba_server.SambaServer(ADDRESS, share_lines()) as samba:
            check_fallback(tap)
            check_calls(tap)
            check_user(tap, samba)
            check_levels(tap, "ntlm")
            check_levels(tap, "negotiate")
    except samba_server.Failed as error:
        tap.ok(False, "Samba's server starts", error)
    tap.done()


main()
