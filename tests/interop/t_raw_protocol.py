#!/usr/bin/python3
"""Samba's byte-level suite, raw_protocol, by the tiers of tiers/: each name of a tier that we serve
is a test. Debian's version asserts the answers of Windows 2012 R2."""
import os
import re

import peer

TIERS = ["noauth", "stub"]
CLASS = "samba.tests.dcerpc.raw_protocol.TestDCERPC_BIND"


def names_of(tier):
    path = os.path.join(peer.HERE, "tiers", f"raw_protocol.{tier}.txt")
    with open(path, encoding="ascii") as file:
        return file.read().split()


def main():
    tap = peer.begin([peer.PYTHON])
    if peer.run([peer.PYTHON, "-c", "import samba.tests.dcerpc.raw_protocol"], 60)[0] != 0:
        tap.skip("all of it", "python3-samba is not installed")
        tap.done()
    with peer.Serving(tap, "127.0.0.33", "--windows", "2012r2", name="raw_protocol") as serving:
        environment = {"SERVER": serving.address, "TARGET_HOSTNAME": serving.address,
                       "USERNAME": "tester", "PASSWORD": "unused", "DOMAIN": "TESTS",
                       "REALM": "TESTS.EXAMPLE", "MAX_NUM_AUTH": "8",
                       "SMB_CONF_PATH": serving.smb_conf()}
        for tier in TIERS:
            names = names_of(tier)
            text = peer.run([peer.PYTHON, "-m", "unittest", "-v",
                             *[f"{CLASS}.{name}" for name in names]], 400, environment)[1]
            results = dict(re.findall(r"^(test_\w+) \(.*?\) \.\.\. (?:.*?[^\w])??(ok|FAIL|ERROR|skipped.*?)$",
                                      text, re.M | re.S))
            for name in names:
                detail = re.search(rf"^(?:FAIL|ERROR): {name} .*?(?=^={{20}})", text + "=" * 70,
                                   re.M | re.S)
                tap.ok(results.get(name) == "ok", f"{tier} {name}",
                       detail.group(0) if detail else text[-1500:])
    tap.done()


main()
