#!/usr/bin/python3
"""Impacket's client with NTLM and Kerberos against our service and against ironrpcd: levels connect, packet,
integrity and privacy, requests and answers in fragments, wrong passwords, nobody.

Two faults of Impacket 0.10 (Debian has no other) are mended here, so that it can be heard at all levels:
- at level packet, which it does not know (rpcrt.py looks for integrity and privacy alone), it sends calls
  without a verifier. Unmended they have to be refused; mended, its "integrity" is that level's number;
- a signature with Kerberos' AES (GSS_GetMIC in gssapi.py) adds text to bytes, if only an empty one.
It does not understand a MIT KDC: Samba gets its ticket. It looks at none of our signatures, except where it
decrypts with Kerberos: Samba's and our own client do."""
import json
import os

import peer
import rpc

ECHO = ("60a15ec5-4de8-11d7-a637-005056a20182", 1)
CLIENT = """
import json, struct, sys
from impacket.dcerpc.v5 import epm, mgmt, rpcrt, transport
from impacket.krb5 import gssapi
from impacket.uuid import uuidtup_to_bin

class Data(bytes):
    def __add__(self, other):
        return Data(bytes(self) + (other.encode() if isinstance(other, str) else other))

def sign(self, key, data, *arguments, get_mic=gssapi.GSSAPI_AES.GSS_GetMIC, **named):
    return get_mic(self, key, Data(data), *arguments, **named)

gssapi.GSSAPI_AES.GSS_GetMIC = sign

def connect(port, level, user, password, interface, fragment=0):
    factory = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:{address}[{port}]")
    factory.set_credentials(user, "" if kerberos else password, domain)
    factory.set_connect_timeout(20)
    dce = factory.get_dce_rpc()
    if kerberos:
        factory.setRemoteName(host)
        factory.setRemoteHost(address)
        factory.set_kerberos(True, address)
        dce.set_auth_type(rpcrt.RPC_C_AUTHN_GSS_NEGOTIATE)
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

address, echo_port, echo_uuid, user, good, domain, host, kind = sys.argv[1:]
kerberos = kind == "kerberos"
results = {}
results["level 4, unmended"] = attempt(echo, 4, 10)
for level in (2, 4, 5, 6):
    rpcrt.RPC_C_AUTHN_LEVEL_PKT_INTEGRITY = 4 if level == 4 else 5
    results[f"level {level}: small calls"] = attempt(echo, level, 10, times=3)
    results[f"level {level}: an empty call"] = attempt(echo, level, 0)
    results[f"level {level}: a request in fragments of 1000"] = attempt(echo, level, 5000, 1000)
    results[f"level {level}: fragments both ways"] = attempt(echo, level, 60000, times=2)
    results[f"level {level}: ironrpcd's interfaces"] = attempt(interfaces, level, user, good)
    results[f"level {level}: the endpoint map"] = attempt(entries, level)
    if kerberos:
        continue
    results[f"level {level}: wrong password"] = attempt(echo, level, 10, password="wrong")
    results[f"level {level}: wrong password at ironrpcd"] = attempt(interfaces, level, user, "wrong")
print(json.dumps(results))
"""
TICKET = """
import sys
from samba import credentials, gensec, param
user, password, realm, cache, host = sys.argv[1:]
who = credentials.Credentials()
lp = param.LoadParm()
who.guess(lp)
who.set_username(user)
who.set_password(password)
who.set_realm(realm)
who.set_kerberos_state(credentials.MUST_USE_KERBEROS)
who.get_named_ccache(lp, "FILE:" + cache)
client = gensec.Security.start_client({"lp_ctx": lp, "target_hostname": host, "target_service": "host"})
client.set_credentials(who)
client.start_mech_by_name("gssapi_krb5")
client.update(b"")
"""
WANTED = {"small calls": "same", "an empty call": "same", "a request in fragments of 1000": "same",
          "fragments both ways": "same", "ironrpcd's interfaces": 2, "the endpoint map": 10}


def check(tap, serving, kind, port, n_results):
    env = serving.env
    status, text = peer.run([peer.PYTHON, "-c", CLIENT, serving.address, str(port), ECHO[0],
                             env["USERNAME"], env["PASSWORD"],
                             env["DOMAIN"] if kind == "ntlm" else env["REALM"], env["TARGET_HOSTNAME"],
                             kind], 300)
    tap.ok(status == 0, f"{kind}: the client ends well", text)
    results = json.loads(text.splitlines()[-1]) if status == 0 else {}
    for name, result in results.items():
        what = name.split(": ")[-1]
        if what in WANTED:
            tap.ok(result == WANTED[what], f"{kind}: {name}", result)
        else:
            tap.ok("access_denied" in str(result).lower(), f"{kind}: {name}: access denied", result)
    tap.ok(len(results) == n_results, f"{kind}: all of it was tried", results)


def check_kerberos(tap, serving, port):
    env = serving.env
    if "REALM" not in env:
        tap.skip("kerberos", "built without it, or krb5-kdc is not installed")
        return
    cache = os.path.join(serving.folder, "ticket")
    os.environ.update(KRB5_CONFIG=env["KRB5_CONFIG"], KRB5CCNAME=cache)
    text = peer.run([peer.PYTHON, "-c", TICKET, env["USERNAME"], env["PASSWORD"], env["REALM"], cache,
                     env["TARGET_HOSTNAME"]], 60)[1]
    tap.ok(text == "", "Samba gets a ticket", text)
    check(tap, serving, "kerberos", port, 25)


def main():
    tap = peer.begin([peer.PYTHON])
    if peer.run([peer.PYTHON, "-c", "import impacket"], 60)[0] != 0:
        tap.skip("all of it", "python3-impacket is not installed")
        tap.done()
    with peer.Serving(tap, "127.0.0.34", "--users", name="impacket_auth") as serving:
        with rpc.Client(serving.address) as client:
            client.bind(rpc.EPM)
            port = rpc.map_tcp(client, ECHO)
        check(tap, serving, "ntlm", port, 33)
        check_kerberos(tap, serving, port)
        log = serving.read_log()
        tap.ok(serving.env["PASSWORD"] not in log, "no password in the log", log)
    tap.done()


main()
