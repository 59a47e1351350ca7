#!/bin/sh
# make fmt: formats every C file with clang-format 14. --check: only says which files differ.
. "$(dirname "$0")/common.sh"
command -v clang-format-14 >/dev/null || tools/deps.sh lint
find src include cmd tests bench examples proofs -name '*.[ch]' ! -path '*/golden/*' | sort |
    xargs clang-format-14 --style=file \
        "$(if [ "${1:-}" = --check ]; then echo --dry-run; else echo -i; fi)"
