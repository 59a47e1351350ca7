#!/usr/bin/env python3
"""ironrpc firewall: its text as nft sees it, and its effect on three machines, which are network
namespaces: a server between an outside and an inside network. Without rules everybody reaches every
port; with them the outside reaches none, over IPv4 and IPv6, TCP and UDP, and the inside can still
map, ping and call. t_firewall.py IRONRPC IRONRPCD RPCECHO_SERVER"""
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(ROOT, "tests", "meta"), os.path.join(ROOT, "tests", "interop")]
from tap import Tap  # noqa: E402

IRONRPC, IRONRPCD, ECHO_SERVER = (os.path.abspath(p) for p in sys.argv[1:4])
IDL = os.path.join(ROOT, "idl", "rpcecho.idl")
NFT = shutil.which("nft") or shutil.which("nft", path="/usr/sbin:/sbin")

PORTS = [135, 136, 137, 138, 139, 445, 593]
ALSO, DYNAMIC, OTHER = 5985, 50123, 8080  # --also-port, one of --dynamic-range, none of either
OUTSIDE = {"host": "192.0.2.2", "server": "192.0.2.1", "host6": "2001:db8:1::2", "server6": "2001:db8:1::1"}
INSIDE = {"host": "198.51.100.2", "server": "198.51.100.1", "host6": "2001:db8:2::2",
          "server6": "2001:db8:2::1"}
RULES = ["--allow", "198.51.100.0/24", "--allow", "2001:db8:2::/64", "--also-port", str(ALSO),
         "--dynamic-range", "49152-65535"]

# Answers on every port given: TCP with its number, UDP with what came.
LISTENER = """
import socket, sys, selectors
s = selectors.DefaultSelector()
for port in map(int, sys.argv[1:]):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        if port == 135 and kind == socket.SOCK_STREAM:
            continue
        x = socket.socket(socket.AF_INET6, kind)
        x.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        x.bind(("::", port))
        if kind == socket.SOCK_STREAM:
            x.listen(64)
        s.register(x, selectors.EVENT_READ, kind)
print("ready", flush=True)
while True:
    for key, _ in s.select():
        if key.data == socket.SOCK_STREAM:
            key.fileobj.accept()[0].close()
        else:
            data, peer = key.fileobj.recvfrom(100)
            key.fileobj.sendto(data, peer)
"""

# Which of ADDRESS/PORT/PROTOCOL... answer within a second, all asked at once; one line each.
PROBE = """
import errno, selectors, socket, sys, time
s = selectors.DefaultSelector()
for word in sys.argv[1:]:
    address, port, protocol = word.split("/")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    x = socket.socket(family, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
    x.setblocking(False)
    x.connect_ex((address, int(port)))
    if protocol == "udp":
        x.send(b"x")
    s.register(x, selectors.EVENT_WRITE if protocol == "tcp" else selectors.EVENT_READ, word)
end = time.monotonic() + 1.0
while s.get_map() and time.monotonic() < end:
    for key, _ in s.select(max(0, end - time.monotonic())):
        error = key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        print(key.data if error == 0 else f"{key.data}: {errno.errorcode[error]}")
        s.unregister(key.fileobj)
"""


