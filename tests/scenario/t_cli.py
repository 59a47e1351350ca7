#!/usr/bin/env python3
"""The command-line tools as their users see them: output, messages, exit status.
t_cli.py IRONRPC IRONRPCD IRONIDL"""
import json
import os
import re
import subprocess
import sys
import tempfile

from live import ROOT, Live
from tap import Tap

IRONRPC, IRONRPCD, IRONIDL = sys.argv[1:4]
MGMT = os.path.join(ROOT, "idl", "mgmt.idl")
EPM = os.path.join(ROOT, "idl", "epm.idl")
NOBODY = "127.0.0.1[1]"  # nothing listens there


def run(*arguments, stdin="", program=IRONRPC, **environment):
    return subprocess.run([program, *arguments], input=stdin, capture_output=True, text=True,
                          timeout=60, env=dict(os.environ, **environment))


def call(*arguments, **options):
    return run("call", *arguments, **options)


# Arguments, exit status, what standard error says.
MISTAKES = [
    ([], 2, "usage: ironrpc VERB"),
    (["bogus"], 2, "there is no verb 'bogus'"),
    (["--bogus"], 2, "there is no verb '--bogus'"),
    (["map"], 2, "HOST is missing"),
    (["map", "a", "b"], 2, "one HOST is enough"),
    (["map", "--bogus", "h"], 2, "unknown option '--bogus'"),
    (["map", "-xj", "h"], 2, "unknown option '-x'"),
    (["map", "h", "-t"], 2, "option '-t' needs a value"),
    (["map", "--json=1", "h"], 2, "option '--json=1', or one that takes no value"),
    (["map", "-t", "0", "h"], 2, "--timeout '0'"),
    (["map", "-t", "1e99", "h"], 2, "--timeout '1e99'"),
    (["map", "-T", "xdr", "h"], 2, "--transfer 'xdr': ndr or ndr64"),
    (["map", ""], 2, "HOST '' is empty"),
    (["map", "h" * 1000], 2, "too long"),
    (["map", "127.0.0.1["], 2, "HOST '127.0.0.1[' is"),
    (["map", "127.0.0.1[135]x"], 2, "malformed"),
    (["map", "[::1]x"], 2, "malformed"),
    (["map", "127.0.0.1[65536]"], 2, "no port of 1 to 65535"),
    (["map", "127.0.0.1:135"], 2, "a port stands in brackets: HOST[PORT]"),
    (["map", "127.0.0.1[http]"], 2, "Invalid string binding"),
    (["map", "ncalrpc:[../x]"], 2, "Invalid string binding"),
    (["map", "[127.0.0.1][1]"], 1, "ncacn_ip_tcp:127.0.0.1[1]"),
    (["map", "ncacn_np:h"], 2, "Protocol sequence not supported"),
    (["map", NOBODY], 1, "127.0.0.1[1]"),
    (["ping", NOBODY], 1, "127.0.0.1[1]"),
    (["ping"], 2, "HOST is missing"),
    (["ping", "-c", "0", "h"], 2, "--count '0'"),
    (["ping", "-c", "-1", "h"], 2, "--count '-1'"),
    (["ping", "-i", "x", "h"], 2, "--interval 'x'"),
    (["call"], 2, "HOST is missing"),
    (["call", "h"], 2, "FILE.idl is missing"),
    (["call", "h", MGMT], 2, "OPERATION is missing"),
    (["call", "h", MGMT, "op", "{}", "[]"], 2, "'[]' is one operand too many"),
    (["call", "h", MGMT, "is_server_listening", "{}", "x"], 2, "has no operation 'x'"),
    (["call", "h", MGMT, *["is_server_listening"] * 65], 2, "more than 64 calls"),
    (["call", "-o", "1234", "h", MGMT, "op"], 2, "--object '1234': not a UUID"),
    (["call", "-m", "0", "h", MGMT, "op"], 2, "--mapper-port '0'"),
    (["call", "-e", "", "h", MGMT, "op"], 2, "--endpoint is empty"),
    (["call", "-e", "5", "h[6]", MGMT, "op"], 2, "--endpoint '5', but HOST 'h[6]' names one"),
    (["call", "-e", "no-such", "ncalrpc:", MGMT, "is_server_listening"], 1, "ncalrpc:[no-such]"),
    (["call", "-e", "1", "127.0.0.1", MGMT, "is_server_listening"], 1, "127.0.0.1[1]"),
    (["call", "h", "/nonexistent/x.idl", "op"], 2, "cannot read /nonexistent/x.idl: No such file"),
    (["call", "h", MGMT, "op"], 2, "has no operation 'op'; it has: inq_if_ids, inq_stats"),
    (["call", "h", MGMT, "epm.inq_stats"], 2, "has no operation 'epm.inq_stats'"),
    (["call", "h", MGMT, "inq_stats", "{"], 2, "the arguments: line 1, column 1: not JSON"),
    (["call", "h", MGMT, "inq_stats", '{"count": 99999999999999999999}'], 2, "write it as text"),
    (["call", "h", MGMT, "inq_stats", '{"count": 1, "count": 2}'], 2, "duplicate"),
    (["call", "h", MGMT, "inq_stats", "[1]"], 2, "inq_stats: $: must be an object, not an array"),
    (["call", "h", MGMT, "inq_stats", "{}"], 2, "inq_stats: $.count: is missing"),
    (["call", "h", MGMT, "inq_stats", '{"count": -1}'], 2, "$.count: must be between 0 and 4294967295"),
    (["call", "h", MGMT, "inq_stats", '{"count": 1, "statistics": []}'], 2, "is a result ([out])"),
    (["call", "h", MGMT, "inq_stats", "@/nonexistent"], 2, "cannot read /nonexistent"),
    (["call", NOBODY, MGMT, "is_server_listening"], 1, "127.0.0.1[1]"),
]

