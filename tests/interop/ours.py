"""Our end of a security context for tests with other people's ends, token by token."""
import os
import subprocess

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

    def __init__(self, role, level, *arguments, password=PASSWORD, target="host/peer.example.org"):
        self.process = subprocess.Popen([PROGRAM, role, str(level), target, *arguments],
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
        try:
            self.process.stdin.write((" ".join(words) + "\n").encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it ended when it began, and has said why
        answer = self.process.stdout.readline().decode().split(maxsplit=1)
        if answer[0] != "ok":
            raise Refused(answer[1].strip())
        return answer[1].strip() if len(answer) > 1 else ""

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


def check_both_ways(tap, name, ours, theirs, seal):
    """theirs.send(data, seal) → (what is carried, signature); .receive() → the data, None if refused."""
    good = True
    for data in messages():
        carried, signature = theirs.send(data, seal)
        good &= ours.unprotect(carried, signature, HEAD, TRAILER) == data
        carried, signature = ours.protect(data, HEAD, TRAILER)
        good &= theirs.receive(carried, signature, seal) == data
    tap.ok(good, name)


def write_accounts(folder):
    path = os.path.join(folder, "accounts")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
        file.write(f"{USER}:{NT_HASH}\n")
    return path


# --- Samba's ends

def samba_client(mechanism="ntlmssp", password=PASSWORD, seal=False, sign=True, user=USER, domain=DOMAIN,
                 target="ours", kerberos=None):
    """A client of gensec's. kerberos: the realm, if it may use Kerberos."""
    from samba import credentials, gensec, param
    settings = param.LoadParm()
    settings.set("workgroup", "PEER")
    who = credentials.Credentials()
    who.guess(settings)
    who.set_kerberos_state(credentials.MUST_USE_KERBEROS if kerberos else
                           credentials.DONT_USE_KERBEROS)
    who.set_username(user)
    who.set_domain(domain)
    if kerberos:
        who.set_realm(kerberos)
    who.set_password(password)
    client = gensec.Security.start_client({"lp_ctx": settings, "target_hostname": target,
                                           "target_service": "host"})
    client.set_credentials(who)
    if seal:
        client.want_feature(gensec.FEATURE_SEAL)
    elif sign:
        client.want_feature(gensec.FEATURE_SIGN)
    client.want_feature(gensec.FEATURE_DCE_STYLE)
    client.start_mech_by_name(mechanism)
    return client


def join_samba(client, server):
    """To the end of the exchange: (whether our server is done, tokens)."""
    tokens = []
    ours_done, token = False, b""
    while True:
        finished, token = client.update(token)
        if token:
            tokens.append(token)
        if ours_done or (finished and not token):
            return ours_done and bool(finished), tokens
        ours_done, token = server.step(token)
        if token:
            tokens.append(token)
        elif ours_done:
            return bool(finished), tokens


class NtlmAuth:
    """ntlm_auth as a server that knows one account."""

    def __init__(self, folder, protocol="squid-2.5-ntlmssp"):
        configuration = os.path.join(folder, "smb.conf")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(f"[global]\nworkgroup = {DOMAIN}\nnetbios name = PEER\nlog level = 0\n")
            for key in ("private dir", "lock directory", "state directory", "cache directory",
                        "pid directory"):
                file.write(f"{key} = {folder}\n")
        self.process = subprocess.Popen(
            ["ntlm_auth", f"--configfile={configuration}", f"--helper-protocol={protocol}",
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