def enter_own_network():
    """The script again in a network of its own, where it is root; None, or why that cannot be."""
    if os.environ.get("IR_FIREWALL_NETWORK") == "own":
        return None
    for program in ("unshare", "nsenter", "setpriv", "ip"):
        if not shutil.which(program):
            return f"{program} is not installed"
    if not NFT:
        return "nftables is not installed"
    for options in (["--net"], ["--net", "--map-root-user"]):
        command = ["unshare", *options, "--"]
        if subprocess.run([*command, NFT, "list", "tables"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0:
            os.execvpe("unshare", [*command, sys.executable, *sys.argv],
                       dict(os.environ, IR_FIREWALL_NETWORK="own"))
    return "no network namespace, or no nftables in one"


def start(*command, **options):
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
    atexit.register(child.kill)
    return child


def must(*command):
    subprocess.run(command, check=True, timeout=20)


class Host:
    """A network namespace with one cable to the server, which is where this script runs."""

    def __init__(self, name, addresses):
        self.holder = start("unshare", "--net", "--", "sleep", "600")
        self.addresses = addresses
        own = os.readlink("/proc/self/ns/net")
        while os.readlink(f"/proc/{self.holder.pid}/ns/net") == own:
            time.sleep(0.01)
        must("ip", "link", "add", name, "type", "veth", "peer", "name", "cable", "netns",
             str(self.holder.pid))
        must("ip", "link", "set", name, "up")
        self.ip("link", "set", "cable", "up")
        for address, bits in (("server", 24), ("server6", 64)):
            must("ip", "address", "add", f"{addresses[address]}/{bits}", "dev", name,
                 *(["nodad"] if bits == 64 else []))
        for address, bits in (("host", 24), ("host6", 64)):
            self.ip("address", "add", f"{addresses[address]}/{bits}", "dev", "cable",
                    *(["nodad"] if bits == 64 else []))

    def command(self, *command):
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", "--", *command]

    def ip(self, *arguments):
        must(*self.command("ip", *arguments))

    def run(self, *command):
        result = subprocess.run(self.command("timeout", "20", *command), stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=30)
        return result.returncode, result.stdout + result.stderr

    def targets(self, ports, server="server"):
        return [f"{self.addresses[a]}/{port}/{protocol}" for a in (server, server + "6")
                for port in ports for protocol in ("tcp", "udp")]

    def reached(self, targets):
        """Targets that answered; an error ends up as one that nobody asked for."""
        status, text = self.run(sys.executable, "-c", PROBE, *targets)
        return sorted(text.split("\n")[:-1]) if status == 0 else [text]


def firewall(*arguments):
    result = subprocess.run([IRONRPC, "firewall", *arguments], capture_output=True, text=True,
                            timeout=30, stdin=subprocess.DEVNULL)
    return result.returncode, result.stdout, result.stderr


def check_text(tap):
    """Every form of the rules is accepted by nft."""
    for options in ([], RULES, ["--block", "203.0.113.7"], ["--block", "2001:db8::/32", "--log"],
                    ["--interface", "eth0", "--interface", "br-lan.5", "--forward"],
                    ["--allow", "10.0.0.0/8", "--allow", "10.1.0.0/16", "--allow", "::/0"],
                    ["--also-port", "135", "--also-port", "130-600/udp", "-d", "1-65535"]):
        status, rules, errors = firewall(*options)
        checked = subprocess.run([NFT, "-c", "-f", "-"], input=rules, capture_output=True, text=True)
        tap.ok(status == 0 and not errors and checked.returncode == 0,
               f"nft accepts: {' '.join(options) or 'no options'}", errors, checked.stderr, rules)
    rules = firewall("--allow", "10.1.2.3/8", "--allow", "2001:db8::1/32")[1]
    tap.ok("{ 10.0.0.0/8 }" in rules and "{ 2001:db8::/32 }" in rules, "bits of the host are cleared",
           rules)


def check_mistakes(tap):
    for options, message in ((["--allow", "10.0.0.0/33"], "--allow '10.0.0.0/33'"),
                             (["--allow", "fileserver"], "--allow 'fileserver'"),
                             (["--block", "::1/129"], "--block '::1/129'"),
                             (["--interface", 'x" accept #'], "--interface"),
                             (["--interface", "a-name-too-long-for-it"], "--interface"),
                             (["--interface", "eth*"], "--interface"),
                             (["--also-port", "0"], "--also-port '0'"),
                             (["--also-port", "80/sctp"], "--also-port '80/sctp'"),
                             (["--dynamic-range", "5000-1025"], "--dynamic-range '5000-1025'"),
                             (["--dynamic-range", "1-65536"], "--dynamic-range"),
                             (["--undo", "--apply"], "--undo goes alone"),
                             (["--undo", "--allow", "::/0"], "--undo goes alone"),
                             (["extra"], "'extra' is unexpected")):
        status, out, errors = firewall(*options)
        tap.ok(status == 2 and message in errors and not out, f"refused: {' '.join(options)}",
               status, out, errors)


def check_calls(tap, host, name):
    for address in (host.addresses["server"], host.addresses["server6"]):
        status, text = host.run(IRONRPC, "map", "--json", address)
        rows = json.loads(text) if status == 0 else []
        tap.ok(any("60a15ec5" in row["interface"] for row in rows), f"{name} maps {address}", text)
        status, text = host.run(IRONRPC, "ping", "-c", "2", "-i", "0.01", address)
        tap.ok(status == 0 and "2 answered" in text, f"{name} pings {address}", text)
        status, text = host.run(IRONRPC, "call", "-C", address, IDL, "AddOne", '{"in_data": 41}')
        tap.ok(status == 0 and json.loads(text) == {"out_data": 42}, f"{name} calls {address}", text)


def table():
    return subprocess.run([NFT, "-s", "list", "table", "inet", "ironrpc_firewall"],
                          capture_output=True, text=True).stdout


def check_rules(tap, outside, inside, state):
    guarded = PORTS + [ALSO, DYNAMIC]
    everything = guarded + [OTHER]
    for host, name in ((outside, "outside"), (inside, "inside")):
        tap.ok(host.reached(host.targets(everything)) == sorted(host.targets(everything)),
               f"without rules the {name} reaches all {len(everything)} ports, 4 ways each",
               host.reached(host.targets(everything)))
    status, out, errors = firewall(*RULES, "--apply", "--state", state)
    tap.ok(status == 0 and "--undo" in out, "--apply", status, out, errors)
    reached = outside.reached(outside.targets(everything))
    tap.ok(reached == sorted(outside.targets([OTHER])),
           f"with rules the outside reaches none of {len(guarded)} ports, but the one beside them",
           *reached)
    reached = inside.reached(inside.targets(everything))
    tap.ok(reached == sorted(inside.targets(everything)), "the inside reaches all", *reached)
    check_calls(tap, inside, "the inside")
    status, text = outside.run(IRONRPC, "ping", "-c", "1", "-t", "0.5", outside.addresses["server"])
    tap.ok(status == 1, "the outside cannot ping the service", text)


def check_own_requests(tap, outside):
    """A client port of the server may lie in the dynamic range: answers must come in."""
    listener = start(*outside.command(sys.executable, "-c", LISTENER, "7000"), stdout=subprocess.PIPE)
    listener.stdout.readline()
    target = f"{outside.addresses['host']}/7000/tcp"
    code = PROBE.replace("x.setblocking(False)", "x.setblocking(False); x.bind(('0.0.0.0', 50999))")
    out = subprocess.run([sys.executable, "-c", code, target], capture_output=True, text=True)
    tap.ok(out.stdout.strip() == target, "answers to the server's own requests come in",
           out.stdout, out.stderr)
    listener.kill()
    listener.wait()


def check_forward(tap, outside, inside, state):
    """The server as a router: its rules stand in front of a machine that cannot have any."""
    for family in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
        with open(f"/proc/sys/net/{family}", "w", encoding="ascii") as file:
            file.write("1")
    for host in (outside, inside):
        host.ip("route", "add", "default", "via", host.addresses["server"])
        host.ip("-6", "route", "add", "default", "via", host.addresses["server6"])
    ports = [p for p in PORTS if p != 135] + [OTHER]  # its listener leaves 135 to a mapper
    listener = start(*inside.command(sys.executable, "-c", LISTENER, *map(str, ports)),
                     stdout=subprocess.PIPE)
    listener.stdout.readline()
    targets = [f"{INSIDE[a]}/{port}/{kind}" for a in ("host", "host6") for port in ports
               for kind in ("tcp", "udp")]
    open_ones = sorted(t for t in targets if f"/{OTHER}/" in t)
    tap.ok(outside.reached(targets) == sorted(targets),
           "without --forward a machine behind is reached", *outside.reached(targets))
    firewall(*RULES, "--forward", "--apply", "--state", state)
    tap.ok(outside.reached(targets) == open_ones, "with it the outside reaches none of its RPC ports",
           *outside.reached(targets))
    firewall("--undo", "--state", state)
    listener.kill()
    listener.wait()


def check_way_back(tap, outside, inside, state):
    first = table()
    status, _, errors = firewall("--block", "192.0.2.0/24", "--interface", "outside", "--interface",
                                 "nowhere0", "--apply", "--state", state)
    tap.ok(status == 0 and "no interface nowhere0" in errors, "other rules, and a warning", errors)
    tap.ok(outside.reached(outside.targets([445])) == [f"{outside.addresses['server6']}/445/{p}"
                                                       for p in ("tcp", "udp")],
           "--block alone stops that network and nobody else", *outside.reached(outside.targets([445])))
    tap.ok(inside.reached(inside.targets([445])) == sorted(inside.targets([445])),
           "--interface leaves the others alone")
    os.chmod(state, 0o666)
    status, _, errors = firewall("--undo", "--state", state)
    tap.ok(status == 1 and "only you can write" in errors, "a way back that others can write is none",
           errors)
    os.chmod(state, 0o600)
    status, out, errors = firewall("--undo", "--state", state)
    tap.ok(status == 0 and table() == first, "--undo brings the rules before the last back", out,
           errors, table(), first)
    status, out, errors = firewall("--undo", "--state", state)
    tap.ok(status == 0 and table() == "", "--undo again: no rules", out, errors)
    tap.ok(outside.reached(outside.targets(PORTS)) == sorted(outside.targets(PORTS)),
           "the outside reaches all again")
    status, out, errors = firewall("--undo", "--state", state)
    tap.ok(status == 1 and "nothing to take back" in errors, "and there is nothing left to undo", errors)
    must(NFT, "add", "table", "inet", "somebody_elses")
    firewall("--apply", "--state", state)
    firewall("--undo", "--state", state)
    tables = subprocess.run([NFT, "list", "tables"], capture_output=True, text=True).stdout
    tap.ok(tables.strip() == "table inet somebody_elses", "other tables stay as they are", tables)


def check_failures(tap, state):
    status, _, errors = firewall("--apply", "--state", "/nonexistent/x")
    tap.ok(status == 1 and "nothing was changed" in errors and table() == "",
           "no way back can be written: no rules", errors)
    result = subprocess.run(["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", "--", IRONRPC,
                             "firewall", "--apply", "--state", state], capture_output=True, text=True)
    tap.ok(result.returncode == 1 and "needs root" in result.stderr and table() == "",
           "without the right to: no rules", result.stderr)
    result = subprocess.run([IRONRPC, "firewall"], stdout=open("/dev/full", "w", encoding="ascii"),
                            stderr=subprocess.PIPE, text=True)
    tap.ok(result.returncode == 1 and "cannot write" in result.stderr, "a full disk is noticed",
           result.stderr)


def main():
    reason = enter_own_network()
    tap = Tap()
    check_mistakes(tap)
    if reason:
        print(f"ok {tap.number + 1} - rules in namespaces # SKIP {reason}")
        tap.number += 1
        tap.done()
    folder = tempfile.mkdtemp(prefix="ironrpc-firewall-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    check_text(tap)
    must("ip", "link", "set", "lo", "up")
    with open("/proc/sys/net/ipv4/ip_local_port_range", "w", encoding="ascii") as file:
        file.write("51000 60000")
    outside, inside = Host("outside", OUTSIDE), Host("inside", INSIDE)
    environment = dict(os.environ, IRONRPC_RUNTIME_DIR=folder)
    log = open(os.path.join(folder, "log"), "ab")
    start(IRONRPCD, "-c", "/dev/null", env=environment, stdout=log, stderr=log)
    start(ECHO_SERVER, "ncacn_ip_tcp:", env=environment, stdout=log, stderr=log)
    listener = start(sys.executable, "-c", LISTENER, *map(str, PORTS + [ALSO, DYNAMIC, OTHER]),
                     stdout=subprocess.PIPE)
    listener.stdout.readline()
    for _ in range(200):
        if "60a15ec5" in subprocess.run([IRONRPC, "map", "127.0.0.1"], capture_output=True,
                                        text=True).stdout:
            break
        time.sleep(0.05)
    check_calls(tap, outside, "without rules the outside")
    state = os.path.join(folder, "undo")
    check_rules(tap, outside, inside, state)
    check_own_requests(tap, outside)
    check_forward(tap, outside, inside, state)
    check_way_back(tap, outside, inside, state)
    check_failures(tap, state)
    tap.done()


main()
