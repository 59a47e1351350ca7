#!/usr/bin/python3
"""Our client against a domain controller of Samba's: map, ping and check; NTLM, Kerberos and SPNEGO at every
level, fragments both ways, signed headers; what has to be refused. Unlike the server of t_samba_auth.py it has
a KDC of its own, Heimdal's, and reads the PAC of tickets: who the user is comes from there."""
import os

import kdc
import levels
import peer
import relay
import rpc
import samba_dc

ADDRESS, BETWEEN = "127.0.0.50", "127.0.0.51"
IDL = "netlogon_sites.idl"
SITE = "Default-First-Site-Name"
N = 500
MANY = {"computer": None, "addresses": [{"address": f"02000000{n:08x}" + "00" * 8} for n in range(N)]}
ONE = {"computer": None, "addresses": MANY["addresses"][:1]}
NAME = f"{samba_dc.DOMAIN}\\{samba_dc.USER}"


def kinds(dc):
    """NTLM's name of the user is not one of Kerberos', which SPNEGO does not offer then."""
    found = [levels.Kind("ntlm", "ntlm", NAME, samba_dc.PASSWORD),
             levels.Kind("ntlm by spnego", "negotiate", NAME, samba_dc.PASSWORD)]
    if kdc.is_linked(peer.IRONRPC):
        target = f"host/{samba_dc.HOST}"
        found += [levels.Kind(name, option, samba_dc.USER, samba_dc.PASSWORD, dc.environment(), target)
                  for name, option in (("kerberos", "kerberos"), ("kerberos by spnego", "negotiate"))]
    return found


def sites(result):
    """The names that came back, [] if the call failed."""
    if result.get("return") != 0:
        return []
    return [one["text"] for one in result["sites"]["names"]]


def check_tools(tap):
    status, text = peer.run([peer.IRONRPC, "map", ADDRESS], 60)
    tap.ok(status == 0 and all(f" {name} " in text for name in
                               ("epmapper", "netlogon", "lsarpc", "samr", "drsuapi", "mgmt")),
           "ironrpc map lists the controller's services", text)
    for host in (ADDRESS, f"{ADDRESS}[{rpc.port_of(ADDRESS, samba_dc.NETLOGON)}]"):
        status, text = peer.run([peer.IRONRPC, "ping", "-c", "2", "-i", "0.01", host], 60)
        tap.ok(status == 0 and "2 answered" in text, f"ironrpc ping {host}", text)
    _, text = peer.run([peer.IRONRPC, "check", ADDRESS], 60)
    tap.ok("connect packet integrity privacy" in text and "netlogon (anonymous-bind)" in text
           and "(map-readable)" in text, "ironrpc check sees what it lets in", text)


def n_sessions(dc, kind):
    """How many sessions of the user the controller has seen."""
    package = "krb5" if kind.environment else "NTLMSSP"
    return dc.log().count(f"AuthZ: [DCE/RPC,{package}] user [{samba_dc.DOMAIN}]\\[{samba_dc.USER}]")


def check_level(tap, dc, kind, level, port):
    call = kind.caller(IDL, level)
    before = n_sessions(dc, kind)
    with relay.Relay(BETWEEN, (ADDRESS, port)) as between:
        result, text = call(f"ncacn_ip_tcp:{BETWEEN}[{between.port}]", "DsrAddressToSiteNamesW", MANY)
    counts = [levels.fragments(between.pdus, *which) for which in ((False, relay.REQUEST),
                                                                   (True, relay.RESPONSE))]
    tap.ok(sites(result) == [SITE] * N and min(counts) > 2,
           f"{kind.name}, {level}: {N} addresses, in fragments both ways",
           f"{text[-400:]}\n{counts}, {levels.lengths(between.pdus)}")
    tap.ok(n_sessions(dc, kind) == before + 1, f"{kind.name}, {level}: the controller knows the user",
           dc.log()[-1000:])


def check_refusals(tap, kind, port):
    host = f"{ADDRESS}[{port}]"
    for level in levels.LEVELS[0 if kind.environment else 2:]:  # else answered as nobody
        result, text = kind.caller(IDL, level, password="wrong")(host, "DsrAddressToSiteNamesW", ONE)
        tap.ok(result == {} and "ironrpc call:" in text, f"{kind.name}, {level}: a wrong password is refused",
               text)


def check_targets(tap, dc, port):
    """A host that the domain does not know, and one whose key the controller does not take."""
    for host in ("nobody.ad.tests.example", samba_dc.OTHER):
        call = peer.Caller(IDL, "-A", "kerberos", "-U", samba_dc.USER, "-L", "privacy", "--target",
                           f"host/{host}", password=samba_dc.PASSWORD, environment=dc.environment())
        result, text = call(f"{ADDRESS}[{port}]", "DsrAddressToSiteNamesW", ONE)
        tap.ok(result == {} and "ironrpc call:" in text, f"kerberos: {host} is not this server", text)
    tap.ok("GSS server Update(krb5)(1) Update failed" in dc.log(),
           "kerberos: the second had a ticket, which the controller cannot read", dc.log()[-1000:])


def check_kind(tap, dc, kind, port):
    def is_answered(host, level):
        return sites(kind.caller(IDL, level)(host, "DsrAddressToSiteNamesW", ONE)[0]) == [SITE]

    for level in levels.LEVELS:
        check_level(tap, dc, kind, level, port)
    check_refusals(tap, kind, port)
    levels.check_headers(tap, kind, BETWEEN, (ADDRESS, port), is_answered)


def main():
    tap = peer.begin([peer.IRONRPC, *samba_dc.NEEDS])
    if os.environ.get("IR_INTEROP_NETWORK") != "own":
        tap.skip("all of it", "a network of our own cannot be had")
        tap.done()
    try:
        with samba_dc.DomainController(ADDRESS) as dc:
            check_tools(tap)
            port = rpc.port_of(ADDRESS, samba_dc.NETLOGON)
            ways = kinds(dc)
            for kind in ways:
                check_kind(tap, dc, kind, port)
            if len(ways) > 2:
                check_targets(tap, dc, port)
            else:
                tap.skip("kerberos", "built without it")
    except samba_dc.Failed as error:
        tap.ok(False, "the domain controller starts", error)
    tap.done()


main()
