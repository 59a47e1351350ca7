#!/bin/sh
# make bless: regenerates what the golden and meta tests compare with, and shows what changed. Look
# at the difference before you commit it: blessing makes a test pass, whatever it says.
. "$(dirname "$0")/common.sh"
tools/deps.sh build test
tools/build.sh debug
ninja -C build bless >/dev/null
IR_BLESS=1 meson test -C build --no-rebuild meta_symbols >/dev/null || true
git --no-pager diff --stat -- tests
git --no-pager diff -- tests | head -n 200