OTHER_MISTAKES = [
    (IRONIDL, [], 2, "no .idl file"),
    (IRONIDL, ["--bogus"], 2, "--help"),
    (IRONIDL, ["/nonexistent/x.idl"], 1, "cannot read '/nonexistent/x.idl': No such file"),
    (IRONIDL, ["/"], 1, "cannot read '/': Is a directory"),
    (IRONRPCD, ["--bogus"], 2, "--help"),
    (IRONRPCD, ["extra"], 2, "unexpected argument \"extra\""),
    (IRONRPCD, ["-c"], 2, "--help"),
    (IRONRPCD, ["-t", "-c", "/nonexistent"], 3, "/nonexistent"),
]


def check_mistakes(tap):
    for arguments, status, message in MISTAKES:
        result = run(*arguments)
        shown = " ".join(a if len(a) < 60 else "..." for a in arguments).replace(ROOT + "/", "")
        tap.ok(result.returncode == status and message in result.stderr and not result.stdout,
               f"ironrpc {shown}: {status}", f"status {result.returncode}", result.stdout,
               result.stderr)
    for program, arguments in ((IRONRPC, ["--help"]), (IRONRPC, ["map", "--help"]),
                               (IRONIDL, ["--json", MGMT]), (IRONRPCD, ["--print-config"])):
        with open("/dev/full", "w", encoding="ascii") as full:
            result = subprocess.run([program, *arguments], stdout=full, stderr=subprocess.PIPE,
                                    text=True, timeout=20)
        tap.ok(result.returncode == 1 and "No space left" in result.stderr,
               f"{os.path.basename(program)} {arguments[0]}: output that cannot be written",
               f"status {result.returncode}", result.stderr)
    for program, arguments, status, message in OTHER_MISTAKES:
        result = run(*arguments, program=program)
        tap.ok(result.returncode == status and message in result.stderr,
               f"{os.path.basename(program)} {' '.join(arguments)}: {status}",
               f"status {result.returncode}", result.stderr)


def check_idl_errors(tap, folder):
    path = os.path.join(folder, "bad.idl")
    with open(path, "w", encoding="utf-8") as file:
        file.write("[uuid(12345678-1234-1234-1234-123456789abc)] interface x {\n  void f([in] nonsense a);\n}\n")
    result = call("h", path, "f")
    tap.ok(result.returncode == 2 and f"{path}:2:" in result.stderr and "^" in result.stderr,
           "errors in the IDL file have line and caret", result.stderr)


def check_terminal(tap, folder):
    """A peer's text gives no commands to the terminal: U+009B is CSI to it, as ESC [ is."""
    idl = os.path.join(folder, "text.idl")
    with open(idl, "w", encoding="ascii") as file:
        file.write("[uuid(00000001-0000-0000-0000-000000000000), version(1.0)] interface text {\n"
                   "void say([in] handle_t h, [in, string] wchar_t *s); }\n")
    stub = "03000000 00000000 03000000 9b00 e400 0000"
    ours, theirs = os.openpty()
    subprocess.run([IRONRPC, "decode", "--json", idl, "say", stub], stdin=subprocess.DEVNULL, stdout=theirs, timeout=60)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # the end of a terminal
        pass
    os.close(ours)
    tap.ok(shown.isascii() and b"\\u009B" in shown and json.loads(shown) == {"s": "\x9b\u00e4"},
           "on a terminal JSON is ASCII", shown)
    piped = run("decode", "--json", idl, "say", stub).stdout
    tap.ok("\u00e4" in piped and json.loads(piped) == {"s": "\x9b\u00e4"}, "elsewhere it is UTF-8", piped)


