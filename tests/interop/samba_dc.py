#!/usr/bin/python3
"""A domain of Samba's: a domain controller for our client to talk to, provisioned in a folder of its own.

    with samba_dc.DomainController("127.0.0.50") as dc:        # raises samba_dc.Failed
        run([...], environment=dc.environment())
    samba_dc.py ADDR      prints the environment, then "ready"; stops on SIGTERM or SIGINT

It has ADDR:135, and the KDC's ports 88 and 464 there, so call this in a network of our own:
peer.begin(). RPC and Kerberos are all that it serves: netlogon, lsarpc, samr, drsuapi... at the ports of PORTS; no
DNS, LDAP or files. There is one user with a password; a computer OTHER has a service name and a key that
the controller does not use. Provisioning takes ten seconds of processor time.
"""
import glob
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import foreign  # noqa: E402
import rpc  # noqa: E402

Failed = foreign.Failed
PYTHON = "/usr/bin/python3"
SERVER = "/usr/sbin/samba"
MODULE = "/usr/lib/*/samba/ldb/samldb.so"
NEEDS = [SERVER, "/usr/share/samba/setup/provision.ldif", *(glob.glob(MODULE) or [MODULE])]
DOMAIN = "ADTESTS"
REALM = "AD.TESTS.EXAMPLE"
COMPUTER = "DC"
HOST = "dc.ad.tests.example"
OTHER = "other.ad.tests.example"
USER = "tester"
PASSWORD = "Geheim-42-of-the-tests"
PORTS = "49700-49799"
NETLOGON = ("12345678-1234-abcd-ef00-01234567cffb", 1)
PROVISION = """
import logging, sys
from samba import dsdb
from samba.auth import system_session
from samba.provision import provision
conf, address, realm, domain, computer, user, password, other = sys.argv[1:]
made = provision(logging.getLogger("provision"), system_session(), smbconf=conf, realm=realm, domain=domain,
                 hostname=computer.lower(), hostip=address, adminpass=password, samdb_fill="FULL",
                 serverrole="active directory domain controller", dns_backend="NONE",
                 dom_for_fun_level=dsdb.DS_DOMAIN_FUNCTION_2008_R2, skip_sysvolacl=True, useeadb=False)
made.samdb.newuser(user, password)
made.samdb.newcomputer("other", service_principal_name_list=[f"host/{other}"])
made.samdb.setpassword("(sAMAccountName=other$)", password)
"""


class DomainController(foreign.Server):
    def __init__(self, address):
        super().__init__("samba-dc")
        self.address = address
        self.conf = self.path("smb.conf")

    def environment(self):
        """What a client of Kerberos needs; the krb5.conf in there is Samba's own."""
        return {"KRB5_CONFIG": self.path("client.conf")}

    def write_configuration(self):
        lines = [f"workgroup = {DOMAIN}", f"realm = {REALM}", f"netbios name = {COMPUTER}",
                 "server role = active directory domain controller", "server services = rpc kdc",
                 f"interfaces = {self.address}/8", "bind interfaces only = yes",
                 "log level = 1 auth_audit:4", f"log file = {self.folder}/log",
                 f"rpc server dynamic port range = {PORTS}", "allow dcerpc auth level connect:netlogon = yes",
                 "disable spoolss = yes", "ldb:nosync = yes",
                 f"ncalrpc dir = {self.path('ncalrpc')}"]
        lines += [f"{key} = {self.folder}" for key in (
            "private dir", "lock directory", "state directory", "cache directory", "pid directory",
            "binddns dir")]
        lines += ["[sysvol]", f"path = {self.folder}", "[netlogon]", f"path = {self.folder}"]
        self.write("smb.conf", "\n".join(["[global]", *lines, ""]))
        self.write("client.conf", f"""[libdefaults]
default_realm = {REALM}
dns_lookup_realm = false
dns_lookup_kdc = false
dns_canonicalize_hostname = false
rdns = false
default_ccache_name = FILE:{self.folder}/cache
[realms]
{REALM} = {{
    kdc = {self.address}:88
}}
[domain_realm]
.{HOST.split(".", 1)[1]} = {REALM}
""")

    def answers(self):
        """Whether netlogon, where the mapper says it is, and the KDC take connections."""
        with rpc.Client(self.address, rpc.port_of(self.address, NETLOGON)) as client:
            client.bind(NETLOGON)
        with rpc.Client(self.address, 88):
            return True

    def start(self):
        self.write_configuration()
        os.mkdir(self.path("tls"))
        self.run(PYTHON, "-c", PROVISION, self.conf, self.address, REALM, DOMAIN, COMPUTER, USER, PASSWORD,
                 OTHER)
        self.launch(SERVER, "--interactive", "--model=single", f"--configfile={self.conf}", "--debug-stdout")
        self.wait(self.answers, (OSError, rpc.Error))


if __name__ == "__main__":
    foreign.main(DomainController, "ADDR")
