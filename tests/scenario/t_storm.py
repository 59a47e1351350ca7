#!/usr/bin/env python3
"""Wrong packets by the ten thousand, shapes of our own and recorded ones, while a good client calls.
t_storm.py IRONRPCD STORM FOLDER-OF-CAPTURES few|many. IR_CHECK_ALL: 1,000,000 packets."""
import glob
import os
import struct
import subprocess
import sys
import tempfile

from live import ROOT, SCALE, Live
from tap import Tap

sys.path.insert(0, os.path.join(ROOT, "tests", "vectors"))
import captures  # noqa: E402

RECORDS = 8000


def records(folder):
    """Different PDUs of the captures, as storm takes them; none if there are no captures."""
    seen = set()
    for path in sorted(glob.glob(os.path.join(folder, "*.pcap*"))):
        for pdu in captures.pdus(path):
            seen.add(bytes(pdu[:4096]))
    chosen = sorted(seen)[::max(1, len(seen) // RECORDS)]
    return b"".join(struct.pack("<I", len(pdu)) + pdu for pdu in chosen), len(chosen)


def main():
    program, storm, folder, how_many = sys.argv[1:5]
    everything = bool(os.environ.get("IR_CHECK_ALL"))
    sanitized = how_many == "few"
    packets = 1000000 if everything and not sanitized else 3000 if sanitized else 20000
    tap = Tap()
    with tempfile.NamedTemporaryFile() as file, Live(program) as live:
        data, n = records(folder)
        file.write(data)
        file.flush()
        tap.note(f"{n} recorded PDUs are distorted, too")
        before = live.processes()
        command = [storm, "--packets", str(packets), "--max-growth", "0" if sanitized else "1023"]
        command += [word for pid in before for word in ("--pid", str(pid))]
        command += ["--records", file.name] if n > 0 else []
        # On a machine that does other work as well, the median tells more than the slowest.
        command += ["--p99", str(int(20 * SCALE))] if os.environ.get("IR_IDLE_MACHINE") else []
        run = subprocess.run([*command, str(live.port)], capture_output=True, text=True,
                             timeout=1200 * SCALE, check=False)
        for line in run.stdout.splitlines() + run.stderr.splitlines():
            tap.note(line)
        tap.ok(run.returncode == 0, f"{packets} wrong packets, and no good call failed",
               live.log()[-3000:])
        tap.ok(live.processes() == before and "event=died" not in live.log(),
               "the processes are the same", live.log()[-3000:])
        tap.ok(live.stop() == 0, "it stops cleanly", live.text[-2000:])
        tap.ok("Sanitizer" not in live.text and "runtime error" not in live.text,
               "nothing for the sanitizers to say", live.text[-4000:])
    tap.done()


main()
