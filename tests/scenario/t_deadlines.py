#!/usr/bin/env python3
"""Peers that stop in the middle, never begin, or never read: each is closed by its own deadline, and
nobody else notices. t_deadlines.py IRONRPCD"""
import select
import socket
import struct
import sys
import threading
import time

from live import SCALE, Live
import rpc
from tap import Tap

# Far apart, so that a connection closed by another deadline than its own is noticed.
FIRST_BYTE, HEADER, PDU, BIND, CALL, IDLE, WRITE = (
    t * SCALE for t in (0.4, 0.8, 1.2, 1.6, 2.0, 2.4, 1.0))
LATE = 0.6 * SCALE


def ms(seconds):
    return f"{int(seconds * 1000)}ms"


SETTINGS = [f"timeouts.first_byte={ms(FIRST_BYTE)}", f"timeouts.header={ms(HEADER)}",
            f"timeouts.pdu={ms(PDU)}", f"timeouts.bind={ms(BIND)}", f"timeouts.call={ms(CALL)}",
            f"timeouts.idle={ms(IDLE)}", f"timeouts.write={ms(WRITE)}"]

BIND_PDU = (struct.pack("<BBBBIHHI", 5, 0, 11, 3, 0x10, 72, 0, 1)
            + struct.pack("<HHIB3xHBx", 5840, 5840, 0, 1, 0, 1)
            + bytes.fromhex("80bda8af8a7dc911bef408002b102989") + struct.pack("<I", 1)
            + rpc.NDR.bytes_le + struct.pack("<I", 2))


def request(flags=3, stub=b"", opnum=2, length=None):
    return struct.pack("<BBBBIHHIIHH", 5, 0, 0, flags, 0x10, length or 24 + len(stub), 0, 7,
                       len(stub), 0, opnum) + stub


class Peer:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10 * SCALE)
        self.began = time.monotonic()

    def send(self, data):
        self.socket.sendall(data)

    def bind(self):
        self.send(BIND_PDU)
        assert self.socket.recv(1024)[2] == 12, "no bind_ack"
        self.began = time.monotonic()

    def ended(self):
        """Whether the server has ended the connection; what it said before is skipped."""
        while select.select([self.socket], [], [], 0)[0]:
            try:
                if not self.socket.recv(65536):
                    return True
            except ConnectionError:
                return True
        return False

    def send_slowly(self, pieces):
        """A piece every 100 ms until the server ends the connection."""
        try:
            for piece in pieces:
                if self.ended():
                    return
                self.send(piece)
                time.sleep(0.1 * SCALE)
        except ConnectionError:
            pass

    def closed_after(self):
        """Seconds from the beginning (of what is judged) until the server closed; None: not yet."""
        try:
            while True:
                if not self.socket.recv(65536):
                    break
        except ConnectionError:
            pass
        except OSError:
            return None
        return time.monotonic() - self.began


def silent(peer):
    pass


def one_byte(peer):
    peer.send(BIND_PDU[:1])


def half_header(peer):
    peer.send(BIND_PDU[:15])


def header_only(peer):
    peer.send(BIND_PDU[:16])


def all_but_one_byte(peer):
    peer.send(BIND_PDU[:-1])


def dribble(peer):
    """A byte now and then: the deadline counts from the beginning, not from the last byte."""
    peer.send_slowly(BIND_PDU[i:i + 1] for i in range(len(BIND_PDU)))


def half_request(peer):
    peer.bind()
    peer.send(request()[:10])


def request_without_stub(peer):
    peer.bind()
    peer.send(request(length=1000))


def first_fragment(peer):
    peer.bind()
    peer.send(request(flags=1, stub=b"1234"))


def fragments_for_ever(peer):
    """Each fragment is in time, the call is not."""
    peer.bind()
    peer.send_slowly(request(flags=i == 0, stub=b"1234") for i in range(1000))


def idle(peer):
    peer.bind()


CASES = [
    (silent, FIRST_BYTE, "a peer that says nothing"),
    (one_byte, HEADER, "one byte"),
    (half_header, HEADER, "15 bytes of a header"),
    (header_only, PDU, "a header without its PDU"),
    (all_but_one_byte, PDU, "a PDU without its last byte"),
    (dribble, HEADER, "a byte every 100 ms"),
    (half_request, HEADER, "a request cut in its header"),
    (request_without_stub, PDU, "a request cut in its stub data"),
    (first_fragment, CALL, "a first fragment without the others"),
    (fragments_for_ever, CALL, "fragments without an end"),
    (idle, IDLE, "a bound peer that is silent"),
]


def run_case(port, case, results):
    function, deadline, name = case
    peer = Peer(port)
    function(peer)
    results[name] = peer.closed_after()
    peer.socket.close()


def never_read(port):
    """Calls without end, replies are never read: (seconds until the connection ended, bytes sent)."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect(("127.0.0.1", port))
    peer.sendall(BIND_PDU)
    assert peer.recv(1024)[2] == 12
    peer.setblocking(False)
    # inq_if_ids: the reply is much longer than the request.
    data = request(opnum=0) * 1000
    began = time.monotonic()
    sent = 0
    while time.monotonic() - began < 10 * SCALE:
        ready = select.select([], [peer], [], 0.05)[1]
        try:
            if ready:
                sent += peer.send(data)
                continue
            # Blocked: has the server given up? Errors show, data would stay unread.
            error = peer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                break
        except OSError:
            break
    peer.close()
    return time.monotonic() - began, sent


def calls_go_on(port, until, results):
    """A client that is slower than any deadline but the idle one is not disturbed."""
    n = 0
    with rpc.Client("127.0.0.1", port) as client:
        client.bind(rpc.MGMT)
        while time.monotonic() < until:
            client.call(2)
            n += 1
            time.sleep(0.2 * SCALE)
    results["good"] = n


def rss_kib(live):
    """Of all its processes."""
    total = 0
    for pid in live.processes():
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            total += int(file.read().split()[1]) * 4
    return total


def main():
    tap = Tap()
    with Live(sys.argv[1], *SETTINGS) as live:
        results = {}
        threads = [threading.Thread(target=run_case, args=(live.port, case, results), daemon=True)
                   for case in CASES]
        threads.append(threading.Thread(target=calls_go_on, daemon=True, args=(
            live.port, time.monotonic() + IDLE + LATE, results)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20 * SCALE)
        for _, deadline, name in CASES:
            took = results.get(name)
            tap.ok(took is not None and deadline * 0.9 <= took <= deadline + LATE,
                   f"{name}: closed after {deadline:.1f} s", f"closed after {took} s")
        tap.ok(results.get("good", 0) > 5, "a client that calls now and then is served throughout",
               results.get("good"))
        before = rss_kib(live)
        took, sent = never_read(live.port)
        tap.note(f"a client that never reads sent {sent} bytes of requests")
        tap.ok(WRITE * 0.9 <= took <= WRITE + 3 * SCALE + LATE, "a client that never reads is closed",
               f"after {took:.2f} s")
        tap.note(f"memory {rss_kib(live) - before:+d} KiB")
        with rpc.Client("127.0.0.1", live.port) as client:
            client.bind(rpc.MGMT)
            tap.ok(client.call(2) == struct.pack("<II", 0, 1), "and the service answers")
        tap.ok("event=died" not in live.log() and live.stop() == 0,
               "the processes are the same and stop cleanly", live.text[-2000:])
    tap.done()


main()
