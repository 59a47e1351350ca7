"""A TCP relay that keeps the PDUs it passes on, and what their security trailers have."""
import socket
import struct
import threading


class Relay:
    """Between the tool and the service: keeps the PDUs of both directions."""

    def __init__(self, port):
        self.port_behind = port
        self.pdus = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client = self.socket.accept()[0]
            server = socket.create_connection(("127.0.0.1", self.port_behind))
            for way in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=way, daemon=True).start()

    def pump(self, source, sink):
        try:
            while True:
                head = source.recv(16, socket.MSG_WAITALL)
                if len(head) < 16:
                    break
                pdu = head + source.recv(struct.unpack_from("<H", head, 8)[0] - 16, socket.MSG_WAITALL)
                self.pdus.append(pdu)
                sink.sendall(pdu)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def take(self):
        pdus, self.pdus = self.pdus, []
        return pdus


def token(pdu):
    """The token of a PDU's security; empty without."""
    length = struct.unpack_from("<H", pdu, 10)[0]
    return pdu[-length:] if length else b""


def trailer(pdu):
    """(type, level) of a PDU's security, None without."""
    length = struct.unpack_from("<H", pdu, 10)[0]
    return tuple(pdu[-length - 8:-length - 6]) if length else None
