#!/usr/bin/env python3
"""ironrpcd with accounts and access sections, in one process and with workers: who may call what, the
audit lines, reloading, mistakes in files, and no secrets in the log.
t_access.py IRONRPCD IRONRPC AUTH_CLIENT"""
import base64
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import uuid

from live import SCALE, Live
from relay import Relay, token
import rpc  # noqa: E402
from tap import Tap  # noqa: E402

IRONRPCD, IRONRPC, CLIENT = sys.argv[1:4]
EPM = "e1af8308-5d1f-11c9-91a4-08002b14a0fa 3.0"
MGMT = "afa8bd80-7d8a-11c9-bef4-08002b102989 1.0"
PASSWORDS = {"alice": "Geheim-42", "bob": "Offen-17"}
NONE, CONNECT, PACKET, INTEGRITY, PRIVACY = 1, 2, 4, 5, 6
HASH = re.compile(r"[0-9a-fA-F]{32}")


def passwd(path, user, password):
    subprocess.run([IRONRPC, "passwd", "-f", path, user], input=password + "\n", text=True, check=True,
                   stdout=subprocess.DEVNULL)


def make_accounts(folder, users=("alice", "bob")):
    path = os.path.join(folder, "accounts")
    for user in users:
        passwd(path, user, PASSWORDS[user])
    return path


def call(port, user, level, *calls, password=None):
    """How the calls went: a list of names of statuses."""
    binding = f"ncacn_ip_tcp:127.0.0.1[{port}]"
    run = subprocess.run([CLIENT, binding, user, password or PASSWORDS.get(user, ""), str(level), *calls],
                         capture_output=True, text=True, timeout=30 * SCALE)
    return [line.split()[1] for line in run.stdout.splitlines()] or [run.stderr]


RULES = [f"access {EPM}.level=integrity", f"access {EPM}.principals=@operators",
         "group operators.members=TESTS\\alice", f"access {EPM} 4.level=privacy",
         f"access {MGMT} 1.anonymous=no"]
# User, level, calls on one connection, how they have to end.
ATTEMPTS = [
    ("alice", PRIVACY, ["object", "free", "listening", "stats"], ["OK"] * 4),
    ("alice", INTEGRITY, ["object", "free", "object"], ["OK", "ACCESS_DENIED", "OK"]),
    ("alice", PACKET, ["object", "stats"], ["ACCESS_DENIED", "OK"]),
    ("bob", PRIVACY, ["object", "stats"], ["ACCESS_DENIED", "OK"]),
    ("bob", CONNECT, ["object", "stats"], ["ACCESS_DENIED", "OK"]),
    ("-", NONE, ["object", "listening", "stats"], ["ACCESS_DENIED", "OK", "ACCESS_DENIED"]),
    ("", PRIVACY, ["object", "listening", "stats"], ["ACCESS_DENIED", "OK", "ACCESS_DENIED"]),
]
AUDIT = ('decision=deny peer=127.0.0.1 port=%s principal="TESTS\\bob" package=ntlm level=6 '
         'interface=epm opnum=5 reason="not for this principal"')


def check_rules(tap, folder, workers):
    accounts = make_accounts(folder)
    settings = [f"auth.accounts={accounts}", "auth.domain=TESTS", "auth.null_sessions=yes", *RULES,
                f"server.workers={workers}"]
    with Live(IRONRPCD, *settings) as live:
        for user, level, calls, wanted in ATTEMPTS:
            got = call(live.port, user, level, *calls)
            tap.ok(got == wanted, f"{user or 'a null session'} at level {level}: {calls}", f"{got}\n{live.log()}")
        got = call(live.port, "alice", PRIVACY, "object", password="wrong")
        tap.ok(got == ["ACCESS_DENIED"], "a wrong password", got)
        log = live.log()
        lines = [line for line in log.splitlines() if "sub=audit" in line]
        wanted = re.escape(AUDIT).replace("%s", r"\d+")
        tap.ok(sum(bool(re.search(wanted, line)) for line in lines) == 1, "one line about one refusal", log)
        tap.ok('principal="" package=none level=1 interface=mgmt opnum=1 reason="not for anonymous callers"'
               in log, "nobody is refused with a reason", log)
        tap.ok("decision=allow" not in log, "calls that are allowed are not logged by default", log)
        check_secrets(tap, log)
        tap.ok(live.stop() == 0, "it stops")


