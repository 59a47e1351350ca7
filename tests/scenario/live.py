"""A live ironrpcd for scenario tests: a port of its own choice on 127.0.0.1, a folder of its own."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(ROOT, "tests", "meta"), os.path.join(ROOT, "tests", "interop")]

# Slow machines and sanitizers: IR_TEST_SCALE=4 makes deadlines four times as long.
SCALE = float(os.environ.get("IR_TEST_SCALE", "1"))


class Live:
    """with Live(IRONRPCD, "timeouts.idle=1s") as live: live.port, live.pid (the supervisor's, where
    there are workers), live.processes(), live.log()"""

    def __init__(self, program, *sets, config="/dev/null", user=None):
        self.folder = tempfile.mkdtemp(prefix="ironrpc-test-")
        if user is not None:
            os.chown(self.folder, user, user)
        self.runtime = os.path.join(self.folder, "run")
        self.path = os.path.join(self.folder, "log")
        command = [program, "-c", config, "-o", f"server.runtime_dir={self.runtime}", "-o",
                   "server.listen=ncacn_ip_tcp:127.0.0.1 ncalrpc:[epmapper]"]
        for assignment in sets:
            command += ["-o", assignment]
        environment = {k: v for k, v in os.environ.items() if k != "JOURNAL_STREAM"}
        with open(self.path, "w", encoding="utf-8") as log:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                          env=environment, user=user, group=user)
        self.pid = self.child.pid
        end = time.monotonic() + 15 * SCALE
        while "event=ready" not in self.log():
            if self.child.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"ironrpcd did not start, status {self.child.returncode}:\n{self.text}")
            time.sleep(0.02)
        self.port = int(re.search(r"binding=ncacn_ip_tcp:\S*\[(\d+)\]", self.log()).group(1))

    def log(self):
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    def alive(self):
        return self.child.poll() is None

    def children(self):
        """Pids of mapper and workers."""
        with open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as file:
            return {int(pid) for pid in file.read().split()}

    def processes(self):
        """Pids of all that is the service, the supervisor's first."""
        return [self.pid, *sorted(self.children())]

    def stop(self):
        """Exit status after SIGTERM; its whole log is then in `text`."""
        if self.alive():
            self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(timeout=10 * SCALE)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        if os.path.exists(self.path):
            self.text = self.log()
            shutil.rmtree(self.folder, ignore_errors=True)
        return self.child.returncode

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.stop()
        return False
