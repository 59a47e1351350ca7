#!/usr/bin/python3
"""Our client against Samba's servers, as nobody: map, ping, call. They do not take NDR64, so that a client
which offers it has to fall back to NDR 2.0. (As somebody: t_samba_auth.py, t_samba_ad.py.)"""
import functools
import json
import struct
import uuid

import peer
import rpc
import samba_server

ADDRESS = "127.0.0.41"
NDR64 = uuid.UUID("71710533-beba-4937-8319-b5dbef9ccc36")


def offer_ndr64(interface, port):
    """(result, reason) of a bind that offers NDR64 alone."""
    with rpc.Client(ADDRESS, port) as client:
        element = struct.pack("<HBx", 0, 1) + uuid.UUID(interface[0]).bytes_le
        element += struct.pack("<I", interface[1]) + NDR64.bytes_le + struct.pack("<I", 1)
        _, _, answer = client.exchange(11, 3, struct.pack("<HHIB3x", 5840, 5840, 0, 1) + element)
        at = 8 + 2 + struct.unpack_from("<H", answer, 8)[0]
        return struct.unpack_from("<HH", answer, ((at + 3) & ~3) + 4)


def check_fallback(tap):
    srvsvc = rpc.port_of(ADDRESS, samba_server.SRVSVC)
    for name, interface, port in (("mapper", rpc.EPM, 135), ("srvsvc", samba_server.SRVSVC, srvsvc)):
        answer = offer_ndr64(interface, port)
        tap.ok(answer == (2, 2), f"Samba's {name} does not take NDR64", answer)
    status, text = peer.run([peer.IRONRPC, "map", "--json", ADDRESS], 30)
    rows = json.loads(text) if status == 0 else []
    found = {row.get("name") for row in rows if row["binding"].startswith(f"ncacn_ip_tcp:{ADDRESS}[")}
    tap.ok({"epmapper", "lsarpc", "samr", "srvsvc", "winreg", "wkssvc"} <= found,
           "ironrpc map lists Samba's services", text)
    status, text = peer.run([peer.IRONRPC, "map", "--transfer", "ndr64", ADDRESS], 30)
    tap.ok(status == 1 and "transfer syntax" in text, "ironrpc map --transfer ndr64 is refused", text)
    for host in (ADDRESS, f"{ADDRESS}[{srvsvc}]"):
        status, text = peer.run([peer.IRONRPC, "ping", "-c", "2", "-i", "0.01", host], 30)
        tap.ok(status == 0 and "2 answered" in text, f"ironrpc ping {host}", text)


def check_calls(tap):
    call = functools.partial(peer.Caller("samba_peer.idl"), ADDRESS)
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


def main():
    tap = peer.begin([peer.IRONRPC, *samba_server.NEEDS])
    try:
        with samba_server.SambaServer(ADDRESS):
            check_fallback(tap)
            check_calls(tap)
    except samba_server.Failed as error:
        tap.ok(False, "Samba's server starts", error)
    tap.done()


main()
