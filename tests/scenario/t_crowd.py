#!/usr/bin/env python3
"""Crowds: 10,000 clients that have bound and say nothing; 5,000 connections of one source that send a
byte a second; 1,000 clients that never read. What they cost, and who notices. t_crowd.py IRONRPCD few|many
IR_CHECK_ALL: for as long as the default deadlines last."""
import os
import resource
import select
import socket
import struct
import sys
import time

from live import SCALE, Live
import rpc
from sources import Source, percentile
from tap import Tap

EVERYTHING = bool(os.environ.get("IR_CHECK_ALL"))
IDLE, DRIPPING = 10000, 5000
DEAF = 1000 if EVERYTHING else 150
SANITIZED = sys.argv[2] == "few"  # memory is not judged there



def bind_pdu(interface):
    name, version = interface
    return (struct.pack("<BBBBIHHI", 5, 0, 11, 3, 0x10, 72, 0, 1)
            + struct.pack("<HHIB3xHBx", 5840, 5840, 0, 1, 0, 1) + rpc.uuid.UUID(name).bytes_le
            + struct.pack("<I", version) + rpc.NDR.bytes_le + struct.pack("<I", 2))


BIND = bind_pdu(rpc.MGMT)
# ept_lookup of everything: the answer is much longer than the request.
LOOKUP = struct.pack("<BBBBIHHIIHH", 5, 0, 0, 3, 0x10, 64, 0, 7, 40, 0, 2)
LOOKUP += struct.pack("<IIII", 0, 0, 0, 1) + bytes(20) + struct.pack("<I", 100)


def allow_files(n):
    """Whether this process, and those that it starts, may have so many descriptors."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < n:
        return False
    resource.setrlimit(resource.RLIMIT_NOFILE, (n, hard))
    return True


def connect(port, address):
    client = socket.socket()
    client.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
    client.bind((address, 0))
    client.connect(("127.0.0.1", port))
    return client


def private_kib(pids):
    """Memory that is theirs alone; a sanitizer's maps take so long to add up that it would be felt."""
    total = 0
    for pid in () if SANITIZED else pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            total += sum(int(line.split()[1]) for line in file
                         if line.startswith(("Private_Dirty:", "Private_Clean:")))
    return total


def kernel_kib():
    """Slabs and socket buffers of the whole machine."""
    with open("/proc/meminfo", encoding="ascii") as file:
        slab = next(int(line.split()[1]) for line in file if line.startswith("Slab:"))
    with open("/proc/net/sockstat", encoding="ascii") as file:
        pages = next(int(line.split()[-1]) for line in file if line.startswith("TCP:"))
    return slab + 4 * pages


def bound_clients(port, n):
    clients = []
    for i in range(n):
        client = connect(port, f"127.0.1.{1 + i // 100}")
        client.sendall(BIND)
        clients.append(client)
        if len(clients) % 100 == 0:
            for waiting in clients[-100:]:
                assert waiting.recv(200)[2] == 12, "no bind_ack"
    return clients


def check_idle(tap, program):
    if not allow_files(IDLE + 200):
        tap.ok(True, f"{IDLE} idle clients # SKIP the limit of open files is too low")
        return
    with Live(program, "limits.max_connections=40000", "limits.max_groups=40000") as live:
        for client in bound_clients(live.port, 200):
            client.close()
        time.sleep(0.2)
        before, kernel = private_kib(live.processes()), kernel_kib()
        clients = bound_clients(live.port, IDLE)
        user = (private_kib(live.processes()) - before) * 1024 / IDLE
        if not SANITIZED:
            tap.note(f"{IDLE} bound clients: {user:.0f} bytes each in the service, "
                     f"{(kernel_kib() - kernel) * 1024 / IDLE:.0f} in the kernel (both ends)")
            tap.ok(user <= 2048, "an idle client costs no more than 2 KiB", user)
        times = []
        for _ in range(10):
            began = time.monotonic()
            with rpc.Client("127.0.0.1", live.port) as client:
                client.bind(rpc.MGMT)
                client.call(2)
            times.append(time.monotonic() - began)
        tap.ok(percentile(times, 0.5) < 0.05 * SCALE, "another one is served at once", times)
        for client in clients:
            client.close()
        tap.ok(live.alive() and "event=died" not in live.log(), "nobody died", live.log()[-2000:])


