#!/usr/bin/env python3
"""ironrpc run: a service that is killed, hangs, is crashed by a peer, is told to start anew.
t_run.py IRONRPC RPCECHO_SERVER. IR_CHECK_ALL: 200 kills instead of 20."""
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from live import SCALE
from sources import Load, Source, percentile, wait_for
import rpc
from tap import Tap

IRONRPC, ECHO_SERVER = sys.argv[1:3]
KILLS = 200 if os.environ.get("IR_CHECK_ALL") else 20


class Run:
    """`ironrpc run` with the echo service at two dynamic ports and a local socket."""

    def __init__(self, folder, *options):
        self.path = os.path.join(folder, "log")
        self.runtime = os.path.join(folder, "run")
        os.makedirs(self.runtime, exist_ok=True)
        with open(self.path, "w", encoding="utf-8") as log:
            self.child = subprocess.Popen(
                [IRONRPC, "run", *options, "--", ECHO_SERVER, "ncacn_ip_tcp:127.0.0.1",
                 "ncacn_ip_tcp:127.0.0.1", "ncalrpc:[echo]"], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env=dict(os.environ, IRONRPC_RUNTIME_DIR=self.runtime))
        if wait_for(lambda: "event=ready" in self.log(), 10) is None:
            self.child.kill()
            raise RuntimeError("the service does not answer:\n" + self.log())
        self.ports = listening_ports(self.program())
        self.port = self.ports[0]

    def log(self):
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    def program(self):
        """Its pid; 0 while there is none."""
        found = re.findall(r"event=(started|ended) pid=(\d+)", self.log())
        return int(found[-1][1]) if found and found[-1][0] == "started" else 0

    def kill(self, pid, number):
        """Signal @pid, which is of program(): never 0, which would mean ourselves and our parents."""
        if pid == 0:
            raise ProcessLookupError("there is no program")
        os.kill(pid, number)

    def wait_for_another(self, pid):
        return wait_for(lambda: self.program() not in (0, pid)
                        and f"event=ready pid={self.program()} " in self.log(), 10)

    def end(self):
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(timeout=15 * SCALE)


def listening_ports(pid):
    """TCP ports at which a process listens, in the order of its descriptors."""
    ports = {}
    with open("/proc/net/tcp", encoding="ascii") as file:
        for line in file.readlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                ports[fields[9]] = int(fields[1].split(":")[1], 16)
    found = []
    for fd in sorted(os.listdir(f"/proc/{pid}/fd"), key=int):
        name = os.readlink(f"/proc/{pid}/fd/{fd}")
        inode = name[8:-1] if name.startswith("socket:[") else None
        if inode in ports:
            found.append(ports[inode])
    return found


def check_kills(tap, run):
    load = Load(run.port)
    times = []
    for n in range(KILLS):
        pid = run.program()
        run.kill(pid, signal.SIGKILL)
        begin = time.monotonic()
        Source(run.port, f"127.0.4.{1 + n % 200}").socket.close()
        times.append(time.monotonic() - begin)
        run.wait_for_another(pid)
        time.sleep(0.05)
    load.end()
    tap.note(f"{KILLS} kills; served again after {percentile(times, 0.5) * 1000:.1f} ms at p50, "
             f"{percentile(times, 0.99) * 1000:.1f} ms at p99; {load.good} other calls")
    tap.none(load.refused, "the port never refuses")
    tap.ok(load.good > KILLS, "while others are served", load.good, load.failed[:3])
    tap.ok(percentile(times, 0.5) < 0.1 * SCALE, "served again in less than 100 ms at p50", times)
    tap.ok(sorted(listening_ports(run.program())) == sorted(run.ports),
           "both dynamic ports are the same as in the beginning", run.ports)
    tap.ok("crashed_by" not in run.log(), "nobody is blamed for kills from outside")
    with socket.socket(socket.AF_UNIX) as local:
        local.connect(os.path.join(run.runtime, "echo"))
    tap.ok(True, "the local socket is there")


def check_hung(tap, run):
    pid = run.program()
    run.kill(pid, signal.SIGSTOP)
    took = run.wait_for_another(pid)
    tap.note(f"a stopped program was replaced after {took} s")
    tap.ok(took is not None and took < 2 * SCALE and f"event=hung pid={pid}" in run.log(),
           "a stopped program is replaced in less than 2 s", run.log())


