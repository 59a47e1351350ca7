"""The engine's side: a running ndr_peer."""
import subprocess

from ndr import WRAPPER


class Peer:
    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([*WRAPPER, program, *arguments], stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ask(self, opnum, direction, syntax, big_endian, request, response=None):
        """(bytes, None) that it encodes to, or (None, why it was refused)."""
        words = [str(opnum), direction, ("20", "64")[syntax], "big" if big_endian else "little",
                 request.hex() or "-"]
        if response is not None:
            words.append(response.hex() or "-")
        return self.exchange(words)

    def pickle(self, number, form, data):
        """(the values again, serialized little-endian, None), or (None, why it was refused)."""
        version, syntax = form
        return self.exchange([str(number), "pickle", ("20", "64")[syntax], str(version),
                              data.hex()])

    def exchange(self, words):
        try:
            self.process.stdin.write(" ".join(words) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline().rstrip("\n")
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise RuntimeError(f"ndr_peer ended at '{' '.join(words)}': "
                               f"{self.process.stderr.read()[-3000:]}")
        kind, _, rest = answer.partition(" ")
        return (bytes.fromhex(rest), None) if kind == "ok" else (None, rest)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
        self.process.stderr.close()
