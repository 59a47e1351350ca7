#!/bin/sh
# Compiles what ironidl makes of each given .idl as C99 and as C++17, every warning an error.
# Prints TAP.
#
#   compile.sh IRONIDL INCLUDE_DIR FILE.idl...
#
# CHECK_COMPILERS="gcc g++ clang clang++" chooses the compilers (default: gcc g++).
set -u
ironidl=$(realpath "$1")
include=$(realpath "$2")
shift 2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
n=0
for idl in "$@"; do
    if ! "$ironidl" --no-warn -I "$(dirname "$idl")" -o "$work" "$idl" >"$work/log" 2>&1; then
        n=$((n + 1))
        sed 's/^/# /' "$work/log" | head -20
        echo "not ok $n - ironidl $(basename "$idl")"
        continue
    fi
    name=$(basename "$idl" | sed 's/\.[^.]*$//')
    for compiler in ${CHECK_COMPILERS:-gcc g++}; do
        n=$((n + 1))
        case $compiler in
        *++) flags='-std=c++17 -x c++' ;;
        *) flags='-std=c99' ;;
        esac
        bad=0
        for part in c s t; do
            $compiler $flags -pedantic -Wall -Wextra -Werror -I "$include" -I "$work" -I "$(dirname "$idl")" \
                -fsyntax-only "$work/${name}_$part.c" >"$work/log" 2>&1 || {
                bad=1
                sed 's/^/# /' "$work/log" | head -20
            }
        done
        [ $bad = 0 ] && echo "ok $n - $name with $compiler" || echo "not ok $n - $name with $compiler"
    done
done
echo "1..$n"