def check_help(tap):
    for arguments in (["--help"], ["help"], ["--version"], ["map", "--help"], ["ping", "-h"],
                      ["call", "--help"], ["firewall", "--help"], ["check", "-h"]):
        result = run(*arguments)
        tap.ok(result.returncode == 0 and result.stdout and not result.stderr,
               f"ironrpc {' '.join(arguments)}", result.stderr)
    for verb in ("map", "ping", "call", "firewall", "check"):
        text = run(verb, "--help").stdout
        page = open(os.path.join(ROOT, "docs/man/ironrpc.1"), encoding="utf-8").read()
        missing = [o for o in re.findall(r"--[a-z-]+", text)
                   if o.replace("-", "\\-") not in page and o != "--help"]
        tap.none(missing, f"every option of {verb} is in ironrpc(1)")
    with open("/dev/full", "w", encoding="ascii") as full:
        result = subprocess.run([IRONRPC, "map", "--help"], stdout=full, stderr=subprocess.PIPE,
                                text=True)
    tap.ok(result.returncode == 1 and "cannot write" in result.stderr, "a full disk is noticed",
           result.stderr)


def check_map(tap, live, host):
    result = run("map", host)
    rows = result.stdout.splitlines()
    tap.ok(result.returncode == 0 and len(rows) == 6 and rows[-1] == "4 entries", "map", *rows,
           result.stderr)
    tap.ok(re.search(rf"e1af8308-5d1f-11c9-91a4-08002b14a0fa +3\.0 +epmapper +"
                     rf"ncacn_ip_tcp:127\.0\.0\.1\[{live.port}\] +\S", result.stdout),
           "interface, version, name, binding and annotation of the mapper itself", *rows)
    tap.ok("\x1b" not in result.stdout, "no colours")
    tap.ok("OWNER" not in result.stdout, "no owners where the mapper's local socket is not found")
    result = run("map", host, IRONRPC_RUNTIME_DIR=live.runtime)
    tap.ok(re.search(r" OWNER +ANNOTATION$", result.stdout.splitlines()[0])
           and result.stdout.count(f" ironrpcd[{live.pid}] ") == 4,
           "the owner of each entry, from the mapper of this machine", result.stdout, result.stderr)
    owners = [e.get("owner") for e in json.loads(
        run("map", "-j", "ncalrpc:[epmapper]", IRONRPC_RUNTIME_DIR=live.runtime).stdout)]
    tap.ok(all(o and o["pid"] == live.pid and o["program"] == "ironrpcd" and o["uid"] == os.geteuid()
               for o in owners), "owners as JSON", owners)
    entries = json.loads(run("map", "--json", host).stdout)
    tap.ok(len(entries) == 4 and {"interface", "major", "minor", "binding", "annotation", "name"}
           <= set(entries[0]), "map --json", entries)
    tap.ok(run("map", "ncalrpc:[epmapper]", IRONRPC_RUNTIME_DIR=live.runtime).returncode == 0,
           "map over ncalrpc")


def check_ping(tap, live, host):
    result = run("ping", "-c", "3", "-i", "0.01", host)
    tap.ok(result.returncode == 0 and re.search(
        r"^3: listening, \d+\.\d+ ms$", result.stdout, re.M) and "3 calls, 3 answered, min/mean/max"
        in result.stdout, "ping", result.stdout, result.stderr)
    result = run("ping", "-q", "-c", "2", "-i", "0.01", host)
    tap.ok(result.returncode == 0 and len(result.stdout.splitlines()) == 2, "ping --quiet",
           result.stdout)


