#!/usr/bin/python3
"""A MIT KDC of its own: kdc.py ADDR HOST prints its environment, then "ready"; stops on SIGTERM or SIGINT.

    with kdc.Kdc("127.0.0.37", "host.tests.example") as realm:    # raises kdc.Failed
        run([...], environment=realm.environment())

Realm, database, keytab and configuration live in a folder of its own, which is removed at the end; the
user's own credentials are not touched. It has one user with a password, and host/HOST with a key in
"keytab". Ports are any that are free on ADDR. Nothing is asked of the DNS.
"""
import os
import socket
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import foreign  # noqa: E402

REALM = "TESTS.EXAMPLE"
USER, PASSWORD = "tester", "Geheim-42"
SBIN = "/usr/sbin"
KRB5KDC, KDB5_UTIL = os.path.join(SBIN, "krb5kdc"), os.path.join(SBIN, "kdb5_util")
KADMIN = os.path.join(SBIN, "kadmin.local")
NEEDS = [KRB5KDC, KDB5_UTIL, KADMIN]

Failed = foreign.Failed


def is_installed():
    return all(os.access(program, os.X_OK) for program in NEEDS)


def is_linked(program):
    """Whether a program was built with Kerberos."""
    needed = subprocess.run(["readelf", "-d", program], stdout=subprocess.PIPE, check=False).stdout
    return b"libgssapi_krb5" in needed


def is_usable(program):
    """Whether there is a KDC, and the program can do something with it."""
    return is_linked(program) and is_installed()


def free_port(address):
    """A port that is free for TCP and UDP."""
    for _ in range(50):
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind((address, 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            return tcp.getsockname()[1]
    raise Failed("no port is free")


class Kdc(foreign.Server):
    def __init__(self, address, host, user=USER, password=PASSWORD, pac=True):
        """pac: whether tickets say who the user is; of our realm that is little, but there."""
        super().__init__("krb5kdc")
        self.pac = pac
        self.address = address
        self.host = host
        self.user = user
        self.password = password
        self.keytab = self.path("keytab")

    def environment(self):
        """For clients and servers of the realm, and for kinit."""
        return {"KRB5_CONFIG": self.path("krb5.conf")}

    def private_environment(self):
        """For the programs of the KDC."""
        return {**self.environment(), "KRB5_KDC_PROFILE": self.path("kdc.conf")}

    def write_configuration(self):
        port = free_port(self.address)
        self.write("krb5.conf", f"""[libdefaults]
default_realm = {REALM}
dns_lookup_realm = false
dns_lookup_kdc = false
dns_canonicalize_hostname = false
rdns = false
default_ccache_name = FILE:{self.folder}/cache
default_keytab_name = FILE:{self.folder}/none
[realms]
{REALM} = {{
    kdc = {self.address}:{port}
}}
[domain_realm]
{self.host} = {REALM}
""")
        self.write("kdc.conf", f"""[kdcdefaults]
kdc_listen = {self.address}:{port}
kdc_tcp_listen = {self.address}:{port}
[realms]
{REALM} = {{
    database_name = {self.folder}/principal
    key_stash_file = {self.folder}/stash
    acl_file = {self.folder}/acl
    supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
    disable_pac = {"false" if self.pac else "true"}
}}
[logging]
kdc = FILE:{self.folder}/log
""")

    def admin(self, request):
        output = self.run(KADMIN, "-r", REALM, "-q", request, environment=self.private_environment())
        if ": " in output.splitlines()[-1] and "while" in output:
            raise Failed(output)

    def log(self):
        return self.read("log")

    def start(self):
        if not is_installed():
            raise Failed("krb5-kdc and krb5-admin-server are not installed")
        self.write_configuration()
        self.run(KDB5_UTIL, "-r", REALM, "create", "-s", "-P", "of the tests",
                 environment=self.private_environment())
        self.admin(f"addprinc +requires_preauth -pw {self.password} {self.user}")
        self.admin(f"addprinc -randkey host/{self.host}")
        self.admin(f"ktadd -k {self.keytab} host/{self.host}")
        self.launch(KRB5KDC, "-n", "-r", REALM, environment=self.private_environment())
        self.wait(lambda: "commencing operation" in self.log())


if __name__ == "__main__":
    foreign.main(Kdc, "ADDR", "HOST")
