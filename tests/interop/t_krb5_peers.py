#!/usr/bin/python3
"""Our Kerberos provider with itself and with Samba's, and under SPNEGO, token by token against a KDC of
its own: who is accepted, that both ends have the same keys, that fragments go both ways and nothing else
does, and that a server needs nothing but what it has loaded, in the sandbox of ironrpcd's workers."""
import os
import sys

import kdc
import ours
import peer
from ours import (CONNECT, HEAD, INTEGRITY, PRIVACY, TRAILER, Ours, join_samba, messages, refusal,
                  samba_client)

ADDRESS, HOST = "127.0.0.1", "server.tests.example"
PACKET = 4
LEVELS = {CONNECT: "connect", PACKET: "packet", INTEGRITY: "integrity", PRIVACY: "privacy"}
CLIENT = ("kerberos", kdc.USER, "-")
WHO = f"{kdc.USER}@{kdc.REALM}"


def client_of(level, *arguments, password=kdc.PASSWORD, target=f"host/{HOST}"):
    return Ours("client", level, *arguments, password=password, target=target)


def join(client, server):
    """To the end of the exchange: the number of tokens."""
    ends, done, token, n = (client, server), [False, False], b"", 0
    while not all(done):
        done[n % 2], token = ends[n % 2].step(token)
        n += 1
    return n


def check_fragments(tap, name, client, server):
    good = True
    for head, trailer in ((HEAD, TRAILER), (b"", b"")):
        for data in messages():
            for source, sink in ((client, server), (server, client)):
                carried, signature = source.protect(data, head, trailer)
                good &= sink.unprotect(carried, signature, head, trailer) == data
    tap.ok(good, f"{name}: fragments go both ways, with their headers and without")


def check_ourselves(tap, keytab):
    for level, name in LEVELS.items():
        with client_of(level, *CLIENT) as client, Ours("server", level, "kerberos", keytab, "-") as server:
            n = join(client, server)
            tap.ok(n == 4, f"{name}: three tokens, and nothing is left", n)
            tap.ok(server.ask("who") == WHO, f"{name}: the server knows the client", server.ask("who"))
            tap.ok(client.ask("who") == f"host/{HOST}@{kdc.REALM}", f"{name}: and the client the server")
            tap.ok(len(client.key()) == 32 and client.key() == server.key(), f"{name}: one session key")
            if level != CONNECT:
                check_fragments(tap, name, client, server)


def attack(level, keytab, change):
    """What the server says of a fragment that change(data, signature) was done to."""
    with client_of(level, *CLIENT) as client, Ours("server", level, "kerberos", keytab, "-") as server:
        join(client, server)
        carried = [client.protect(bytes(32), HEAD, TRAILER) for _ in range(3)]
        return change(server, carried)


def flip(part, offset):
    def change(server, carried):
        parts = [bytearray(one) for one in carried[0]]
        parts[part][offset] ^= 1
        return refusal(server.unprotect, *map(bytes, parts), HEAD, TRAILER)
    return change


def replay(server, carried):
    server.unprotect(*carried[0], HEAD, TRAILER)
    return refusal(server.unprotect, *carried[0], HEAD, TRAILER)


def reorder(server, carried):
    server.unprotect(*carried[0], HEAD, TRAILER)
    return refusal(server.unprotect, *carried[2], HEAD, TRAILER)


def shorten(server, carried):
    return refusal(server.unprotect, carried[0][0], carried[0][1][:-1], HEAD, TRAILER)


def other_header(server, carried):
    return refusal(server.unprotect, *carried[0], HEAD[:-1] + b"x", TRAILER)


def check_attacks(tap, keytab):
    attacks = {"a byte of the data": flip(0, 7), "the signature's first byte": flip(1, 0),
               "its middle": flip(1, 12), "its last byte": flip(1, -1), "a repeated fragment": replay,
               "a missing fragment": reorder, "a short signature": shorten,
               "another header": other_header}
    for level in (INTEGRITY, PRIVACY):
        for name, change in attacks.items():
            answer = attack(level, keytab, change)
            tap.ok(answer == "SEC_PKG_ERROR", f"{LEVELS[level]}: refused: {name}", answer)


def first_answer(level, *arguments, **options):
    """What a client says when it is made, or of its first step."""
    end = client_of(level, *arguments, **options)
    try:
        return refusal(end.step)
    finally:
        end.process.communicate(timeout=30)


