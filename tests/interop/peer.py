"""Set-up of the interop tests: an isolated network, serve, a capture, real peers under a deadline.

    import peer
    tap = peer.begin()                     # TAP; runs the script again in its own network if it can
    with peer.Serving(tap, "127.0.0.31") as serving:
        status, text = peer.run(["smbtorture", ...], 60)

Serving starts `serve` on an address, and dumpcap; at its end it stops both, checks that serve ended
well, and lets tshark look for malformed PDUs that we sent (checks of the capture are skipped where
capturing is not permitted).
"""
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"  # the one for which Debian's python3-samba and python3-impacket are
IRONRPC = os.path.join(os.environ.get("IRONRPC_BUILD", "build"), "cmd/ironrpc/ironrpc")


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = 0

    def ok(self, condition, name, details=""):
        self.number += 1
        if not condition:
            self.failed += 1
            for line in str(details).splitlines()[-40:]:
                print(f"# {line}")
        print(f"{'ok' if condition else 'not ok'} {self.number} - {name}", flush=True)

    def skip(self, name, reason):
        self.number += 1
        print(f"ok {self.number} - {name} # SKIP {reason}", flush=True)

    def note(self, text):
        print(f"# {text}", flush=True)

    def done(self):
        print(f"1..{self.number}")
        sys.exit(1 if self.failed or self.number == 0 else 0)


def begin(needs=()):
    """A network of our own if that is permitted, so that nothing else has our ports; then TAP."""
    if os.environ.get("IR_INTEROP_NETWORK") != "own":
        enter = "ip link set lo up && exec \"$@\""
        inside = ["unshare", "--net", "--", "sh", "-c", enter, "sh"]
        environment = dict(os.environ, IR_INTEROP_NETWORK="own")
        if shutil.which("unshare") and shutil.which("ip") and subprocess.run(
                [*inside, "true"], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL).returncode == 0:
            os.execvpe("unshare", [*inside, PYTHON, *sys.argv], environment)
    tap = Tap()
    for program in needs:
        if not (shutil.which(program) or os.path.exists(program)):
            tap.skip("all of it", f"{program} is not installed")
            tap.done()
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.99", 135))
    except OSError as error:
        tap.skip("all of it", f"port 135 cannot be had: {error.strerror}")
        tap.done()
    return tap


def run(command, seconds, environment=None):
    """(exit status, standard output and error) of a peer; status 124 after the deadline."""
    result = subprocess.run(["timeout", "-k", "5", str(seconds), *command], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            env=dict(os.environ, **(environment or {})))
    return result.returncode, result.stdout.decode(errors="replace")


class Caller:
    """ironrpc call, as somebody: (results, text of the program), the results {} if it failed."""

    def __init__(self, idl, *options, password="", environment=None):
        self.command = [IRONRPC, "call", "-C", *options]
        self.idl = os.path.join(HERE, idl)
        self.environment = {"IRONRPC_PASSWORD": password, **(environment or {})}

    def __call__(self, host, operation, arguments, *options):
        status, text = run([*self.command, *options, host, self.idl, operation,
                            json.dumps(arguments)], 60, self.environment)
        try:
            return json.loads(text) if status == 0 else {}, text
        except ValueError:
            return {}, text


