#!/bin/sh
# Golden outputs of ironidl: every NAME.idl here against expected/NAME{.h,_c.c,_s.c,_t.c,.json}, every
# reject/NAME.idl against reject/NAME.err (messages and exit status 1; strict_NAME with --strict). Prints TAP.
#
#   golden.sh IRONIDL            compare
#   golden.sh --bless IRONIDL    write what ironidl says now; look at the difference before you commit
set -u
bless=0
if [ "$1" = --bless ]; then
    bless=1
    shift
fi
ironidl=$(realpath "$1")
cd "$(dirname "$0")" || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
n=0
[ -x "$ironidl" ] || { echo "Bail out! no $1"; exit 1; }

report() { # name, ok?
    n=$((n + 1))
    if [ "$2" = 0 ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
    fi
}

same() { # expected file, actual file
    if [ $bless = 1 ]; then
        mkdir -p "$(dirname "$1")"
        cp "$2" "$1"
        return 0
    fi
    diff -u "$1" "$2" >"$work/diff" 2>&1 && return 0
    sed 's/^/# /' "$work/diff" | head -40
    return 1
}

for idl in *.idl; do
    name=${idl%.idl}
    bad=0
    if "$ironidl" -o "$work" "$idl" 2>"$work/messages"; then
        "$ironidl" --json "$idl" >"$work/$name.json" 2>/dev/null || bad=1
        for suffix in .h _c.c _s.c _t.c .json; do
            same "expected/$name$suffix" "$work/$name$suffix" || bad=1
        done
    else
        sed 's/^/# /' "$work/messages"
        bad=1
    fi
    report "output of $idl" $bad
done

for idl in reject/*.idl; do
    name=$(basename "$idl" .idl)
    bad=0
    strict=''
    case $name in strict_*) strict=--strict ;; esac
    (cd reject && "$ironidl" $strict -o "$work" "$name.idl") >"$work/err" 2>&1
    echo "exit status $?" >>"$work/err"
    same "reject/$name.err" "$work/err" || bad=1
    tail -n 1 "$work/err" | grep -q '^exit status 1$' || bad=1
    grep -q '^[a-z_]*\.idl:[0-9]*:[0-9]*: error: ' "$work/err" || bad=1
    report "rejects $name.idl" $bad
done
echo "1..$n"
