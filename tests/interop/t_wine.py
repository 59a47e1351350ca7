#!/usr/bin/python3
"""Windows programs under Wine against ours, both ways, made from the same IDL: every construct that
widl knows, exceptions, context handles and their rundown, threads, the endpoint map, NTLM.

What Wine 8.0 and we see differently, and who is right:
- [ref] pointers within structures have a place on the wire, [C706] 14.3.12.3; Wine has none: not used.
- Members of structures are aligned, [C706] 14.3.12.1; Wine packs those that it cannot copy whole
  (with an enum, or a gap at the end): winepeer.idl has no gaps there. Whole ones have them.
- widl -Os sends a union parameter with the wrong discriminant (that of its own first bytes): unions
  are within structures. It does not know error_status_t in a structure, max_is, first_is, pipes.
- RpcMgmtIsServerListening and RpcMgmtInqIfIds of Wine ask nobody over the network, and its servers
  have no management interface: not tested.
- A server of Wine drops a connection with alter_context: our client has one for each interface here.
- At level packet Wine leaves the signature empty; [MS-RPCE] 3.3.1.5.2.2 has it made as for integrity.
- A listening server of Wine takes the IPv6 port alone where there is IPv6, and cannot accept there:
  our network here has none.
- Calls at one context handle run at the same time in Wine; Windows has them wait for each other, as we do.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time

import peer
import wine

ADDRESS = "127.0.0.47"
PORT = 49321
BUILD = os.environ.get("IRONRPC_BUILD", "build")
OURS = {name: os.path.join(BUILD, "tests/interop", name) for name in ("wine_server", "wine_client")}
IRONRPC = os.path.join(BUILD, "cmd/ironrpc/ironrpc")
CASES = 21  # of cases.c, those that are run by default
LEVELS = [2, 5, 6]  # connect, integrity, privacy
TYPES = {"NTLM": 10, "Negotiate": 9}  # the latter is raw NTLM, without SPNEGO around it


def report(tap, who, status, text, cases):
    """Lines "ok NAME" and "not ok NAME" become tests; all of them have to be there."""
    found, notes = 0, []
    for line in text.splitlines():
        match = re.match(r"(ok|not ok) (.*)", line)
        if match:
            found += 1
            tap.ok(match.group(1) == "ok", f"{who}: {match.group(2)}", "\n".join(notes))
            notes = []
        else:
            notes.append(line)
    tap.ok(found == cases and status == 0 and "done" in notes, f"{who}: {cases} results",
           f"status {status}, {found} results\n{text[-800:]}")


def wait_for_port(port, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with socket.create_connection((ADDRESS, port), timeout=5):
                return True
        except OSError:
            time.sleep(0.1)
    return False


class OurServer:
    def __init__(self, runtime, *arguments):
        self.log = open(os.path.join(runtime, "wine_server.log"), "w+b")
        self.child = subprocess.Popen(
            [OURS["wine_server"], *arguments, f"ncacn_ip_tcp:{ADDRESS}[{PORT}]"],
            env=dict(os.environ, IRONRPC_RUNTIME_DIR=runtime), stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log)

    def stop(self):
        self.child.terminate()
        try:
            status = self.child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.child.kill()
            status = self.child.wait()
        self.log.seek(0)
        text = self.log.read().decode(errors="replace")
        self.log.close()
        return status, text


def check_our_server(tap, machine, runtime):
    ours = OurServer(runtime)
    tap.ok(wait_for_port(PORT), "our server listens")
    status, text = machine.run("client.exe", ADDRESS, str(PORT), "", "(leave")
    report(tap, "Wine's client", status, text, CASES + 1)
    status, text = machine.run("client.exe", ADDRESS, "map", "(find", "strings", "threads")
    report(tap, "Wine's client by the endpoint map", status, text, 4)
    status, text = machine.run("client.exe", ADDRESS, "map", "-stop")
    tap.ok("ok Stop: 0" in text, "Wine's client stops our server, and has its answer", text)
    status, text = ours.stop()
    tap.ok(status == 0, "our server ended well", f"status {status}\n{text[-2000:]}")


def check_wine_server(tap, machine):
    child, path = machine.start("server.exe", str(PORT))
    tap.ok(wait_for_port(PORT), "Wine's server listens")
    where = f"ncacn_ip_tcp:{ADDRESS}[{PORT}]"
    status, text = peer.run([OURS["wine_client"], where, "", "(leave"], 200)
    report(tap, "our client", status, text, CASES + 1)
    status, text = peer.run([OURS["wine_client"], where, "(find"], 200)
    report(tap, "our client, afterwards", status, text, 1)
    check_tool(tap)
    status, text = machine.run("client.exe", ADDRESS, str(PORT), "-stop")
    try:
        status = child.wait(timeout=30)
    except subprocess.TimeoutExpired:
        status = "none, it runs on"
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    tap.ok(status == 0, "Wine's server ended well", f"status {status}\n{text[-800:]}")


def check_tool(tap):
    """`ironrpc call` and `ironrpc ping` with Wine's server."""
    host = f"{ADDRESS}[{PORT}]"
    idl = os.path.join(wine.SOURCES, "winepeer.idl")

    def call(operation, arguments):
        status, text = peer.run([IRONRPC, "call", host, idl, operation, json.dumps(arguments)], 60)
        try:
            return json.loads(text) if status == 0 else text
        except ValueError:
            return text

    result = call("Upper", {"text": "grace"})
    tap.ok(result == {"upper": "GRACE"}, "ironrpc call, strings", result)
    entries = [{"kind": 1, "u": {"case": 1, "number": 7}}, {"kind": 6, "u": {"case": 6}}]
    result = call("Table", {"t": {"count": 2, "entries": entries}})
    tap.ok(result == {"back": {"count": 2, "entries": entries[::-1]}}, "ironrpc call, unions", result)
    result = call("Raise", {"error": 87})
    tap.ok("87" in result or "0x00000057" in result, "ironrpc call, an exception", result)
    status, text = peer.run([IRONRPC, "ping", "-c", "2", "-i", "0.01", host], 30)
    tap.ok(status == 1 and "does not offer the interface" in text,
           "ironrpc ping says that Wine's server has no management interface", text)


