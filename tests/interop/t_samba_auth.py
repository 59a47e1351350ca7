#!/usr/bin/python3
"""Our client against Samba's servers, as somebody: NTLM, Kerberos and SPNEGO at every level, fragments both
ways, signed headers, and what has to be refused.

Samba takes Kerberos here by a keytab, without a domain. A ticket that has a PAC is refused by it then
("Unexpected PAC in standalone mode", and no call after the bind is taken for anybody's), so that our KDC
gives none: with it, and from a domain controller, t_samba_ad.py."""
import kdc
import levels
import peer
import relay
import rpc
import samba_server

ADDRESS, BETWEEN = "127.0.0.43", "127.0.0.44"
HOST = "samba.tests.example"
OTHER = "other.tests.example"
IDL = "samba_peer.idl"
REMARK = "remark of 32 characters, no more" * 4
SHARES = 70
NAME = f"{samba_server.COMPUTER}\\{samba_server.USER}"
LONG = {"server": "\\\\" + "n" * 20000, "level": 101}
SHORT = {"server": None, "level": 101}
ALL_SHARES = {"server": None, "preferred": 0xffffffff, "resume": None, "shares": {
    "level": 1, "info": {"case": 1, "level1": {"count": 0, "shares": None}}}}
SAMBA_CLIENT = """
import os, sys
from samba import credentials, param
from samba.dcerpc import srvsvc
lp = param.LoadParm(os.environ["SAMBA_CONF"])
user = credentials.Credentials()
user.guess(lp)
user.set_username(os.environ["SAMBA_USER"])
user.set_password(sys.argv[2])
user.set_domain(os.environ["SAMBA_DOMAIN"])
user.set_kerberos_state(credentials.DONT_USE_KERBEROS)
pipe = srvsvc.srvsvc(f"ncacn_ip_tcp:{os.environ['SAMBA_ADDRESS']}[{sys.argv[1]}]", lp, user)
print(pipe.NetSrvGetInfo(None, 101).server_name)
"""


def settings(realm):
    """Of smb.conf: Kerberos, and shares whose list does not fit into one fragment."""
    lines = []
    if realm:
        lines += [f"realm = {kdc.REALM}", "kerberos method = dedicated keytab",
                  f"dedicated keytab file = FILE:{realm.keytab}"]
    for n in range(SHARES):
        lines += [f"[share{n}]", "path = /tmp", f"comment = {REMARK}"]
    return lines


def kinds(realm):
    ways = [levels.Kind("ntlm", "ntlm", NAME, samba_server.PASSWORD),
            levels.Kind("ntlm by spnego", "negotiate", NAME, samba_server.PASSWORD)]
    if realm:  # where NTLM has another password: it is not what helps
        target = f"host/{HOST}"
        ways += [levels.Kind(name, option, samba_server.USER, kdc.PASSWORD, realm.environment(), target)
                 for name, option in (("kerberos", "kerberos"), ("kerberos by spnego", "negotiate"))]
    return ways


def is_ours(result):
    return result.get("return") == 0 and result["info"]["info101"]["name"] == samba_server.COMPUTER


def check_user(tap, samba):
    for level in ("connect", "packet", "sign", "seal", "seal,spnego"):
        status, text = peer.run([peer.PYTHON, "-c", SAMBA_CLIENT, level, samba_server.PASSWORD],
                                60, samba.environment())
        tap.ok(status == 0 and text.strip().endswith(samba_server.COMPUTER),
               f"Samba's client as {samba_server.USER}, {level}", text)
    status, text = peer.run([peer.PYTHON, "-c", SAMBA_CLIENT, "sign", "wrong"], 60,
                            samba.environment())
    tap.ok(status == 1 and "NT_STATUS_LOGON_FAILURE" in text, "a wrong password is refused", text)


def check_level(tap, kind, level, port):
    """A large request, and a large response, through a relay that counts their fragments."""
    call = kind.caller(IDL, level)
    with relay.Relay(BETWEEN, (ADDRESS, port)) as between:
        host = f"ncacn_ip_tcp:{BETWEEN}[{between.port}]"
        result, text = call(host, "NetrServerGetInfo", LONG)
        tap.ok(is_ours(result), f"{kind.name}, {level}: a request of 40 kB", text)
        result, text = call(host, "NetrShareEnum", ALL_SHARES)
        shares = {s["name"]: s["remark"] for s in (result["shares"]["info"]["level1"]["shares"]
                                                   if result.get("return") == 0 else [])}
        tap.ok(all(shares.get(f"share{n}") == REMARK for n in range(SHARES)),
               f"{kind.name}, {level}: a reply of 20 kB", text[-400:])
    counts = [levels.fragments(between.pdus, *which) for which in ((False, relay.REQUEST),
                                                                   (True, relay.RESPONSE))]
    tap.ok(counts[0] > 6 and counts[1] > 3, f"{kind.name}, {level}: both in fragments",
           levels.lengths(between.pdus))


def check_refusals(tap, kind, host):
    # At level connect Samba takes a call after a failed NTLM for one of nobody's, and answers it.
    for level in ("packet", "integrity", "privacy"):
        result, text = kind.caller(IDL, level, password="wrong")(host, "NetrServerGetInfo", SHORT)
        tap.ok(result == {} and ("password may be wrong" in text or "Preauthentication" in text),
               f"{kind.name}, {level}: a wrong password is refused", text)


def check_targets(tap, realm, port):
    """A host that the realm does not know, and one whose key Samba does not have."""
    realm.admin(f"addprinc -randkey host/{OTHER}")
    for host in ("nobody.tests.example", OTHER):
        call = peer.Caller(IDL, "-A", "kerberos", "-U", samba_server.USER, "-L", "privacy", "--target",
                           f"host/{host}", password=kdc.PASSWORD, environment=realm.environment())
        result, text = call(f"{ADDRESS}[{port}]", "NetrServerGetInfo", SHORT)
        tap.ok(result == {} and "ironrpc call:" in text, f"kerberos: {host} is not this server", text)


def check_kind(tap, kind, port):
    def is_answered(host, level):
        return is_ours(kind.caller(IDL, level)(host, "NetrServerGetInfo", SHORT)[0])

    for level in levels.LEVELS:
        check_level(tap, kind, level, port)
    word = kind.options[1].replace("negotiate", "spnego").replace("kerberos", "krb5")
    host = f"ncacn_ip_tcp:{ADDRESS}[{port},seal,{word}]"
    result, text = kind.caller(IDL, "privacy")(host, "NetrServerGetInfo", SHORT)
    tap.ok(is_ours(result), f"{kind.name}: as the string binding says", text)
    check_refusals(tap, kind, f"{ADDRESS}[{port}]")
    levels.check_headers(tap, kind, BETWEEN, (ADDRESS, port), is_answered)


def check(tap, realm):
    with samba_server.SambaServer(ADDRESS, settings(realm)) as samba:
        check_user(tap, samba)
        port = rpc.port_of(ADDRESS, samba_server.SRVSVC)
        for kind in kinds(realm):
            check_kind(tap, kind, port)
        if realm:
            check_targets(tap, realm, port)


def main():
    tap = peer.begin([peer.IRONRPC, *samba_server.NEEDS])
    try:
        if kdc.is_usable(peer.IRONRPC):
            with kdc.Kdc(ADDRESS, HOST, user=samba_server.USER, pac=False) as realm:
                check(tap, realm)
        else:
            tap.skip("kerberos", "built without it, or krb5-kdc is not installed")
            check(tap, None)
    except samba_server.Failed as error:
        tap.ok(False, "the servers start", error)
    tap.done()


main()
