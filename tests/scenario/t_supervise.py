#!/usr/bin/env python3
"""The supervised service: workers killed at random under load, stopped, crashed by a peer; the mapper
killed; reload and upgrade under load. t_supervise.py IRONRPCD RPCECHO_SERVER
IR_CHECK_ALL: 1,000 kills instead of 50."""
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from live import SCALE, Live
from sources import Load, Source, percentile, wait_for
import rpc  # noqa: E402
from tap import Tap  # noqa: E402

IRONRPCD, ECHO_SERVER = sys.argv[1:3]
KILLS = 1000 if os.environ.get("IR_CHECK_ALL") else 50
WORKERS = 3
OWN = 4  # two interfaces at two endpoints


def known_mapper(live):
    """Its pid, or None while one is being replaced."""
    pids = live.children()
    for line in reversed(live.log().splitlines()):
        if ("event=mapper" in line or "role=mapper" in line and "event=replaced" in line):
            pid = int(line.split(" pid=")[1].split()[0])
            if pid in pids:
                return pid
    return None


def mapper_of(live):
    if wait_for(lambda: known_mapper(live) is not None, 2) is None:
        raise RuntimeError("no mapper: " + live.log())
    return known_mapper(live)


def kill_one(live, mapper, clients):
    """Kill a random worker. Return: seconds until its clients were served again, and what was wrong
    with the others' connections."""
    victim = random.choice(sorted(live.children() - {mapper}))
    begin = time.monotonic()
    os.kill(victim, signal.SIGKILL)
    select.select([c.socket for c in clients], [], [], 0.5 * SCALE)  # it may have had no clients
    ended = [c for c in clients if c.has_ended()]
    if not ended:
        return None, []
    owners = {c.owner for c in ended}
    wrong = [] if len(owners) == 1 else [f"connections of {len(owners)} workers ended"]
    fresh = Source(live.port, ended[0].address)
    fresh.is_listening()
    took = time.monotonic() - begin
    wait_for(lambda: all(c.has_ended() for c in clients if c.owner in owners), 2)
    for i, client in enumerate(clients):
        if client.owner in owners:
            client.socket.close()
            clients[i] = Source(live.port, client.address)
        elif client.has_ended() or not client.is_listening():
            wrong.append(f"{client.address}: the connection of another worker ended")
    fresh.socket.close()
    return took, wrong


def check_kills(tap, live):
    mapper = mapper_of(live)
    clients = [Source(live.port, f"127.0.2.{n}") for n in range(1, 25)]
    load = Load(live.port)
    tap.ok(len({c.owner for c in clients}) == WORKERS, "24 sources are spread over the workers")
    times, wrong = [], []
    for _ in range(KILLS):
        took, problems = kill_one(live, mapper, clients)
        times += [took] if took is not None else []
        wrong += problems
    load.end()
    p99 = percentile(times, 0.99)
    # The 99th of 50 is the slowest, which is this machine's other work as much as ours.
    judged = p99 if KILLS >= 1000 else percentile(times, 0.5)
    tap.note(f"{KILLS} kills; served again after {percentile(times, 0.5) * 1000:.1f} ms at p50, "
             f"{p99 * 1000:.1f} ms at p99; {load.good} other calls, {len(load.failed)} cut off")
    tap.none(wrong, "only connections of the killed worker end")
    tap.ok(len(times) > KILLS / 2 and judged < 0.1 * SCALE,
           "clients of a killed worker are served again in less than 100 ms at p99 (of 50: p50)",
           times)
    tap.none(load.refused, "and the port never refuses")
    tap.ok(load.good > KILLS, "while others are served", load.good)
    tap.ok(mapper_of(live) == mapper and "crashed_by" not in live.log(),
           "nobody is blamed for kills from outside")
    for client in clients:
        client.socket.close()


def check_hung(tap, live):
    mapper = mapper_of(live)
    victim = random.choice(sorted(live.children() - {mapper}))
    os.kill(victim, signal.SIGSTOP)
    took = wait_for(lambda: victim not in live.children() and len(live.children()) == WORKERS + 1, 10)
    tap.note(f"a stopped worker was replaced after {took} s")
    tap.ok(took is not None and took < 2 * SCALE, "a stopped worker is replaced in less than 2 s",
           live.log())


