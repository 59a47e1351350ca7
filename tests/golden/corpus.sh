#!/bin/sh
# The IDL corpora beside the project, end to end: every file compiles but those listed in
# corpus_refused.txt, exactly, and what ironidl makes of the others builds as C99 and as C++17 with
# every warning an error. Prints TAP; skips where there are no corpora.
#
#   corpus.sh IRONIDL INCLUDE_DIR CORPUS_DIR
#
# gcc and g++ parse the output; with IR_CHECK_ALL gcc, clang, g++ and clang++ compile it with -O2, C
# and C++ each by both.
set -u
ironidl=$(realpath "$1")
include=$(realpath "$2")
corpus=$3
if [ ! -d "$corpus" ]; then
    echo "1..0 # SKIP no corpora at $corpus"
    exit 0
fi
corpus=$(realpath "$corpus")
refused=$(realpath "$(dirname "$0")/corpus_refused.txt")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export ironidl include corpus work

# The collection's files import each other as ms-NAME, whatever folder they are in.
mkdir "$work/map" "$work/out" "$work/ms" "$work/objects"
find "$corpus/ms" -type f \( -name '*.idl' -o -name '*.h' \) | while read -r file; do
    ln -s "$file" "$work/map/$(basename "$file")"
    ln -s "$file" "$work/map/ms-$(basename "$file")"
done

# One source; $1 is its path in the corpus. What compiles gets a folder with its path's name.
cat >"$work/compile" <<'SCRIPT'
name=$(echo "$1" | tr '/.' '__')
out=$work/ms
case $1 in samples/*) out=$work/out/$name && mkdir "$out" ;; esac
base=$(basename "$1" | sed 's/\.[^.]*$//')
if timeout 60 "$ironidl" --no-warn --dialect go -I "$work/map" -o "$out" "$corpus/$1" >"$work/$name.log" 2>&1
then
    [ "$out" != "$work/ms" ] || cp "$out/$base.h" "$out/ms-$base.h"
    echo "$1" >>"$work/compiled"
    echo "$out $base" >>"$work/outputs"
else
    echo "# exit status $?: $(grep -m 1 error: "$work/$name.log" | sed "s|$corpus/||;s|$work/map/||")"
fi
SCRIPT

# The driver's start costs as much as a small file, so many files go into one.
build() { # compiler, list of "DIR BASE"
    case $1 in
    *++*) flags='-std=c++17 -x c++' ;;
    *) flags='-std=c99' ;;
    esac
    how=-fsyntax-only
    [ -z "${IR_CHECK_ALL:-}" ] || how='-O2 -c'
    sed 's|\(.*\) \(.*\)|\1/\2_c.c \1/\2_s.c \1/\2_t.c|' "$2" |
        (cd "$work/objects" && xargs -P "$(nproc)" -n 60 "$1" $flags $how -pedantic -Wall -Wextra \
            -Werror -I "$include" -I "$work/ms") >"$work/messages" 2>&1
}

: >"$work/compiled"
: >"$work/outputs"
(cd "$corpus" && find samples ms -type f -iname '*.idl' | sort) >"$work/all"
xargs -P "$(nproc)" -n 1 sh "$work/compile" <"$work/all"
grep -v '^#' "$refused" | grep . | sort >"$work/refused"
sort -o "$work/compiled" "$work/compiled"
comm -23 "$work/all" "$work/compiled" >"$work/not_compiled"

n=0
bad=0
comm -13 "$work/refused" "$work/not_compiled" | sed 's/^/# does not compile any more: /' >"$work/lost"
comm -23 "$work/refused" "$work/not_compiled" |
    sed 's/^/# compiles now, take it off corpus_refused.txt: /' >"$work/won"
cat "$work/lost" "$work/won"
[ ! -s "$work/lost" ] && [ ! -s "$work/won" ] || bad=1
for folder in samples ms; do
    n=$((n + 1))
    all=$(grep -c "^$folder/" "$work/all")
    good=$(grep -c "^$folder/" "$work/compiled")
    [ "$bad" = 0 ] && [ "$all" -gt 0 ] || printf 'not '
    echo "ok $n - $folder: $good of $all compile"
done

# Their imports wtypes.idl and dcom.idl declare the same names differently, so that C cannot have
# both headers.
unbuilt='oaidl tpmvsc'

compilers='gcc g++'
[ -z "${IR_CHECK_ALL:-}" ] || compilers='gcc g++ clang-14 clang++-14'
sort -o "$work/outputs" "$work/outputs"
total=$(wc -l <"$work/outputs")
pattern=" ($(echo "$unbuilt" | tr ' ' '|'))\$"
grep -vE "$pattern" "$work/outputs" >"$work/good"
grep -E "$pattern" "$work/outputs" >"$work/known"
for compiler in $compilers; do
    n=$((n + 1))
    bad=''
    if ! build "$compiler" "$work/good"; then
        bad=1
        sed "s|$work/||g;s/^/# /" "$work/messages" | grep -m 20 -E 'error|warning'
    fi
    while read -r output; do
        echo "$output" >"$work/one"
        build "$compiler" "$work/one" || continue
        bad=1
        echo "# builds now, take it off the list in corpus.sh: ${output##* }"
    done <"$work/known"
    [ -z "$bad" ] && [ -s "$work/good" ] || printf 'not '
    echo "ok $n - $compiler builds $(wc -l <"$work/good") of $total outputs; known not to: $unbuilt"
done
echo "1..$n"