def check_call(tap, live, host):
    result = call(host, MGMT, "is_server_listening")
    tap.ok(result.returncode == 0 and json.loads(result.stdout) == {"status": 0, "return": 1},
           "call without arguments", result.stdout, result.stderr)
    result = call("-C", host, MGMT, "mgmt.inq_stats", '{"count": 4}')
    got = json.loads(result.stdout or "{}")
    tap.ok(len(got.get("statistics", [])) == 4 and got["count"] == 4 and got["status"] == 0,
           "an array whose size the caller says", result.stdout, result.stderr)
    tap.ok(len(result.stdout.splitlines()) == 1, "--compact is one line")
    result = call(host, MGMT, "inq_stats", "-", stdin='{"count": "0x2"}')
    tap.ok(len(json.loads(result.stdout or "{}").get("statistics", [])) == 2,
           "arguments from standard input", result.stdout, result.stderr)
    path = os.path.join(live.folder, "arguments.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"count": 1}')
    result = call(host, MGMT, "inq_stats", "@" + path)
    tap.ok(result.returncode == 0, "arguments from a file", result.stderr)
    result = call(host, MGMT, "inq_if_ids")
    ids = json.loads(result.stdout or "{}").get("if_id_vector") or {}
    uuids = [entry["uuid"] for entry in ids.get("if_id", [])]
    tap.ok(ids.get("count") == len(uuids) >= 2 and "e1af8308-5d1f-11c9-91a4-08002b14a0fa" in uuids,
        "a conformant struct of pointers to structs", result.stdout, result.stderr)
    result = call(host, MGMT, "stop_server_listening")
    tap.ok(result.returncode == 0 and json.loads(result.stdout) == {"status": 5},
           "an operation that refuses by its result", result.stdout, result.stderr)
    check_endpoints(tap, live, host)
    check_several_calls(tap, host)


def check_several_calls(tap, host):
    """Over one connection, with results of earlier ones as arguments."""
    first = '{"inquiry_type": 0, "object": null, "interface_id": null, "vers_option": 1, ' \
            '"entry_handle": null, "max_ents": 1}'
    later = first.replace("null, \"max", '"$1.entry_handle", "max')
    result = call("-C", host, EPM, "ept_lookup", first, "ept_lookup", later, "ept_lookup_handle_free",
                  '{"entry_handle": "$2.entry_handle"}')
    got = [json.loads(line) for line in result.stdout.splitlines()]
    tap.ok(result.returncode == 0 and len(got) == 3 and got[0]["status"] == got[1]["status"] == 0
           and got[0]["entries"] != got[1]["entries"] and got[1]["entry_handle"] is not None
           and got[2]["entry_handle"] is None, "a handle goes through several calls", *got, result.stderr)
    result = call("-C", host, EPM, "ept_lookup", first, "ept_lookup",
                  later.replace('"max_ents": 1', '"max_ents": "$1.entries[0].annotation"'))
    tap.ok(result.returncode == 2 and len(result.stdout.splitlines()) == 1
           and "$.max_ents: " in result.stderr, "what is deep in a result, of another type", result.stderr)
    for text in ("$2.num_ents", "$1.nothing", "$1.entries[7]", "$1.num_ents.x", "$0.num_ents", "$1.entries[x"):
        result = call("-C", host, EPM, "ept_lookup", first, "ept_lookup",
                      later.replace('"max_ents": 1', f'"max_ents": "{text}"'))
        tap.ok(result.returncode == 2 and f"no earlier call has the result {text}" in result.stderr,
               f"no result {text}", result.stderr)
    result = call("-C", host, EPM, "ept_lookup", later)
    tap.ok(result.returncode == 2 and "$.entry_handle" in result.stderr and not result.stdout,
           "the first call has nothing to refer to", result.stderr)


def check_endpoints(tap, live, host):
    for options in (["-e", str(live.port), "127.0.0.1"],
                    ["--endpoint", f"ncacn_ip_tcp:127.0.0.1[{live.port}]", "192.0.2.1"],
                    ["-m", str(live.port), "127.0.0.1"], [f"ncacn_ip_tcp:127.0.0.1[{live.port}]"]):
        result = call(*options, MGMT, "is_server_listening")
        tap.ok(result.returncode == 0, f"call {' '.join(options)}".replace(str(live.port), "PORT"),
               result.stderr)
    result = call("ncalrpc:[epmapper]", MGMT, "is_server_listening", IRONRPC_RUNTIME_DIR=live.runtime)
    tap.ok(result.returncode == 0, "call over ncalrpc", result.stderr)
    path = os.path.join(live.folder, "other.idl")
    with open(path, "w", encoding="utf-8") as file:
        file.write("[uuid(12345678-1234-1234-1234-123456789abc), version(1.0)] interface other {\n"
                   "long Ask([in] long question); }\n")
    result = call(host, path, "Ask", '{"question": 1}')
    tap.ok(result.returncode == 1 and "interface" in result.stderr,
           "an interface that the server does not have", result.stderr)
    result = call("-m", str(live.port), "127.0.0.1", path, "Ask", '{"question": 1}')
    tap.ok(result.returncode == 1 and result.stderr, "nor the endpoint mapper", result.stderr)
    with open(path, "w", encoding="utf-8") as file:
        file.write("[uuid(afa8bd80-7d8a-11c9-bef4-08002b102989), version(1.0)] interface mgmt {\n"
                   "void a(); void b(); void c(); void d(); void e(); void f(); void Beyond(); }\n")
    result = call(host, path, "Beyond")
    tap.ok(result.returncode == 1 and "0x1c010002" in result.stderr.lower(),
           "a fault is shown with its code", result.stderr)


def main():
    tap = Tap()
    check_mistakes(tap)
    with tempfile.TemporaryDirectory() as folder:
        check_idl_errors(tap, folder)
        check_terminal(tap, folder)
    check_help(tap)
    with Live(IRONRPCD) as live:
        host = f"127.0.0.1[{live.port}]"
        check_map(tap, live, host)
        check_ping(tap, live, host)
        check_call(tap, live, host)
        tap.ok(live.stop() == 0, "the service stops cleanly", live.text)
    tap.done()


main()
