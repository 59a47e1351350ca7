#!/usr/bin/env python3
"""What the service tells about itself: status, metrics, alerts; with workers and without.
t_observe.py IRONRPC IRONRPCD"""
import json
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

import rpc  # noqa: E402
from tap import Tap  # noqa: E402

IRONRPC, IRONRPCD = sys.argv[1:3]
BAD_LENGTHS = struct.pack("<BBBBIHHI", 5, 0, 11, 3, 0x10, 72, 60, 1) + bytes(56)  # check H11


def ask(*arguments, **environment):
    return subprocess.run([IRONRPC, "status", *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=30,
                          env={**os.environ, **environment})


def status(live):
    run = ask("--json", IRONRPC_RUNTIME_DIR=live.runtime)
    return json.loads(run.stdout)


def wait_for(condition, seconds=5):
    end = time.monotonic() + seconds * SCALE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def scrape(place):
    """The page of metrics, as a scraper gets it: {name with labels: number}."""
    with socket.socket(socket.AF_UNIX if place.startswith("/") else socket.AF_INET) as s:
        s.settimeout(5 * SCALE)
        s.connect(place if place.startswith("/") else ("127.0.0.1", int(place)))
        s.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        text = b""
        while part := s.recv(65536):
            text += part
    head, body = text.decode().split("\r\n\r\n", 1)
    assert head.startswith("HTTP/1.0 200 "), head
    return body


def parse(body):
    """The text format of Prometheus, as strictly as it is written down."""
    values, typed, last = {}, {}, None
    for line in body.split("\n")[:-1]:
        if line.startswith("# HELP "):
            last = line.split(" ")[2]
            assert last not in typed, f"{last} twice"
            continue
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == last and kind in ("counter", "gauge"), line
            typed[name] = kind
            continue
        match = re.fullmatch(r"([a-z_]+)(\{(?:[a-z]+=\"[ -!#-\[\]-~]*\",?)+\})? (\d+(?:\.\d+)?)", line)
        assert match, line
        assert match.group(1) == last and last in typed, line
        assert match.group(1) + (match.group(2) or "") not in values, line
        values[match.group(1) + (match.group(2) or "")] = float(match.group(3))
    assert body.endswith("\n")
    return values


def send(live, data, source="127.0.0.1"):
    """@data to the service; what it answered."""
    with socket.socket() as s:
        s.settimeout(5 * SCALE)
        s.bind((source, 0))
        s.connect(("127.0.0.1", live.port))
        s.sendall(data)
        answer = b""
        try:
            while part := s.recv(65536):
                answer += part
        except ConnectionResetError:
            pass
    return answer


def bind_to(live, interface):
    """A bind to something, answered whatever it is."""
    with socket.create_connection(("127.0.0.1", live.port), timeout=5 * SCALE) as s:
        s.sendall(struct.pack("<BBBBIHHI", 5, 0, 11, 3, 0x10, 72, 0, 1)
                  + struct.pack("<HHIB3xHBx", 5840, 5840, 0, 1, 0, 1) + interface.bytes_le
                  + struct.pack("<I", 1) + rpc.NDR.bytes_le + struct.pack("<I", 2))
        return s.recv(4096)


def metric(live, name):
    return status(live)["metrics"][name]


def check_metrics(tap, live, place):
    before = parse(scrape(place))
    for _ in range(5):
        rpc.count_entries("127.0.0.1", live.port)
    for _ in range(3):
        send(live, BAD_LENGTHS, "127.0.0.9")
    wait_for(lambda: metric(live, "violations_total") >= 3)
    after = parse(scrape(place))
    grown = {name: after[name] - before.get(name, 0) for name in after}
    tap.ok(grown["ironrpc_calls_total"] >= 5 and grown["ironrpc_connections_total"] >= 8,
           "calls and connections are counted", grown)
    tap.ok(grown.get('ironrpc_rejections_total{check="H11",class="two-lengths"}') == 3
           and grown["ironrpc_bind_naks_total"] == 3, "rejections by check, and naks", grown)
    tap.ok(after['ironrpc_interface_calls_total{interface="epm",version="3.0"}'] >= 5
           and after['ironrpc_interface_binds_total{interface="other",version=""}'] == 0,
           "calls by interface", after)
    tap.ok(after['ironrpc_bytes_total{direction="in"}'] > 3 * len(BAD_LENGTHS)
           and after["ironrpc_uptime_seconds"] >= 0 and 0 <= after['ironrpc_limit_used_ratio{limit="connections"}'] < 1,
           "bytes, time, limits")
    many = [name for name in after if "other" in name]
    for n in range(30):
        bind_to(live, uuid.UUID(int=n + 1))
    tap.ok(wait_for(lambda: parse(scrape(place))['ironrpc_interface_binds_total{interface="other",version=""}'] == 30)
           and len([name for name in parse(scrape(place)) if "other" in name]) == len(many),
           "interfaces that are not there make no more lines")


def check_status(tap, live, workers):
    s = status(live)
    names = [p["name"] for p in s["processes"]]
    wanted = ["mapper"] + [f"worker {n + 1}" for n in range(workers)] if workers else ["service"]
    tap.ok(names == wanted and all(p["state"] == "ready" and p["memory"] > 100000
                                   for p in s["processes"]), f"processes: {names}", s)
    tap.ok(s["pid"] == live.pid, "the pid is the service's")
    talkers = {t["source"]: t for t in s["talkers"]}
    tap.ok(talkers["127.0.0.9"]["rejections"] == 3 and talkers["127.0.0.1"]["bytes"] > 0,
           "sources with what they did", talkers)
    tap.ok([r["count"] for r in s["rejections"] if r["check"] == "H11"] == [3]
           and all("MS00-066" in r["resembles"] for r in s["rejections"] if r["check"] == "H11"),
           "rejections, and what they resemble")
    limits = {limit["name"]: limit for limit in s["limits"]}
    tap.ok(limits["connections"]["limit"] > 0 and limits["context_handles"]["used"] == 0,
           "limits with what is used of them", limits)
    run = ask(IRONRPC_RUNTIME_DIR=live.runtime)
    tap.ok(run.returncode == 0 and f"pid {live.pid}," in run.stdout and "H11" in run.stdout
           and "127.0.0.9" in run.stdout and wanted[-1] in run.stdout
           and "Nothing needs attention." in run.stdout and run.stderr == "", "for people", run.stdout)
    path = os.path.join(live.runtime, "status")
    tap.ok(os.stat(path).st_mode & 0o777 == 0o600, "the socket is for its owner")
    tap.ok(ask("--check", "--socket", path).returncode == 0, "--check is content")


def check_alerts(tap, live, out):
    send(live, BAD_LENGTHS, "127.0.0.77")
    tap.ok(wait_for(lambda: "source=127.0.0.77" in live.log()), "an attack is told in the log", live.log())
    line = [x for x in live.log().splitlines() if "event=alert " in x and "127.0.0.77" in x]
    tap.ok(len(line) == 1 and "check=H11" in line[0] and "class=two-lengths" in line[0]
           and "MS00-066" in line[0] and "advice=" in line[0], "with all that is known", *line)
    tap.ok(wait_for(lambda: os.path.exists(out) and "127.0.0.77 H11" in open(out, encoding="utf-8").read()),
           "and by the command")
    before = live.log().count("event=alert ")
    for _ in range(50):
        send(live, BAD_LENGTHS, "127.0.0.77")
    wait_for(lambda: status(live)["alerts_suppressed"] > 0)
    tap.ok(live.log().count("event=alert ") == before, "not again for the same")
    alerts = status(live)["alerts"]
    tap.ok(any(a["source"] == "127.0.0.77" and a["check"] == "H11" for a in alerts),
           "the status has the last ones", alerts)


def check_near(tap, live, out):
    """A limit near its end, and beyond."""
    held = []
    for _ in range(8):
        client = rpc.Client("127.0.0.1", live.port, 5)
        client.bind(rpc.EPM)
        held.append(client)
    wait_for(lambda: any(x["used"] == 8 for x in status(live)["limits"]))
    near = [x for x in status(live)["limits"] if x["near"]]
    tap.ok([x["name"] for x in near] == ["connections_of_one_source"] and near[0]["most"] == "127.0.0.1"
           and near[0]["setting"] == "limits.max_connections_per_source", "the status tells who has most", near)
    found = re.findall(r"event=alert kind=limit limit=connections_of_one_source process=\"(worker \d|service)\" "
                       r"used=[78] of=9 source=127\.0\.0\.1 setting=limits\.max_connections_per_source "
                       r"advice=\"127\.0\.0\.1 has most of it[^\"]*max_connections_per_source\"", live.log())
    tap.ok(len(found) == 1, "one alert, with who it is and which setting", live.log())
    tap.ok(wait_for(lambda: re.search("^connections_of_one_source [78]/9 limits.max_connections_per_source$",
                                     open(out, encoding="utf-8").read(), re.M)), "and by the command")
    tap.ok(status(live)["alerts"][0]["limit"] == "connections_of_one_source", "and in the status")
    run = ask("--check", IRONRPC_RUNTIME_DIR=live.runtime)
    tap.ok(run.returncode == 1 and "ATTENTION" in run.stdout
           and "limits.max_connections_per_source" in run.stdout, "a limit near its end", run.stdout)
    for client in held:
        client.socket.close()


def check_deaths(tap, live):
    calls = metric(live, "calls_total")
    victim = [p["pid"] for p in status(live)["processes"] if p["name"] == "worker 1"][0]
    os.kill(victim, signal.SIGKILL)
    tap.ok(wait_for(lambda: [p["state"] for p in status(live)["processes"]].count("ready") == 3
                    and status(live)["replaced"]["killed"] == 1), "a replaced worker is counted")
    tap.ok(metric(live, "calls_total") >= calls, "counters do not fall when a worker dies")
    live.child.send_signal(signal.SIGHUP)
    wait_for(lambda: "event=reloaded" in live.log())
    tap.ok(wait_for(lambda: [p["state"] for p in status(live)["processes"]].count("ready") == 3),
           "after a reload it tells as before")


def check_not_there(tap, folder):
    run = ask(IRONRPC_RUNTIME_DIR=folder)
    tap.ok(run.returncode == 1 and "is not running" in run.stderr and f"{folder}/status" in run.stderr
           and "systemctl start" in run.stderr and run.stdout == "", "nobody is there", run.stderr)
    path = os.path.join(folder, "other")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)
        run = ask("--socket", path)
        tap.ok(run.returncode == 1 and "is not running" in run.stderr, "nobody listens there", run.stderr)
        other.listen()
        run = ask("--timeout", "0.2", "--socket", path)
        tap.ok(run.returncode == 1 and "no answer" in run.stderr, "somebody who is silent", run.stderr)
    tap.ok(ask("--bogus").returncode == 2 and ask("extra").returncode == 2, "usage")
    tap.ok(ask("--socket", "/" + "x" * 200).returncode == 2, "a path that cannot be")