class Serving:
    def __init__(self, tap, address, *arguments, name=None):
        self.tap = tap
        self.address = address
        self.arguments = arguments
        self.name = name or address
        self.folder = tempfile.mkdtemp(prefix="ironrpc-interop-")
        self.capture = None
        self.serve = None

    # --- samba's programs want a configuration of their own

    def smb_conf(self):
        path = os.path.join(self.folder, "smb.conf")
        if not os.path.exists(path):
            keys = ["private dir", "lock directory", "state directory", "cache directory",
                    "pid directory"]
            with open(path, "w", encoding="ascii") as file:
                file.write("[global]\nworkgroup = TESTS\nnetbios name = PEER\nlog level = 0\n")
                file.writelines(f"{key} = {self.folder}\n" for key in keys)
        return path

    # --- capture

    def start_capture(self):
        self.file = os.path.join(self.folder, "capture.pcapng")
        version = "ip6" if ":" in self.address else "ip"
        try:
            self.capture = subprocess.Popen(
                ["dumpcap", "-q", "-i", "lo", "-f", f"{version} host {self.address} and tcp", "-B",
                 "64", "-w", self.file], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE)
        except OSError:
            return
        end = time.monotonic() + 5
        seen = b""
        while b"File:" not in seen and time.monotonic() < end:
            ready, _, _ = select.select([self.capture.stderr], [], [], 0.2)
            more = os.read(self.capture.stderr.fileno(), 4096) if ready else b""
            seen += more
            if self.capture.poll() is not None or (ready and not more):
                break
        if b"File:" not in seen:
            self.capture.kill()
            self.capture.wait()
            self.capture = None

    def judge_capture(self):
        name = f"{self.name}: tshark finds nothing malformed that we sent"
        if self.capture is None:
            self.tap.skip(name, "capturing is not permitted here")
            return
        time.sleep(0.5)
        self.capture.send_signal(signal.SIGINT)
        self.capture.wait(timeout=20)
        source = f"{'ipv6' if ':' in self.address else 'ip'}.src == {self.address}"
        ports = sorted(self.ports | {135})
        command = ["tshark", "-n", "-r", self.file]
        for port in ports:
            command += ["-d", f"tcp.port=={port},dcerpc"]
        from_us = "(" + " or ".join(f"tcp.srcport == {port}" for port in ports) + ")"
        wanted = f"{source} and {from_us}"

        def count(expression):
            status, text = run([*command, "-Y", f"{wanted} and {expression}", "-T", "fields", "-e",
                                "frame.number", "-e", "dcerpc.pkt_type"], 120,
                               {"HOME": self.folder})
            lines = [line for line in text.splitlines() if re.match(r"^\d+\t", line)]
            return status, lines, text

        status, pdus, text = count("dcerpc")
        malformed_status, malformed, _ = count("_ws.malformed")
        self.tap.ok(status == 0 and malformed_status == 0 and len(pdus) >= self.at_least
                    and not malformed, name,
                    "\n".join([text[-400:], f"{len(pdus)} PDUs", *malformed[:20]]))
        self.tap.note(f"{self.name}: {len(pdus)} frames with PDUs from us")

    # --- serve

    def __enter__(self):
        self.at_least = 10
        self.ports = set()
        self.start_capture()
        self.log = open(os.path.join(self.folder, "serve.log"), "w+b")
        self.serve = subprocess.Popen([PYTHON, os.path.join(HERE, "serve"), self.address,
                                       *self.arguments], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=self.log)
        line = self.serve.stdout.readline()
        self.env = {}
        if line.startswith(b"env "):  # what --users says
            self.env = dict(word.split("=", 1) for word in line.decode().split()[1:])
            line = self.serve.stdout.readline()
        self.tap.ok(line == b"ready\n", f"{self.name}: serve is ready", self.read_log())
        if line != b"ready\n":
            self.__exit__(None, None, None)
            self.tap.done()
        self.ports = self.listening_ports()
        return self

    def listening_ports(self):
        """TCP ports of serve's children: where tshark has to expect DCE/RPC."""
        text = run(["ss", "-Hltn"], 10)[1]
        found = re.findall(r"\s(\[[0-9a-f:]+\]|[\d.]+):(\d+)\s", text)
        return {int(port) for host, port in found if host.strip("[]") == self.address}

    def read_log(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def __exit__(self, kind, value, trace):
        if self.serve.poll() is None:
            self.serve.terminate()
        try:
            status = self.serve.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.serve.kill()
            status = "none, it had to be killed"
        self.tap.ok(status == 0, f"{self.name}: serve stops on SIGTERM with status 0",
                    f"status {status}\n{self.read_log()}")
        self.serve.stdout.close()
        self.log.close()
        self.judge_capture()
        if os.environ.get("IR_INTEROP_KEEP"):
            print(f"# kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        return False
