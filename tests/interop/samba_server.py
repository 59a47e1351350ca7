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
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import foreign  # noqa: E402
import rpc  # noqa: E402

SERVER = "/usr/libexec/samba/samba-dcerpcd"
NEEDS = [SERVER, "smbpasswd"]
DOMAIN = "TESTS"
COMPUTER = "SAMBAPEER"
USER = "daemon"  # has to be known to the system too: base-passwd has it everywhere
PASSWORD = "Pa55-of-the-tests"
PORTS = "49600-49699"
SRVSVC = ("4b324fc8-1670-01d3-1278-5a47bf6ee188", 3)

Failed = foreign.Failed


class SambaServer(foreign.Server):
    def __init__(self, address, settings=()):
        """settings: more lines of smb.conf's [global], for instance "server min protocol = ...". """
        super().__init__("samba-dcerpcd")
        self.address = address
        self.conf = self.path("smb.conf")
        self.ncalrpc = self.path("ncalrpc")
        self.settings = settings

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
        self.write("smb.conf", "\n".join(["[global]", *lines, *self.settings, ""]))

    def answers(self):
        """Whether the mapper tells a port of srvsvc, and a bind to srvsvc there is accepted."""
        with rpc.Client(self.address, rpc.port_of(self.address, SRVSVC)) as client:
            client.bind(SRVSVC)
        return True

    def start(self):
        self.write_conf()
        self.run("smbpasswd", "-c", self.conf, "-a", "-s", USER, text=f"{PASSWORD}\n{PASSWORD}\n")
        self.launch(SERVER, "--foreground", "--no-process-group", f"--configfile={self.conf}",
                    "--debug-stdout", "--libexec-rpcds")
        self.wait(self.answers, (OSError, rpc.Error))


if __name__ == "__main__":
    foreign.main(SambaServer, "ADDR")
