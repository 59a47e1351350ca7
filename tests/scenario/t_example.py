#!/usr/bin/env python3
"""The examples, built against an installed library: hello with make, meson and CMake, notebook with
make. t_example.py BUILD.

Installs the build folder below a temporary folder, so it needs everything built.
"""
import glob
import os
import re
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../meta"))
from tap import ROOT, Tap  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])


def run(command, env=None):
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=200)


def sanitizer_flags(library):
    """What a program needs to load a @library that was built with sanitizers."""
    needs = subprocess.run(["readelf", "-d", library], capture_output=True, text=True).stdout
    return " -fsanitize=address,undefined" if "libasan" in needs else ""


def installed_environment(folder):
    """Environment in which pkg-config finds what was installed below @folder, which gets the prefix
    that it has there."""
    pc = glob.glob(os.path.join(folder, "**/ironrpc.pc"), recursive=True)
    library = glob.glob(os.path.join(folder, "**/libironrpc.so"), recursive=True)
    if not pc or not library:
        return None
    with open(pc[0]) as f:
        text = f.read()
    with open(pc[0], "w") as f:
        f.write(re.sub("^prefix=", f"prefix={folder}", text, flags=re.M))
    path = os.path.dirname(library[0])
    sanitizers = sanitizer_flags(library[0])
    return dict(os.environ, PKG_CONFIG_LIBDIR=os.path.dirname(pc[0]), LD_LIBRARY_PATH=path,
                CFLAGS="-std=c99 -Wall -Wextra -Werror -pedantic" + sanitizers, LDFLAGS=sanitizers)


def build_commands(source, out):
    """What a user types, per build system; the programs are in @out then."""
    return {
        "make": [["make", "-C", source, f"O={out}/"]],
        "meson": [["meson", "setup", out, source], ["ninja", "-C", out]],
        "cmake": [["cmake", "-S", source, "-B", out], ["cmake", "--build", out, "-j2"],
                  ["cmake", "--build", out]],
    }


def build(tap, folder, env, example, system):
    out = os.path.join(folder, example + "-" + system)
    os.mkdir(out)
    for command in build_commands(os.path.join(ROOT, "examples", example), out)[system]:
        done = run(command, env)
        if done.returncode != 0:
            tap.ok(False, f"{example} with {system}: builds",
                   *(done.stdout + done.stderr).splitlines()[-20:])
            return None
    tap.ok(True, f"{example} with {system}: builds")
    return out


def call_hello(tap, folder, env):
    server = subprocess.Popen([folder + "/server", "ncacn_ip_tcp:127.0.0.1", "ncalrpc:[none]"],
                              env=env, stdout=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        match = re.match(r"listening at (ncacn_ip_tcp:127\.0\.0\.1\[\d+\])$", line.strip())
        tap.ok(match, "the server says where it listens", line)
        if match:
            for n in (1, 2):
                done = run([folder + "/client", match.group(1), "World"], env)
                tap.ok(done.stdout == f"Hello, World! (greeting {n})\n", f"greeting {n}",
                       done.stdout, done.stderr)
            done = run([folder + "/client", match.group(1), ""], env)
            tap.ok(done.returncode == 0, "an empty name", done.stderr)
            done = run([folder + "/client", match.group(1), "x" * 300], env)
            tap.ok(done.returncode == 1 and done.stderr != "", "a name that is too long",
                   done.stdout)
    finally:
        server.send_signal(signal.SIGTERM)
        tap.ok(server.wait(10) == 0, "the server stops on SIGTERM")
        server.stdout.close()


def start_notebook(tap, folder, out, env):
    """The server of the notebook example, and where it listens (None: it does not)."""
    accounts = os.path.join(folder, "accounts")
    for user in ("ada", "bob"):
        done = subprocess.run([os.path.join(BUILD, "cmd/ironrpc/ironrpc"), "passwd", "-f", accounts,
                               user], input=user + "-secret\n", text=True, capture_output=True,
                              timeout=60)
        tap.ok(done.returncode == 0, f"an account for {user}", done.stderr)
    server = subprocess.Popen([out + "/server", "ncacn_ip_tcp:127.0.0.1", accounts, folder, "ada"],
                              env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = server.stdout.readline()
    match = re.match(r"listening at (ncacn_ip_tcp:127\.0\.0\.1\[\d+\])$", line.strip())
    tap.ok(match, "the server says where it listens", line)
    return server, match and match.group(1)


def call_notebook(tap, out, env, binding):
    def client(user, *arguments, password=None):
        password = user + "-secret" if password is None else password
        return run([out + "/client", binding, user, *arguments],
                   dict(env, NOTEBOOK_PASSWORD=password))

    done = client("ada", "todo", "write an\texample")
    tap.ok(done.stdout == "NOTES\\ada: write an example\n", "the writer appends and reads",
           done.stdout, done.stderr)
    done = client("bob", "todo")
    tap.ok(done.stdout == "NOTES\\ada: write an example\n", "another user reads", done.stdout,
           done.stderr)
    for what, user, arguments, options, message in (
            ("another user does not append", "bob", ("todo", "me too"), {}, "Append: Access denied"),
            ("a wrong password", "ada", ("todo",), {"password": "x"}, "Open: Access denied"),
            ("nobody without a name", "", ("todo",), {"password": ""}, "Open: "),
            ("a name that is no name", "ada", ("../todo",), {}, "Open: error 123")):
        done = client(user, *arguments, **options)
        tap.ok(done.returncode == 1 and message in done.stderr and not done.stdout, what,
               done.stdout, done.stderr)


def notebook(tap, folder, out, env):
    server, binding = start_notebook(tap, folder, out, env)
    if binding:
        call_notebook(tap, out, env, binding)
    server.send_signal(signal.SIGTERM)
    log = server.communicate(timeout=10)[1]
    tap.ok(server.returncode == 0, "the server stops on SIGTERM", log)
    tap.ok('reason="only the writer appends"' in log, "the log has the reason", log)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        done = run(["meson", "install", "-C", BUILD, "--destdir", folder, "--no-rebuild",
                    "--quiet"])
        tap.ok(done.returncode == 0, "installed", *done.stdout.splitlines()[-5:])
        env = installed_environment(folder)
        tap.ok(env, "library and pkg-config file are there")
        for system in ("make", "meson", "cmake") if env else ():
            out = build(tap, folder, env, "hello", system)
            if out:
                call_hello(tap, out, env)
        out = build(tap, folder, env, "notebook", "make") if env else None
        if out:
            notebook(tap, folder, out, env)
    tap.done()


main()
