"""Windows programs of wine/, made with mingw-w64 and widl, run by Wine without a prefix on disk.

    with wine.Wine() as machine:                # raises wine.Failed
        status, text = machine.run("client.exe", "127.0.0.47", "map", "")
        with machine.start("server.exe", "49321") as child: ...

A prefix of Wine's takes minutes and 700 MB. Nothing here needs what is in it: Wine starts programs
without one in its bootstrap mode, in which it takes all of its DLLs from where they are installed.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(HERE, "wine")
WINE, WINESERVER = "/usr/lib/wine/wine64", "/usr/lib/wine/wineserver64"
WIDL, GCC, CLANG = "x86_64-w64-mingw32-widl", "x86_64-w64-mingw32-gcc", "clang-14"
NEEDS = [WINE, WINESERVER, WIDL, GCC, CLANG]  # clang has __try for RpcTryExcept, gcc the run-time library
INTERFACES = ["winepeer", "winesecond"]
PROGRAMS = {"client.exe": ["client", "cases", "winepeer_c", "winesecond_c"],
            "server.exe": ["server", "winepeer_s", "winesecond_s"]}
# What a prefix would have of security packages, by which Wine finds NTLM.
REGISTRY = """WINE REGISTRY Version 2

#arch=win64

[System\\\\CurrentControlSet\\\\Control\\\\Lsa\\\\MSV1_0] 1
"""


class Failed(Exception):
    """What the tool printed is the message."""


def tool(folder, *command):
    result = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, timeout=300)
    if result.returncode != 0:
        raise Failed(f"{' '.join(command)}\n{result.stdout.decode(errors='replace')}")


class Wine:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="ironrpc-wine-")
        prefix = os.path.join(self.folder, "prefix")
        os.mkdir(prefix)
        with open(os.path.join(prefix, ".update-timestamp"), "w", encoding="ascii") as file:
            file.write("disable\n")  # no files are put there
        with open(os.path.join(prefix, "system.reg"), "w", encoding="ascii") as file:
            file.write(REGISTRY)
        self.environment = dict(os.environ, WINEPREFIX=prefix, WINEBOOTSTRAPMODE="1", WINEDEBUG="-all",
                                WINEDLLOVERRIDES="mscoree,mshtml=;winedbg.exe=d")
        self.environment.pop("DISPLAY", None)
        self.children = []

    # --- programs

    def build(self):
        for interface in INTERFACES:
            # -Os: with -Oif, widl sends the handle as if it were an argument.
            tool(self.folder, WIDL, "-Os", "-h", "-c", "-s", "-I", SOURCES,
                 os.path.join(SOURCES, interface + ".idl"))
        for name in sorted({part for parts in PROGRAMS.values() for part in parts}):
            source = os.path.join(SOURCES, name + ".c")
            tool(self.folder, CLANG, "--target=x86_64-w64-mingw32", "-O1", "-Wall", "-Werror", "-fms-extensions",
                 "-DUSE_COMPILER_EXCEPTIONS", "-Dsmall=char", "-I.", "-I", SOURCES, "-c",
                 source if os.path.exists(source) else name + ".c")
        for program, parts in PROGRAMS.items():
            tool(self.folder, GCC, "-o", program, *(part + ".o" for part in parts), "-lrpcrt4")

    def run(self, program, *arguments, seconds=200):
        """(exit status, standard output); status 124 after the deadline. Output goes by a file:
        Wine's server keeps a pipe open."""
        path = os.path.join(self.folder, "output")
        with open(path, "wb") as output:
            status = subprocess.run(["timeout", "-k", "5", str(seconds), WINE, program, *arguments],
                                    cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                                    stdout=output, stderr=subprocess.STDOUT).returncode
        with open(path, encoding="utf-8", errors="replace") as output:
            return status, output.read()

    def start(self, program, *arguments):
        """The child, and the path of what it prints."""
        path = os.path.join(self.folder, program + ".output")
        with open(path, "wb") as output:
            child = subprocess.Popen([WINE, program, *arguments], cwd=self.folder, env=self.environment,
                                     stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        self.children.append(child)
        return child, path

    # --- life

    def stop(self):
        subprocess.run([WINESERVER, "-k"], env=self.environment, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        for child in self.children:
            try:
                child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
                child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *args):
        self.stop()
        return False
