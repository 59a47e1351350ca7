#!/usr/bin/env python3
"""Sockets that somebody else holds, as systemd does: the service starts on them, is killed as a whole
under load, and comes back. t_activation.py IRONRPCD RPCECHO_SERVER"""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

from live import SCALE
from sources import Load, wait_for
import rpc
from tap import Tap

IRONRPCD, ECHO_SERVER = sys.argv[1:3]
OWN = 4  # entries: two interfaces at two endpoints


class Launcher:
    """Holds a TCP and a local listening socket; start() gives them to ironrpcd, sd_listen_fds(3)."""

    def __init__(self, folder):
        self.runtime = os.path.join(folder, "run")
        self.path = os.path.join(folder, "log")
        os.mkdir(self.runtime)
        self.tcp = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.local = socket.socket(socket.AF_UNIX)
        self.local.bind(os.path.join(self.runtime, "epmapper"))
        os.chmod(os.path.join(self.runtime, "epmapper"), 0o666)
        self.local.listen(1024)
        self.port = self.tcp.getsockname()[1]
        self.child = None

    def start(self):
        first, second = self.tcp.fileno(), self.local.fileno()

        def place():
            high = [os.dup(first), os.dup(second)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        environment = {k: v for k, v in os.environ.items() if k != "JOURNAL_STREAM"}
        with open(self.path, "w", encoding="utf-8") as log:
            self.child = subprocess.Popen(
                ["/bin/sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=2 exec "$@"', "sh", IRONRPCD, "-c",
                 "/dev/null", "-o", f"server.runtime_dir={self.runtime}"], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, pass_fds=(3, 4), preexec_fn=place, env=environment)
        return wait_for(lambda: "event=ready" in self.log(), 10)

    def log(self):
        with open(self.path, encoding="utf-8") as file:
            return file.read()


def check(tap, launcher):
    tap.ok(launcher.start() is not None, "it starts on sockets that are given", launcher.log())
    tap.ok(rpc.count_entries("127.0.0.1", launcher.port) == OWN, "and serves both of them")
    environment = dict(os.environ, IRONRPC_RUNTIME_DIR=launcher.runtime)
    with subprocess.Popen([ECHO_SERVER, "ncacn_ip_tcp:127.0.0.1"], env=environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as echo:
        def complete():
            return rpc.count_entries("127.0.0.1", launcher.port) >= OWN + 1

        tap.ok(wait_for(complete, 10) is not None, "a service registers at the local one")
        load = Load(launcher.port)
        time.sleep(0.2)
        launcher.child.kill()
        launcher.child.wait()
        begin = time.monotonic()
        launcher.start()
        took = wait_for(complete, 10)
        total = time.monotonic() - begin
        time.sleep(0.2)
        load.end()
        tap.note(f"map complete {total:.3f} s after the restart; {load.good} calls")
        tap.ok(took is not None and total < 1 * SCALE,
               "a second after a killed service was started again the map is complete",
               launcher.log())
        tap.none(load.refused, "and no connection was refused meanwhile")
        echo.terminate()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        launcher = Launcher(folder)
        try:
            check(tap, launcher)
            launcher.child.send_signal(signal.SIGTERM)
            tap.ok(launcher.child.wait(timeout=10 * SCALE) == 0, "it stops cleanly", launcher.log())
            tap.ok(os.path.exists(os.path.join(launcher.runtime, "epmapper")),
                   "and leaves the local socket to whom it belongs")
        finally:
            launcher.child.kill()
    tap.done()


main()
