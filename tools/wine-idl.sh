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

# Who includes (not imports) a file that does not compile alone, and compiles: then it is a part.
whole() {
    for parent in $(grep -lE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[\"<]$(basename "$1")[\">]" "$idls"/windows/*.idl); do
        ! grep -qxF "$parent" "$work/good" || { basename "$parent" && return; }
    done
}

find "$idls" -name '*.idl' | sort >"$work/all"
: >"$work/good"
: >"$work/bad"
while read -r file; do
    if "$ironidl" --no-warn -I "$idls/windows" -I "$idls" -o "$work/out" "$file" >"$work/log" 2>&1; then
        echo "$file" >>"$work/good"
    else
        echo "$file $(grep -m 1 -o 'error: .*' "$work/log")" >>"$work/bad"
    fi
done <"$work/all"

parts=0
while read -r file message; do
    parent=$(whole "$file")
    [ -z "$parent" ] || parts=$((parts + 1))
    echo "${file#"$idls/"}: ${parent:+part of $parent, which compiles; alone: }$message"
done <"$work/bad"
all=$(wc -l <"$work/all")
good=$(wc -l <"$work/good")
ls "$work"/libwine-dev_*.deb | sed 's|.*/libwine-dev_||; s|_.*||; s|^|libwine-dev |'
echo "$good of $all compile, $parts are parts of those"
[ $((good + parts)) = "$all" ]