def crash(live, source, owner):
    """SIGSEGV to workers while @source has one busy, until one is blamed on it."""
    before = live.log().count("event=crashed_by peer=" + source)
    end = time.monotonic() + 20 * SCALE
    while live.log().count("event=crashed_by peer=" + source) == before:
        if time.monotonic() > end:
            return False
        try:
            workers = live.children() - {mapper_of(live)}  # reading the log takes time: before
            client = Source(live.port, source)
            pdu = struct.pack("<BBBBIHHIIHH", 5, 0, 0, 3, 0x10, 24, 0, 9, 0, 0, 2)
            client.socket.sendall(pdu * 2000)
            time.sleep(random.choice((0, 0.001, 0.005, 0.02)))  # until it is being served
            for pid in workers:
                os.kill(pid, signal.SIGSEGV)
            time.sleep(0.05)
            client.socket.close()
        except (OSError, rpc.Error):
            time.sleep(0.02)
    return True


def is_kept_out(live, source):
    try:
        Source(live.port, source).socket.close()
        return False
    except (OSError, rpc.Error):
        return True


def check_quarantine(tap, live):
    bad, good = "127.0.9.9", "127.0.9.8"
    tap.ok(crash(live, bad, None), "a worker's crash is blamed on the peer that it served",
           live.log())
    wait_for(lambda: len(live.children()) == WORKERS + 1, 5)
    tap.ok(not is_kept_out(live, bad), "who did that once may come back")
    tap.ok(crash(live, bad, None) and is_kept_out(live, bad), "who did it twice is kept out",
           live.log())
    tap.ok(not is_kept_out(live, good), "and nobody else")
    tap.ok("kept_out_ms=60000" in live.log(), "for a minute")


def check_map(tap, live):
    environment = dict(os.environ, IRONRPC_RUNTIME_DIR=live.runtime)
    with subprocess.Popen([ECHO_SERVER, "ncacn_ip_tcp:127.0.0.1"], env=environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as echo:
        def complete():
            return rpc.count_entries("127.0.0.1", live.port) >= OWN + 1

        tap.ok(wait_for(complete, 10) is not None, "workers show what a service has registered")
        os.kill(mapper_of(live), signal.SIGKILL)
        begin = time.monotonic()
        wait_for(lambda: "role=mapper" in live.log(), 5)
        answers = rpc.count_entries("127.0.0.1", live.port) >= OWN
        took = wait_for(complete, 10)
        total = time.monotonic() - begin
        tap.note(f"the map was complete {total:.3f} s after its mapper was killed")
        tap.ok(answers and took is not None and total < 1 * SCALE,
               "a second after the mapper was killed the map is complete again", live.log())
        echo.terminate()
    tap.ok(wait_for(lambda: rpc.count_entries("127.0.0.1", live.port) == OWN, 5) is not None,
           "and shrinks when the service has ended")


def check_renewal(tap, live):
    load = Load(live.port)
    old = live.children()
    client = Source(live.port, "127.0.2.99")
    live.child.send_signal(signal.SIGHUP)
    tap.ok(wait_for(lambda: "event=reloaded" in live.log(), 5) is not None, "SIGHUP reloads")
    tap.ok(client.still_answers(), "a connection from before goes on", live.log())
    client.socket.close()
    tap.ok(wait_for(lambda: len(live.children() & old) == 1, 10) is not None,
           "workers end when theirs have ended; the mapper stays", live.log())
    client = Source(live.port, "127.0.2.99")
    ready = live.log().count("event=ready")
    live.child.send_signal(signal.SIGUSR2)
    tap.ok(wait_for(lambda: live.log().count("event=ready") > ready, 10) is not None and live.alive(),
           "SIGUSR2 starts the program anew in the same process", live.log())
    tap.ok(client.still_answers(), "a connection from before goes on", live.log())
    client.socket.close()
    time.sleep(0.2)
    load.end()
    tap.none(load.refused + load.failed, f"{load.good} calls meanwhile, none refused or cut off")
    tap.ok(wait_for(lambda: len(live.children()) == WORKERS + 1, 10) is not None,
           "the old workers have ended", live.log())


def check_spread(tap):
    with Live(IRONRPCD, f"server.workers={WORKERS}", "server.placement=spread") as live:
        first = Source(live.port, "127.0.0.1")
        rest = [Source(live.port, "127.0.0.1") for _ in range(2 * WORKERS)]
        tap.ok(len({c.owner for c in rest}) == WORKERS, "placement=spread gives each worker its share")
        same = [Source(live.port, "127.0.0.1", first.group) for _ in range(2 * WORKERS)]
        tap.ok({c.group for c in same} == {first.group} and all(c.is_listening() for c in same),
               "who names a group of another worker is handed over to it")
        try:
            Source(live.port, "127.0.0.1", (first.group + 1) & 0xffffffff)
            refused = False
        except rpc.Error as error:
            refused = "PDU type 13" in str(error)
        tap.ok(refused, "a group that there is not is refused")
        for client in [first, *rest, *same]:
            client.socket.close()
    tap.ok(live.child.returncode == 0, "SIGTERM ends all with status 0", live.text)


def check_network(tap):
    """All workers together keep to the limit per network. check: L02"""
    with Live(IRONRPCD, "server.workers=2", "limits.max_connections_per_network=20") as live:
        held = []
        for n in range(1, 101):
            try:
                held.append(Source(live.port, f"127.0.7.{n}"))
            except (OSError, rpc.Error):
                pass
        tap.ok(10 <= len(held) <= 20, f"{len(held)} of 100 sources of one network, where 20 are allowed")
        tap.ok(Source(live.port, "127.0.8.1").is_listening(), "another network is served")
        for client in held:
            client.socket.close()


def feeds(notes, seconds):
    """How often the watchdog was fed in that time."""
    end, n = time.monotonic() + seconds * SCALE, 0
    while time.monotonic() < end:
        notes.settimeout(max(0.01, end - time.monotonic()))
        try:
            n += b"WATCHDOG=1" in notes.recv(4096)
        except TimeoutError:
            break
    return n


def check_watchdog(tap):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notes, \
            tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "notify")
        notes.bind(path)
        os.environ.update(NOTIFY_SOCKET=path, WATCHDOG_USEC="600000")
        with Live(IRONRPCD, "server.workers=1", "timeouts.hung=60s") as live:
            del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
            tap.ok(feeds(notes, 2) >= 3, "the watchdog is fed while the service answers")
            worker = int(live.log().split("event=worker worker=1 pid=")[1].split()[0])
            os.kill(worker, signal.SIGSTOP)
            feeds(notes, 0.5)
            tap.ok(feeds(notes, 1) == 0, "and not while it does not")
            os.kill(worker, signal.SIGCONT)
            tap.ok(feeds(notes, 2) >= 1, "and again when it does")
            check_own_address(tap, live, notes)


