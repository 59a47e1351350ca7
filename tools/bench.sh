#!/bin/sh
# make bench: the benchmark programs of bench/, against the release build. Not a test.
. "$(dirname "$0")/common.sh"
tools/deps.sh build bench
tools/build.sh release
[ -x bench/run ] || die "bench/run does not exist"
exec bench/run build-release "$@"
