#!/usr/bin/python3
"""python3-samba's client with NTLM, Kerberos and SPNEGO against our service and ironrpcd: every level, byte
orders, fragments both ways, several calls on one connection, and what has to be refused."""
import json

import peer
import rpc

ECHO = ("60a15ec5-4de8-11d7-a637-005056a20182", 1)
CLIENT = """
import json, os, sys
from samba import credentials, param
from samba.dcerpc import echo, mgmt

def settings():
    lp = param.LoadParm()
    lp.set("realm", env.get("REALM", ""))
    lp.set("workgroup", env["DOMAIN"])
    return lp

def user(kind, password):
    who = credentials.Credentials()
    who.guess(lp)
    who.set_username(env["USERNAME"])
    who.set_password(password)
    who.set_domain(env["DOMAIN"])
    if "realm" in kind:
        who.set_realm(env["REALM"])
    who.set_kerberos_state(credentials.MUST_USE_KERBEROS if "realm" in kind
                           else credentials.DONT_USE_KERBEROS)
    return who

def binding(port, kind, options):
    flags = ",".join([kind.split()[0], *options, f"target_hostname={env['TARGET_HOSTNAME']}"])
    return f"ncacn_ip_tcp:{address}[{port},{flags}]"

def echoes(kind, options, size, password=None):
    pipe = echo.rpcecho(binding(port, kind, options), lp, user(kind, password or env["PASSWORD"]))
    data = [(i * 7 + i // 256) % 256 for i in range(size)]
    if pipe.AddOne(41) != 42 or pipe.EchoData(data) != data or pipe.AddOne(1) != 2:
        return "something else"
    pipe.SinkData(data)
    return "same" if pipe.SourceData(size) == [i % 256 for i in range(size)] else "another source"

def interfaces(kind, options, password=None):
    pipe = mgmt.mgmt(binding(135, kind, options), lp, user(kind, password or env["PASSWORD"]))
    return pipe.inq_if_ids().count

def attempt(function, *arguments, **named):
    try:
        return function(*arguments, **named)
    except Exception as error:
        return f"{type(error).__name__}: {error}"

address, port, env, kinds = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), json.loads(sys.argv[4])
lp = settings()
results = {}
for kind in kinds:
    for level in ("connect", "packet", "sign", "seal"):
        name = f"{kind}, {level}"
        results[f"{name}: small calls"] = attempt(echoes, kind, [level], 10)
        results[f"{name}: fragments both ways"] = attempt(echoes, kind, [level], 60000)
        results[f"{name}: big-endian"] = attempt(echoes, kind, [level, "bigendian"], 6000)
        results[f"{name}: ironrpcd's interfaces"] = attempt(interfaces, kind, [level])
    results[f"{kind}: refused: a wrong password"] = attempt(echoes, kind, ["sign"], 10, "wrong")
    results[f"{kind}: refused: a wrong password at ironrpcd"] = attempt(interfaces, kind, ["sign"], "wrong")
print(json.dumps(results))
"""
WANTED = {"small calls": "same", "fragments both ways": "same", "big-endian": "same", "ironrpcd's interfaces": 2}
NTLM = ["ntlm", "spnego"]
KERBEROS = ["krb5 realm", "spnego realm"]


def check(tap, serving, kinds):
    port = rpc.port_of(serving.address, ECHO)
    status, text = peer.run([peer.PYTHON, "-c", CLIENT, serving.address, str(port), json.dumps(serving.env),
                             json.dumps(kinds)], 300, {"SMB_CONF_PATH": serving.smb_conf(),
                                                       "KRB5_CONFIG": serving.env.get("KRB5_CONFIG", "")})
    tap.ok(status == 0, f"{kinds}: the client ends well", text)
    results = json.loads(text.splitlines()[-1]) if status == 0 else {}
    for name, result in results.items():
        what = name.split(": ")[-1]
        if what in WANTED:
            tap.ok(result == WANTED[what], name, result)
        else:
            tap.ok("NTSTATUSError" in str(result), name, result)
    tap.ok(len(results) == 18 * len(kinds), f"{kinds}: all of it was tried", results)


def main():
    tap = peer.begin([peer.PYTHON])
    if peer.run([peer.PYTHON, "-c", "import samba.dcerpc.echo"], 60)[0] != 0:
        tap.skip("all of it", "python3-samba is not installed")
        tap.done()
    with peer.Serving(tap, "127.0.0.45", "--users", name="samba_client") as serving:
        check(tap, serving, NTLM)
        if "REALM" in serving.env:
            check(tap, serving, KERBEROS)
        else:
            tap.skip("kerberos", "built without it, or krb5-kdc is not installed")
        log = serving.read_log()
        tap.ok(serving.env["PASSWORD"] not in log, "no password in the log", log)
    tap.done()


main()
