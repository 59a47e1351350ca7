#!/bin/sh
# The IDL corpora beside the project, end to end: every file compiles, and what ironidl makes of it
# builds as C99 and as C++17 with every warning an error. Prints TAP; skips where there are no corpora.
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
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export ironidl include corpus work

# The collection's files import each other as ms-NAME, whatever folder they are in.
mkdir "$work/map" "$work/out" "$work/ms" "$work/objects"
find "$corpus/ms" -type f \( -name '*.idl' -o -name '*.h' \) | while read -r file; do
    ln -s "$file" "$work/map/$(basename "$file")"
    ln -s "$file" "$work/map/ms-$(basename "$file")"
done

# One source; $1 is its path in the corpus. What compiles gets a folder with its path's name. Samples
# get the options of their makefiles, and a name in lower case as those have it.
cat >"$work/compile" <<'SCRIPT'
name=$(echo "$1" | tr '/.' '__')
out=$work/ms
base=$(basename "$1" | sed 's/\.[^.]*$//')
folder=$corpus/$(dirname "$1")
file=$corpus/$1
set -- "$1" --dialect go -I "$work/map"
case $1 in samples/*)
    out=$work/out/$name
    mkdir "$out"
    base=$(echo "$base" | tr '[:upper:]' '[:lower:]')
    file=$folder/$base.idl
    set -- "$1" -I "$work/map" -oldnames -no_cpp /W3
    ;;
esac
case $1 in
samples/cluuid/*) set -- "$@" -use_epv ;;
samples/rpcsvc/*) set -- "$@" -cpp_cmd cl -cpp_opt "/nologo -E -DSERVER" ;;
samples/filerep/*) set -- "$@" -ms_ext -robust -target NT60 -prefix client "c_" server "s_" ;;
samples/data/usermarshal/*) set -- "$@" -acf "$folder/umarshc.acf" ;;
esac
corpus_name=$1
shift
if timeout 60 "$ironidl" -no_warn "$@" -out "$out" "$file" >"$work/$name.log" 2>&1
then
    [ "$out" != "$work/ms" ] || cp "$out/$base.h" "$out/ms-$base.h"
    echo "$corpus_name" >>"$work/compiled"
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
sort -o "$work/compiled" "$work/compiled"

n=0
for folder in samples ms; do
    n=$((n + 1))
    all=$(grep -c "^$folder/" "$work/all")
    good=$(grep -c "^$folder/" "$work/compiled")
    [ "$good" = "$all" ] && [ "$all" -gt 0 ] || printf 'not '
    echo "ok $n - $folder: $good of $all compile"
done

compilers='gcc g++'
[ -z "${IR_CHECK_ALL:-}" ] || compilers='gcc g++ clang-14 clang++-14'
sort -o "$work/outputs" "$work/outputs"
for compiler in $compilers; do
    n=$((n + 1))
    if ! build "$compiler" "$work/outputs"; then
        sed "s|$work/||g;s/^/# /" "$work/messages" | grep -m 20 -E 'error|warning'
        printf 'not '
    fi
    echo "ok $n - $compiler builds $(wc -l <"$work/outputs") outputs"
done
echo "1..$n"