def check_ntlm(tap, machine, runtime, account):
    accounts = os.path.join(runtime, "wine-accounts")
    subprocess.run([IRONRPC, "passwd", "-f", accounts, account[0]], input=account[1] + "\n", text=True,
                   check=True)
    ours = OurServer(runtime, "--accounts", accounts, "--min-level", "2")
    tap.ok(wait_for_port(PORT), "our server with accounts listens")
    def call(number, levels, password, *cases):
        steps = []
        for level in levels:
            steps += ["-auth", str(number), str(level), account[0], "TESTS", password, *cases]
        return machine.run("client.exe", ADDRESS, str(PORT), *steps)

    status, text = machine.run("client.exe", ADDRESS, str(PORT), "base types")
    tap.ok("code 5 " in text, "Wine's client without security is refused with code 5", text)
    for kind, number in TYPES.items():
        status, text = call(number, LEVELS, account[1], "base types", "1 MiB")
        report(tap, f"Wine's client with {kind}", status, text, 3 * len(LEVELS))
        _, text = call(number, LEVELS, "wrong", "base types")
        tap.ok(text.count("code 5 ") == len(LEVELS), f"a wrong password is refused, {kind}", text)
    _, text = call(TYPES["NTLM"], [4], account[1], "base types")
    tap.ok("code 1825 " in text, "Wine's client at level packet does not sign: refused", text)
    status, text = ours.stop()
    tap.ok(status == 0, "our server ended well", f"status {status}\n{text[-2000:]}")


def main():
    tap = peer.begin([*wine.NEEDS, IRONRPC, *OURS.values()])
    if not os.environ.get("IR_CHECK_ALL"):
        tap.skip("all of it", "it is part of make check-all (IR_CHECK_ALL)")
        tap.done()
    if os.environ.get("IR_INTEROP_NETWORK") != "own":
        tap.skip("all of it", "a network of our own is not permitted here")
        tap.done()
    with open("/proc/sys/net/ipv6/conf/all/disable_ipv6", "w", encoding="ascii") as file:
        file.write("1")  # in this network
    try:
        with wine.Wine() as machine, tempfile.TemporaryDirectory() as runtime, \
                peer.Serving(tap, ADDRESS, "--runtime", runtime, name="wine") as serving:
            serving.ports |= {PORT}
            check_our_server(tap, machine, runtime)
            if shutil.which("ntlm_auth"):  # Wine's NTLM
                check_ntlm(tap, machine, runtime, ("wineuser", "Pa55"))
            else:
                tap.skip("NTLM", "ntlm_auth (package winbind) is not installed")
            check_wine_server(tap, machine)
    except wine.Failed as error:
        tap.ok(False, "the Windows programs are made", error)
    tap.done()


main()