class Drip:
    """Connections of one source; each gets a byte of a bind a second, and is made anew when closed."""

    def __init__(self, port, n):
        self.port, self.clients, self.made, self.closed = port, {}, 0, 0
        self.poll = select.poll()
        for _ in range(n):
            self.add()

    def add(self):
        client = connect(self.port, "127.0.5.5")
        client.setblocking(False)
        self.clients[client.fileno()] = client
        self.poll.register(client, select.POLLIN)
        self.made += 1

    def drop(self, fd):
        self.poll.unregister(fd)
        client = self.clients.pop(fd)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        self.closed += 1

    def second(self, until):
        """A byte to each, and new ones for those that were closed."""
        for client in list(self.clients.values()):
            try:
                client.send(BIND[:1])
            except OSError:
                pass
        while True:
            for fd, _ in self.poll.poll(max(0, (until - time.monotonic()) * 1000)):
                self.drop(fd)
                if time.monotonic() < until:
                    self.add()
            if time.monotonic() >= until:
                return


def check_drip(tap, program):
    seconds = 20 if EVERYTHING else 4
    if not allow_files(DRIPPING + 200):
        tap.ok(True, f"{DRIPPING} slow connections # SKIP the limit of open files is too low")
        return
    with Live(program) as live:
        pid = os.fork()
        if pid == 0:
            drip, end = Drip(live.port, DRIPPING), time.monotonic() + seconds * SCALE
            while time.monotonic() < end:
                drip.second(time.monotonic() + 1)
            print(f"# {drip.made} connections of one source, {drip.closed} closed by the service",
                  flush=True)
            os._exit(0 if drip.closed > DRIPPING / 2 else 1)
        times, end = [], time.monotonic() + (seconds - 1) * SCALE
        time.sleep(0.5)
        while time.monotonic() < end:
            began = time.monotonic()
            client = Source(live.port, "127.0.0.7")
            times.append(time.monotonic() - began)
            client.socket.close()
            time.sleep(0.02)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        tap.note(f"another source bound {len(times)} times: {percentile(times, 0.5) * 1000:.1f} ms at "
                 f"p50, {percentile(times, 0.99) * 1000:.1f} ms at p99, {max(times) * 1000:.1f} at most")
        tap.ok(status == 0, "connections beyond the limits of a source are closed")
        judged = 0.99 if EVERYTHING else 0.5  # what else this machine does is not the service's
        tap.ok(len(times) > 10 and percentile(times, judged) < 0.05 * SCALE,
               "another source binds in less than 50 ms", sorted(times)[-10:])
        tap.ok("event=died" not in live.log(), "nobody died", live.log()[-2000:])


def check_deaf(tap, program):
    write, limit = (15, 30) if EVERYTHING else (3, 8)  # 15 s is what it is without a setting
    with Live(program, f"timeouts.write={int(write * SCALE)}s") as live:
        pids = live.processes()
        before = private_kib(pids)
        clients = []
        for i in range(DEAF):
            client = socket.socket()
            for size in (socket.SO_RCVBUF, socket.SO_SNDBUF):  # what is taken, the service has taken
                client.setsockopt(socket.SOL_SOCKET, size, 4096)
            client.bind((f"127.0.6.{1 + i // 100}", 0))
            client.connect(("127.0.0.1", live.port))
            client.sendall(bind_pdu(rpc.EPM))
            client.setblocking(False)
            clients.append(client)
        began, most, kernel, before_kernel = time.monotonic(), 0, 0, kernel_kib()
        requests, stuck = LOOKUP * 200, 0.0
        taken = dict.fromkeys(clients, (began, 0))  # when requests were taken last, how many bytes
        while taken and time.monotonic() < max(taken.values())[0] + (write + 10) * SCALE:
            for client, (last, sent) in list(taken.items()):
                try:
                    sent += client.send(requests[sent % len(LOOKUP):])
                    taken[client] = time.monotonic(), sent
                except BlockingIOError:
                    continue
                except OSError:
                    del taken[client]
                stuck = max(stuck, time.monotonic() - last)
            most = max(most, private_kib(pids) - before)
            kernel = max(kernel, kernel_kib() - before_kernel)
            time.sleep(0.2)
        took = time.monotonic() - began
        tap.note(f"{DEAF} clients that never read: {most / DEAF:.0f} KiB each in the service at most, "
                 f"{kernel // DEAF} KiB in the kernel; the longest that one was there and nothing "
                 f"was taken from it is {stuck:.1f} s; all were gone after {took:.1f} s")
        tap.ok(not taken and stuck < limit * SCALE, "they are gone when their time is over",
               len(taken), stuck)
        if not SANITIZED:
            tap.ok(most < DEAF * 256, "and bounded in memory", most)
        tap.ok(Source(live.port, "127.0.0.7").is_listening() and "event=died" not in live.log(),
               "others are served", live.log()[-2000:])
        for client in clients:
            client.close()


def main():
    tap = Tap()
    for check in (check_idle, check_drip, check_deaf):
        check(tap, sys.argv[1])
    tap.done()


main()
