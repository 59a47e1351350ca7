#!/bin/sh
# make install PREFIX=DIR DESTDIR=DIR: programs, library, headers, pkg-config file, man pages.
. "$(dirname "$0")/common.sh"
prefix=${PREFIX:-/usr/local}
case $prefix in /*) ;; *) prefix=$root/$prefix ;; esac
tools/deps.sh build
tools/build.sh release
meson configure build-release --prefix "$prefix" --libdir lib
tools/build.sh release
DESTDIR=${DESTDIR:-} meson install -C build-release --no-rebuild --quiet
# So that programs find the library at once; for a package, its own scripts do it.
if [ -z "${DESTDIR:-}" ] && [ "$(id -u)" -eq 0 ] && command -v ldconfig >/dev/null; then
    ldconfig || true
fi
say "installed in ${DESTDIR:-}$prefix"
