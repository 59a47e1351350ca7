#!/bin/sh
# The command line of ironidl: options, exit status, what it writes and what it leaves alone. TAP.
#
#   cli.sh IRONIDL
set -u
ironidl=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
n=0

check() { # name, command...
    name=$1
    shift
    n=$((n + 1))
    if "$@" >log 2>&1; then
        echo "ok $n - $name"
    else
        sed 's/^/# /' log
        echo "not ok $n - $name"
    fi
}
status() { # wanted exit status, command...
    want=$1
    shift
    "$@" >out 2>err
    got=$?
    [ $got = "$want" ] || echo "exit status $got, wanted $want: $(cat out err)"
    [ $got = "$want" ]
}
says() { # file, text
    grep -qF -- "$2" "$1" || { echo "'$2' is not in $1: $(cat "$1")"; return 1; }
}

check "--help succeeds" status 0 "$ironidl" --help
for option in --output -I -D --depfile --json --strict --no-warn --help --version; do
    check "--help names $option" says out "$option"
done
check "--version succeeds" status 0 "$ironidl" --version
check "--version names the program" says out "ironidl "
check "no file is wrong use" status 2 "$ironidl"
check "it says what is missing" says err "no .idl file given"
check "two files are wrong use" status 2 "$ironidl" a.idl b.idl
check "an unknown option is wrong use" status 2 "$ironidl" --nonsense a.idl
check "a file that is not there" status 1 "$ironidl" absent.idl
check "its name is told" says err "cannot read 'absent.idl'"
check "a folder in place of a file" status 1 "$ironidl" .

mkdir out_dir
check "writes into -o" status 0 "$ironidl" -o out_dir --depfile dep "$here/handles.idl"
check "four files and no other" test "$(cd out_dir && echo *)" = \
    "handles.h handles_c.c handles_s.c handles_t.c"
check "depfile: targets" says dep "out_dir/handles.h out_dir/handles_c.c"
check "depfile: source" says dep "$here/handles.idl"
check "depfile: import" says dep "$here/base_types.idl"
check "an output folder that is not there" status 1 "$ironidl" -o nowhere "$here/handles.idl"
check "it is named" says err "cannot write nowhere/handles.h"

rm -rf out_dir && mkdir out_dir
echo 'interface x { void f(nothing n); }' >bad.idl
check "errors give status 1" status 1 "$ironidl" -o out_dir bad.idl
check "nothing is written then" test -z "$(ls out_dir)"
check "the message has file, line and column" says err "bad.idl:1:22: error: unknown type 'nothing'"

mkdir -p Include
cat >UPPER.IDL <<'END'
import "other.idl";
[uuid(6f0a1b2c-0400-4000-8000-000000000001)] interface upper
{
#if LIMIT > 5 && defined FLAG
    void f([in] other_t o);
#endif
}
END
echo 'typedef long other_t;' >Include/Other.Idl
check "file names without case, -I, -D" status 0 "$ironidl" -I Include -D LIMIT=6 -DFLAG -o out_dir \
    upper.idl
check "the output is named as on the command line" test -f out_dir/upper_c.c
check "the defined macros counted" says out_dir/upper.h "upper_f("

cat >twice.idl <<'END'
[uuid(6f0a1b2c-0400-4000-8000-000000000002)] interface twice
{
    typedef long t;
    typedef short t;
    void f([in, strange] t v);
}
END
check "a repeated typedef is tolerated" status 0 "$ironidl" -o out_dir twice.idl
check "with a warning" says err "twice.idl:4:19: warning: 't' is declared twice and differently"
check "the later one counts" says out_dir/twice.h "typedef int16_t t;"
check "--no-warn" status 0 "$ironidl" --no-warn -o out_dir twice.idl
check "is quiet" test ! -s err
check "--strict rejects it" status 1 "$ironidl" --strict -o out_dir twice.idl

check "--json" status 0 "$ironidl" --json "$here/correlate.idl"
check "prints JSON" python3 -c "import json; d = json.load(open('out')); assert \
    d['interfaces'][0]['operations'][0]['name'] == 'sizes'"
echo "1..$n"
