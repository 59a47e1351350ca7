#!/usr/bin/python3
"""Our NTLM provider with Samba's and Impacket's, token by token, without a connection: who is
accepted, that both ends have the same keys, and fragments signed and sealed in both directions.
Signatures of Impacket's are made from its own primitives, as its RPC client does."""
import os
import sys
import tempfile

import ours
import peer
from ours import (CONNECT, DOMAIN, HEAD, INTEGRITY, PASSWORD, PRIVACY, TRAILER, USER, Ours,
                  check_both_ways, join_samba, messages, refusal, samba_client)

# --- Samba's client, our server

def check_samba_client(tap, accounts):
    with Ours("server", INTEGRITY, "ntlm", accounts, "-") as server:
        client = samba_client()
        tap.ok(join_samba(client, server)[0], "Samba's client is accepted")
        tap.ok(server.ask("who") == "OURS\\User", "under our spelling of its name")
        tap.ok(server.key() == client.session_key(), "both have the same session key")
        good = True
        for data in messages():
            whole = HEAD + data + TRAILER
            signature = client.sign_packet(data, whole)
            good &= server.unprotect(data, signature, HEAD, TRAILER) == data
            answer, signature = server.protect(data, HEAD, TRAILER)
            client.check_packet(answer, HEAD + answer + TRAILER, signature) # raises
        tap.ok(good, "fragments are signed in both directions, headers included")
        signature = bytearray(client.sign_packet(b"last", b"last"))
        signature[5] ^= 1
        tap.ok(refusal(server.unprotect, b"last", bytes(signature)) == "SEC_PKG_ERROR",
               "a wrong signature of its is refused")
    with Ours("server", PRIVACY, "ntlm", accounts, "-") as server:
        client = samba_client(seal=True)
        join_samba(client, server)
        good = True
        for data in messages():
            sealed = client.wrap(data)
            good &= data not in sealed and server.unprotect(sealed[16:], sealed[:16]) == data
            answer, signature = server.protect(data)
            good &= answer != data and client.unwrap(signature + answer) == data
        tap.ok(good, "fragments are sealed in both directions")
        sealed = client.wrap(b"again")
        tap.ok(server.unprotect(sealed[16:], sealed[:16]) == b"again" and
               refusal(server.unprotect, sealed[16:], sealed[:16]) == "SEC_PKG_ERROR",
               "the same fragment again is refused")
    for user, password in ((USER, "wrong"), ("Nobody", PASSWORD)):
        with Ours("server", INTEGRITY, "ntlm", accounts, "-") as server:
            answer = refusal(join_samba, samba_client(password=password, user=user), server)
            tap.ok(answer == "ACCESS_DENIED", f"{user} with {password} is refused", answer)
    with Ours("server", PRIVACY, "ntlm", accounts, "-") as server:
        answer = refusal(join_samba, samba_client(sign=False), server)
        tap.ok(answer == "SEC_PKG_ERROR", "a client that does not seal is refused at privacy", answer)


# --- our client, Samba's server

def check_samba_server(tap, folder):
    from base64 import b64decode
    for password, wanted in ((PASSWORD, "AF"), ("wrong", "NA")):
        server = ours.NtlmAuth(folder)
        with Ours("client", PRIVACY, "ntlm", USER, DOMAIN, password=password) as client:
            _, token = client.step()
            answer = server.ask("YR", token)
            if not answer.startswith("TT "):
                tap.ok(False, "Samba's server takes our NEGOTIATE", answer)
                continue
            done, token = client.step(b64decode(answer[3:]))
            answer = server.ask("KK", token)
            tap.ok(done and answer.startswith(wanted),
                   f"Samba's server answers {wanted} to our client with {password}", answer)
            if wanted == "AF":
                key = server.ask("GK")
                tap.ok(key == "GK " + __import__("base64").b64encode(client.key()).decode(),
                       "both have the same session key", key)
        server.close()


# --- Impacket

class ImpacketEnd:
    """Signing and sealing with Impacket's functions."""

    def __init__(self, flags, key, sends, receives):
        from Cryptodome.Cipher import ARC4
        from impacket import ntlm
        self.ntlm = ntlm
        self.flags = flags
        self.sign_keys = [ntlm.SIGNKEY(flags, key, side) for side in (sends, receives)]
        self.seal_keys = [ntlm.SEALKEY(flags, key, side) for side in (sends, receives)]
        self.ciphers = [ARC4.new(one).encrypt for one in self.seal_keys]
        self.numbers = [0, 0]

    def _signature(self, way, whole):
        answer = self.ntlm.SIGN(self.flags, self.sign_keys[way], whole, self.numbers[way],
                                self.ciphers[way])
        self.numbers[way] += 1
        return answer.getData()

    def send(self, data, seal):
        whole = HEAD + data + TRAILER
        data = self.ciphers[0](data) if seal else data
        return data, self._signature(0, whole)

    def receive(self, data, signature, seal):
        data = self.ciphers[1](data) if seal else data
        return data if self._signature(1, HEAD + data + TRAILER) == signature else None


def check_impacket(tap, accounts):
    from impacket import ntlm
    for level in (CONNECT, INTEGRITY, PRIVACY):
        with Ours("server", level, "ntlm", accounts, "-") as server:
            first = ntlm.getNTLMSSPType1("", "", level != CONNECT)
            _, challenge = server.step(first.getData())
            last, key = ntlm.getNTLMSSPType3(first, challenge, USER, PASSWORD, DOMAIN)
            done, _ = server.step(last.getData())
            tap.ok(done and server.ask("who") == "OURS\\User",
                   f"Impacket's client is accepted at level {level}")
            if level != CONNECT:
                check_both_ways(tap, f"fragments go both ways at level {level}", server,
                                ImpacketEnd(last["flags"], key, "Client", "Server"),
                                level == PRIVACY)
    with Ours("server", INTEGRITY, "ntlm", accounts, "-") as server:
        first = ntlm.getNTLMSSPType1("", "", True, use_ntlmv2=False)
        _, challenge = server.step(first.getData())
        last, _ = ntlm.getNTLMSSPType3(first, challenge, USER, PASSWORD, DOMAIN, use_ntlmv2=False)
        answer = refusal(server.step, last.getData())
        tap.ok(answer == "ACCESS_DENIED", "Impacket's NTLMv1 is refused", answer)


def main():
    tap = peer.Tap()
    if not os.path.exists(ours.PROGRAM):
        tap.skip("all of it", "built without NTLM")
        tap.done()
    with tempfile.TemporaryDirectory(prefix="ironrpc-ntlm-") as folder:
        accounts = ours.write_accounts(folder)
        check_samba_client(tap, accounts)
        check_samba_server(tap, folder)
        check_impacket(tap, accounts)
    tap.done()


if __name__ == "__main__":
    sys.exit(main())
