#!/usr/bin/env python3
"""The single-packet rule: whatever one packet says, the service answers the next call.

t_single_packet.py IRONRPCD ATTACK all|few. "few" sets each byte to 00 01 7f 80 ff only, for builds
with sanitizers, which also keep freed memory: there the memory is not judged."""
import os
import re
import signal
import subprocess
import sys
import time

from live import SCALE, Live
from tap import Tap


def check_that_it_notices(tap, program, attack):
    """A service that dies, or that stops answering, must not pass."""
    for number, name in ((signal.SIGKILL, "dies"), (signal.SIGSTOP, "hangs")):
        with Live(program) as live:
            run = subprocess.Popen([attack, "--pid", str(live.pid), str(live.port)],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            time.sleep(0.3)
            live.child.send_signal(number)
            try:
                message = run.communicate(timeout=30 * SCALE)[1]
            finally:
                run.kill()
                live.child.kill()
            tap.ok(run.returncode == 1 and "attack: after" in message,
                   f"the test notices a service that {name}", f"status {run.returncode}", message)


def main():
    program, attack, values = sys.argv[1:4]
    few = values == "few" and not os.environ.get("IR_CHECK_ALL")
    tap = Tap()
    with Live(program) as live:
        pids = [word for pid in live.processes() for word in ("--pid", str(pid))]
        command = [attack, *pids, "--max-growth", "0" if values == "few" else "1023",
                   "--values", "00,01,7f,80,ff" if few else "all", str(live.port)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=600 * SCALE)
        for line in run.stdout.splitlines() + run.stderr.splitlines():
            tap.note(line)
        tap.ok(run.returncode == 0, "every packet is followed by a good call that is answered",
               live.log()[-2000:])
        counted = re.search(r"(\d+) shapes, .*?(\d+) packets, (\d+) good calls", run.stdout)
        tap.ok(counted and int(counted.group(1)) >= 14, "at least 14 shapes")
        tap.ok(counted and int(counted.group(3)) > int(counted.group(2)) > (3000 if few else 160000),
               "all packets were sent, a good call after each")
        stream = subprocess.run([attack, *pids, "--max-growth", "0", "--stream", "2",
                                 "--seed", "66", str(live.port)], capture_output=True, text=True,
                                timeout=120 * SCALE)
        tap.ok(stream.returncode == 0, "nor does a stream of packets with wrong lengths stop it",
               *stream.stdout.splitlines(), *stream.stderr.splitlines())
        tap.ok(len(pids) == 8 and "event=died" not in live.log(),
               "supervisor, mapper and workers are the same", live.log()[-2000:])
        tap.ok(live.stop() == 0, "it stops cleanly", live.text[-2000:])
        tap.ok("Sanitizer" not in live.text and "runtime error" not in live.text,
               "nothing for the sanitizers to say", live.text[-4000:])
    check_that_it_notices(tap, program, attack)
    tap.done()


main()
