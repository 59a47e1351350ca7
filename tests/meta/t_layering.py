#!/usr/bin/env python3
"""Who may include whom: the may-use table of ARCHITECTURE.md, applied to every #include."""
import os
import re

from tap import ROOT, Tap, blank_comments, files, read

# Folder of src/ → folders of src/ that its files may include. Each may include itself.
MAY_USE = {
    "base": set(),
    "wire": {"base"},
    "ndr": {"base"},
    "auth": {"base"},
    "engine": {"base", "wire", "auth"},
    "loop": {"base"},
    "os": {"base"},
    "transport": {"base", "loop"},
    "server": {"base", "wire", "ndr", "auth", "engine", "transport", "loop", "os"},
    "client": {"base", "wire", "ndr", "auth", "engine", "transport", "loop"},
    "epm": {"base", "wire"},
    "idl": {"base"},
}
# The library's part of epm: it calls the mapper and registers a server's endpoints.
EPM_CLIENT = re.compile(r"^src/epm/(client|resolve|register)[a-z_]*\.[ch]$")
EPM_CLIENT_MAY_USE = {"base", "wire", "client", "server", "loop"}

# Program → folders of src/. Everything else it gets through <ironrpc/...>.
PROGRAM_MAY_USE = {
    "ironidl": {"base", "idl"},
    # `call` runs the interpreter on tables made at run time, `decode` reads recorded PDUs
    "ironrpc": {"base", "idl", "ndr", "os", "wire"},
    "ironrpcd": {"base", "epm", "os", "loop"},
}

# Public headers by folder; the folders that are not named may include any.
PUBLIC = {
    "base": {"status.h", "types.h", "log.h"},
    "wire": {"status.h", "types.h"},
    "ndr": {"status.h", "types.h", "ndr_type.h", "ndr.h", "stub.h", "pickle.h"},
    "auth": {"status.h", "types.h", "auth.h"},
    "engine": {"status.h", "types.h", "auth.h", "engine.h"},
    "loop": {"status.h", "types.h", "log.h", "loop.h"},
    "os": {"status.h", "types.h", "log.h"},
    "transport": {"status.h", "types.h", "log.h", "loop.h"},
    "idl": {"status.h", "types.h", "ndr_type.h", "stub.h"},  # the contract and its version
}

# System headers that pure folders have no use for.
IMPURE = {"sys/socket.h", "netinet/in.h", "arpa/inet.h", "netdb.h", "unistd.h", "fcntl.h", "time.h",
          "sys/time.h", "poll.h", "sys/epoll.h", "pthread.h", "signal.h", "setjmp.h", "alloca.h",
          "sys/stat.h", "dirent.h"}
PURE = {"base", "wire", "ndr", "engine"}

# Engine, server and client know security by this header alone.
PROVIDER = "auth/provider.h"
# Who sees tokens and keys writes no log (A21).
SILENT = {"wire", "auth", "engine"}
# Comparisons whose time may tell where two things differ, in the folder that has secrets: of challenges,
# which are sent in the clear, and of names of accounts and of the server. All others are ir_ntlm_equal() (A21).
PLAIN_COMPARISONS = {"src/auth/ntlm.c": 3, "src/auth/ntlm_server.c": 2, "src/auth/accounts.c": 1}
# The daemon's workers serve connections that another process accepted.
ADOPT = "server/adopt.h"

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def allowed_for(path):
    """(folders of src/, public headers or None for any) that the file may include."""
    parts = path.split("/")
    if parts[0] == "src":
        folder = parts[1]
        if EPM_CLIENT.match(path):
            return EPM_CLIENT_MAY_USE | {"epm"}, None
        return MAY_USE.get(folder, set()) | {folder}, PUBLIC.get(folder)
    if parts[0] == "cmd":
        return PROGRAM_MAY_USE.get(parts[1], set()), None
    return set(), None  # examples and public headers: <ironrpc/...> only