def check_own_address(tap, live, notes):
    """Somebody has the address kept out that the watchdog calls from."""
    os.chmod(live.folder, 0o755)  # for the user that calls
    live.child.send_signal(signal.SIGHUP)  # another worker, which was not stopped
    wait_for(lambda: "event=reloaded" in live.log() and len(live.children()) >= 2, 5)
    for _ in range(6):  # the watchdog's own calls may be blamed for one of two
        if "crashed_by peer=127.0.0.1 kept_out_ms=60000" not in live.log():
            crash(live, "127.0.0.1", None)
    tap.ok("kept_out_ms=60000" in live.log() and is_kept_out(live, "127.0.0.1"), "the watchdog's address is kept out like any other", live.log())
    tap.ok(wait_for(lambda: "event=watchdog_way binding=ncalrpc:[" in live.log(), 5) is not None,
           "then the watchdog calls inside", live.log())
    feeds(notes, 0.5)
    tap.ok(feeds(notes, 2) >= 3, "and is fed", live.log())
    os.kill(mapper_of(live), signal.SIGSTOP)
    feeds(notes, 0.5)
    tap.ok(feeds(notes, 1) == 0, "unless nobody answers there either")
    os.kill(mapper_of(live), signal.SIGCONT)
    tap.ok(is_kept_out(live, "127.0.0.1"), "and the address is kept out all the while")


def main():
    tap = Tap()
    with Live(IRONRPCD, f"server.workers={WORKERS}") as live:
        check_map(tap, live)
        check_kills(tap, live)
        check_hung(tap, live)
        check_renewal(tap, live)
        check_quarantine(tap, live)
        left = live.children()
    tap.ok(live.child.returncode == 0, "SIGTERM ends all with status 0", live.text)
    tap.none([pid for pid in left if os.path.exists(f"/proc/{pid}")], "and nobody is left")
    check_spread(tap)
    check_network(tap)
    check_watchdog(tap)
    tap.done()


main()
