#!/usr/bin/env python3
"""A service that registers by itself, and an endpoint mapper that goes away: entries vanish with
their owner, and come back when the mapper does. The map shows who owns what.
t_registration.py IRONRPCD IRONRPC RPCECHO_SERVER"""
import atexit
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peer  # noqa: E402
import rpc  # noqa: E402

IRONRPCD, IRONRPC, ECHO_SERVER = sys.argv[1:4]
ECHO = ("60a15ec5-4de8-11d7-a637-005056a20182", 1)
OWN = 4  # entries of ironrpcd itself


class Programs:
    """What runs in one runtime folder; standard error goes to a file."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = dict(os.environ, IRONRPC_RUNTIME_DIR=folder)
        self.log = open(os.path.join(folder, "log"), "ab")

    def start(self, *command):
        child = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL,
                                 stdout=self.log, stderr=self.log)
        atexit.register(child.kill)
        return child

    def daemon(self, port):
        return self.start(IRONRPCD, "-c", "/dev/null", "-o",
                          f"server.listen=ncacn_ip_tcp:127.0.0.1[{port}] ncalrpc:[epmapper]")

    def text(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def map(self, host):
        out = subprocess.run([IRONRPC, "map", "--json", host], env=self.environment,
                             capture_output=True, text=True, timeout=30)
        return json.loads(out.stdout) if out.returncode == 0 else out.stderr


def entries(port):
    try:
        return rpc.count_entries("127.0.0.1", port)
    except (OSError, rpc.Error):
        return -1


def wait_for(port, number, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if entries(port) == number:
            return True
        time.sleep(0.05)
    return False


def free_port(programs):
    """A port that ironrpcd can have again: the one it chose the first time."""
    child = programs.daemon(0)
    end = time.monotonic() + 15
    while time.monotonic() < end and "event=ready" not in programs.text():
        time.sleep(0.02)
    port = int(re.search(r"event=listening binding=ncacn_ip_tcp:\S*\[(\d+)\]", programs.text()).group(1))
    return child, port


def end(child, number=signal.SIGTERM):
    child.send_signal(number)
    return child.wait(timeout=15)


def check_owners(tap, programs, port, echo):
    rows = programs.map(f"127.0.0.1[{port}]")
    owners = {row.get("owner", {}).get("pid") for row in rows if row["interface"] == ECHO[0]}
    tap.ok(owners == {echo.pid}, "the map shows the process that owns each entry", rows)
    programs_shown = {row["owner"]["program"] for row in rows if row["interface"] == rpc.EPM[0]}
    tap.ok(programs_shown == {"ironrpcd"}, "and the daemon as owner of its own", rows)


def main():
    tap = peer.Tap()
    folder = tempfile.TemporaryDirectory()
    programs = Programs(folder.name)
    daemon, port = free_port(programs)
    echo = programs.start(ECHO_SERVER, "ncacn_ip_tcp:127.0.0.1", "ncacn_ip_tcp:127.0.0.1",
                          "ncalrpc:")
    tap.ok(wait_for(port, OWN + 3), "a service registers each of its endpoints by itself",
           programs.text())
    check_owners(tap, programs, port, echo)
    second = programs.start(ECHO_SERVER, "ncacn_ip_tcp:127.0.0.1")
    tap.ok(wait_for(port, OWN + 4), "a second process of the same user registers beside it",
           programs.text())
    tap.ok(end(second) == 0 and wait_for(port, OWN + 3), "its entry vanishes with it, the others stay",
           f"{entries(port)}\n{programs.text()}")
    tap.ok(end(daemon, signal.SIGKILL) == -signal.SIGKILL, "the mapper is killed")
    daemon = programs.daemon(port)
    tap.ok(wait_for(port, OWN + 3), "the entries come back when it does",
           f"{entries(port)}\n{programs.text()}")
    with rpc.Client("127.0.0.1", port) as client:
        client.bind(rpc.EPM)
        where = rpc.map_tcp(client, ECHO)
    with rpc.Client("127.0.0.1", where) as client:
        client.bind(ECHO)
        tap.ok(client.call(0, b"\1\0\0\0") == b"\2\0\0\0", "and lead to the service")
    tap.ok(end(echo, signal.SIGKILL) == -signal.SIGKILL and wait_for(port, OWN),
           "a killed service's entries vanish too", f"{entries(port)}")
    tap.ok(end(daemon) == 0, "the mapper stops", programs.text())
    programs.log.close()
    folder.cleanup()
    tap.done()


main()