def check_include(path, bracket, name):
    folders, public = allowed_for(path)
    if ".." in name.split("/"):
        return "a path with .."
    if name.startswith("ironrpc/"):
        if bracket != "<":
            return "write <ironrpc/...>"
        if public is not None and name.split("/", 1)[1] not in public:
            return "that public header belongs to a higher layer"
        return None
    if bracket == "<":
        if path.startswith("src/") and path.split("/")[1] in PURE and name in IMPURE:
            return "a pure folder has no use for it"
        return None
    folder = name.split("/")[0] if "/" in name else None
    if name == "base/log.h" and path.startswith(tuple(f"src/{silent}/" for silent in SILENT)):
        return "no log is written where tokens and keys are"
    if folder == "auth" and path.startswith(("src/engine/", "src/server/", "src/client/")) \
            and name != PROVIDER:
        return "security is known by auth/provider.h alone"
    if name == ADOPT and path.startswith("cmd/ironrpcd/"):
        return None
    if folder in MAY_USE:
        return None if folder in folders else f"may not use src/{folder}"
    if path.startswith("include/"):
        return "public headers include <...> only"
    if folder is None and (path.startswith(("cmd/", "examples/")) or name.endswith("_t.h")):
        return None  # beside the file, or generated
    if folder is None and os.path.exists(os.path.join(ROOT, "idl", name[:-2] + ".idl")):
        return None  # generated from idl/
    if path.startswith("cmd/") and folder == path.split("/")[1]:
        return None
    return "write \"folder/file.h\""


def own_header_first(path):
    """src/x/y.c with src/x/y.h includes it before anything else."""
    own = path[len("src/"):-2] + ".h"
    if not path.endswith(".c") or not os.path.exists(os.path.join(ROOT, "src", own)):
        return None
    first = INCLUDE.search(read(path))
    if first is None or first.group(2) != own:
        return f"{path}: \"{own}\" is not its first #include"
    return None


def check_comparisons(tap):
    """check: A21"""
    found = {path: len(re.findall(r"\b(?:mem|bcmp|str(?:n|case|ncase)?)cmp ?\(", blank_comments(read(path))))
             for path in files("src/auth")}
    secret = [f"{path}: {n}" for path, n in found.items() if n > PLAIN_COMPARISONS.get(path, 0)]
    tap.none(secret, "what is secret is compared in constant time")


def main():
    tap = Tap()
    sources = files("src", "include", "cmd", "examples")
    tap.ok(len(sources) > 10, "the tree has sources")
    problems = {}
    for path in sources:
        parts = path.split("/")
        group = "/".join(parts[:2]) if parts[0] in ("src", "cmd") else parts[0]
        problems.setdefault(group, [])
        for match in INCLUDE.finditer(read(path)):
            why = check_include(path, match.group(1), match.group(2))
            if why:
                problems[group].append(f"{path}: {match.group(2)}: {why}")
    for group in sorted(problems):
        tap.none(problems[group], f"{group} includes what it may")
    folders = {name for name in os.listdir(os.path.join(ROOT, "src"))
               if os.path.isdir(os.path.join(ROOT, "src", name))}
    tap.none(sorted(folders - set(MAY_USE)), "every folder of src/ is in the may-use table")
    tap.none([p for p in map(own_header_first, files("src")) if p], "own header first")
    check_comparisons(tap)
    # The rules themselves: each of these must be refused.
    for path, bracket, name in [("src/wire/bind.c", '"', "ndr/ndr.h"), ("src/base/cur.c", '"', "wire/x.h"),
                                ("src/server/a.c", '"', "client/b.h"), ("src/auth/a.c", '"', "base/log.h"),
                                ("src/auth/a.c", "<", "ironrpc/log.h"), ("src/engine/c.c", "<", "time.h"),
                                ("cmd/ironrpc/map.c", '"', "engine/conn.h"),
                                ("src/ndr/x.c", '"', "../wire/x.h"),
                                ("src/wire/x.c", "<", "ironrpc/server.h"),
                                ("examples/hello/server.c", '"', "base/cur.h")]:
        tap.ok(check_include(path, bracket, name), f"refuses {name} in {path}")
    tap.done()


main()
