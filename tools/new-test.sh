#!/bin/sh
# make new-test N=wire/bind: tests/unit/t_bind.c with one test that fails until you write it, listed
# for the folder's library.
. "$(dirname "$0")/common.sh"
what=${1:-}
folder=${what%/*}
name=${what##*/}
[ "$folder" != "$what" ] || die "usage: make new-test N=folder/module, for instance N=wire/bind"
case $folder in
base | wire | ndr | engine | loop | transport | os | server | client | epm | idl) ;;
*) die "no folder src/$folder" ;;
esac
file=tests/unit/t_$name.c
[ ! -e "$file" ] || die "$file exists"
header="$folder/$name.h"
[ -e "src/$header" ] || die "src/$header does not exist"

cat >"$file" <<EOF
#include "$header"

#include "ir_test.h"

IR_TEST(${name}_does_what_it_says)
{
    IR_FAIL("write this test");
}
EOF
# After the comment that begins the folder's part of the list.
awk -v folder="$folder" -v line="    '$name': [dep_$folder]," '
    { print }
    !done && $1 == "#" && index($0 ",", folder) { print line; done = 1 }
' tests/unit/meson.build >tests/unit/meson.build.new
mv tests/unit/meson.build.new tests/unit/meson.build
grep -q "'$name':" tests/unit/meson.build || die "list '$name' in tests/unit/meson.build by hand"
say "$file; run it: meson test -C build t_$name"
