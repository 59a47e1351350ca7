#!/usr/bin/env python3
"""The single-packet rule: whatever one packet says, the service answers the next call.

t_single_packet.py IRONRPCD ATTACK all|few. "few" sets each byte to 00 01 7f 80 ff only, for builds
with sanitizers, which also keep freed memory: there the memory is not judged."""
import os
import re
import subprocess
import sys

from live import SCALE, Live
from tap import Tap


def main():
    program, attack, values = sys.argv[1:4]
    few = values == "few" and not os.environ.get("IR_CHECK_ALL")
    tap = Tap()
    with Live(program) as live:
        command = [attack, "--pid", str(live.pid), "--max-growth", "0" if values == "few" else "1023",
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
        stream = subprocess.run([attack, "--pid", str(live.pid), "--max-growth", "0", "--stream", "2",
                                 "--seed", "66", str(live.port)], capture_output=True, text=True,
                                timeout=120 * SCALE)
        tap.ok(stream.returncode == 0, "nor does a stream of packets with wrong lengths stop it",
               *stream.stdout.splitlines(), *stream.stderr.splitlines())
        tap.ok(live.alive(), "the process is the same")
        tap.ok(live.stop() == 0, "it stops cleanly", live.text[-2000:])
        tap.ok("Sanitizer" not in live.text and "runtime error" not in live.text,
               "nothing for the sanitizers to say", live.text[-4000:])
    tap.done()


main()
