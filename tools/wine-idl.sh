#!/bin/sh
# tools/wine-idl.sh [IRONIDL]: how many of Wine's public IDL files (Debian's libwine-dev, fetched and
# unpacked, not installed) ironidl compiles. A measurement, no test: docs/idl-corpora.md has the
# figure. Prints what does not compile, with its first message, and of what it is a part, if it is:
# fails if it is not.
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

run() { timeout 60 "$ironidl" --no-warn -I "$idls/windows" -I "$idls" -o "$work/out" "$1" >"$work/log" 2>&1; }

# Who includes (not imports) a file that does not compile alone, and compiles: then it is a part.
whole() {
    for parent in $(grep -lE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[\"<]$(basename "$1")[\">]" "$idls"/windows/*.idl); do
        ! run "$parent" || { basename "$parent" && return; }
    done
}

all=0
good=0
parts=0
for file in $(find "$idls" -name '*.idl' | sort); do
    all=$((all + 1))
    if run "$file"; then
        good=$((good + 1))
        continue
    fi
    message="$(grep -m 1 error: "$work/log" | sed "s|$idls/||g")"
    parent=$(whole "$file")
    [ -z "$parent" ] || parts=$((parts + 1))
    echo "${file#"$idls/"}: ${parent:+part of $parent, which compiles; alone: }$message"
done
ls "$work"/libwine-dev_*.deb | sed 's|.*/libwine-dev_||; s|_.*||; s|^|libwine-dev |'
echo "$good of $all compile, $parts are parts of those"
[ $((good + parts)) = $all ]