def check_refusals(tap, keytab):
    answer = first_answer(INTEGRITY, *CLIENT, password="wrong")
    tap.ok(answer.startswith("ACCESS_DENIED"), "a wrong password", answer)
    answer = first_answer(INTEGRITY, "kerberos", "nobody", "-")
    tap.ok(answer.startswith("ACCESS_DENIED"), "an unknown user", answer)
    answer = first_answer(INTEGRITY, *CLIENT, target="host/another.tests.example")
    tap.ok(answer == "ACCESS_DENIED", "a server that is not in the realm", answer)
    answer = first_answer(INTEGRITY, *CLIENT, target="")
    tap.ok(answer.startswith("INVALID_ARG"), "no server at all", answer)
    with client_of(INTEGRITY, *CLIENT) as client, Ours("server", INTEGRITY, "kerberos", keytab, "-") as server:
        _, token = client.step()
        changed = bytearray(token)
        changed[-9] ^= 1
        answer = refusal(server.step, bytes(changed))
        tap.ok(answer == "ACCESS_DENIED", "a changed AP-REQ", answer)


def check_sandbox(tap, keytab):
    for arguments in (("kerberos", keytab, "-"), ("spnego", "kerberos", keytab, "-")):
        kind = arguments[0]
        mine = ("spnego", *CLIENT) if kind == "spnego" else CLIENT
        with client_of(PRIVACY, *mine) as client, Ours("server", PRIVACY, *arguments) as server:
            server.ask("sandbox")
            join(client, server)
            tap.ok(server.ask("who") == WHO, f"{kind}: a server in the sandbox accepts")
            check_fragments(tap, f"{kind} in the sandbox", client, server)


def check_spnego(tap, keytab, accounts):
    both = ("kerberos", keytab, "-", "ntlm", accounts, "-")
    for level, name in LEVELS.items():
        with client_of(level, "spnego", *CLIENT) as client, Ours("server", level, "spnego", *both) as server:
            n = join(client, server)
            tap.ok(n == 5 and server.ask("who") == WHO, f"spnego, {name}: Kerberos is chosen", n)
            tap.ok(client.key() == server.key(), f"spnego, {name}: one session key")
            if level != CONNECT:
                check_fragments(tap, f"spnego, {name}", client, server)
    user = ("ntlm", ours.USER, ours.DOMAIN)
    with client_of(PRIVACY, "spnego", *user, password=ours.PASSWORD) as client, \
            Ours("server", PRIVACY, "spnego", *both) as server:
        join(client, server)
        tap.ok(server.ask("who") == "OURS\\User", "spnego: NTLM, for a client without Kerberos")
    with client_of(PRIVACY, "spnego", *CLIENT, "ntlm", kdc.USER, ours.DOMAIN) as client, \
            Ours("server", PRIVACY, "spnego", "ntlm", accounts, "-") as server:
        answer = refusal(join, client, server)
        tap.ok(answer == "ACCESS_DENIED",
               "spnego: NTLM, for a server without Kerberos, which does not know the user", answer)


def check_samba_fragments(tap, label, client, server):
    """Signed, first without their headers, then with them: header signing may begin later."""
    from samba import gensec
    for head, trailer in ((b"", b""), (HEAD, TRAILER)):
        if head:
            client.want_feature(gensec.FEATURE_SIGN_PKT_HEADER)
        good = True
        for data in messages():
            signature = client.sign_packet(data, HEAD + data + TRAILER)
            good &= server.unprotect(data, signature, head, trailer) == data
            answer, signature = server.protect(data, head, trailer)
            client.check_packet(answer, HEAD + answer + TRAILER, signature)  # raises
        tap.ok(good, f"{label}: fragments go both ways {'with' if head else 'without'} headers")


def check_samba(tap, keytab):
    for mechanism, spnego in (("gssapi_krb5", ()), ("spnego", ("spnego",))):
        for level, name in ((CONNECT, "connect"), (INTEGRITY, "integrity"), (PRIVACY, "privacy")):
            label = f"Samba's {mechanism}, {name}"
            with Ours("server", level, *spnego, "kerberos", keytab, "-") as server:
                client = samba_client(mechanism, kdc.PASSWORD, level == PRIVACY, level >= INTEGRITY,
                                      kdc.USER, "TESTS", HOST, kdc.REALM)
                done, tokens = join_samba(client, server)
                tap.ok(done and server.ask("who") == WHO, f"{label}: accepted", len(tokens))
                tap.ok(len(tokens) == (4 if spnego else 3), f"{label}: tokens", len(tokens))
                if level == INTEGRITY:
                    check_samba_fragments(tap, label, client, server)


def main():
    tap = peer.Tap()
    if not os.path.exists(ours.PROGRAM) or not kdc.is_usable(ours.PROGRAM):
        tap.skip("all of it", "krb5-kdc and krb5-admin-server are not installed")
        tap.done()
    with kdc.Kdc(ADDRESS, HOST) as realm:
        os.environ.update(realm.environment())
        accounts = ours.write_accounts(realm.folder)
        check_ourselves(tap, realm.keytab)
        check_attacks(tap, realm.keytab)
        check_refusals(tap, realm.keytab)
        check_sandbox(tap, realm.keytab)
        check_spnego(tap, realm.keytab, accounts)
        check_samba(tap, realm.keytab)
    tap.done()


if __name__ == "__main__":
    sys.exit(main())
