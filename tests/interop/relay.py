"""Between a client and a server: takes note of the PDUs, and may change them on their way.

    with relay.Relay("127.0.0.42", ("127.0.0.41", 49152), change) as between:
        ...                                         # the client connects to between.port
    between.pdus                                    # [(whether the server's, bytes as they came)]

change(from_server, pdu) returns the PDU that goes on.
"""
import socket
import struct
import threading

BIND, BIND_ACK, REQUEST, RESPONSE = 11, 12, 0, 2


def as_it_is(from_server, pdu):
    return pdu


class Relay:
    def __init__(self, address, to, change=as_it_is):
        self.to = to
        self.change = change
        self.pdus = []
        self.listener = socket.create_server((address, 0))
        self.port = self.listener.getsockname()[1]
        self.threads = []
        self.start(self.accept)

    def carry(self, source, sink, from_server):
        """Whole PDUs, until either side ends; then neither hears of the other any more."""
        data = b""
        try:
            while more := source.recv(65536):
                data += more
                while len(data) >= 16 and len(data) >= (n := struct.unpack_from("<H", data, 8)[0]) >= 16:
                    self.pdus.append((from_server, data[:n]))
                    sink.sendall(self.change(from_server, data[:n]))
                    data = data[n:]
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def accept(self):
        try:
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.to, timeout=10)
                for arguments in ((client, server, False), (server, client, True)):
                    self.start(self.carry, *arguments)
        except OSError:
            pass  # it is closed

    def start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def take(self):
        """The PDUs since the last time."""
        pdus, self.pdus = self.pdus, []
        return [pdu for _, pdu in pdus]

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(timeout=10)
        return False


def token(pdu):
    """The token of a PDU's security; empty without."""
    length = struct.unpack_from("<H", pdu, 10)[0]
    return pdu[-length:] if length else b""


def trailer(pdu):
    """(type, level) of a PDU's security, None without."""
    length = struct.unpack_from("<H", pdu, 10)[0]
    return tuple(pdu[-length - 8:-length - 6]) if length else None
