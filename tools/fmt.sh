#!/bin/sh
# make fmt: formats every C file with clang-format 14, and writes docs/checks.md anew. --check: only says
# which C files differ.
. "$(dirname "$0")/common.sh"
command -v clang-format-14 >/dev/null || tools/deps.sh lint
find src include cmd tests bench examples proofs -name '*.[ch]' ! -path '*/golden/*' | sort |
    xargs clang-format-14 --style=file \
        "$(if [ "${1:-}" = --check ]; then echo --dry-run; else echo -i; fi)"
[ "${1:-}" = --check ] || python3 tools/checks.py --write
