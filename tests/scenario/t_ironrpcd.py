#!/usr/bin/env python3
"""ironrpcd as its administrator sees it: options, configuration, messages, exit status, notification,
registration by local users, a clean stop. t_ironrpcd.py IRONRPCD IRONRPCD.CONF.5"""
import atexit
import fcntl
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

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(ROOT, "tests", "meta"), os.path.join(ROOT, "tests", "interop")]
import rpc  # noqa: E402
from tap import Tap  # noqa: E402

PROGRAM = sys.argv[1]
MAN = sys.argv[2]
NIL = bytes(16)
DENIED = 5
NOT_REGISTERED = 0x16C9A0D6
INVALID_ENTRY = 0x16C9A0D3
CANT_PERFORM = 0x16C9A0CD


def run(*arguments, **options):
    return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=20, **options)


class LocalClient(rpc.Client):
    """The same client over ncalrpc."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(5)
        self.socket.connect(path)
        self.call_id = 0


class Daemon:
    """ironrpcd on a port of its own choice; `port` is where it listens."""

    def __init__(self, folder, *sets, environment=None, listen="ncacn_ip_tcp:127.0.0.1", journal=None):
        self.folder = folder
        self.journal = journal
        self.records = []
        command = [PROGRAM, "-c", "/dev/null", "-o", f"server.runtime_dir={folder}/run", "-o",
                   f"server.listen={listen} ncalrpc:[epmapper]"]
        for assignment in sets:
            command += ["-o", assignment]
        environment = {k: v for k, v in {**os.environ, **(environment or {})}.items()
                       if k != "JOURNAL_STREAM" or environment and k in environment}
        self.log = open(os.path.join(folder, "log"), "w+", encoding="utf-8")
        self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log,
                                      stderr=self.log, env=environment)
        atexit.register(self.child.kill)  # if the test itself fails on the way
        self.port = None
        end = time.monotonic() + 15
        while time.monotonic() < end and self.child.poll() is None and "event=ready" not in self.all():
            time.sleep(0.02)
        found = re.search(r"event=listening binding=ncacn_ip_tcp:\S*\[(\d+)\]", self.all())
        if found:
            self.port = int(found.group(1))

    def text(self):
        with open(self.log.name, encoding="utf-8") as file:
            return file.read()

    def read_journal(self):
        """What has come there, into `records`. Always true."""
        try:
            while self.journal is not None:
                self.records.append(fields_of(self.journal.recv(65536)))
        except TimeoutError:
            pass
        return True

    def all(self):
        self.read_journal()
        return self.text() + "\n".join(r["MESSAGE"] for r in self.records)

    def local(self):
        client = LocalClient(os.path.join(self.folder, "run", "epmapper"))
        client.bind(rpc.EPM)
        return client

    def count(self):
        return rpc.count_entries("127.0.0.1", self.port)

    def wait_for(self, condition, seconds=5):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.02)
        return False

    def stop(self, number=signal.SIGTERM):
        if self.child.poll() is None:
            self.child.send_signal(number)
        try:
            self.child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        atexit.unregister(self.child.kill)
        self.log.close()
        return self.child.returncode


def change(client, opnum, interface, port, annotation=b"test\0", lie=0):
    """ept_insert (0) or ept_delete (1) of one entry; the status. @lie: in its tower_length."""
    t = rpc.tower((str(uuid.UUID(bytes_le=interface)), 1), port)
    stub = struct.pack("<II", 1, 1) + NIL + struct.pack("<III", 1, 0, len(annotation)) + annotation
    stub += bytes(-len(stub) % 4) + struct.pack("<II", len(t), len(t) + lie) + t
    stub += bytes(-len(stub) % 4)
    if opnum == 0:
        stub += struct.pack("<I", 0)
    return struct.unpack("<I", client.call(opnum, stub))[0]


def is_lie_refused(client, interface, lie):
    """A tower whose length is not that of its array.  check: E02"""
    try:
        change(client, 0, interface, 4000, lie=lie)
        return False
    except rpc.Error as error:
        return "0x000006f7" in str(error)


def change_many(client, opnum, n):
    """The same for @n entries without towers, in fragments."""
    stub = struct.pack("<II", n, n) + (NIL + struct.pack("<III4x", 0, 0, 1)) * n + bytes(4)
    client.call_id += 1
    for at in range(0, len(stub), 5816):
        part = stub[at:at + 5816]
        flags = (at == 0) | 2 * (at + 5816 >= len(stub))
        client.socket.sendall(struct.pack("<BBBBIHHIIHH", 5, 0, 0, flags, 0x10, 24 + len(part), 0,
                                          client.call_id, 0, 0, opnum) + part)
    ptype, _, body = client.receive()
    return ptype, struct.unpack("<I", body[-4:])[0]


def check_options(tap, folder):
    result = run("--help")
    tap.ok(result.returncode == 0 and "Usage:" in result.stdout, "--help")
    result = run("--version")
    tap.ok(result.returncode == 0 and re.match(r"ironrpcd \d", result.stdout), "--version")
    for arguments in (["--bogus"], ["extra"], ["-c"]):
        result = run(*arguments)
        tap.ok(result.returncode == 2 and "--help" in result.stderr, f"usage error: {arguments}",
               result.stderr)
    result = run("-t", "-c", os.path.join(folder, "missing.conf"))
    tap.ok(result.returncode == 3 and "missing.conf" in result.stderr, "a file that is not there",
           result.stderr)
    printed = run("-c", "/dev/null", "--print-config")
    path = os.path.join(folder, "printed.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(printed.stdout)
    again = run("-c", path, "--print-config")
    tap.ok(printed.returncode == 0 and "[limits]" in printed.stdout and again.stdout == printed.stdout,
           "what --print-config prints can be read and is the same again", again.stderr)
    with open(MAN, encoding="utf-8") as file:
        page = file.read()
    tap.ok(run("--print-man").stdout and run("--print-man").stdout in page,
           "ironrpcd.conf.5 has the settings of --print-man: paste them if they have changed")


MISTAKES = [
    ("[server]\nlistne = x\n", 2, 'unknown key "listne"'),
    ("\n[sever]\n", 2, "unknown section [sever]"),
    ("windows = 2022\n", 1, "a section has to come first"),
    ("[server]\nwindows = 95\n", 2, "wanted 2022 or 2012r2"),
    ("[timeouts]\nidle = 5\n", 2, "wanted a time"),
    ("[timeouts]\n# so\nidle = 99999999999h\n", 3, "wanted a time"),
    ("[limits]\nmax_calls = 0\n", 2, "from 1 to 64"),
    ("[limits]\nmax_calls = -1\n", 2, "from 1 to 64"),
    ("[limits]\nmax_calls\n", 2, "key = value"),
    ("[limits\n", 1, "a section is [name]"),
    ("[server]\n\nlisten = ncacn_ip_tcp:[99999]\n", 3, "no port of 1 to 65535"),
    ("[server]\nruntime_dir = run\n", 2, "a path from / is wanted"),
    ("[observe]\nalert_command = /no/such/program x\n", 2, "No such file"),
    ("[server]\nlisten = ncacn_ip_tcp:host[135]\n", 2, "an address is wanted"),
    ("[server]\nlisten =\n", 2, "nothing to listen at"),
    ("[map]\nregister_group = no-such-group\n", 2, "there is no group"),
    ("[server]\nlisten = " + "x" * 600 + "\n", 2, "longer than"),
    ("[server]\nlisten = " + "x" * 5000 + "\n", 2, "too long"),
]


def check_mistakes(tap, folder):
    path = os.path.join(folder, "bad.conf")
    for text, line, message in MISTAKES:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        result = run("-t", "-c", path)
        tap.ok(result.returncode == 3 and f"{path}:{line}: " in result.stderr
               and message in result.stderr, f"{text.strip()[:40]!r} is reported with its line",
               result.stderr)
    with open(path, "w", encoding="utf-8") as file:
        file.write("[server]\na = 1\nb = 2\n")
    tap.ok(run("-t", "-c", path).stderr.count("unknown key") == 2, "all mistakes are reported")
    for assignment in ("server.listen=tcp:1", "server.listen=", "map.register_group=no-such-group",
                       "x.y=1", "nonsense"):
        result = run("-t", "-c", "/dev/null", "-o", assignment)
        tap.ok(result.returncode == 3 and result.stderr.strip(), f"-o {assignment} is refused",
               result.stderr)
    with open(path, "w", encoding="utf-8") as file:
        file.write("[access e1af8308-5d1f-11c9-91a4-08002b14a0fa 3.0]\nlevel = integrity\n")
    result = run("-t", "-c", path)
    tap.ok(result.returncode == 0 and f"{path}:1: " in result.stderr and "warning: nobody" in result.stderr,
           "a section that nobody can satisfy is told", result.stderr)
    if os.geteuid() == 0:
        result = run("-t", "-c", "/dev/null", "-o", "server.user=no-such-user")
        tap.ok(result.returncode == 3 and 'no user "no-such-user"' in result.stderr, "an unknown user",
               result.stderr)
    result = run("-t", "-c", "/dev/null")
    tap.ok(result.returncode == 0 and "good" in result.stdout, "-t accepts the defaults",
           result.stderr)


def check_start(tap, folder):
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(os.path.join(folder, "notify"))
    notify.settimeout(5)
    daemon = Daemon(folder, environment={"NOTIFY_SOCKET": os.path.join(folder, "notify")})
    tap.ok(daemon.port, "it starts and says where it listens", daemon.text())
    tap.ok(notify.recv(200).startswith(b"READY=1"), "it notifies READY=1")
    tap.ok(daemon.count() == 4, "its own two interfaces are in the map, at both endpoints")

    second = run("-c", "/dev/null", "-o", f"server.runtime_dir={folder}/run2", "-o",
                 f"server.listen=ncacn_ip_tcp:127.0.0.1[{daemon.port}]")
    tap.ok(second.returncode == 1 and str(daemon.port) in second.stderr
           and "another process" in second.stderr,
           "a port in use is reported", second.stderr)
    local = run("-c", "/dev/null", "-o", f"server.runtime_dir={folder}/run", "-o",
                "server.listen=ncalrpc:[epmapper]")
    tap.ok(local.returncode == 1 and "epmapper" in local.stderr, "a local socket in use is reported",
           local.stderr)
    tap.ok(daemon.count() == 4, "and the first one goes on")
    tap.ok(daemon.stop() == 0, "SIGTERM ends it with status 0", daemon.text())
    tap.ok(notify.recv(200).startswith(b"STOPPING=1"), "it notifies STOPPING=1")
    tap.ok("event=stopping signal=SIGTERM" in daemon.text(), "and logs why", daemon.text())
    tap.ok(re.search(r"^time=\S+Z level=notice sub=ironrpcd event=ready", daemon.text(), re.M),
           "records have time, level and key=value fields", daemon.text())
    notify.close()
    log = os.stat(os.path.join(folder, "log"))
    daemon = Daemon(folder, "server.log_target=stderr",
                    environment={"JOURNAL_STREAM": f"{log.st_dev}:{log.st_ino}"})
    tap.ok(daemon.port and daemon.stop(signal.SIGINT) == 0, "SIGINT ends it with status 0",
           daemon.text())
    tap.ok(re.search(r"^<5>sub=ironrpcd event=ready", daemon.text(), re.M),
           "for the journal, records begin with their priority", daemon.text())


def fields_of(record):
    """A datagram of the journal's protocol, without values of several lines: {field: value}."""
    return dict(line.split("=", 1) for line in record.decode().split("\n")[:-1])


