#!/usr/bin/env python3
"""ironrpc call against the echo service: every operation, by its IDL file alone.
t_call.py IRONRPC RPCECHO_SERVER"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

from live import ROOT, SCALE
from tap import Tap

IRONRPC, SERVER = sys.argv[1:3]
IDL = os.path.join(ROOT, "idl", "rpcecho.idl")

# Operation, arguments, results.
CALLS = [
    ("AddOne", {"in_data": 41}, {"out_data": 42}),
    ("AddOne", {"in_data": "0xffffffff"}, {"out_data": 0}),
    ("EchoData", {"in_data": "00ff17"}, {"out_data": "00ff17"}),
    ("EchoData", {"in_data": [0, 255]}, {"out_data": "00ff"}),
    ("EchoData", {"in_data": ""}, {"out_data": ""}),
    ("SinkData", {"data": "01" * 10000}, {}),
    ("SourceData", {"len": 20000}, {"data": bytes(i & 255 for i in range(20000)).hex()}),
    ("TestCall", {"s1": "gr\u00fc\u00df \U0001f600"}, {"s2": "gr\u00fc\u00df \U0001f600"}),
    ("TestCall", {"s1": ""}, {"s2": ""}),
    ("TestCall2", {"level": 1}, {"info": {"case": 1, "info1": {"v": 10}}, "return": 0}),
    ("TestCall2", {"level": 4}, {"info": {"case": 4, "info4": {"v": 40}}, "return": 0}),
    ("TestCall2", {"level": 7},
     {"info": {"case": 7, "info7": {"v1": 80, "info4": {"v": 90}}}, "return": 0}),
    ("TestSleep", {"seconds": 0}, {"return": 0}),
    ("TestEnum", {"foo2": {"e1": 1, "e2": "ECHO_ENUM1_32"}, "foo3": {"e1": "ECHO_ENUM2"}},
     {"foo1": "ECHO_ENUM1", "foo2": {"e1": "ECHO_ENUM2", "e2": "ECHO_ENUM1_32"},
      "foo3": {"case": 1, "e1": "ECHO_ENUM2"}}),
    # More comes back than was sent.
    ("TestSurrounding", {"data": {"surrounding": [1, 2, 3]}},
     {"data": {"x": 6, "surrounding": [0] * 6}}),
    ("TestDoublePointer", {"data": 5}, {"return": 5}),
    ("TestDoublePointer", {"data": None}, {"return": 0}),
    ("TestDoublePointer", {"data": {"to": None}}, {"return": 0}),
]


def call(host, *arguments):
    return subprocess.run([IRONRPC, "call", "-C", *arguments[:-2], host, IDL, *arguments[-2:]],
                          capture_output=True, text=True, timeout=60 * SCALE)


def check_calls(tap, host):
    for operation, arguments, results in CALLS:
        run = call(host, operation, json.dumps(arguments))
        tap.ok(run.returncode == 0 and json.loads(run.stdout) == results,
               f"{operation} {json.dumps(arguments)[:60]}", run.stdout[:200], run.stderr)
    run = call(host, "TestCall2", '{"level": 8}')
    tap.ok(run.returncode == 1 and "fault" in run.stderr, "a fault", run.stdout, run.stderr)
    began = time.monotonic()
    run = call(host, "-t", "0.3", "TestSleep", '{"seconds": 9}')
    tap.ok(run.returncode == 1 and run.stderr and time.monotonic() - began < 5 * SCALE,
           "a deadline", run.stderr)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        with open(log, "w", encoding="utf-8") as file:
            server = subprocess.Popen([SERVER, "ncalrpc:[echo]"], stdin=subprocess.DEVNULL,
                                      stdout=file, stderr=file,
                                      env=dict(os.environ, IRONRPC_RUNTIME_DIR=folder))
        os.environ["IRONRPC_RUNTIME_DIR"] = folder
        try:
            end = time.monotonic() + 15 * SCALE
            while not os.path.exists(os.path.join(folder, "echo")) and time.monotonic() < end:
                time.sleep(0.02)
            check_calls(tap, "ncalrpc:[echo]")
        finally:
            server.terminate()
            server.wait(timeout=20)
        with open(log, encoding="utf-8") as file:
            text = file.read()
        tap.ok(server.returncode == 0 and not re.search("Sanitizer|runtime error", text),
               "the service stops cleanly", text)
    tap.done()


main()
