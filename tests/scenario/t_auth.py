#!/usr/bin/env python3
"""--auth, --level, --user of the tool: what goes over the wire, where passwords come from, and what is
said when it does not work. t_auth.py IRONRPC IRONRPCD RPCECHO_SERVER"""
import json
import os
import pty
import re
import subprocess
import sys
import tempfile
import time

from live import ROOT, SCALE, Live
import kdc
from relay import Relay, trailer
from tap import Tap

IRONRPC, IRONRPCD, SERVER = sys.argv[1:4]
IDL = os.path.join(ROOT, "idl", "rpcecho.idl")
PASSWORD = "Ein Passwort: \u00e9 #1"
HOST = "host.tests.example"
LEVELS = {"connect": 2, "call": 4, "packet": 4, "integrity": 5, "privacy": 6}
WORDS = {"connect": 2, "packet": 4, "sign": 5, "seal": 6}
SECRET = "5ca1ab1e" * 8  # in the arguments


class Echo:
    """The echo service at a TCP port and at ncalrpc:[echo]."""

    def __init__(self, folder, *options, more=()):
        self.folder = folder
        self.child = subprocess.Popen([SERVER, *options, "ncacn_ip_tcp:127.0.0.1[0]", "ncalrpc:[echo]"],
                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                      stderr=open(os.path.join(folder, "log"), "ab"),
                                      env=dict(os.environ, IRONRPC_RUNTIME_DIR=folder, **dict(more)))

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        self.child.terminate()
        return self.child.wait(timeout=20)


def run(*arguments, password=None, runtime=None, more=(), **how):
    environment = dict(os.environ, **dict(more))
    environment.pop("IRONRPC_PASSWORD", None)
    if password is not None:
        environment["IRONRPC_PASSWORD"] = password
    if runtime is not None:
        environment["IRONRPC_RUNTIME_DIR"] = runtime
    return subprocess.run([IRONRPC, *arguments], capture_output=True, text=True, timeout=60 * SCALE,
                          env=environment, start_new_session=True, stdin=subprocess.DEVNULL, **how)


def echo(*arguments, **how):
    return run("call", "-C", *arguments, IDL, "EchoData", json.dumps({"in_data": SECRET}), **how)


def worked(result):
    return result.returncode == 0 and json.loads(result.stdout) == {"out_data": SECRET}


def check_levels(tap, relay):
    """What was asked for is what goes over the wire."""
    ways = [((f"127.0.0.1[{relay.port}]", "-A", "ntlm", "-L", word), level) for word, level in LEVELS.items()]
    ways += [((f"127.0.0.1[{relay.port},{word}]",), level) for word, level in WORDS.items()]
    ways += [((f"127.0.0.1[{relay.port}]",), 6), ((f"127.0.0.1[{relay.port},ntlm]",), 6),
             ((f"127.0.0.1[{relay.port},packet]", "--level", "integrity"), 5),
             ((f"ncacn_ip_tcp:127.0.0.1[{relay.port},Security=Impersonation Dynamic True,ntlm,sign]",), 5)]
    for host, level in ways:
        relay.take()
        result = echo("-U", "ada", *host, password=PASSWORD)
        pdus = relay.take()
        requests = [p for p in pdus if p[2] in (0, 2)]
        binds = [trailer(p) for p in pdus if p[2] in (11, 16)]
        wanted = None if level == 2 else (10, level)
        hidden = not any(bytes.fromhex(SECRET) in p for p in requests)
        tap.ok(worked(result) and binds == [(10, level)] * 2 and len(requests) == 2
               and all(trailer(p) == wanted for p in requests) and hidden == (level == 6),
               f"level {level} for {' '.join(host).replace(str(relay.port), 'PORT')}", result.stderr, binds,
               [trailer(p) for p in requests], hidden)
    result = run("call", "-C", "-U", "ada", f"127.0.0.1[{relay.port}]", IDL, "SourceData",
                 '{"len": 40000}', password=PASSWORD)
    tap.ok(result.returncode == 0
           and json.loads(result.stdout) == {"data": bytes(i & 255 for i in range(40000)).hex()},
           "a long reply, sealed", result.stderr)
    result = run("call", "-C", "-U", "ada", f"127.0.0.1[{relay.port}]", IDL, "SinkData",
                 json.dumps({"data": "01" * 40000}), password=PASSWORD)
    tap.ok(result.returncode == 0, "a long request, sealed", result.stderr)
    result = run("ping", "-c", "2", "-i", "0.01", "-U", "ada", f"127.0.0.1[{relay.port}]", password=PASSWORD)
    tap.ok(result.returncode == 0 and "2 answered" in result.stdout, "ping", result.stdout, result.stderr)


