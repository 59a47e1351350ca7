#!/usr/bin/env python3
"""Failures of the system, injected (faults.c): the service in one process and in several, and the
tools, lose the call or the connection that met one, and nothing else.
t_faults.py IRONRPCD IRONRPC RPCECHO_SERVER FAULTS.so ECHO.idl"""
import mmap
import os
import struct
import subprocess
import sys
import tempfile
import threading
import time

from live import SCALE, Live
import rpc
from sources import Source, wait_for
from tap import Tap

IRONRPCD, IRONRPC, ECHO_SERVER, LIBRARY, IDL = sys.argv[1:6]
EVERYTHING = bool(os.environ.get("IR_CHECK_ALL"))
WANTED = 20000 if EVERYTHING else 1500  # failures in each kind of service
TOOL_RUNS = 1000 if EVERYTHING else 80
HEAD = struct.Struct("=IIQQQQQQQQ")  # struct faults of faults.h, without its sites
SITES = 8192


class Faults:
    """The file that faults.c maps, and the environment that loads it."""

    def __init__(self, folder, name):
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.truncate(HEAD.size + 8 * SITES)
        os.chmod(path, 0o666)
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)
        self.environment = {"LD_PRELOAD": LIBRARY, "IR_FAULTS": path}

    def set(self, on, one_in, seed):
        self.memory[0:16] = struct.pack("=IIQ", 0, one_in, seed)
        self.memory[0:4] = struct.pack("=I", on)

    def counts(self):
        """Memory, reading, writing, descriptors, others; places."""
        return HEAD.unpack(self.memory[:HEAD.size])[4:]

    def total(self):
        return sum(self.counts()[:5])

    def text(self):
        memory, read, write, descriptors, others, sites = self.counts()
        return (f"{self.total()} failures at {sites} places: {memory} of memory, {read} of reading, "
                f"{write} of writing, {descriptors} of descriptors, {others} others")


def descriptors(live):
    return {pid: len(os.listdir(f"/proc/{pid}/fd")) for pid in live.processes()}


class Clients(threading.Thread):
    """Bind, call, look the map up, until told to stop; what was lost, and what hung."""

    def __init__(self, port, first):
        super().__init__(daemon=True)
        self.port, self.first, self.done = port, first, False
        self.good, self.lost, self.stuck = 0, 0, 0
        self.start()

    def once(self, n):
        client = Source(self.port, f"127.0.7.{self.first + n % 8}",
                        interface=rpc.EPM if n % 3 == 0 else rpc.MGMT)
        with client:
            if n % 3 == 0:
                rpc.lookup_batch(client, bytes(20), 100)
                rpc.lookup_batch(client, bytes(20), 1)
            for _ in range(0 if n % 3 == 0 else 5):
                client.is_listening()

    def run(self):
        n = 0
        while not self.done:
            n += 1
            try:
                self.once(n)
                self.good += 1
            except TimeoutError:
                self.stuck += 1
            except (OSError, rpc.Error):
                self.lost += 1


def check_service(tap, folder, workers):
    faults = Faults(folder, f"faults{workers}")
    os.environ.update(faults.environment)
    with Live(IRONRPCD, f"server.workers={workers}") as live:
        del os.environ["LD_PRELOAD"], os.environ["IR_FAULTS"]
        with Source(live.port, "127.0.7.200") as warm:
            warm.is_listening()
        time.sleep(0.3)
        processes, before = live.processes(), descriptors(live)
        faults.set(1, 40, workers)
        clients = [Clients(live.port, 1 + 10 * n) for n in range(4)]
        wait_for(lambda: faults.total() >= WANTED or not live.alive(), 120)
        faults.set(0, 1, 0)
        for client in clients:
            client.done = True
        for client in clients:
            client.join()
        what = f"{workers} workers" if workers else "one process"
        tap.note(f"{what}: {faults.text()}; {sum(c.good for c in clients)} clients were served, "
                 f"{sum(c.lost for c in clients)} lost their connection or call")
        tap.ok(faults.total() >= WANTED, f"{what}: at least {WANTED} failures", faults.text())
        tap.ok(sum(c.stuck for c in clients) == 0, f"{what}: nobody waits for nothing")
        tap.ok(live.alive() and live.processes() == processes and "event=died" not in live.log(),
               f"{what}: the processes are the same", live.log()[-3000:])
        failed = []
        for n in range(100):
            try:
                with Source(live.port, f"127.0.7.{100 + n}") as client:
                    client.is_listening()
            except (OSError, rpc.Error) as error:
                failed.append(repr(error))
        tap.none(failed, f"{what}: afterwards everybody is served")
        tap.ok(rpc.count_entries("127.0.0.1", live.port) == 4, f"{what}: the map is complete")
        tap.ok(wait_for(lambda: descriptors(live) == before, 10) is not None,
               f"{what}: no descriptor is left open", before, descriptors(live))
        tap.ok(live.stop() == 0, f"{what}: it stops cleanly", live.text[-2000:])


def check_tools(tap, folder):
    faults = Faults(folder, "tools")
    with Live(IRONRPCD) as live:
        environment = dict(os.environ, IRONRPC_RUNTIME_DIR=live.runtime)
        with subprocess.Popen([ECHO_SERVER, "ncacn_ip_tcp:127.0.0.1"], env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as echo:
            wait_for(lambda: rpc.count_entries("127.0.0.1", live.port) == 5, 10)
            host = f"127.0.0.1[{live.port}]"
            commands = [["ping", "-c", "3", "-i", "0.001", host], ["map", host], ["map", "-j", host],
                        ["call", "--mapper-port", str(live.port), "127.0.0.1", IDL, "AddOne",
                         '{"in_data": 41}']]
            crashed, statuses = [], {0: 0, 1: 0, 2: 0}
            for n in range(TOOL_RUNS):
                command = commands[n // 4 % len(commands)]
                faults.set(1, (5, 20, 100, 400)[n % 4], n)
                done = subprocess.run([IRONRPC, *command], stdin=subprocess.DEVNULL,
                                      capture_output=True, timeout=60 * SCALE, check=False,
                                      env=dict(environment, **faults.environment))
                if done.returncode in statuses:
                    statuses[done.returncode] += 1
                else:
                    crashed.append(f"{command} seed {n}: {done.returncode} {done.stderr[-300:]}")
            faults.set(0, 1, 0)
            tap.note(f"tools: {TOOL_RUNS} runs, {faults.text()}; exit statuses {statuses}")
            tap.none(crashed, "a tool says what failed, it does not crash")
            tap.ok(statuses[0] > 0 and statuses[1] + statuses[2] > 0, "some fail, some do not")
            done = subprocess.run([IRONRPC, *commands[3]], capture_output=True, text=True, timeout=60,
                                  env=dict(environment, **faults.environment), check=False)
            tap.ok(done.returncode == 0 and "42" in done.stdout, "without failures it works",
                   done.stdout, done.stderr)
            echo.terminate()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        check_service(tap, folder, 0)
        check_service(tap, folder, 2)
        check_tools(tap, folder)
    tap.done()


main()
