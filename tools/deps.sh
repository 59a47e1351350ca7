#!/bin/sh
# tools/deps.sh GROUP...: makes sure that the Debian packages of the groups are there. Root: prints
# the apt line and runs it. Anybody else: prints it and fails. tools/deps.sh --list GROUP: names only.
. "$(dirname "$0")/common.sh"

packages() {
    case $1 in
    build) echo meson ninja-build gcc libc6-dev make pkg-config libjansson-dev libssl-dev libkrb5-dev python3 ;;
    test) echo g++ cmake clang-14 clang-format-14 libclang-rt-14-dev man-db groff-base binutils iproute2 nftables util-linux \
        procps krb5-kdc krb5-admin-server samba-testsuite python3-samba samba-common-bin python3-impacket tshark ;;
    domain) echo samba samba-ad-provision samba-dsdb-modules ;; # where its file server may be started, too
    demo) echo python3-impacket procps ;;
    fuzz) echo clang-14 libclang-rt-14-dev llvm-14 ;;
    lint) echo clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev ;;
    proof) echo frama-c-base ;;
    cov) echo gcovr ;;
    cross) echo gcc-12-multilib gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user ;;
    wine) echo wine64 mingw-w64-tools gcc-mingw-w64-x86-64-win32 clang-14 winbind ;;
    bench) echo valgrind strace procps python3 libtirpc-dev ;;
    *) die "unknown group: $1 (build test domain demo fuzz lint proof cov cross wine bench)" ;;
    esac
}

list_only=no
if [ "${1:-}" = --list ]; then
    list_only=yes
    shift
fi
wanted=
for group in "$@"; do
    wanted="$wanted $(packages "$group")"
done
if [ "$list_only" = yes ]; then
    printf '%s\n' $wanted | sort -u
    exit 0
fi

command -v dpkg-query >/dev/null || die "not a Debian system; needed: $wanted"
missing=
for package in $(printf '%s\n' $wanted | sort -u); do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" -ne 0 ]; then
    die "these packages are missing; install them as root with the line above, then run this again"
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "apt-get failed"
fi
