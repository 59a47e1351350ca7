#!/usr/bin/env python3
"""What the libraries export and what they need: t_symbols.py BUILD-FOLDER.

- libironrpc.so exports exactly tests/meta/exports.txt (IR_BLESS=1 rewrites it), which is exactly
  what the public headers declare with IRPC_API; its soname is libironrpc.so.0.
- The folders that are pure call nothing of the C library but string functions and the like: no
  sockets, clock, files, environment, threads, and no heap outside base/alloc.
- Functions that cross files are called irpc_* or ir_*.
"""
import os
import re
import subprocess
import sys

from tap import BLESS, ROOT, Tap, blank_comments, files, read

BUILD = sys.argv[1]
EXPORTS = os.path.join(ROOT, "tests/meta/exports.txt")

STRING = set("""memcpy memmove memset memcmp bcmp memchr strlen strnlen strcmp strncmp strchr strrchr strstr
    strncasecmp strcasecmp strtoul strtol strtoull strtoll snprintf vsnprintf abort qsort bsearch
    strpbrk strspn strcspn stpcpy toupper tolower isalnum __ctype_b_loc __ctype_tolower_loc
    __ctype_toupper_loc explicit_bzero memrchr rawmemchr strcpy
    __memcpy_chk __memmove_chk __memset_chk __snprintf_chk __vsnprintf_chk __strcpy_chk
    __isoc99_sscanf __stack_chk_fail __assert_fail _GLOBAL_OFFSET_TABLE_ __tls_get_addr""".split())
# What src/auth brings in; check_crypto() sees that nothing else does.
AUTH_LIBRARIES = {"libcrypto.so.3", "libgssapi_krb5.so.2", "libkrb5.so.3"}
CRYPTO = re.compile(r"^(EVP|OSSL|OPENSSL|CRYPTO|RAND|SSL|gss|krb5)_")
GENERATED = re.compile(r"_v\d+_\d+_(interface|server|client)$")  # of a stub that ironidl made
HEAP = {"malloc", "calloc", "realloc", "aligned_alloc", "free"}
# Folder → symbols of the C library that it may need. base/log keeps its hook, base/alloc the heap.
PURE = {"base": STRING | HEAP, "wire": STRING, "ndr": STRING, "engine": STRING, "epm": STRING,
        "idl": None, "loop": None, "transport": None, "os": None, "auth": None}


def nm(*arguments):
    out = subprocess.run(["nm", *arguments], capture_output=True, text=True, check=True).stdout
    return [line.split() for line in out.splitlines() if line and not line.endswith(":")]


def declared_functions():
    """Names that the public headers mark IRPC_API."""
    names = set()
    for path in files("include/ironrpc", suffixes=(".h",)):
        text = re.sub(r"^\s*#.*?(?<!\\)$", "", blank_comments(read(path)), flags=re.M | re.S)
        for match in re.finditer(r"\bIRPC_API\b([^;{]*)", text):
            name = re.search(r"\b(irpc_[a-z0-9_]+)\s*(?:\(|\[|$)", match.group(1).strip())
            if name:
                names.add(name.group(1))
    return names


def check_exports(tap, library):
    exported = sorted(parts[-1].split("@")[0] for parts in nm("-D", "--defined-only", library)
                      if parts[-2] not in "A")
    if BLESS:
        with open(EXPORTS, "w", encoding="utf-8") as file:
            file.write("".join(f"{name}\n" for name in exported))
    listed = read("tests/meta/exports.txt").split() if os.path.exists(EXPORTS) else []
    tap.none([f"new: {n}" for n in exported if n not in listed]
             + [f"gone: {n}" for n in listed if n not in exported],
             "libironrpc.so exports what exports.txt says")
    tap.none([n for n in exported if not n.startswith("irpc_")], "exports are called irpc_*")
    declared = declared_functions()
    tap.none([f"exported, not declared with IRPC_API: {n}" for n in exported if n not in declared]
             + [f"declared, not exported: {n}" for n in sorted(declared) if n not in exported],
             "exports are what the public headers declare")
    dynamic = subprocess.run(["readelf", "-d", library], capture_output=True, text=True,
                             check=True).stdout
    tap.ok("soname: [libironrpc.so.0]" in dynamic, "soname is libironrpc.so.0")
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
    tap.none(sorted(needed - {"libc.so.6", "ld-linux-x86-64.so.2", *AUTH_LIBRARIES}),
             "libironrpc.so needs the C library, and what its security providers need")


def check_folder(tap, folder, allowed):
    archive = os.path.join(BUILD, f"libir_{folder}.a")
    if not os.path.exists(archive):
        return
    defined, undefined = set(), set()
    for parts in nm("-g", archive):
        if len(parts) == 2 and parts[0] in "Uw":
            undefined.add(parts[1])
        elif len(parts) == 3:
            defined.add(parts[2])
    if not defined:
        return
    tap.none(sorted(n for n in defined if not n.startswith(("ir_", "irpc_"))
                    and not GENERATED.search(n)),
             f"{folder}: global names begin with ir_ or irpc_")
    if allowed is not None:
        foreign = {n for n in undefined - defined
                   if not n.startswith(("ir_", "irpc_", "__asan", "__ubsan", "__gcov", "__sanitizer"))}
        tap.none(sorted(foreign - allowed), f"{folder} needs nothing but memory and strings")


def check_crypto(tap):
    """Cryptography and Kerberos are called by src/auth alone."""
    callers = []
    for name in sorted(os.listdir(BUILD)):
        if re.match(r"libir_\w+\.a$", name) and name != "libir_auth.a":
            callers += [f"{name}: {parts[1]}" for parts in nm("-g", os.path.join(BUILD, name))
                        if len(parts) == 2 and CRYPTO.match(parts[1])]
    tap.none(callers, "only src/auth calls libraries of cryptography")


def check_hardening(tap, library):
    """The release build: read-only relocations, bound now, no executable stack."""
    headers = subprocess.run(["readelf", "-lWd", library], capture_output=True, text=True,
                             check=True).stdout
    tap.ok("GNU_RELRO" in headers and re.search(r"BIND_NOW|NOW", headers), "full RELRO")
    stack = re.search(r"GNU_STACK.*", headers)
    tap.ok(stack and "RWE" not in stack.group(0), "the stack is not executable")


def main():
    tap = Tap()
    library = os.path.join(BUILD, "libironrpc.so.0.1.0")
    check_exports(tap, library)
    for folder, allowed in PURE.items():
        check_folder(tap, folder, allowed)
    check_crypto(tap)
    check_hardening(tap, library)
    tap.done()


main()
