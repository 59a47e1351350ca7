"""Our client at a server of Samba's that knows who calls: what t_samba_auth.py and t_samba_ad.py share."""
import struct

import peer
import relay

LEVELS = ("connect", "call", "packet", "integrity", "privacy")
SIGNS_HEADERS = 0x04  # PFC_SUPPORT_HEADER_SIGN in bind and bind_ack, [MS-RPCE] 2.2.2.3
HINT = 16  # where a request and a response have their alloc_hint, which nobody needs


class Kind:
    """A way to be somebody: the options of ironrpc, and what a refusal of a wrong password says."""

    def __init__(self, name, option, user, password, environment=None, target=None):
        self.name = name
        self.options = ["-A", option, "-U", user, *(("--target", target) if target else ())]
        self.password = password
        self.environment = environment or {}

    def caller(self, idl, level, *options, password=None):
        return peer.Caller(idl, *self.options, "-L", level, *options, password=password or self.password,
                           environment=self.environment)


def tampering(sender, offset):
    """A change of one bit in each request (sender False) or response (True)."""
    def change(from_server, pdu):
        wanted = relay.RESPONSE if sender else relay.REQUEST
        if from_server != sender or pdu[2] != wanted:
            return pdu
        return pdu[:offset] + bytes([pdu[offset] ^ 1]) + pdu[offset + 1:]
    return change


def check_headers(tap, kind, address, server, call):
    """That headers are signed both ways: call(host, level) returns whether it was answered."""
    for level in ("integrity", "privacy"):
        with relay.Relay(address, server) as between:
            answered = call(f"ncacn_ip_tcp:{address}[{between.port}]", level)
        flags = {pdu[2]: pdu[3] for _, pdu in between.pdus if pdu[2] in (relay.BIND, relay.BIND_ACK)}
        tap.ok(answered and len(flags) == 2 and all(one & SIGNS_HEADERS for one in flags.values()),
               f"{kind.name}, {level}: both sides sign headers", (answered, flags))
        for sender, whose in ((False, "the request"), (True, "the response")):
            with relay.Relay(address, server, tampering(sender, HINT)) as between:
                answered = call(f"ncacn_ip_tcp:{address}[{between.port}]", level)
            kinds = [(who, pdu[2]) for who, pdu in between.pdus]
            reached = (sender, relay.RESPONSE if sender else relay.REQUEST) in kinds
            tap.ok(reached and not answered, f"{kind.name}, {level}: a changed header of {whose} is noticed",
                   kinds)


def fragments(pdus, from_server, ptype):
    """How many fragments of one type went one way."""
    return sum(1 for who, pdu in pdus if who == from_server and pdu[2] == ptype)


def lengths(pdus):
    """frag_length and auth_length of each, for a test that fails."""
    return [struct.unpack_from("<HH", pdu, 8) for _, pdu in pdus]