def crash(run, source):
    """SIGSEGV while it serves @source alone, until that is blamed."""
    before = run.log().count("event=crashed_by peer=" + source)
    end = time.monotonic() + 20 * SCALE
    while run.log().count("event=crashed_by peer=" + source) == before:
        if time.monotonic() > end:
            return False
        try:
            pid = run.program()
            client = Source(run.port, source)
            pdu = struct.pack("<BBBBIHHIIHH", 5, 0, 0, 3, 0x10, 24, 0, 9, 0, 0, 2)
            client.socket.sendall(pdu * 2000)
            time.sleep(random.choice((0, 0.001, 0.005, 0.02)))  # until it is being served
            run.kill(pid, signal.SIGSEGV)
            time.sleep(0.05)
            client.socket.close()
        except (OSError, rpc.Error):
            time.sleep(0.02)
    run.wait_for_another(0)
    return True


def is_served(run, source):
    try:
        Source(run.port, source).socket.close()
        return True
    except (OSError, rpc.Error):
        return False


def check_quarantine(tap, run):
    tap.ok(crash(run, "127.0.9.9"), "a crash is blamed on the peer that was served", run.log())
    tap.ok(is_served(run, "127.0.9.9"), "who did that once may come back", run.log())
    tap.ok(crash(run, "127.0.9.9") and not is_served(run, "127.0.9.9"),
           "who did it twice is kept out", run.log())
    tap.ok(is_served(run, "127.0.9.8"), "and nobody else")
    run.kill(run.program(), signal.SIGKILL)
    tap.ok(not is_served(run, "127.0.9.9"), "by the next program too")


def check_restart(tap, run):
    load = Load(run.port)
    pid = run.program()
    run.child.send_signal(signal.SIGUSR2)
    tap.ok(run.wait_for_another(pid) is not None and f"pid={pid} signal=0 status=0" in run.log(),
           "SIGUSR2 ends the program in order and starts it again", run.log())
    time.sleep(0.2)
    load.end()
    tap.none(load.refused, f"{load.good} calls meanwhile, none refused")


def check_end(tap, run):
    pid = run.program()
    tap.ok(run.end() == 0, "SIGTERM ends both with status 0", run.log())
    tap.ok(not os.path.exists(f"/proc/{pid}"), "nobody is left")
    tap.ok(not os.path.exists(os.path.join(run.runtime, "echo")), "nor the local socket's file")


def check_supervisor_killed(tap, folder):
    run = Run(folder, "--hung", "5")
    pid = run.program()
    run.child.kill()
    run.child.wait()
    tap.ok(wait_for(lambda: not os.path.exists(f"/proc/{pid}"), 5) is not None,
           "without its supervisor the program ends")


def check_exits(tap):
    for words, status, text in ((["true"], 0, ""), (["false"], 1, "before it listened"),
                                (["/nonexistent"], 1, "cannot run"), ([], 2, "PROGRAM is missing"),
                                (["--hung", "0", "true"], 2, "--hung"),
                                (["--bogus"], 2, "unknown option")):
        done = subprocess.run([IRONRPC, "run", *words], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=20, check=False)
        tap.ok(done.returncode == status and text in done.stderr,
               f"run {' '.join(words)}: status {status}", done.returncode, done.stderr)


# What the program tries by functions of the C library: (name, call, errno that it must be refused with).
TRIES = r"""
import ctypes, errno, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def refused(name, *arguments):
    ctypes.set_errno(0)
    return getattr(libc, name)(*arguments) == -1 and ctypes.get_errno() == errno.EPERM
# Outside none does any harm, or gets another error.
calls = [("ptrace", 2, 1, 0, 0), ("mount", b"none", b"/nowhere", b"tmpfs", 0, 0),
         ("umount2", b"/nowhere", 0), ("chroot", b"/"), ("unshare", 0), ("setns", 0, 0), ("sethostname", b"x", -1),
         ("swapoff", b"/nowhere"), ("acct", b"/nowhere"), ("personality", 0xffffffff), ("adjtimex", 0),
         ("klogctl", 10, 0, 0), ("reboot", 0), ("fanotify_init", 0, 0)]
print("TRIED", len(calls), "THROUGH", [c[0] for c in calls if not refused(*c)])
def opens(path, flags):
    try:
        os.close(os.open(path, flags, 0o600))
        return True
    except PermissionError:
        return False
print("READ", opens(sys.argv[1] + "/in", os.O_RDONLY), opens(sys.argv[1] + "/in", os.O_WRONLY))
print("WRITE", opens(sys.argv[2] + "/out", os.O_WRONLY | os.O_CREAT))
print("ELSEWHERE", opens(sys.argv[3], os.O_RDONLY), opens("/etc/shadow", os.O_RDONLY))
with open("/dev/null", "w") as null: print("", file=null)
print("NNP", libc.prctl(39, 0, 0, 0, 0))
try:
    bytearray(256 << 20)
    print("MEMORY much")
except MemoryError:
    print("MEMORY little")
"""


