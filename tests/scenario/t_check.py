#!/usr/bin/env python3
"""ironrpc check against a service that is well, one that anybody may call, one that hangs, one that
is not RPC, one that takes NTLM at some levels, and nothing at all. t_check.py IRONRPC IRONRPCD
RPCECHO_SERVER"""
import atexit
import json
import os
import pty
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import uuid

from live import SCALE, Live
import rpc
from tap import Tap

IRONRPC, IRONRPCD, ECHO_SERVER = sys.argv[1:4]
TIMEOUT = 0.5 * SCALE


def enter_own_network():
    """Again in a network where nobody has ports 139, 445 and 593; else here, and hope so."""
    if os.environ.get("IR_CHECK_NETWORK") != "own" and shutil.which("unshare") and shutil.which("ip"):
        for options in (["--net"], ["--net", "--map-root-user"]):
            command = ["unshare", *options, "--", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]
            if subprocess.run([*command, "true"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0:
                os.execvpe("unshare", [*command, sys.executable, *sys.argv],
                           dict(os.environ, IR_CHECK_NETWORK="own"))


def check(host, *arguments):
    """(exit status, JSON or None, text of both)"""
    result = subprocess.run([IRONRPC, "check", "--json", "-t", str(TIMEOUT), *arguments, host],
                            capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    answer = json.loads(result.stdout) if result.stdout else None
    return result.returncode, answer, result.stdout + result.stderr


def codes(answer):
    return {f["code"]: f["severity"] for f in (answer or {}).get("findings", [])}


def endpoint(answer, port):
    found = [e for e in (answer or {}).get("endpoints", []) if e["port"] == port]
    return found[0] if found else {}


class Fake:
    """A server of a few lines: `answer(pdu)` gives the bytes, or None to close."""

    def __init__(self, answer):
        self.answer = answer
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            threading.Thread(target=self.serve, args=[self.socket.accept()[0]], daemon=True).start()

    def serve(self, peer):
        try:
            while True:
                head = peer.recv(16, socket.MSG_WAITALL)
                if len(head) < 16:
                    break
                pdu = head + peer.recv(struct.unpack_from("<H", head, 8)[0] - 16, socket.MSG_WAITALL)
                answer = self.answer(pdu)
                if answer is None:
                    break
                peer.sendall(answer)
        except OSError:
            pass
        peer.close()


def head(ptype, pdu, body, auth=b""):
    return struct.pack("<BBBBIHH", 5, 0, ptype, 3, 0x10, 16 + len(body) + len(auth),
                       max(0, len(auth) - 8)) + pdu[12:16] + body + auth


def bind_ack(pdu, auth=b""):
    results = pdu[24]
    body = struct.pack("<HHIHxxB3x", 4280, 4280, 77, 0, results)
    for n in range(results):
        body += struct.pack("<HH", 0 if n == 0 else 2, 0) + rpc.NDR.bytes_le + struct.pack("<I", 2)
    return head(12, pdu, body, auth)


# CHALLENGE_MESSAGE: Unicode, signing, sealing, extended session security, 128 bits; no names.
CHALLENGE = (b"NTLMSSP\0" + struct.pack("<IHHII8s8xHHI8x", 2, 0, 0, 56, 0xe2888235, b"answerme", 4, 4, 56)
             + bytes(4))


def takes_levels(levels, delay=0.0):
    """NTLM at @levels; a fault for every call, after @delay."""
    def answer(pdu):
        if pdu[2] == 11 and struct.unpack_from("<H", pdu, 10)[0] > 0:
            token = struct.unpack_from("<H", pdu, 10)[0]
            kind, level, _, _, context = struct.unpack_from("<BBBBI", pdu, len(pdu) - token - 8)
            assert kind == 10 and pdu[-token:-token + 8] == b"NTLMSSP\0"
            if level in levels:
                return bind_ack(pdu, struct.pack("<BBBBI", 10, level, 0, 0, context) + CHALLENGE)
            return head(13, pdu, struct.pack("<HBBBx", 8, 1, 5, 0))
        if pdu[2] == 16:  # the last token, which is never answered
            return b""
        if pdu[2] in (11, 14):
            return bind_ack(pdu) if pdu[2] == 11 else head(15, pdu, bind_ack(pdu)[16:])
        time.sleep(delay)
        return head(3, pdu, struct.pack("<IHBxII", 32, 0, 0, 5, 0))
    return answer


def insert(live, port):
    """An entry that leads to @port, for an interface of nobody; it lives as long as the client."""
    name = (str(uuid.uuid4()), 1)
    t = rpc.tower(name, port)
    stub = struct.pack("<II", 1, 1) + bytes(16) + struct.pack("<IIII", 1, 0, 5, 0x74736574) + bytes(4)
    stub += struct.pack("<II", len(t), len(t)) + t
    stub += bytes(-len(stub) % 4) + struct.pack("<I", 1)
    client = rpc.Client("127.0.0.1", live.port)
    client.bind(rpc.EPM)
    assert client.call(0, stub) == bytes(4)
    return client


def check_well(tap, live):
    status, answer, text = check(f"127.0.0.1[{live.port}]")
    tap.ok(status == 0 and codes(answer) == {"map-readable": "note"}, "a mapper that is well: 0", text)
    mapper = endpoint(answer, live.port)
    tap.ok(mapper.get("answer") == "OK" and mapper["mapper"] and 0 < mapper["answer_ms"] < 1000
           and {i.get("name") for i in mapper["interfaces"]} == {"epmapper", "mgmt"},
           "it answers, with its interfaces", text)
    tap.ok(answer["map"] == {"status": "OK", "entries": 4} and answer["address"] == "127.0.0.1",
           "the map is counted", answer["map"])
    result = subprocess.run([IRONRPC, "check", f"127.0.0.1[{live.port}]"], capture_output=True, text=True)
    tap.ok(re.search(rf"^{live.port} +\d+\.\d ms +2 +2 ", result.stdout, re.M)
           and re.search(r"^note: anybody can read the endpoint map: 4 entries", result.stdout, re.M)
           and result.stdout.endswith("0 critical, 0 warnings, 1 note\n") and not result.stderr,
           "the same as a table; no progress where there is no terminal", result.stdout, result.stderr)
    tap.ok(max(map(len, result.stdout.splitlines())) <= 100, "no line is wider than 100")
    events = re.findall(r"event=\S+", live.log())
    refused = re.findall(r"check=(\S+)", live.log())
    tap.ok(set(events) <= {"event=listening", "event=status_at", "event=ready"} and set(refused) <= {"A03"},
           "the service complains of nothing, but that it has no NTLM", live.log())
    status, answer, text = check(f"localhost[{live.port}]", "--outside")
    tap.ok(status == 1 and codes(answer).get("port-exposed") == "critical",
           "from outside the same is an exposed port", text)


def read_terminal(fd):
    """All that was written to the other end, which is closed. It comes in pieces."""
    shown = b""
    while True:
        try:
            shown += os.read(fd, 65536)
        except OSError:  # the end
            return shown


def check_terminal(tap, live):
    ours, theirs = pty.openpty()
    result = subprocess.run([IRONRPC, "check", f"127.0.0.1[{live.port}]"], stdout=subprocess.PIPE,
                            stderr=theirs, timeout=30)
    os.close(theirs)
    shown = read_terminal(ours).decode()
    tap.ok(result.returncode == 0 and shown.startswith("\rasking: the well-known ports")
           and shown.endswith(" \r"), "progress on a terminal, wiped at the end", repr(shown))


def check_echo(tap, live):
    """A service that anybody may call, then one that hangs."""
    echo = subprocess.Popen([ECHO_SERVER, "ncacn_ip_tcp:127.0.0.1"], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            env=dict(os.environ, IRONRPC_RUNTIME_DIR=live.runtime))
    atexit.register(echo.kill)
    end = time.monotonic() + 10 * SCALE
    while rpc.count_entries("127.0.0.1", live.port) < 5 and time.monotonic() < end:
        time.sleep(0.02)
    status, answer, text = check(f"127.0.0.1[{live.port}]")
    others = [e for e in answer["endpoints"] if not e["mapper"]]
    tap.ok(status == 1 and codes(answer).get("anonymous-bind") == "warning" and len(others) == 1,
           "a service that anybody may call is a finding", text)
    interfaces = {i.get("name"): i for i in others[0]["interfaces"]}
    tap.ok(interfaces["rpcecho"]["anonymous"] == "OK" and interfaces["rpcecho"]["in_map"]
           and interfaces["rpcecho"]["in_server"] and not interfaces["mgmt"]["in_map"],
           "its interfaces, from the map and from itself", text)
    echo.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    status, answer, text = check(f"127.0.0.1[{live.port}]")
    tap.ok(status == 1 and codes(answer).get("hung") == "critical"
           and endpoint(answer, others[0]["port"])["answer"] == "TIMEOUT", "a stopped service is hung",
           text)
    tap.ok(time.monotonic() - began < 4 * TIMEOUT, "which is found out once, not for each question")
    echo.kill()
    echo.wait()


def check_odd(tap, live):
    """Endpoints that the map names and that are not what they should be."""
    closed = socket.create_server(("127.0.0.1", 0))
    levels = Fake(takes_levels({5, 6}))
    slow = Fake(takes_levels(set(), delay=1.1))
    web = Fake(lambda pdu: b"HTTP/1.0 400 Bad Request\r\n\r\n")
    ports = [closed.getsockname()[1], levels.port, slow.port, web.port]
    closed.close()
    owners = [insert(live, port) for port in ports]
    result = subprocess.run([IRONRPC, "check", "--json", "-t", "3", f"127.0.0.1[{live.port}]"],
                            capture_output=True, text=True, timeout=120)
    answer, text = json.loads(result.stdout), result.stdout
    found = {(f["code"], p) for f in answer["findings"] for p in ports if f"port {p}" in f["what"]}
    tap.ok(("endpoint-dead", ports[0]) in found, "an entry that leads nowhere", text)
    tap.ok(endpoint(answer, levels.port)["ntlm"] == {"connect": "refused", "packet": "refused",
                                                     "integrity": "accepted", "privacy": "accepted"}
           and ("no-security", levels.port) not in found, "the levels of NTLM that are taken", text)
    tap.ok(("slow", slow.port) in found and ("no-security", slow.port) in found,
           "a slow one that takes no security", text)
    tap.ok(("not-rpc", web.port) in found, "one that is not RPC", text)
    for owner in owners:
        owner.socket.close()
    status, answer, text = check(f"127.0.0.1[{web.port}]")
    tap.ok(status == 1 and codes(answer).get("map-unreadable") == "warning", "a mapper that is none", text)
    silent = socket.create_server(("127.0.0.1", 0))
    status, answer, text = check(f"127.0.0.1[{silent.getsockname()[1]}]")
    tap.ok(status == 1 and codes(answer) == {"map-unreadable": "critical", "hung": "critical"},
           "a stuck mapper", text)


def check_nothing(tap):
    status, answer, text = check("127.0.0.1[1]")
    tap.ok(status == 1 and codes(answer) == {"no-mapper": "critical"} and not answer["endpoints"],
           "nothing listens", text)
    status, answer, text = check("127.0.0.1[1]", "--outside")
    tap.ok(status == 0 and codes(answer) == {}, "nothing listens, as it should from outside", text)
    status, answer, text = check("no-such-host.invalid")
    tap.ok(status == 2 and "cannot find no-such-host.invalid" in text, "a name of nobody: 2", text)
    if os.environ.get("IR_CHECK_NETWORK") == "own":
        for arguments in ([], ["--outside"]):
            status, answer, text = check("192.0.2.77", *arguments)
            tap.ok(status == 2 and answer is None and "no port answers" in text,
                   f"no way to the host: 2 {' '.join(arguments)}", text)
    for arguments, message in ((["127.0.0.1[x]"], "HOST '127.0.0.1[x]'"), (["[::1"], "HOST '[::1'"),
                               (["ncalrpc:[epmapper]"], "HOST 'ncalrpc:[epmapper]'"), ([""], "HOST ''"),
                               (["-t", "0", "h"], "--timeout '0'"), (["a", "b"], "one HOST"),
                               ([], "HOST is missing")):
        result = subprocess.run([IRONRPC, "check", *arguments], capture_output=True, text=True)
        tap.ok(result.returncode == 2 and message in result.stderr and not result.stdout,
               f"check {' '.join(arguments)}: 2", result.stderr)


def main():
    enter_own_network()
    tap = Tap()
    check_nothing(tap)
    with Live(IRONRPCD, "map.remote_insert=yes") as live:
        check_well(tap, live)
        check_terminal(tap, live)
        check_echo(tap, live)
        check_odd(tap, live)
    tap.done()


main()
