#!/bin/sh
# How much of the IDL corpora beside the project compiles, end to end. Prints TAP; the numbers may
# only grow: raise the least counts below when they do.
#
#   corpus.sh IRONIDL CORPUS_DIR
set -u
ironidl=$(realpath "$1")
corpus=$2
if [ ! -d "$corpus" ]; then
    echo "1..0 # SKIP no corpora at $corpus"
    exit 0
fi
corpus=$(realpath "$corpus")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# The collection's files import each other as ms-NAME, whatever folder they are in.
mkdir "$work/map" "$work/out"
find "$corpus/ms" -type f \( -name '*.idl' -o -name '*.h' \) | while read -r file; do
    ln -s "$file" "$work/map/$(basename "$file")"
    ln -s "$file" "$work/map/ms-$(basename "$file")"
done

n=0
count() { # name, least count, folder
    good=0
    all=0
    find "$3" -type f -iname '*.idl' | sort >"$work/list"
    while read -r file; do
        all=$((all + 1))
        if timeout 30 "$ironidl" --no-warn -I "$work/map" -o "$work/out" "$file" >"$work/log" 2>&1
        then
            good=$((good + 1))
        else
            echo "# exit status $?: $(grep -m 1 error: "$work/log" | sed "s|$corpus/||;s|$work/map/||")"
        fi
    done <"$work/list"
    n=$((n + 1))
    [ "$good" -ge "$2" ] || printf 'not '
    echo "ok $n - $1: $good of $all compile, at least $2 must"
}
count "samples" 17 "$corpus/samples"
count "open specifications" 62 "$corpus/ms"
echo "1..$n"