def check_journal(tap, folder):
    """Records with fields, of the supervisor and of workers in their sandbox. check: L07"""
    path = os.path.join(folder, "journal")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(path)
        journal.settimeout(0.2)
        with open(os.path.join(folder, "log"), "w", encoding="utf-8"):
            pass
        log = os.stat(os.path.join(folder, "log"))
        daemon = Daemon(folder, f"server.journal={path}", "server.log_level=info", listen="ncacn_ip_tcp:127.0.0.1[0]",
                        environment={"JOURNAL_STREAM": f"{log.st_dev}:{log.st_ino}"}, journal=journal)
        records = daemon.records
        tap.ok(any(r.get("IRONRPC_EVENT") == "ready" and r["PRIORITY"] == "5"
                   and r["SYSLOG_IDENTIFIER"] == "ironrpcd" and "event=ready" in r["MESSAGE"] for r in records)
               and daemon.text() == "", "in a unit records go to the journal, with fields", records, daemon.text())
        tap.ok(sum(r.get("IRONRPC_EVENT") == "sandboxed" for r in records) == 3,
               "those of children as well", records)

        def reject():
            with socket.create_connection(("127.0.0.1", daemon.port), timeout=5) as peer:
                peer.sendall(struct.pack("<BBBBIHHI", 5, 0, 11, 3, 0x10, 72, 60, 1) + bytes(56))
                peer.recv(100)
        reject()
        daemon.wait_for(lambda: daemon.read_journal() and any("IRONRPC_CHECK" in r for r in records))
        found = [r for r in records if r.get("IRONRPC_CHECK") == "H11" and r.get("IRONRPC_EVENT") != "alert"]
        tap.ok(len(found) == 1 and found[0]["IRONRPC_PEER"].startswith("127.0.0.1")
               and found[0]["IRONRPC_REASON"] == "auth_length beyond the fragment",
               "a rejection can be found by its check and peer", found, records)
        for _ in range(600):  # nobody reads
            reject()
        begin = time.monotonic()
        tap.ok(daemon.count() == 4 and time.monotonic() - begin < 2, "a journal that does not read holds nobody up")
    reject()
    tap.ok(daemon.stop() == 0 and re.search("^<5>sub=ironrpcd event=stopping", daemon.text(), re.M),
           "without a journal, lines go to standard error again", daemon.text())


