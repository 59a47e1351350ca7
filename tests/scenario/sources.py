"""Clients with addresses of their own, and load made of them."""
import select
import socket
import struct
import threading
import time

from live import SCALE
import rpc


class Source(rpc.Client):
    """A client with an address of its own, bound to the management interface; its group tells its
    worker: `owner`."""

    def __init__(self, port, address, group=0, interface=rpc.MGMT):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10,
                                               source_address=(address, 0))
        self.call_id = 0
        self.address = address
        name, version = interface
        body = struct.pack("<HHIB3xHBx", 5840, 5840, group, 1, 0, 1)
        body += rpc.uuid.UUID(name).bytes_le + struct.pack("<I", version)
        body += rpc.NDR.bytes_le + struct.pack("<I", 2)
        ptype, _, answer = self.exchange(11, 3, body)
        if ptype != 12:
            raise rpc.Error(f"bind answered with PDU type {ptype}")
        self.group = struct.unpack_from("<I", answer, 4)[0]
        self.owner = self.group >> 24

    def is_listening(self):
        return self.call(2) is not None

    def still_answers(self):
        try:
            return self.is_listening()
        except (OSError, rpc.Error):
            return False

    def has_ended(self):
        if not select.select([self.socket], [], [], 0)[0]:
            return False
        try:
            return self.socket.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True


class Load(threading.Thread):
    """Connects, binds, calls, over and over: how often, and what went wrong."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.done, self.good = port, False, 0
        self.refused, self.failed = [], []
        self.start()

    def run(self):
        while not self.done:
            for n in range(1, 9):
                try:
                    client = Source(self.port, f"127.0.3.{n}")
                    client.is_listening()
                    client.socket.close()
                    self.good += 1
                except ConnectionRefusedError as error:
                    self.refused.append(error)
                except (OSError, rpc.Error) as error:
                    self.failed.append(error)

    def end(self):
        self.done = True
        self.join()


def wait_for(condition, seconds):
    """How long it took; None: too long."""
    begin = time.monotonic()
    while time.monotonic() < begin + seconds * SCALE:
        if condition():
            return time.monotonic() - begin
        time.sleep(0.005)
    return None


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else None
