#!/usr/bin/python3
"""Samba's own RPC server, for our client to talk to: samba-dcerpcd, standalone, on one loopback address.

    with samba_server.SambaServer("127.0.0.41") as samba:      # raises samba_server.Failed
        run([...], environment=samba.environment())
    samba_server.py ADDR      prints SAMBA_* assignments, then "ready"; stops on SIGTERM or SIGINT

The endpoint mapper is at ADDR:135, so call this where that port is free: peer.begin() gives a network
of our own. Samba's lsarpc, samr, netlogon, srvsvc, winreg, wkssvc... listen at the ports of PORTS and
over ncalrpc. There is one user with a password, known to NTLM (no Kerberos); an account database, a
configuration and all state live in a folder of its own, which is removed at the end. A call without
authentication is answered where Samba lets anonymous in; every level from connect to privacy is taken.

All of it is in Debian's samba-common-bin; the samba package is not needed.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rpc  # noqa: E402

SERVER = "/usr/libexec/samba/samba-dcerpcd"
NEEDS = [SERVER, "smbpasswd"]
DOMAIN = "TESTS"
COMPUTER = "SAMBAPEER"
USER = "daemon"  # has to be known to the system too: base-passwd has it everywhere
PASSWORD = "Pa55-of-the-tests"
PORTS = "49600-49699"
SRVSVC = ("4b324fc8-1670-01d3-1278-5a47bf6ee188", 3)


class Failed(Exception):
    """What Samba printed is the message."""


class SambaServer:
    def __init__(self, address, settings=()):
        """settings: more lines of smb.conf's [global], for instance "server min protocol = ...". """
        self.address = address
        self.folder = tempfile.mkdtemp(prefix="ironrpc-samba-")
        self.conf = os.path.join(self.folder, "smb.conf")
        self.ncalrpc = os.path.join(self.folder, "ncalrpc")
        self.settings = settings
        self.server = None

    def environment(self):
        """What a client needs to know, as environment variables."""
        return {"SAMBA_ADDRESS": self.address, "SAMBA_USER": USER, "SAMBA_PASSWORD": PASSWORD,
                "SAMBA_DOMAIN": COMPUTER, "SAMBA_COMPUTER": COMPUTER, "SAMBA_CONF": self.conf,
                "SAMBA_NCALRPC": self.ncalrpc}

    def write_conf(self):
        lines = [f"workgroup = {DOMAIN}", f"netbios name = {COMPUTER}", "server role = standalone",
                 "log level = 1", f"interfaces = {self.address}/8", "bind interfaces only = yes",
                 "rpc start on demand helpers = no",
                 f"rpc server dynamic port range = {PORTS}", "map to guest = never",
                 "allow dcerpc auth level connect = yes", "load printers = no",
                 "disable spoolss = yes", f"ncalrpc dir = {self.ncalrpc}",
                 f"log file = {self.folder}/log"]
        lines += [f"{key} = {self.folder}" for key in (
            "private dir", "lock directory", "state directory", "cache directory",
            "pid directory")]
        lines.append(f"passdb backend = tdbsam:{self.folder}/passdb.tdb")
        with open(self.conf, "w", encoding="ascii") as file:
            file.write("[global]\n" + "".join(f"{line}\n" for line in [*lines, *self.settings]))

    def add_user(self):
        result = subprocess.run(["smbpasswd", "-c", self.conf, "-a", "-s", USER],
                                input=f"{PASSWORD}\n{PASSWORD}\n".encode(), timeout=60,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if result.returncode != 0:
            raise Failed(result.stdout.decode(errors="replace"))

    def log(self):
        with open(os.path.join(self.folder, "output"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def start(self):
        """Ready once the mapper tells a port of srvsvc, and a bind to srvsvc there is accepted."""
        self.write_conf()
        self.add_user()
        with open(os.path.join(self.folder, "output"), "wb") as output:
            # A process group of its own, so that its workers end with it, whatever happens to it.
            self.server = subprocess.Popen(
                [SERVER, "--foreground", "--no-process-group", f"--configfile={self.conf}",
                 "--debug-stdout", "--libexec-rpcds"], stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True)
        end = time.monotonic() + 30
        last = "it did not answer"
        while time.monotonic() < end:
            if self.server.poll() is not None:
                raise Failed(f"samba-dcerpcd ended with {self.server.returncode}\n{self.log()}")
            try:
                with rpc.Client(self.address) as client:
                    client.bind(rpc.EPM)
                    port = rpc.map_tcp(client, SRVSVC)
                with rpc.Client(self.address, port) as client:
                    client.bind(SRVSVC)
                return
            except (OSError, rpc.Error) as error:
                last = error
                time.sleep(0.05)
        raise Failed(f"{last}\n{self.log()}")

    def stop(self):
        """End the server and every worker of it; remove the folder."""
        if self.server:
            for number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
                try:
                    os.killpg(self.server.pid, number)
                except ProcessLookupError:
                    break
                try:
                    self.server.wait(timeout=seconds)
                except subprocess.TimeoutExpired:
                    continue
            self.server = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *args):
        self.stop()
        return False


class Stopped(Exception):
    pass


def on_signal(number, frame):
    raise Stopped


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: samba_server.py ADDR")
    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    try:
        with SambaServer(sys.argv[1]) as samba:
            for name, value in samba.environment().items():
                print(f"{name}={value}")
            print("ready", flush=True)
            while samba.server.poll() is None:
                time.sleep(0.2)
            raise Failed(f"samba-dcerpcd ended with {samba.server.returncode}\n{samba.log()}")
    except Stopped:
        pass
    except Failed as error:
        sys.exit(f"samba_server.py: {error}")


if __name__ == "__main__":
    main()