def check_passwords(tap, folder, relay):
    host = f"127.0.0.1[{relay.port}]"
    path = os.path.join(folder, "secret")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        file.write(PASSWORD + "\nand more\n")
    result = echo("-U", "ada", "--password-file", path, host)
    tap.ok(worked(result), "a password from a file", result.stderr)
    result = echo("-U", "TESTS\\Ada", "--password-file", path, host, password="not this one")
    tap.ok(worked(result), "the file counts before the environment; a domain", result.stderr)
    os.chmod(path, 0o644)
    result = echo("-U", "ada", "--password-file", path, host)
    tap.ok(result.returncode == 2 and "chmod 600" in result.stderr, "a file that others may read",
           result.stderr)
    with open(path, "w", encoding="utf-8") as file:
        os.chmod(path, 0o600)
    for name in (path, path + "x"):
        result = echo("-U", "ada", "--password-file", name, host)
        tap.ok(result.returncode == 2 and name in result.stderr, "a file without, and none", result.stderr)
    result = echo("-U", "ada", host)
    tap.ok(result.returncode == 1 and "no terminal" in result.stderr and "IRONRPC_PASSWORD" in result.stderr,
           "nobody to ask", result.stderr)
    check_terminal(tap, host)


def check_terminal(tap, host):
    """It is asked for on the terminal, although stdin has the arguments; and not shown."""
    def own_terminal():
        os.setsid()
        os.close(os.open(os.ttyname(2), os.O_RDWR))  # now it is the controlling one

    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k != "IRONRPC_PASSWORD"}
    child = subprocess.Popen([IRONRPC, "call", "-C", "-U", "ada", host, IDL, "EchoData", "-"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=theirs, env=environment,
                             preexec_fn=own_terminal)
    os.close(theirs)
    shown = b""
    while b"password of ada" not in shown:
        shown += os.read(ours, 1000)
    time.sleep(0.2)  # until the echo is off
    os.write(ours, PASSWORD.encode() + b"\n")
    output = child.communicate(json.dumps({"in_data": SECRET}).encode(), timeout=30 * SCALE)[0]
    try:
        while True:
            shown += os.read(ours, 1000)
    except OSError:
        pass
    os.close(ours)
    tap.ok(child.returncode == 0 and json.loads(output) == {"out_data": SECRET}
           and PASSWORD.encode() not in shown, "asked for on the terminal, and not shown", shown, output)


def check_refusals(tap, relay):
    host = f"127.0.0.1[{relay.port}]"
    for level in LEVELS:
        result = echo("-U", "ada", "-L", level, host, password=PASSWORD + "x")
        tap.ok(result.returncode == 1 and "Access denied" in result.stderr
               and "password may be wrong" in result.stderr and not result.stdout,
               f"a wrong password, {level}", result.stderr)
    result = echo("-U", "nobody-we-know", host, password=PASSWORD)
    tap.ok(result.returncode == 1 and "Access denied" in result.stderr, "an unknown user", result.stderr)
    for arguments, words in (
            (["-A", "ntlm", "--keytab", "/dev/null", "-U", "ada", host], "and a password"),
            (["-U", "ada", "-A", "NTLM", host], "ntlm, kerberos or negotiate"),
            (["-U", "ada", "-L", "none", host], "connect, call, packet, integrity or privacy"),
            (["-U", "ada", "-A", "", host], "--auth ''"),
            (["-A", "ntlm", host], "--user"), (["-L", "connect", host], "--user"),
            ([f"127.0.0.1[{relay.port},sign]"], "--user"),
            (["-U", "ada", "-L", "packet", f"127.0.0.1[{relay.port},sign]"], "at least integrity"),
            (["-U", "ada", "-A", "ntlm", f"127.0.0.1[{relay.port},spnego]"], "asks for negotiate"),
            (["-U", "ada", "--target", "x" * 300, host], "target is too long"),
            (["-U", "ada", f"127.0.0.1[{relay.port},schannel]"], "string binding"),
            (["-U", "ada", f"127.0.0.1[{relay.port},sign,seal]"], "string binding"),
            (["-U", "x" * 300 + "\\ada", host], "too long"), (["-U", "x" * 300, host], "too long")):
        relay.take()
        result = echo(*arguments, password=PASSWORD)
        tap.ok(result.returncode == 2 and words in result.stderr and not result.stdout and not relay.take(),
               f"{' '.join(arguments)[:50].replace(str(relay.port), 'PORT')}: 2, and nothing was sent",
               result.stderr)


def check_kerberos(tap, relay):
    """Without tickets or a KDC: said so, nothing sent; negotiate goes on with NTLM."""
    host = f"127.0.0.1[{relay.port}]"
    nothing = {"KRB5_CONFIG": "/dev/null", "KRB5CCNAME": "FILE:/nonexistent"}
    for arguments in (["-A", "kerberos", host], ["-A", "negotiate", host], ["-A", "kerberos", "-U", "ada", host],
                      [f"127.0.0.1[{relay.port},krb5]"], [f"127.0.0.1[{relay.port},spnego]"],
                      ["-A", "kerberos", "--keytab", "/dev/null", "-U", "ada@NOWHERE", host]):
        relay.take()
        result = echo(*arguments, password=PASSWORD, more=nothing)
        why = re.search("^ironrpc call: --auth (kerberos|negotiate): .", result.stderr, re.M)
        tap.ok(result.returncode in (1, 2) and why and not relay.take(),
               f"{' '.join(arguments)[:40].replace(str(relay.port), 'PORT')}: no tickets",
               result.returncode, result.stderr)
    for arguments in (["-A", "negotiate", "-L", "integrity", host], [f"127.0.0.1[{relay.port},sign,spnego]"]):
        relay.take()
        result = echo("-U", "ada", *arguments, password=PASSWORD, more=nothing)
        used = {trailer(p) for p in relay.take()}
        tap.ok(worked(result) and used == {(9, 5)},
               f"NTLM by {' '.join(arguments)[:40].replace(str(relay.port), 'PORT')}", result.stderr, used)


def check_with_kdc(tap, folder):
    """Kerberos, alone and by SPNEGO, of a service that takes nothing else."""
    if not kdc.is_installed() or "built without" in echo("-A", "kerberos", "127.0.0.1").stderr:
        tap.note("no KDC, or a build without Kerberos: not tried here")
        return
    with kdc.Kdc("127.0.0.1", HOST) as realm:
        more = realm.environment()
        user = f"{kdc.USER}@{kdc.REALM}"
        service = start(folder, "--keytab", realm.keytab, more=more)
        relay = Relay("127.0.0.1", ("127.0.0.1", port_of(service)))
        host = f"127.0.0.1[{relay.port}]"
        target = ["--target", f"host/{HOST}"]
        for kind, number in (("kerberos", 16), ("negotiate", 9)):
            for word, level in LEVELS.items():
                relay.take()
                result = echo("-A", kind, "-L", word, "-U", user, *target, host, password=kdc.PASSWORD, more=more)
                pdus = relay.take()
                binds = {trailer(p) for p in pdus if p[2] in (11, 14, 16)}
                calls = {trailer(p) for p in pdus if p[2] in (0, 2)}
                tap.ok(worked(result) and binds == {(number, level)}
                       and calls == {None if level == 2 else (number, level)}, f"{kind} at {word}",
                       result.stderr, binds, calls)
        named = f"127.0.0.1[{relay.port},krb5,sign,target_hostname={HOST}]"
        result = echo("-U", f"{kdc.REALM.lower()}\\{kdc.USER}", named, password=kdc.PASSWORD, more=more)
        tap.ok(worked(result), "as the string binding says, with a domain", result.stderr)
        result = echo("-A", "kerberos", "-U", f"host/{HOST}", "--keytab", realm.keytab, *target, host, more=more)
        tap.ok(worked(result), "with a keytab, and no password", result.stderr)
        for name, arguments, password in (
                ("a wrong password", [*target, "-U", user], "x"),
                ("an unknown user", [*target, "-U", f"nobody@{kdc.REALM}"], kdc.PASSWORD),
                ("a server without a key", ["-U", user, "--target", "host/other.example"], kdc.PASSWORD)):
            result = echo("-A", "kerberos", *arguments, host, password=password, more=more)
            tap.ok(result.returncode == 1 and not result.stdout and arguments[-1] in result.stderr,
                   f"{name} is refused", result.stderr)
        tap.ok(service.stop() == 0, "the service stops cleanly", service.log())


def check_least_level(tap, folder):
    """An interface that wants privacy."""
    service = start(folder, "--accounts", os.path.join(folder, "accounts"), "--min-level", "6")
    for arguments, hint in (([], "may want authentication"), (["-U", "ada", "-L", "integrity"], "level too low"),
                            (["-U", "ada", "-L", "connect"], "level too low")):
        result = echo(*arguments, "ncalrpc:[echo]", password=PASSWORD, runtime=folder)
        tap.ok(result.returncode == 1 and hint in result.stderr and "Access denied" in result.stderr,
               f"below the least level: {' '.join(arguments) or 'nothing'}", result.stderr)
    result = echo("-U", "ada", "-L", "privacy", "ncalrpc:[echo]", password=PASSWORD, runtime=folder)
    tap.ok(worked(result), "at the least level, over ncalrpc", result.stderr)
    result = echo("-U", "", "ncalrpc:[echo]", runtime=folder)
    tap.ok(worked(result), "nobody in particular, whom this service takes; no password is asked for",
           result.stderr)
    tap.ok(service.stop() == 0, "the service stops cleanly", service.log())


def start(folder, *options, more=()):
    path = os.path.join(folder, "echo")
    service = Echo(folder, *options, more=more)
    end = time.monotonic() + 15 * SCALE
    while not os.path.exists(path) and time.monotonic() < end:
        time.sleep(0.02)
    return service


def check_without_security(tap, folder):
    with Live(IRONRPCD) as live:
        result = run("map", "--json", "-U", "ada", f"127.0.0.1[{live.port}]", password=PASSWORD)
        tap.ok(result.returncode == 1 and "authentication type not recognized" in result.stderr
               and "another security type" in result.stderr, "a server that has no NTLM", result.stderr)


def port_of(service):
    """The TCP port that the service has, from the kernel."""
    inodes = set()
    for name in os.listdir(f"/proc/{service.child.pid}/fd"):
        target = os.readlink(f"/proc/{service.child.pid}/fd/{name}")
        inodes.add(target[8:-1] if target.startswith("socket:[") else "")
    with open("/proc/net/tcp", encoding="ascii") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    return [int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A" and row[9] in inodes][0]


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        accounts = os.path.join(folder, "accounts")
        subprocess.run([IRONRPC, "passwd", "-f", accounts, "Ada"], input=PASSWORD + "\n", text=True,
                       check=True)
        service = start(folder, "--accounts", accounts)
        relay = Relay("127.0.0.1", ("127.0.0.1", port_of(service)))
        try:
            check_levels(tap, relay)
            check_passwords(tap, folder, relay)
            check_refusals(tap, relay)
            check_kerberos(tap, relay)
        finally:
            status = service.stop()
        tap.ok(status == 0 and "Sanitizer" not in service.log() and PASSWORD not in service.log(),
               "the service stops cleanly, and has no password in its log", service.log())
        check_with_kdc(tap, folder)
        check_least_level(tap, folder)
        check_without_security(tap, folder)
    tap.done()


main()
