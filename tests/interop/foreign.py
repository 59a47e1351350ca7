"""Somebody else's server for a test, in a folder of its own that is removed at the end.

    class Kdc(foreign.Server): ...             # says how it is started, and when it is ready
    with Kdc("127.0.0.37") as kdc:             # raises Failed
        run([...], environment=kdc.environment())
    foreign.main(Kdc, "ADDR")                  # as a program: prints the environment, then "ready"

It ends with its whole process group, also if the test is killed.
"""
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time


class Failed(Exception):
    """What the server, or a program that prepares it, printed is the message."""


class Stopped(Exception):
    pass


def end_with_parent():
    """PR_SET_PDEATHSIG, for preexec_fn."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Server:
    """Subclasses have start(), which calls launch() and wait(), and environment()."""

    def __init__(self, name):
        self.name = name
        self.folder = tempfile.mkdtemp(prefix=f"ironrpc-{name}-")
        self.server = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        """What is there of a file, "" if there is none."""
        try:
            with open(self.path(name), encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def run(self, *command, text="", environment=None):
        """Output of a program that has to end well."""
        result = subprocess.run(command, input=text.encode(), timeout=300, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, env=dict(os.environ, **(environment or {})))
        output = result.stdout.decode(errors="replace")
        if result.returncode != 0:
            raise Failed(f"{os.path.basename(command[0])}: status {result.returncode}\n{output}")
        return output

    def launch(self, *command, environment=None):
        """The server itself; what it prints goes to the file "output"."""
        with open(self.path("output"), "wb") as output:
            self.server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                           stderr=subprocess.STDOUT, start_new_session=True,
                                           preexec_fn=end_with_parent,
                                           env=dict(os.environ, **(environment or {})))

    def log(self):
        return self.read("output")

    def check(self):
        if self.server.poll() is not None:
            raise Failed(f"{self.name} ended with {self.server.returncode}\n{self.log()}")

    def wait(self, is_ready, errors=(), seconds=120):
        """Until is_ready() is true; what raises one of errors is not, yet."""
        end = time.monotonic() + seconds
        last = "it is not ready"
        while time.monotonic() < end:
            self.check()
            try:
                if is_ready():
                    return
            except errors as error:
                last = error
            time.sleep(0.02)
        raise Failed(f"{self.name} does not start: {last}\n{self.log()}")

    def stop(self):
        """End the server and its children; remove the folder."""
        for number in (signal.SIGTERM, signal.SIGKILL) if self.server else ():
            try:
                os.killpg(self.server.pid, number)
                self.server.wait(timeout=5)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
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


def on_signal(number, frame):
    raise Stopped


def main(make, *arguments):
    """A program that serves until SIGTERM or SIGINT: make(*ARGUMENTS), which are named for the usage."""
    program = os.path.basename(sys.argv[0])
    if len(sys.argv) != 1 + len(arguments):
        sys.exit(f"usage: {program} {' '.join(arguments)}")
    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    try:
        with make(*sys.argv[1:]) as server:
            for name, value in server.environment().items():
                print(f"{name}={value}")
            print("ready", flush=True)
            while True:
                server.check()
                time.sleep(0.2)
    except Stopped:
        pass
    except Failed as error:
        sys.exit(f"{program}: {error}")
