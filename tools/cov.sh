#!/bin/sh
# make cov: line and branch coverage of src/ and cmd/ by the unit, golden, scenario and fuzz suites; then
# the decoders' branches by their own tests, judged (tools/decoders.py).
. "$(dirname "$0")/common.sh"
tools/deps.sh build cov fuzz
tools/build.sh cov
meson test -C build-cov --no-rebuild --no-suite interop --no-suite meta --no-suite mutation --no-suite coverage >/dev/null ||
    say "some tests failed: make check says which"
mkdir -p cov
gcovr -r . --filter src/ --filter cmd/ --html-details cov/index.html --print-summary build-cov
say "cov/index.html"
python3 tools/decoders.py
