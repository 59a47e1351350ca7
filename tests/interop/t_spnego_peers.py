#!/usr/bin/python3
"""Our SPNEGO provider over NTLM with Samba's, token by token, without a connection: who is accepted, by
how many tokens, that both sides sign the list of mechanisms, and that fragments go both ways behind it
(the cipher begins anew after the signature on the list, the sequence number does not)."""
import os
import sys
import tempfile
from base64 import b64decode, b64encode

import ours
import peer
from ours import (CONNECT, DOMAIN, HEAD, INTEGRITY, PASSWORD, PRIVACY, TRAILER, USER, Ours, join_samba,
                  messages, refusal, samba_client)


def check_fragments(tap, name, client, server, seal):
    good = True
    for data in messages():
        if seal:
            sealed = client.wrap(data)
            good &= data not in sealed and server.unprotect(sealed[16:], sealed[:16]) == data
            answer, signature = server.protect(data)
            good &= answer != data and client.unwrap(signature + answer) == data
        else:
            whole = HEAD + data + TRAILER
            good &= server.unprotect(data, client.sign_packet(data, whole), HEAD, TRAILER) == data
            answer, signature = server.protect(data, HEAD, TRAILER)
            client.check_packet(answer, HEAD + answer + TRAILER, signature)  # raises
    tap.ok(good, name)


def check_samba_client(tap, accounts):
    for level, name in ((CONNECT, "connect"), (INTEGRITY, "integrity"), (PRIVACY, "privacy")):
        with Ours("server", level, "spnego", "ntlm", accounts, "-") as server:
            client = samba_client("spnego", seal=level == PRIVACY, sign=level >= INTEGRITY)
            done, tokens = join_samba(client, server)
            tap.ok(done and server.ask("who") == "OURS\\User", f"{name}: Samba's client is accepted")
            tap.ok(len(tokens) == 4, f"{name}: by four tokens", len(tokens))
            tap.ok(server.key() == client.session_key(), f"{name}: both have the same session key")
            if level >= INTEGRITY:
                check_fragments(tap, f"{name}: fragments go both ways", client, server,
                                level == PRIVACY)
    for user, password in ((USER, "wrong"), ("Nobody", PASSWORD)):
        with Ours("server", INTEGRITY, "spnego", "ntlm", accounts, "-") as server:
            answer = refusal(join_samba, samba_client("spnego", password=password, user=user), server)
            tap.ok(answer == "ACCESS_DENIED", f"{user} with {password} is refused", answer)
    with Ours("server", INTEGRITY, "spnego", "ntlm", accounts, "-") as server:
        done, tokens = join_samba(samba_client("ntlmssp"), server)
        tap.ok(done and len(tokens) == 3, "Samba's NTLM is accepted without SPNEGO, too")


def check_tampering(tap, accounts):
    """Somebody in between changes the client's token with its signature on the list."""
    with Ours("server", INTEGRITY, "spnego", "ntlm", accounts, "-") as server:
        client = samba_client("spnego")
        _, token = client.update(b"")
        _, token = server.step(token)
        _, token = client.update(token)
        changed = bytearray(token)
        changed[-6] ^= 1
        answer = refusal(server.step, bytes(changed))
        tap.ok(answer == "SEC_PKG_ERROR", "a changed signature on the list is refused", answer)


def check_samba_server(tap, folder):
    for password, wanted in ((PASSWORD, "AF"), ("wrong", "NA")):
        server = ours.NtlmAuth(folder, "gss-spnego")
        with Ours("client", PRIVACY, "spnego", "ntlm", USER, DOMAIN, password=password) as client:
            _, token = client.step()
            answer = server.ask("YR", token).split()
            done = False
            while answer[0] == "TT" and not done:
                done, token = client.step(b64decode(answer[1]))
                if token:
                    answer = server.ask("KK", token).split()
            if answer[0] == "AF" and not done:
                done, _ = client.step(b64decode(answer[1]))
            tap.ok(answer[0] == wanted and done == (wanted == "AF"),
                   f"Samba's server answers {wanted} to our client with {password}", answer)
            if wanted == "AF":
                key = server.ask("GK")
                tap.ok(key == "GK " + b64encode(client.key()).decode(),
                       "both have the same session key", key)
        server.close()


def main():
    tap = peer.Tap()
    if not os.path.exists(ours.PROGRAM):
        tap.skip("all of it", "built without NTLM")
        tap.done()
    with tempfile.TemporaryDirectory(prefix="ironrpc-spnego-") as folder:
        accounts = ours.write_accounts(folder)
        check_samba_client(tap, accounts)
        check_tampering(tap, accounts)
        check_samba_server(tap, folder)
    tap.done()


if __name__ == "__main__":
    sys.exit(main())
