#!/bin/sh
# tools/build.sh KIND [NINJA-TARGET...]: configures and builds one of our build folders.
#   debug → build    release → build-release    asan → build-asan (ASan + UBSan)
#   tsan → build-tsan (TSan)    clang → build-clang    fuzz → build-fuzz (libFuzzer)    cov → build-cov (gcov)
#   i386 → build-i386 (32 bits)    s390x → build-s390x (big-endian): for qemu-user
. "$(dirname "$0")/common.sh"
kind=${1:?KIND}
shift
tools/deps.sh build

# Warnings are errors with the compilers that we know; others may know more warnings.
werror() {
    case $("$1" -dumpversion) in
    12 | 12.* | 14.0.*) echo -Dwerror=true ;;
    *) echo -Dwerror=false ;;
    esac
}

case $kind in
debug) dir=build cc=gcc options="--buildtype=debugoptimized" ;;
release) dir=build-release cc=gcc options="--buildtype=release -Ddebug=true" ;;
asan) dir=build-asan cc=gcc options="--buildtype=debugoptimized -Db_sanitize=address,undefined" ;;
tsan) dir=build-tsan cc=gcc options="--buildtype=debugoptimized -Db_sanitize=thread" ;;
clang) dir=build-clang cc=clang-14 options="--buildtype=release" ;;
fuzz) dir=build-fuzz cc=clang-14 options="--buildtype=debugoptimized -Dfuzzers=true -Db_lundef=false" ;;
cov) dir=build-cov cc=gcc options="--buildtype=debug -Db_coverage=true" ;;
# Debian has no OpenSSL for these beside its own: the security providers are built without.
i386 | s390x) dir=build-$kind cc=gcc options="--buildtype=debugoptimized --cross-file tools/cross/$kind.ini -Dntlm=disabled" ;;
*) die "unknown kind of build: $kind" ;;
esac
case $kind in
clang | fuzz) tools/deps.sh fuzz ;;
i386 | s390x) tools/deps.sh cross ;;
esac

if [ ! -f "$dir/build.ninja" ]; then
    say "configuring $dir ($cc)"
    CC=$cc meson setup "$dir" $options "$(werror "$cc")" >"$dir.log" 2>&1 || {
        tail -n 20 "$dir.log" >&2
        rm -f "$dir.log"
        die "meson setup $dir failed"
    }
    rm -f "$dir.log"
fi
say "building $dir"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! ninja -C "$dir" -j "$jobs" "$@" >"$log" 2>&1; then
    # From the first failure on; without the command lines.
    sed -n '/^FAILED:/,$p' "$log" | grep -vE '^\[[0-9]+/[0-9]+\] |^(gcc|clang-14|cc) ' | head -n 60 >&2
    grep -q '^FAILED:' "$log" || tail -n 20 "$log" >&2
    die "the build in $dir failed"
fi
