#!/usr/bin/python3
"""Samba's byte-level suite, raw_protocol, by the tiers of tiers/: each name of a tier that we serve
is a test. Debian's version asserts the answers of Windows 2012 R2, which we give if asked to; of the
answers that we give by default, just those fail where the generations differ."""
from concurrent.futures import ThreadPoolExecutor
import os
import re

import peer

TIERS = ["stub", "noauth", "ntlm", "krb5"]
CLASS = "samba.tests.dcerpc.raw_protocol.TestDCERPC_BIND"
# What Windows 2022 answers otherwise: a bind without contexts, padding in front of a bind's trailer.
OLDER = {"test_no_auth_no_ctx", "test_no_auth_invalid_valid_request", "test_spnego_auth_pad_ok",
         "test_spnego_auth_pad_fail_alter", "test_ntlmssp_auth_pad_ok", "test_ntlmssp_auth_pad_fail_auth3"}


def names_of(tier):
    path = os.path.join(peer.HERE, "tiers", f"raw_protocol.{tier}.txt")
    with open(path, encoding="ascii") as file:
        return file.read().split()


def run_names(serving, names):
    """{name: "ok", "FAIL", ...}, and the text."""
    environment = dict({"REALM": "TESTS.EXAMPLE"}, **serving.env, SERVER=serving.address,
                       MAX_NUM_AUTH="8", SMB_CONF_PATH=serving.smb_conf())
    text = peer.run([peer.PYTHON, "-m", "unittest", "-v", *[f"{CLASS}.{name}" for name in names]], 400,
                    environment)[1]
    results = re.findall(r"^(test_\w+) \(.*?\) \.\.\. (?:.*?[^\w])??(ok|FAIL|ERROR|skipped.*?)$", text,
                         re.M | re.S)
    return dict(results), text


def details(name, text):
    detail = re.search(rf"^(?:FAIL|ERROR): {name} .*?(?=^={{20}})", text + "=" * 70, re.M | re.S)
    return detail.group(0) if detail else text[-1500:]


def check_2012r2(tap, runs):
    for tier, names, (results, text) in runs:
        for name in names:
            tap.ok(results.get(name) == "ok", f"{tier} {name}", details(name, text))


def check_2022(tap, runs):
    for tier, names, (results, text) in runs:
        for name in names:
            wanted = "FAIL" if name in OLDER else "ok"
            tap.ok(results.get(name) == wanted, f"2022 {tier} {name}: {wanted}", details(name, text))


def run_tiers(serving, order):
    """(tier, names, results) of each."""
    tiers = [(tier, names_of(tier)) for tier in order if tier != "krb5" or "KRB5_CONFIG" in serving.env]
    return [(tier, names, run_names(serving, names)) for tier, names in tiers]


def main():
    tap = peer.begin([peer.PYTHON])
    if peer.run([peer.PYTHON, "-c", "import samba.tests.dcerpc.raw_protocol"], 60)[0] != 0:
        tap.skip("all of it", "python3-samba is not installed")
        tap.done()
    with peer.Serving(tap, "127.0.0.33", "--windows", "2012r2", "--users", name="raw_protocol") as older, \
            peer.Serving(tap, "127.0.0.35", "--users", name="raw_protocol 2022") as newer, \
            ThreadPoolExecutor() as pool:
        # Most of it is waiting, but not the stub tier: not twice at once.
        runs = list(pool.map(run_tiers, [older, newer], [TIERS, TIERS[2:] + TIERS[:2]]))
    if len(runs[0]) < len(TIERS):
        tap.skip("krb5", "built without Kerberos, or krb5-kdc is not installed")
    check_2012r2(tap, runs[0])
    check_2022(tap, runs[1])
    tap.done()


main()
