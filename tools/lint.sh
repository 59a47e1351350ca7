#!/bin/sh
# make lint: clang with every warning an error, clang-tidy 14, and the meta suite.
. "$(dirname "$0")/common.sh"
tools/deps.sh build test lint
tools/build.sh clang
say "clang-tidy"
find src cmd -name '*.c' | sort |
    xargs -P "$jobs" -n 4 clang-tidy-14 -p build-clang --quiet 2>/dev/null >build-clang/tidy.log ||
    { grep -E 'error:|warning:' build-clang/tidy.log | sort -u; die "clang-tidy complains"; }
meson test -C build-clang --no-rebuild --suite meta --print-errorlogs