def check_settings(tap):
    for setting in ("observe.metrics=192.0.2.1:9135", "observe.metrics=127.0.0.1", "observe.metrics=x:1",
                    "observe.metrics=127.0.0.1:70000", "observe.metrics=::1:9",
                    "observe.alert_command=rm -rf"):
        run = subprocess.run([IRONRPCD, "-c", "/dev/null", "-t", "-o", setting], capture_output=True,
                             text=True, timeout=10)
        tap.ok(run.returncode == 3 and setting.split("=")[1] in run.stderr, f"refused: {setting}",
               run.stderr)
    for setting in ("observe.metrics=[::1]:9135", "observe.metrics=/run/x", "observe.alert_command=/bin/true y"):
        run = subprocess.run([IRONRPCD, "-c", "/dev/null", "-t", "-o", setting], capture_output=True,
                             text=True, timeout=10)
        tap.ok(run.returncode == 0, f"taken: {setting}", run.stderr)


def check_patience(tap, live, place):
    """Clients that do nothing, send much, or never read hold nothing up."""
    idle = []
    for _ in range(40):
        s = socket.socket(socket.AF_UNIX)
        s.connect(os.path.join(live.runtime, "status"))
        idle.append(s)
    with socket.socket(socket.AF_UNIX) as noisy:
        noisy.connect(os.path.join(live.runtime, "status"))
        noisy.settimeout(2)
        try:
            for _ in range(100):
                noisy.sendall(bytes(65536))
        except OSError:
            pass
    tap.ok(status(live)["pid"] == live.pid and parse(scrape(place)), "it tells others meanwhile")
    begin = time.monotonic()
    rpc.count_entries("127.0.0.1", live.port)
    tap.ok(time.monotonic() - begin < 1 * SCALE, "and serves")
    for s in idle:
        s.close()