def check_registration(tap, folder):
    daemon = Daemon(folder, "server.log_level=info")
    ours, other = uuid.UUID(int=1 << 64).bytes_le, uuid.UUID(int=2 << 64).bytes_le
    client = daemon.local()
    tap.ok(change(client, 0, ours, 4000) == 0, "a local service registers", daemon.text())
    tap.ok(daemon.count() == 5, "the network sees it")
    tap.ok(is_lie_refused(client, ours, 1) and is_lie_refused(client, ours, -1),
           "a tower has the length that it says")
    with rpc.Client("127.0.0.1", daemon.port) as network:
        network.bind(rpc.EPM)
        tap.ok(change(network, 0, other, 4000) == DENIED, "the network may not register")
        tap.ok(change(network, 1, ours, 4000) == DENIED, "nor withdraw")
    tap.ok("event=refused op=ept_insert peer=127.0.0.1" in daemon.text(), "refusals are logged",
           daemon.text())
    tap.ok(change(client, 1, ours, 4001) == NOT_REGISTERED, "withdrawing what is not there")
    tap.ok(change(client, 1, ours, 4000) == 0 and daemon.count() == 4, "withdrawing what is")
    for opnum in (0, 1):
        tap.ok(change_many(client, opnum, 500) == (2, INVALID_ENTRY), "500 entries in one call")
        tap.ok(change_many(client, opnum, 501) == (2, CANT_PERFORM), "501 are too many")  # check: E05
    for port in range(4000, 4010):
        change(client, 0, ours, port)
    tap.ok(daemon.count() == 14, "ten entries of one service")
    client.socket.close()
    tap.ok(daemon.wait_for(lambda: daemon.count() == 4), "entries go with their owner",
           f"{daemon.count()}")
    check_users(tap, daemon, ours, other)
    tap.ok(daemon.stop() == 0, "it stops")
    daemon = Daemon(folder, "map.remote_insert=yes", "map.max_entries_per_owner=3")
    with rpc.Client("127.0.0.1", daemon.port) as network:
        network.bind(rpc.EPM)
        results = [change(network, 0, other, 4000 + i) for i in range(4)]
        tap.ok(results[:3] == [0, 0, 0] and results[3] != 0,
               "the network may if that is configured, up to the limit", results)
        tap.ok(change(network, 0, uuid.UUID(rpc.EPM[0]).bytes_le, 4000) == DENIED,
               "but not in the mapper's own name")
    tap.ok(daemon.stop() == 0, "it stops")


