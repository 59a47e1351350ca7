#!/usr/bin/python3
"""A MIT KDC of its own: kdc.py ADDR HOST prints its environment, then "ready"; stops on SIGTERM or SIGINT.

    with kdc.Kdc("127.0.0.37", "host.tests.example") as realm:    # raises kdc.Failed
        run([...], environment=realm.environment())

Realm, database, keytab and configuration live in a folder of its own, which is removed at the end; the
user's own credentials are not touched. It has one user with a password, and host/HOST with a key in
.keytab. Ports are any that are free on ADDR. Nothing is asked of the DNS.
"""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

REALM = "TESTS.EXAMPLE"
USER, PASSWORD = "tester", "Geheim-42"
SBIN = "/usr/sbin"
KRB5KDC, KDB5_UTIL = os.path.join(SBIN, "krb5kdc"), os.path.join(SBIN, "kdb5_util")
KADMIN = os.path.join(SBIN, "kadmin.local")
NEEDS = [KRB5KDC, KDB5_UTIL, KADMIN]


class Failed(Exception):
    """What the program printed is the message."""


def is_installed():
    return all(os.access(program, os.X_OK) for program in NEEDS)


def is_usable(program):
    """Whether there is a KDC, and the program can do something with it."""
    needed = subprocess.run(["readelf", "-d", program], stdout=subprocess.PIPE, check=False).stdout
    return b"libgssapi_krb5" in needed and is_installed()


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


class Kdc:
    def __init__(self, address, host, user=USER, password=PASSWORD):
        self.address = address
        self.host = host
        self.user = user
        self.password = password
        self.folder = tempfile.mkdtemp(prefix="ironrpc-kdc-")
        self.keytab = os.path.join(self.folder, "keytab")
        self.server = None

    def environment(self):
        """For clients and servers of the realm, and for kinit."""
        return {"KRB5_CONFIG": os.path.join(self.folder, "krb5.conf")}

    def write_configuration(self):
        port = free_port(self.address)
        with open(os.path.join(self.folder, "krb5.conf"), "w", encoding="ascii") as file:
            file.write(f"""[libdefaults]
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
        with open(os.path.join(self.folder, "kdc.conf"), "w", encoding="ascii") as file:
            file.write(f"""[kdcdefaults]
kdc_listen = {self.address}:{port}
kdc_tcp_listen = {self.address}:{port}
[realms]
{REALM} = {{
    database_name = {self.folder}/principal
    key_stash_file = {self.folder}/stash
    acl_file = {self.folder}/acl
    supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
}}
[logging]
kdc = FILE:{self.folder}/log
""")

    def run(self, *command, text=""):
        environment = dict(os.environ, KRB5_KDC_PROFILE=os.path.join(self.folder, "kdc.conf"),
                           **self.environment())
        result = subprocess.run(command, input=text.encode(), timeout=60, env=environment,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if result.returncode != 0:
            raise Failed(f"{command}: {result.stdout.decode(errors='replace')}")
        return result.stdout.decode(errors="replace")

    def admin(self, request):
        output = self.run(KADMIN, "-r", REALM, "-q", request)
        if ": " in output.splitlines()[-1] and "while" in output:
            raise Failed(output)

    def log(self):
        try:
            with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def start(self):
        if not is_installed():
            raise Failed("krb5-kdc and krb5-admin-server are not installed")
        self.write_configuration()
        self.run(KDB5_UTIL, "-r", REALM, "create", "-s", "-P", "of the tests")
        self.admin(f"addprinc +requires_preauth -pw {self.password} {self.user}")
        self.admin(f"addprinc -randkey host/{self.host}")
        self.admin(f"ktadd -k {self.keytab} host/{self.host}")
        environment = dict(os.environ, KRB5_KDC_PROFILE=os.path.join(self.folder, "kdc.conf"),
                           **self.environment())
        self.server = subprocess.Popen([KRB5KDC, "-n", "-r", REALM], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env=environment)
        end = time.monotonic() + 20
        while "commencing operation" not in self.log():
            if self.server.poll() is not None or time.monotonic() > end:
                raise Failed(f"krb5kdc does not start\n{self.log()}")
            time.sleep(0.02)

    def stop(self):
        if self.server and self.server.poll() is None:
            self.server.terminate()
            try:
                self.server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
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
    if len(sys.argv) != 3:
        sys.exit("usage: kdc.py ADDR HOST")
    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    try:
        with Kdc(*sys.argv[1:]) as realm:
            for name, value in realm.environment().items():
                print(f"{name}={value}")
            print(f"KEYTAB={realm.keytab}\nready", flush=True)
            while realm.server.poll() is None:
                time.sleep(0.2)
            raise Failed(f"krb5kdc ended\n{realm.log()}")
    except Stopped:
        pass
    except Failed as error:
        sys.exit(f"kdc.py: {error}")


if __name__ == "__main__":
    main()
