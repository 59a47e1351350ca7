#!/usr/bin/python3
"""Impacket's rpcdump and rpcmap, at the same time, list our endpoints and interfaces."""
import subprocess

import peer

EXAMPLES = "/usr/share/doc/python3-impacket/examples/"
INTERFACES = {"endpoint mapper": "E1AF8308-5D1F-11C9-91A4-08002B14A0FA v3.0",
              "management": "AFA8BD80-7D8A-11C9-BEF4-08002B102989 v1.0",
              "echo": "60A15EC5-4DE8-11D7-A637-005056A20182 v1.0",
              "netlogon": "12345678-1234-ABCD-EF00-01234567CFFB v1.0"}


def start(*arguments):
    return subprocess.Popen(["timeout", "-k", "5", "60", peer.PYTHON, *arguments],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)


# Not ept_lookup: tshark 4.0 takes its NDR64 annotations for NDR 2.0 and calls them malformed.
NDR64 = """
import sys
from impacket.dcerpc.v5 import mgmt, transport
dce = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:{sys.argv[1]}[135]").get_dce_rpc()
dce.connect()
dce.bind(mgmt.MSRPC_UUID_MGMT, transfer_syntax=("71710533-BEBA-4937-8319-B5DBEF9CCC36", "1.0"))
print(mgmt.hinq_if_ids(dce)["if_id_vector"]["count"], "interfaces")
"""


def main():
    tap = peer.begin([EXAMPLES + "rpcdump.py", EXAMPLES + "rpcmap.py"])
    with peer.Serving(tap, "127.0.0.32", name="impacket") as serving:
        dumps = [start(EXAMPLES + "rpcdump.py", serving.address) for _ in range(2)]
        maps = [start(EXAMPLES + "rpcmap.py", "-auth-level", "1", *more,
                      f"ncacn_ip_tcp:{serving.address}[135]")
                for more in ([], ["-brute-opnums", "-opnum-max", "8"])]
        text = start("-c", NDR64, serving.address).communicate()[0].decode(errors="replace")
        tap.ok(text == "2 interfaces\n", "a bind that offers NDR64 alone, and inq_if_ids in it", text)
        for child in dumps:
            text = child.communicate()[0].decode(errors="replace")
            for name, uuid in INTERFACES.items():
                tap.ok(uuid in text.upper().replace(" V", " v"), f"rpcdump lists the {name}", text)
            tap.ok("Received 10 endpoints" in text and child.returncode == 0,
                   "rpcdump receives 10 endpoints", text)
            n = text.count(f"ncacn_ip_tcp:{serving.address}[")
            tap.ok(n == 6, "rpcdump shows the address that it reached", f"{n}\n{text}")
            tap.ok("ncalrpc:[epmapper]" in text, "rpcdump shows the local endpoint", text)
        for child in maps:
            text = child.communicate()[0].decode(errors="replace")
            for name in ("endpoint mapper", "management"):
                tap.ok(INTERFACES[name] in text.upper().replace(" V", " v"),
                       f"rpcmap lists the {name}", text)
            tap.ok("4A7D8316-FE57" not in text.upper(),
                   "rpcmap is not told of ironmap, which is offered over ncalrpc alone", text)
            tap.ok(child.returncode == 0, "rpcmap ends well", text)
    tap.done()


main()
