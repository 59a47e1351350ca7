"""A DCE/RPC client of a few lines, so that the test set-up needs no other: bind, call, ept_lookup."""
import socket
import struct
import uuid

EPM = ("e1af8308-5d1f-11c9-91a4-08002b14a0fa", 3)
MGMT = ("afa8bd80-7d8a-11c9-bef4-08002b102989", 1)
NDR = uuid.UUID("8a885d04-1ceb-11c9-9fe8-08002b104860")
NOT_REGISTERED = 0x16C9A0D6


class Error(Exception):
    pass


class Client:
    def __init__(self, address, port=135, timeout=5):
        self.socket = socket.create_connection((address, port), timeout=timeout)
        self.call_id = 0

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.socket.close()

    def read(self, n):
        data = b""
        while len(data) < n:
            more = self.socket.recv(n - len(data))
            if not more:
                raise Error("the server closed the connection")
            data += more
        return data

    def exchange(self, ptype, flags, body):
        """Send a PDU; return (type, flags, body) of the answer."""
        self.call_id += 1
        self.socket.sendall(struct.pack("<BBBBIHHI", 5, 0, ptype, flags, 0x10, 16 + len(body), 0,
                                        self.call_id) + body)
        return self.receive()

    def receive(self):
        head = self.read(16)
        length = struct.unpack_from("<H", head, 8)[0]
        return head[2], head[3], self.read(length - 16)

    def bind(self, interface):
        name, version = interface
        body = struct.pack("<HHIB3xHBx", 5840, 5840, 0, 1, 0, 1)
        body += uuid.UUID(name).bytes_le + struct.pack("<I", version)
        body += NDR.bytes_le + struct.pack("<I", 2)
        ptype, _, answer = self.exchange(11, 3, body)
        if ptype != 12:
            raise Error(f"bind answered with PDU type {ptype}")
        at = 8 + 2 + struct.unpack_from("<H", answer, 8)[0]
        at = (at + 3) & ~3
        result, reason = struct.unpack_from("<HH", answer, at + 4)
        if result != 0:
            raise Error(f"bind refused: result {result}, reason {reason}")

    def call(self, opnum, stub=b""):
        """Stub data of the response; Error on a fault."""
        ptype, flags, body = self.exchange(0, 3, struct.pack("<IHH", len(stub), 0, opnum) + stub)
        out = b""
        while True:
            if ptype == 3:
                raise Error(f"fault {struct.unpack_from('<I', body, 8)[0]:#010x}")
            if ptype != 2:
                raise Error(f"call answered with PDU type {ptype}")
            out += body[8:]
            if flags & 2:
                return out
            ptype, flags, body = self.receive()


def lookup_batch(client, handle, max_ents):
    """(handle, number of entries, status) of one ept_lookup of everything."""
    stub = client.call(2, struct.pack("<IIII", 0, 0, 0, 1) + handle + struct.pack("<I", max_ents))
    return stub[:20], struct.unpack_from("<I", stub, 20)[0], struct.unpack_from("<I", stub, len(stub) - 4)[0]


def count_entries(address, port=135):
    """Entries of the endpoint map at an address."""
    with Client(address, port) as client:
        client.bind(EPM)
        handle, total = bytes(20), 0
        while True:
            handle, n, status = lookup_batch(client, handle, 100)
            if status not in (0, NOT_REGISTERED):
                raise Error(f"ept_lookup: status {status:#x}")
            total += n
            if handle == bytes(20):
                return total


def tower(interface, port):
    """A TCP tower, 75 bytes."""
    def floor(lhs, rhs):
        return struct.pack("<H", len(lhs)) + lhs + struct.pack("<H", len(rhs)) + rhs

    name, version = interface
    return struct.pack("<H", 5) + b"".join([
        floor(b"\x0d" + uuid.UUID(name).bytes_le + struct.pack("<H", version), b"\0\0"),
        floor(b"\x0d" + NDR.bytes_le + struct.pack("<H", 2), b"\0\0"),
        floor(b"\x0b", b"\0\0"), floor(b"\x07", struct.pack(">H", port)), floor(b"\x09", bytes(4))])


def map_tcp(client, interface):
    """Port of the first tower of an ept_map."""
    t = tower(interface, 0)
    stub = struct.pack("<IIII", 0, 1, len(t), len(t)) + t
    stub += bytes(-len(stub) % 4) + bytes(20) + struct.pack("<I", 4)
    out = client.call(3, stub)
    at = out.find(t[:59])  # up to and with the floor of NCACN
    if at < 0:
        raise Error("ept_map finds nothing")
    return struct.unpack_from(">H", out, at + 59 + 5)[0]


def port_of(address, interface):
    """The TCP port of an interface, as the mapper at an address tells it."""
    with Client(address) as client:
        client.bind(EPM)
        return map_tcp(client, interface)
