#!/usr/bin/env python3
"""The accounts file: what ironrpc passwd makes of it. t_passwd.py IRONRPC"""
import os
import pty
import stat
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(ROOT, "tests", "meta")]
from tap import Tap  # noqa: E402

IRONRPC = sys.argv[1]
PASSWORD = "a4f49c406510bdcab6824ee7c30fd852"  # NT hash of "Password", [MS-NLMP] 4.2.2.1.2


def passwd(path, *arguments, stdin="Password\n"):
    return subprocess.run([IRONRPC, "passwd", "-f", path, *arguments], input=stdin, capture_output=True,
                          text=True, timeout=30)


def text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def check_terminal(tap, path):
    """Asked twice, not shown."""
    for second, status in (("Password", 0), ("another", 1)):
        ours, theirs = pty.openpty()
        child = subprocess.Popen([IRONRPC, "passwd", "-f", path, "Terminal"], stdin=theirs, stderr=theirs,
                                 stdout=subprocess.DEVNULL)
        os.close(theirs)
        shown = b""
        for question, answer in ((b"password of Terminal", "Password"), (b"once more", second)):
            while question not in shown:
                shown += os.read(ours, 1000)
            time.sleep(0.2)  # until the echo is off
            os.write(ours, answer.encode() + b"\n")
        try:
            while True:
                shown += os.read(ours, 1000)
        except OSError:
            pass
        os.close(ours)
        tap.ok(child.wait() == status and b"Password" not in shown and b"another" not in shown,
               f"on a terminal it is asked for twice and not shown: {status}", shown)


def main():
    tap = Tap()
    if subprocess.run([IRONRPC, "passwd", "-f", "/dev/null/x", "a"], input="x\n", capture_output=True,
                      text=True).stderr.find("built without NTLM") >= 0:
        print("1..0 # SKIP built without NTLM")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "accounts")
        result = passwd(path, "User")
        tap.ok(result.returncode == 0 and text(path) == f"User:{PASSWORD}\n", "the first account", result.stderr)
        tap.ok(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "nobody else may read it")
        passwd(path, "Grace")
        result = passwd(path, "uSER", stdin="other")
        tap.ok(result.returncode == 0 and text(path).splitlines()[0] == f"Grace:{PASSWORD}"
               and text(path).count("SER:") == 1 and len(text(path).splitlines()) == 2,
               "another password for an account that is there, whatever its case", text(path))
        result = passwd(path, "-d", "User")
        tap.ok(result.returncode == 0 and text(path) == f"Grace:{PASSWORD}\n", "removed", result.stderr)
        before = text(path)
        for arguments, status, words in ((["-d", "User"], 1, "no account 'User'"), ([], 2, "USER is missing"),
                                         (["a", "b"], 2, "one USER"), (["a:b"], 2, "without : #"),
                                         (["x" * 300], 2, "1 to 256 bytes"), (["--bogus", "a"], 2, "--bogus")):
            result = passwd(path, *arguments)
            tap.ok(result.returncode == status and words in result.stderr and text(path) == before,
                   f"{' '.join(arguments)[:20]}: refused", result.stderr)
        result = passwd(path, "Void", stdin="")
        tap.ok(result.returncode == 1 and "no password" in result.stderr, "no password, no account",
               result.stderr)
        writers = [subprocess.Popen([IRONRPC, "passwd", "-f", path, f"user{n}"], stdin=subprocess.PIPE)
                   for n in range(12)]
        for writer in writers:
            writer.stdin.write(b"Password\n")
            writer.stdin.close()
        tap.ok(all(writer.wait() == 0 for writer in writers) and len(text(path).splitlines()) == 13
               and os.listdir(folder) == ["accounts"], "twelve at once: none is lost", text(path))
        if os.geteuid() == 0:
            os.chown(path, 65534, 65534)
            result = passwd(path, "Late")
            tap.ok(result.returncode == 0 and os.stat(path).st_uid == 65534 and "Late:" in text(path),
                   "root changes the file of a service, which stays the service's", result.stderr)
            os.chown(path, 0, 0)
        check_terminal(tap, path)
        os.chmod(path, 0o644)
        result = passwd(path, "User")
        tap.ok(result.returncode == 1 and "chmod 600" in result.stderr, "a file that others may read",
               result.stderr)
    tap.done()


if __name__ == "__main__":
    main()