def check_secrets(tap, log):
    tap.ok(not any(word in log for word in [*PASSWORDS.values(), "NTLMSSP"]) and not HASH.search(log),
           "no password, hash or token is in the log", log)


def traces(token, log):
    """Pieces of @token that are in @log, as text, as hexadecimal or as base64."""
    found = []
    for at in range(len(token) - 7):
        piece = token[at:at + 8]
        if len(set(piece)) < 5:
            continue
        forms = [piece.hex(), piece.hex(" "), piece.hex(":"), "".join(f"\\x{b:02x}" for b in piece),
                 base64.b64encode(piece + token[at + 8:at + 9]).decode()[:10], piece.decode("latin-1")]
        found += [form for form in forms if form.lower() in log]
    return found


def check_tokens(tap, folder, workers):
    """Nothing of a token or signature is in the log, at its most talkative, whatever became of it.
    check: A21"""
    with Live(IRONRPCD, f"auth.accounts={make_accounts(folder)}", "auth.domain=TESTS", *RULES,
              "server.log_level=debug", f"server.workers={workers}") as live:
        relay = Relay("127.0.0.1", ("127.0.0.1", live.port))
        for user, level, password in (("alice", CONNECT, None), ("alice", INTEGRITY, None),
                                      ("bob", PRIVACY, None), ("alice", PRIVACY, "wrong"),
                                      ("nobody", PRIVACY, "wrong")):
            call(relay.port, user, level, "object", "free", password=password)
        tokens = [token(pdu) for pdu in relay.take()]
        long_ones = [one for one in tokens if len(one) >= 16]
        log = live.log().lower()
        tap.ok(len(long_ones) > 15 and "alice" in log, f"{len(long_ones)} tokens and signatures went by", log)
        found = [trace for one in long_ones for trace in traces(one, log)]
        tap.ok(not found, "the log has nothing of them", found[:5], log)
        seen = traces(long_ones[0], f"token={long_ones[0].hex()} ")
        tap.ok(len(seen) > 0, "what would have been in it would have been found")
        live.stop()


def check_floods(tap, folder, workers):
    """Allowed calls too at level info; many lines become few. check: L07"""
    accounts = make_accounts(folder)
    settings = [f"auth.accounts={accounts}", "auth.domain=TESTS", *RULES, "server.log_level=debug",
                f"server.workers={workers}"]
    with Live(IRONRPCD, *settings) as live:
        call(live.port, "alice", PRIVACY, "object")
        tap.ok('decision=allow peer=127.0.0.1' in live.log() and 'principal="TESTS\\alice"' in live.log(),
               "at levels info and debug there is a line about what is allowed", live.log())
        call(live.port, "bob", PRIVACY, *["object"] * 200)
        n = live.log().count("decision=deny")
        tap.ok(0 < n < 50, "200 refusals are not 200 lines", n)
        check_secrets(tap, live.log())
        live.stop()
        tap.ok("suppressed=" in live.text, "what was left out is counted", live.text)


def check_target(tap, folder, workers):
    """Clients ask for host/127.0.0.1, which is what this server calls itself, or is not."""
    settings = [f"auth.accounts={make_accounts(folder)}", "auth.check_target=yes",
                f"server.workers={workers}"]
    for name, wanted in (("127.0.0.1", "OK"), ("server.example", "ACCESS_DENIED")):
        with Live(IRONRPCD, *settings, f"auth.name={name}") as live:
            got = call(live.port, "alice", PRIVACY, "object")
            tap.ok(got == [wanted], f"a client that means host/127.0.0.1, at {name}: {wanted}",
                   f"{got}\n{live.log()}")