def as_user(uid, function):
    """What function() returns (a small number) in a child that is that user."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            os._exit(function() & 0xFF)
        except BaseException as error:  # whatever it was, the child must not go on
            print(f"# {error!r}", flush=True)
            os._exit(255)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def check_users(tap, daemon, ours, other):
    if os.geteuid() != 0:
        tap.note("not root: registration by other users is not tested")
        return
    os.chmod(daemon.folder, 0o755)
    tap.ok(as_user(54321, lambda: change(daemon.local(), 0, ours, 4000)) == DENIED,
           "a user who is not entitled may not register", daemon.text())
    with_group = os.path.join(daemon.folder, "group")
    os.mkdir(with_group)
    os.chmod(with_group, 0o755)
    nogroup = Daemon(with_group, "map.register_group=65534")
    tap.ok(as_user(65534, lambda: change(nogroup.local(), 0, ours, 4000)) == 0,
           "a member of the group may", nogroup.text())
    tap.ok(nogroup.wait_for(lambda: nogroup.count() == 4), "its entry goes with it")
    root = nogroup.local()
    tap.ok(change(root, 0, ours, 4000) == 0, "root registers an interface")
    tap.ok(as_user(65534, lambda: change(nogroup.local(), 0, ours, 5000)) == DENIED,
           "nobody else takes it over while it lives")
    tap.ok(as_user(65534, lambda: change(nogroup.local(), 1, ours, 4000)) == DENIED,
           "nobody else withdraws it")
    tap.ok(as_user(65534, lambda: change(nogroup.local(), 0, other, 5000)) == 0,
           "another interface is free")
    root.socket.close()
    tap.ok(nogroup.stop() == 0, "it stops")


def check_lookup_handles(tap, folder):
    daemon = Daemon(folder, "map.lookup_handles=4", "map.lookup_idle=1s")
    with rpc.Client("127.0.0.1", daemon.port) as client:
        client.bind(rpc.EPM)
        null = bytes(20)
        # [MS-RPCE]: a full batch leaves a handle, a short one does not. check: E06
        handle, n, status = rpc.lookup_batch(client, null, 4)
        tap.ok(handle != null and (n, status) == (4, 0), "a full batch leaves a handle")
        handle, n, status = rpc.lookup_batch(client, handle, 4)
        tap.ok(handle == null and (n, status) == (0, NOT_REGISTERED), "the next call ends it")
        handle, n, status = rpc.lookup_batch(client, null, 5)
        tap.ok(handle == null and (n, status) == (4, 0), "a short batch is the last")
        handle, n, status = rpc.lookup_batch(client, null, 3)
        handle, n, status = rpc.lookup_batch(client, handle, 3)
        tap.ok(handle == null and (n, status) == (1, 0), "the second batch of two")
        handles = [rpc.lookup_batch(client, null, 1) for _ in range(5)]
        tap.ok([h[2] == 0 for h in handles] == [True] * 4 + [False],
               "look-ups under way are limited", handles)
        handle = handles[0][0]
        freed = client.call(4, handle)
        tap.ok(freed[:20] == null and freed[20:] == bytes(4), "ept_lookup_handle_free")
        tap.ok(rpc.lookup_batch(client, null, 1)[2] == 0, "which makes room for another")
        with rpc.Client("127.0.0.1", daemon.port) as stranger:
            stranger.bind(rpc.EPM)
            try:
                rpc.lookup_batch(stranger, handles[1][0], 1)
                fault = "none"
            except rpc.Error as error:
                fault = str(error)
            tap.ok("0x1c00001a" in fault, "a handle is nothing in another association group", fault)
        time.sleep(1.5)
        try:
            rpc.lookup_batch(client, handles[1][0], 1)
            fault = "none"
        except rpc.Error as error:
            fault = str(error)
        tap.ok("0x1c00001a" in fault, "handles expire", fault)
        for inquiry, versions in ((4, 1), (1, 0), (1, 6)):
            interface = uuid.UUID(rpc.EPM[0]).bytes_le + struct.pack("<I", 3)
            stub = struct.pack("<III", inquiry, 0, 1) + interface + struct.pack("<I", versions)
            stub = client.call(2, stub + null + struct.pack("<I", 10))
            tap.ok(struct.unpack("<I", stub[-4:])[0] not in (0, NOT_REGISTERED),
                   f"inquiry type {inquiry}, version option {versions}: refused")  # check: E07
    tap.ok(daemon.stop() == 0, "it stops")


def check_stalled_log(tap, folder):
    """Standard error is a pipe that nobody reads: lines are lost, answers are not. check: L07"""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = subprocess.Popen([PROGRAM, "-c", "/dev/null", "-o", f"server.runtime_dir={folder}/run",
                              "-o", f"server.listen=ncacn_ip_tcp:127.0.0.1[{port}]"],
                             stdin=subprocess.DEVNULL, stdout=writer, stderr=writer)
    os.close(writer)
    os.read(reader, 1)  # it has begun
    lost = 0
    for i in range(100):
        with socket.socket() as bad:
            bad.settimeout(10)
            bad.bind((f"127.0.0.{2 + i % 10}", 0))
            try:
                while bad.connect_ex(("127.0.0.1", port)) == 111:
                    time.sleep(0.02)
                bad.sendall(b"GET / HTTP/1.0\r\n\r\n")
                bad.recv(100)
            except socket.timeout:
                lost += 1
                break
            except OSError:
                pass
    tap.ok(lost == 0, "a log that nobody reads holds nobody up")
    child.terminate()
    try:
        result = child.wait(timeout=10)
    except subprocess.TimeoutExpired:
        child.kill()
        result = child.wait()
    tap.ok(result == 0, "it stops")
    os.close(reader)


def main():
    tap = Tap()
    for check in (check_options, check_mistakes, check_start, check_journal, check_registration,
                  check_lookup_handles, check_stalled_log):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            check(tap, folder)
    tap.done()


main()
