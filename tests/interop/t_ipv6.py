#!/usr/bin/python3
"""Our own tool over IPv6 and IPv4 against serve: map, ping, call; and an IPv6 client by bytes, to see
what the endpoint mapper tells it."""
import json
import os
import sys

import peer
import rpc

IRONRPC = os.path.join(os.environ.get("IRONRPC_BUILD", "build"), "cmd/ironrpc/ironrpc")
IDL = os.path.join(os.path.dirname(os.path.dirname(peer.HERE)), "idl", "rpcecho.idl")
ECHO = ("60a15ec5-4de8-11d7-a637-005056a20182", 1)


def check_tool(tap, serving, address, shown):
    # In NDR 2.0: tshark 4.0 takes NDR64 annotations for NDR 2.0 and calls them malformed.
    status, text = peer.run([IRONRPC, "map", "--json", "--transfer", "ndr", address], 30)
    try:
        rows = json.loads(text)
    except ValueError:
        rows = []
    tap.ok(status == 0 and len(rows) == 10, f"ironrpc map {address} lists 10 entries", text)
    bindings = [row["binding"] for row in rows if row["interface"] == ECHO[0]]
    tap.ok(sum(f"ncacn_ip_tcp:{shown}[" in b for b in bindings) == 2,
           f"its TCP bindings show {shown}", bindings)
    status, text = peer.run([IRONRPC, "ping", "-c", "2", "-i", "0.01", address], 30)
    tap.ok(status == 0 and "2 answered" in text, f"ironrpc ping {address}", text)
    status, text = peer.run([IRONRPC, "call", "-C", address, IDL, "AddOne", '{"in_data": 41}'], 30)
    tap.ok(status == 0 and json.loads(text) == {"out_data": 42},
           f"ironrpc call {address}, endpoint from the endpoint mapper", text)
    status, text = peer.run([IRONRPC, "call", "-C", address, IDL, "EchoData",
                             json.dumps({"len": 3, "in_data": [1, 2, 3]})], 30)
    tap.ok(status == 0 and "out_data" in text, f"ironrpc call {address} with an array", text)
    status, text = peer.run([IRONRPC, "call", address, IDL, "NoSuchOperation", "{}"], 30)
    tap.ok(status == 2 and "NoSuchOperation" in text, "an operation that is not there", text)
    serving.at_least = 10


def main():
    tap = peer.begin([IRONRPC])
    if peer.run([sys.executable, "-c", "import socket; socket.create_server(('::1', 0), "
                 "family=socket.AF_INET6)"], 10)[0] != 0:
        tap.skip("all of it over IPv6", "there is no IPv6 here")
    else:
        with peer.Serving(tap, "::1", name="ipv6") as serving:
            check_tool(tap, serving, "::1", "::1")
            with rpc.Client("::1") as client:
                client.bind(rpc.EPM)
                port = rpc.map_tcp(client, ECHO)
            with rpc.Client("::1", port) as client:
                client.bind(ECHO)
                tap.ok(client.call(0, b"\1\0\0\0") == b"\2\0\0\0", "ept_map, then a call, by bytes")
    with peer.Serving(tap, "127.0.0.34", name="ipv4") as serving:
        check_tool(tap, serving, "127.0.0.34", "127.0.0.34")
    tap.done()


main()