def check_sandbox(tap, folder):
    """A program that knows nothing of it, after exec, and one that serves."""
    for name in ("readable", "writable", "other"):
        os.makedirs(os.path.join(folder, name))
    secret = os.path.join(folder, "other", "secret")
    for path in (secret, os.path.join(folder, "readable", "in")):
        with open(path, "w", encoding="utf-8"):
            pass
    places = [os.path.join(folder, "readable"), os.path.join(folder, "writable"), secret]

    def tried(*options):
        run = subprocess.run([IRONRPC, "run", *options, "/usr/bin/python3", "-c", TRIES, *places],
                             capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        return run, dict(line.split(" ", 1) for line in run.stdout.splitlines())

    run, outside = tried()
    tap.ok(run.returncode == 0 and outside["ELSEWHERE"].startswith("True") and outside["NNP"] == "0",
           "without --sandbox nothing of it", run.stdout, run.stderr)
    run, inside = tried("--sandbox", "--read", places[0], "--write", places[1], "--memory", "200")
    sandboxed = re.search(r"event=sandboxed filter=(yes|no) landlock=(\d+)", run.stderr)
    tap.ok(run.returncode == 0 and sandboxed and inside["NNP"] == "1", "with it a program runs to its end",
           run.stdout, run.stderr)
    if sandboxed and sandboxed.group(1) == "yes":
        tap.ok(inside["TRIED"] == "14 THROUGH []", "what no service needs is refused after exec as well", inside)
        tap.ok(inside["MEMORY"] == "little", "and more memory than --memory", inside)
    else:
        tap.note("no filter here: calls not tried")
    if sandboxed and int(sandboxed.group(2)) > 0:
        tap.ok((inside["READ"], inside["WRITE"], inside["ELSEWHERE"]) == ("True False", "True", "False False"),
               "it has the paths that it was given, and no other", inside)
    else:
        tap.note("no Landlock here: files not tried")
    run, _ = tried("--sandbox", "--read", "/nowhere/at/all")
    tap.ok(run.returncode == 1 and "/nowhere/at/all" in run.stderr, "a path that is not there is told", run.stderr)
    for options in (["--read", "/"], ["--memory", "100"], ["--sandbox", "--memory", "x"], ["--sandbox", "--read"]):
        run, _ = tried(*options)
        tap.ok(run.returncode == 2, f"usage: {options}", run.stderr)


def check_sandboxed_service(tap, folder):
    """It serves, over TCP and locally, is replaced, and keeps its ports."""
    run = Run(folder, "--sandbox", "--read", os.path.dirname(os.path.abspath(ECHO_SERVER)))
    try:
        Source(run.port, "127.0.0.1").socket.close()
        pid = run.program()
        run.kill(pid, signal.SIGKILL)
        tap.ok(run.wait_for_another(pid) is not None and run.log().count("event=sandboxed") == 2
               and sorted(listening_ports(run.program())) == sorted(run.ports),
               "a service in a sandbox is replaced by another one in a sandbox", run.log())
        Source(run.port, "127.0.0.1").socket.close()
        with socket.socket(socket.AF_UNIX) as local:
            local.connect(os.path.join(run.runtime, "echo"))
    finally:
        status = run.end()
    tap.ok(status == 0, "and ends", run.log())


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        run = Run(folder)
        try:
            for check in (check_kills, check_hung, check_restart, check_quarantine, check_end):
                check(tap, run)
        finally:
            run.child.kill()
        check_supervisor_killed(tap, folder)
    for check in (check_sandbox, check_sandboxed_service):
        with tempfile.TemporaryDirectory() as folder:
            check(tap, folder)
    check_exits(tap)
    tap.done()


main()