def run_all(tap, folder, workers):
    out = os.path.join(folder, f"alerts-{workers}")
    hook = os.path.join(folder, "hook")
    place = os.path.join(folder, "metrics")
    with open(hook, "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\necho "$IRONRPC_SOURCE $IRONRPC_CHECK" >>"$1"\n'
                   'test -z "$IRONRPC_LIMIT" || echo "$IRONRPC_LIMIT $IRONRPC_USED/$IRONRPC_OF $IRONRPC_SETTING" >>"$1"\n')
    os.chmod(hook, 0o755)
    tap.note(f"workers: {workers}")
    with Live(IRONRPCD, f"server.workers={workers}", f"observe.metrics={place}",
              f"observe.alert_command={hook} {out}", "limits.max_connections_per_source=9") as live:
        check_metrics(tap, live, place)
        check_status(tap, live, workers)
        check_alerts(tap, live, out)
        check_near(tap, live, out)
        check_patience(tap, live, place)
        if workers:
            check_deaths(tap, live)
    tap.ok(live.child.returncode == 0 and not os.path.exists(place), "it ends, and its sockets with it",
           live.text)


def check_port(tap):
    with Live(IRONRPCD, "observe.metrics=127.0.0.1:0") as live:
        port = re.search(r"event=metrics_at place=127.0.0.1:0 port=(\d+)", live.log())
        tap.ok(port and "ironrpc_calls_total" in parse(scrape(port.group(1))), "metrics at a TCP port",
               live.log())


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        check_not_there(tap, folder)
        check_settings(tap)
        run_all(tap, folder, 2)
        run_all(tap, folder, 0)
    check_port(tap)
    tap.done()


main()
