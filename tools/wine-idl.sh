#!/bin/sh
# tools/wine-idl.sh [IRONIDL]: how many of Wine's public IDL files (Debian's libwine-dev, fetched and
# unpacked, not installed) ironidl compiles. A measurement, no test: docs/idl-corpora.md has the
# figure. Prints what does not compile, with its first message.
. "$(dirname "$0")/common.sh"
ironidl=$(realpath "${1:-build/cmd/ironidl/ironidl}")
[ -x "$ironidl" ] || die "no $ironidl; make builds it"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get download -qq libwine-dev >log 2>&1) || {
    cat "$work/log" >&2
    die "apt-get download libwine-dev failed"
}
dpkg-deb -x "$work"/libwine-dev_*.deb "$work/x"
mkdir "$work/out"
idls=$work/x/usr/include/wine/wine

all=0
good=0
for file in $(find "$idls" -name '*.idl' | sort); do
    all=$((all + 1))
    if timeout 60 "$ironidl" --no-warn -I "$idls/windows" -I "$idls" -o "$work/out" "$file" >"$work/log" 2>&1; then
        good=$((good + 1))
    else
        echo "${file#"$idls/"}: $(grep -m 1 error: "$work/log" | sed "s|$idls/||g")"
    fi
done
ls "$work"/libwine-dev_*.deb | sed 's|.*/libwine-dev_||; s|_.*||; s|^|libwine-dev |'
echo "$good of $all compile"
