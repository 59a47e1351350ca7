#!/bin/sh
# tools/ordinary-archive.sh IN.a OUT.a: the objects of the thin archive IN without their LTO form,
# which only one version of one compiler could read. For the build (meson.build).
set -eu
in=$1 out=$2
work=$out.objects
rm -rf "$work" "$out"
mkdir "$work"
ar t "$in" | while read -r object; do
    objcopy -R '.gnu.lto_*' -R '.gnu.debuglto_*' "$object" "$work/${object##*/}"
done
ar rcsD "$out" "$work"/*.o
rm -rf "$work"
