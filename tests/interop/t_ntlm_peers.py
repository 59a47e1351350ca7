#!/usr/bin/python3
"""Our NTLM provider with Samba's and Impacket's, token by token, without a connection: who is
accepted, that both ends have the same keys, and fragments signed and sealed in both directions.
Signatures of Impacket's are made from its own primitives, as its RPC client does."""
import os
import subprocess
import sys
import tempfile

import peer

USER, PASSWORD, DOMAIN = "User", "Password", "DOMAIN"
NT_HASH = "a4f49c406510bdcab6824ee7c30fd852"
HEAD = bytes(range(24))
TRAILER = bytes.fromhex("0a060400 01000000")
PROGRAM = os.path.join(os.environ.get("IRONRPC_BUILD", "build"), "tests/interop/auth_peer")
CONNECT, INTEGRITY, PRIVACY = 2, 5, 6


class Refused(Exception):
    pass


def text_of(data):
    return data.hex() if data else "-"


def bytes_of(text):
    return b"" if text == "-" else bytes.fromhex(text)


class Ours:
    """A context of ours, see auth_peer.c."""

    def __init__(self, role, level, *arguments, password=PASSWORD):
        self.process = subprocess.Popen([PROGRAM, role, str(level), *arguments],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=dict(os.environ, PASSWORD=password))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        if self.process.wait(timeout=20) != 0:
            raise RuntimeError(f"auth_peer ends with {self.process.returncode}")
        self.process.stdout.close()

    def ask(self, *words):
        self.process.stdin.write((" ".join(words) + "\n").encode())
        self.process.stdin.flush()
        answer = self.process.stdout.readline().decode().split(maxsplit=1)
        if answer[0] != "ok":
            raise Refused(answer[1].strip())
        return answer[1].strip()

    def step(self, token=b""):
        done, answer = self.ask("step", text_of(token)).split()
        return done == "1", bytes_of(answer)

    def protect(self, data, head=b"", trailer=b""):
        words = self.ask("protect", text_of(head), text_of(data), text_of(trailer)).split()
        return [bytes_of(word) for word in words]

    def unprotect(self, data, signature, head=b"", trailer=b""):
        return bytes_of(self.ask("unprotect", text_of(head), text_of(data), text_of(trailer),
                                 text_of(signature)))

    def key(self):
        return bytes_of(self.ask("key"))


def refusal(function, *arguments):
    try:
        function(*arguments)
    except Refused as error:
        return str(error)
    return "accepted"


def messages():
    return [bytes(range(n)) + b"stub" for n in (0, 1, 60, 250)] + [b"x" * 4000]


# --- Samba's client, our server

def samba_client(password=PASSWORD, seal=False, sign=True, user=USER):
    from samba import credentials, gensec, param
    settings = param.LoadParm()
    settings.set("workgroup", "PEER")
    who = credentials.Credentials()
    who.guess(settings)
    who.set_username(user)
    who.set_domain(DOMAIN)
    who.set_password(password)
    client = gensec.Security.start_client({"lp_ctx": settings, "target_hostname": "ours"})
    client.set_credentials(who)
    if seal:
        client.want_feature(gensec.FEATURE_SEAL)
    elif sign:
        client.want_feature(gensec.FEATURE_SIGN)
    client.want_feature(gensec.FEATURE_DCE_STYLE)
    client.start_mech_by_name("ntlmssp")
    return client


def join_samba(client, server):
    _, token = client.update(b"")
    _, token = server.step(token)
    _, token = client.update(token)
    done, _ = server.step(token)
    return done


def check_samba_client(tap, accounts):
    with Ours("server", INTEGRITY, accounts) as server:
        client = samba_client()
        tap.ok(join_samba(client, server), "Samba's client is accepted")
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
    with Ours("server", PRIVACY, accounts) as server:
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
        with Ours("server", INTEGRITY, accounts) as server:
            answer = refusal(join_samba, samba_client(password, user=user), server)
            tap.ok(answer == "ACCESS_DENIED", f"{user} with {password} is refused", answer)
    with Ours("server", PRIVACY, accounts) as server:
        answer = refusal(join_samba, samba_client(sign=False), server)
        tap.ok(answer == "SEC_PKG_ERROR", "a client that does not seal is refused at privacy", answer)


# --- our client, Samba's server

class SambaServer:
    """ntlm_auth as a server that knows one account."""

    def __init__(self, folder):
        configuration = os.path.join(folder, "smb.conf")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(f"[global]\nworkgroup = {DOMAIN}\nnetbios name = PEER\nlog level = 0\n")
            for key in ("private dir", "lock directory", "state directory", "cache directory",
                        "pid directory"):
                file.write(f"{key} = {folder}\n")
        self.process = subprocess.Popen(
            ["ntlm_auth", f"--configfile={configuration}", "--helper-protocol=squid-2.5-ntlmssp",
             f"--username={USER}", f"--domain={DOMAIN}", f"--password={PASSWORD}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()

    def ask(self, command, data=None):
        from base64 import b64encode
        text = f"{command} {b64encode(data).decode()}" if data is not None else command
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().decode().strip()


def check_samba_server(tap, folder):
    from base64 import b64decode
    for password, wanted in ((PASSWORD, "AF"), ("wrong", "NA")):
        server = SambaServer(folder)
        with Ours("client", PRIVACY, USER, DOMAIN, password=password) as client:
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


def check_both_ways(tap, name, ours, impacket, seal):
    good = True
    for data in messages():
        carried, signature = impacket.send(data, seal)
        good &= ours.unprotect(carried, signature, HEAD, TRAILER) == data
        carried, signature = ours.protect(data, HEAD, TRAILER)
        good &= impacket.receive(carried, signature, seal) == data
    tap.ok(good, name)


def check_impacket(tap, accounts):
    from impacket import ntlm
    for level in (CONNECT, INTEGRITY, PRIVACY):
        with Ours("server", level, accounts) as server:
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
    with Ours("server", INTEGRITY, accounts) as server:
        first = ntlm.getNTLMSSPType1("", "", True, use_ntlmv2=False)
        _, challenge = server.step(first.getData())
        last, _ = ntlm.getNTLMSSPType3(first, challenge, USER, PASSWORD, DOMAIN, use_ntlmv2=False)
        answer = refusal(server.step, last.getData())
        tap.ok(answer == "ACCESS_DENIED", "Impacket's NTLMv1 is refused", answer)


def main():
    tap = peer.Tap()
    if not os.path.exists(PROGRAM):
        tap.skip("all of it", "built without NTLM")
        tap.done()
    with tempfile.TemporaryDirectory(prefix="ironrpc-ntlm-") as folder:
        accounts = os.path.join(folder, "accounts")
        with open(accounts, "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(f"{USER}:{NT_HASH}\n")
        check_samba_client(tap, accounts)
        check_samba_server(tap, folder)
        check_impacket(tap, accounts)
    tap.done()


if __name__ == "__main__":
    sys.exit(main())
