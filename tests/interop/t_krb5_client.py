#!/usr/bin/python3
"""Our tool with Kerberos and SPNEGO at ironrpcd, whose workers are in their sandbox: every level, and what
has to be refused. (Services and fragments: tests/scenario/t_auth.py.)"""
import peer


def ask(serving, *options, password=None):
    """The map in NDR 2.0: tshark 4.0 takes annotations in NDR64 for malformed."""
    env = {"KRB5_CONFIG": serving.env["KRB5_CONFIG"], "IRONRPC_PASSWORD": password or serving.env["PASSWORD"]}
    return peer.run([peer.IRONRPC, "map", "--transfer", "ndr", "-U", serving.env["USERNAME"], *options,
                     serving.address], 60, env)


def check(tap, serving):
    target = ("--target", f"host/{serving.env['TARGET_HOSTNAME']}")
    for kind in ("kerberos", "negotiate"):
        for level in ("connect", "packet", "integrity", "privacy"):
            status, text = ask(serving, "-A", kind, "-L", level, *target)
            tap.ok(status == 0 and "rpcecho" in text, f"the endpoint map with {kind}, {level}", text)
    status, text = ask(serving, "-A", "negotiate")
    tap.ok(status == 0 and "rpcecho" in text, "NTLM where the realm does not know the server", text)
    status, text = ask(serving, "-A", "kerberos")
    tap.ok(status == 1 and "rpcecho" not in text, "refused: a server that is not in the realm", text)
    status, text = ask(serving, "-A", "kerberos", *target, password="wrong")
    tap.ok(status == 1 and "rpcecho" not in text, "refused: a wrong password", text)


def main():
    tap = peer.begin([peer.IRONRPC])
    with peer.Serving(tap, "127.0.0.38", "--users", name="krb5_client") as serving:
        if "KRB5_CONFIG" in serving.env:
            check(tap, serving)
        else:
            tap.skip("all of it", "built without Kerberos, or krb5-kdc is not installed")
        log = serving.read_log()
        tap.ok(serving.env["PASSWORD"] not in log, "no password in the log", log)
    tap.done()


main()
