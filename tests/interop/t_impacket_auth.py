#!/usr/bin/python3
"""Impacket's client with NTLM against our service and against ironrpcd: levels connect, integrity and
privacy, requests and answers in fragments, wrong passwords, nobody. At level packet Impacket 0.10
sends calls without a verifier: those have to be refused."""
import json

import peer
import rpc

ECHO = ("60a15ec5-4de8-11d7-a637-005056a20182", 1)
CLIENT = """
import json, struct, sys
from impacket.dcerpc.v5 import epm, mgmt, transport
from impacket.uuid import uuidtup_to_bin

def connect(port, level, user, password, interface, fragment=0):
    factory = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:{address}[{port}]")
    factory.set_credentials(user, password, "TESTS")
    factory.set_connect_timeout(20)
    dce = factory.get_dce_rpc()
    dce.set_auth_level(level)
    if fragment:
        dce.set_max_fragment_size(fragment)
    dce.connect()
    if interface:
        dce.bind(uuidtup_to_bin(interface))
    return dce

def echo(level, size, fragment=0, password=None, times=1):
    dce = connect(echo_port, level, user, password or good, (echo_uuid, "1.0"), fragment)
    for n in range(times):
        data = bytes((i * 7 + i // 256 + n) % 256 for i in range(size))
        dce.call(1, struct.pack("<II", size, size) + data)
        answer = dce.recv()
        if answer != struct.pack("<I", size) + data:
            return f"{len(answer)} other bytes"
    return "same"

def interfaces(level, user, password):
    dce = connect(135, level, user, password, ("afa8bd80-7d8a-11c9-bef4-08002b102989", "1.0"))
    return mgmt.hinq_if_ids(dce)["if_id_vector"]["count"]

def entries(level):
    dce = connect(135, level, user, good, None)
    return len(epm.hept_lookup(None, dce=dce))  # it binds

def attempt(function, *arguments, **named):
    try:
        return function(*arguments, **named)
    except Exception as error:
        return f"{type(error).__name__}: {error}"

address, echo_port, echo_uuid, user, good = sys.argv[1:]
results = {}
for level in (2, 5, 6):
    results[f"level {level}: small calls"] = attempt(echo, level, 10, times=3)
    results[f"level {level}: an empty call"] = attempt(echo, level, 0)
    results[f"level {level}: a request in fragments of 1000"] = attempt(echo, level, 5000, 1000)
    results[f"level {level}: fragments both ways"] = attempt(echo, level, 60000, times=2)
    results[f"level {level}: ironrpcd's interfaces"] = attempt(interfaces, level, user, good)
    results[f"level {level}: the endpoint map"] = attempt(entries, level)
    results[f"level {level}: wrong password"] = attempt(echo, level, 10, password="wrong")
    results[f"level {level}: wrong password at ironrpcd"] = attempt(interfaces, level, user, "wrong")
results["level 4"] = attempt(echo, 4, 10)
print(json.dumps(results))
"""
WANTED = {"small calls": "same", "an empty call": "same", "a request in fragments of 1000": "same",
          "fragments both ways": "same", "ironrpcd's interfaces": 2, "the endpoint map": 10}


def main():
    tap = peer.begin([peer.PYTHON])
    if peer.run([peer.PYTHON, "-c", "import impacket"], 60)[0] != 0:
        tap.skip("all of it", "python3-impacket is not installed")
        tap.done()
    with peer.Serving(tap, "127.0.0.34", "--users", name="impacket_auth") as serving:
        with rpc.Client(serving.address) as client:
            client.bind(rpc.EPM)
            port = rpc.map_tcp(client, ECHO)
        status, text = peer.run([peer.PYTHON, "-c", CLIENT, serving.address, str(port), ECHO[0],
                                 serving.env["USERNAME"], serving.env["PASSWORD"]], 150)
        tap.ok(status == 0, "the client ends well", text)
        results = json.loads(text.splitlines()[-1]) if status == 0 else {}
        for name, result in results.items():
            what = name.split(": ")[-1]
            if what in WANTED:
                tap.ok(result == WANTED[what], name, result)
            else:
                tap.ok("access_denied" in str(result).lower(), f"{name}: access denied", result)
        tap.ok(len(results) == 25, "all of it was tried", results)
        log = serving.read_log()
        tap.ok(serving.env["PASSWORD"] not in log, "no password in the log", log)
    tap.done()


main()