def check_refusals(tap, folder, workers):
    """Tokens that are none: refused, logged with a reason, and nothing of them is in the log."""
    with Live(IRONRPCD, f"auth.accounts={make_accounts(folder)}", "server.log_level=debug",
              f"server.workers={workers}") as live:
        body = struct.pack("<HHIB3xHBx", 5840, 5840, 0, 1, 0, 1) + uuid.UUID(rpc.EPM[0]).bytes_le
        body += struct.pack("<I", 3) + rpc.NDR.bytes_le + struct.pack("<I", 2)
        token = b"NTLMSSP\0" + b"Geheim-42" * 3
        for auth_type, reason in ((10, "token not acceptable"), (9, "token not acceptable"),
                                  (16, "unknown authentication type")):
            pdu = body + struct.pack("<BBBBI", auth_type, 6, 0, 0, 1) + token
            with socket.create_connection(("127.0.0.1", live.port), timeout=10) as peer:
                peer.sendall(struct.pack("<BBBBIHHI", 5, 0, 11, 3, 0x10, 16 + len(pdu), len(token), 1) + pdu)
                answer = b""
                while more := peer.recv(100):
                    answer += more
            tap.ok(answer[2] == 13, f"type {auth_type}: bind_nak, then the end", answer)
            tap.ok(f'check=A03 call_id=1 reason="{reason}"' in live.log(), f"type {auth_type}: logged", live.log())
        check_secrets(tap, live.log())


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds * SCALE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def check_reload(tap, folder, workers):
    accounts = make_accounts(folder, ["alice"])
    kind = f"{workers} workers: "
    path = os.path.join(folder, "ironrpcd.conf")

    def write(text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def reload(live, event):
        n = live.log().count(event)
        os.kill(live.pid, signal.SIGHUP)
        return wait_for(lambda: live.log().count(event) > n)

    good = f"[auth]\naccounts = {accounts}\ndomain = TESTS\n"
    write(good)
    with Live(IRONRPCD, f"server.workers={workers}", config=path) as live:
        tap.ok(call(live.port, "alice", PRIVACY, "object") == ["OK"], kind + "alice is known", live.log())
        tap.ok(call(live.port, "bob", PRIVACY, "object") == ["ACCESS_DENIED"], kind + "bob is not", live.log())
        passwd(accounts, "bob", PASSWORDS["bob"])
        write(good + f"[access {EPM}]\nprincipals = TESTS\\bob\n")
        tap.ok(reload(live, "event=reloaded"), kind + "SIGHUP", live.log())
        tap.ok(wait_for(lambda: call(live.port, "bob", PRIVACY, "object") == ["OK"]),
               kind + "then bob is known", live.log())
        tap.ok(call(live.port, "alice", PRIVACY, "object") == ["ACCESS_DENIED"],
               kind + "and alice may no longer", live.log())
        with open(accounts, "a", encoding="utf-8") as file:
            file.write("nonsense\n")
        n = sum(1 for _ in open(accounts, encoding="utf-8"))
        tap.ok(reload(live, "event=reload_refused"), kind + "a bad accounts file is refused", live.log())
        tap.ok(f"{path}:2: accounts: {accounts}:{n}: NAME:HASH is wanted" in live.log(),
               kind + "with both places", live.log())
        tap.ok(call(live.port, "bob", PRIVACY, "object") == ["OK"], kind + "and the old accounts stay",
               live.log())
        os.unlink(accounts)
        passwd(accounts, "alice", PASSWORDS["alice"])
        write(good + "[access x]\n")
        tap.ok(reload(live, "event=reload_refused") and f"{path}:4: [access x]: wanted [access UUID" in live.log(),
               kind + "so is a bad section", live.log())
        tap.ok(call(live.port, "bob", PRIVACY, "object") == ["OK"], kind + "and all stays", live.log())
        if workers > 0:
            check_replaced(tap, live, kind, accounts)
        check_secrets(tap, live.log())
        tap.ok(live.stop() == 0, kind + "it stops")


def check_replaced(tap, live, kind, accounts):
    """A worker that is replaced has what the supervisor has loaded, whatever the file is now."""
    os.unlink(accounts)
    for line in re.findall(r"event=worker worker=\d+ pid=(\d+)", live.log()):
        try:
            os.kill(int(line), signal.SIGKILL)
        except ProcessLookupError:
            pass
    tap.ok(wait_for(lambda: call(live.port, "bob", PRIVACY, "object") == ["OK"]),
           kind + "workers that are replaced need no file", live.log())


def check_mistakes(tap, folder):
    path = os.path.join(folder, "ironrpcd.conf")
    accounts = make_accounts(folder)
    readable = os.path.join(folder, "readable")
    with open(accounts, encoding="utf-8") as file:
        text = file.read()
    with open(readable, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(readable, 0o644)
    rows = [
        ("[auth]\naccounts = /nonexistent/accounts\n", 2, "`ironrpc passwd` makes it"),
        (f"[auth]\naccounts = {readable}\n", 2, "chmod 600"),
        (f"[auth]\n\naccounts = {accounts}\nname = {'x' * 300}\n", 3, "not fit for NTLM"),
        ("[auth]\ncheck_target = perhaps\n", 2, "wanted no or yes"),
        ("[access]\n", 1, "unknown section [access], wanted [access NAME]"),
        (f"[access {EPM}]\nlevle = none\n", 2, 'unknown key "levle" in section [access]'),
        (f"[access {EPM}]\nlevel = call\n", 2, "wanted none, connect, packet, integrity or privacy"),
        (f"\n[access {EPM}]\nsources = localhost\n", 2, '"localhost" is not an address'),
        (f"\n[access {EPM} 0-9]\n", 2, "wanted operations from 0 to 6"),
        (f"[access {EPM}]\nprincipals = @missing\n", 1, "no section [group missing]"),
        ("".join(f"[group g{i}]\n" for i in range(65)), 65, "more than 64 sections [group ...]"),
    ]
    for text, line, message in rows:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        run = subprocess.run([IRONRPCD, "-t", "-c", path], capture_output=True, text=True, timeout=20)
        tap.ok(run.returncode == 3 and f"{path}:{line}: " in run.stderr and message in run.stderr,
               f"{text.strip()[:50]!r}: reported with its line", run.stderr)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"[auth]\naccounts = {accounts}\n[group ops]\nmembers = TESTS\\alice, u@R\n"
                   f"[access {EPM} 0-1,6]\nlevel = privacy\nprincipals = @ops\n[access {MGMT}]\n")
    first = subprocess.run([IRONRPCD, "-c", path, "--print-config"], capture_output=True, text=True, timeout=20)
    with open(path, "w", encoding="utf-8") as file:
        file.write(first.stdout)
    again = subprocess.run([IRONRPCD, "-c", path, "--print-config"], capture_output=True, text=True, timeout=20)
    tap.ok("members = TESTS\\alice, u@R\n" in first.stdout and f"[access {EPM} 0-1,6]\n" in first.stdout
           and first.stdout == again.stdout, "--print-config has these sections too", first.stdout, again.stderr)


def check_memory(tap, folder):
    """/proc/PID/mem of a process that can be dumped is its user's, else root's. check: L12"""
    user = 54321 if os.geteuid() == 0 else None
    accounts = make_accounts(folder)
    if user is not None:
        os.chown(accounts, user, user)
    for settings, dumpable in ([], True), ([f"auth.accounts={accounts}"], False):
        with Live(IRONRPCD, *settings, user=user) as live:
            owner = os.stat(f"/proc/{live.pid}/mem").st_uid
            tap.ok((owner != 0) == dumpable, f"with accounts {settings}: can be dumped is {dumpable}", owner)


def main():
    tap = Tap()
    for check, workers in ((check_rules, 0), (check_rules, 2), (check_floods, 0), (check_tokens, 2),
                           (check_target, 2),
                           (check_refusals, 2), (check_reload, 0), (check_reload, 2), (check_mistakes, None),
                           (check_memory, None)):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            check(tap, folder, *([] if workers is None else [workers]))
    tap.done()


main()
