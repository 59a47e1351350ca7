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
for option in --output -I -D --acf --import-map --dialect --depfile --json --strict --no-warn --help --version; do
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

# ACF: found beside the IDL whatever its case, replaced by --acf, applied by name.
cat >conf.idl <<'END'
[uuid(6f0a1b2c-0400-4000-8000-000000000003)] interface conf
{
    typedef struct { long a; } record, *record_ptr;
    error_status_t f([in] long v);
}
END
cat >Conf.Acf <<'END'
#ifdef WITH_STATUS
#define STATUS ,fault_status
#else
#define STATUS
#endif
[implicit_handle(handle_t conf_handle)] interface conf
{
    include "stddef.h";
    typedef [encode, decode] record;
    [comm_status STATUS] f();
}
END
check "an ACF beside the IDL" status 0 "$ironidl" -o out_dir --depfile dep conf.idl
check "is silent" test ! -s err
check "its types are serialized" says out_dir/conf.h "conf_record_encode("
check "other names of the type are not" sh -c "! grep -q record_ptr_encode out_dir/conf.h"
check "its include is in the header" says out_dir/conf.h '#include "stddef.h"'
check "the depfile names it" says dep "onf.Acf"
printf 'interface conf { }\n' >plain.acf
check "--acf" status 0 "$ironidl" -o out_dir --acf plain.acf conf.idl
check "replaces it" sh -c "! grep -q record_encode out_dir/conf.h"
check "--acf that is not there" status 1 "$ironidl" -o out_dir --acf absent.acf conf.idl
check "it is named" says err "cannot read the ACF 'absent.acf'"
acf_says() { # text of the ACF, message
    printf '%s\n' "$1" >bad.acf
    "$ironidl" -o out_dir --acf bad.acf conf.idl 2>err
    [ $? = 1 ] && says err "$2"
}
check "ACF: unknown operation" acf_says 'interface conf { [async] g(); }' \
    "bad.acf:1:26: error: interface 'conf' has no operation 'g'"
check "ACF: unknown type" acf_says 'interface conf { typedef [encode] t; }' "has no typedef 't'"
check "ACF: unknown parameter" acf_says 'interface conf { f([comm_status] w); }' \
    "'f' has no parameter 'w'"
check "ACF: an attribute of IDL" acf_says 'interface conf { f([in] v); }' \
    "[in] belongs into the IDL file"
check "ACF: not closed" acf_says 'interface conf {' "expected '}' at the end of the interface"
check "ACF: no interface" acf_says 'typedef int t;' "expected interface"
printf 'interface other { typedef [encode] record; }\n' >other.acf
check "ACF: the only interface by another name" status 0 "$ironidl" -o out_dir --acf other.acf conf.idl
check "with a warning" says err "is called 'conf', not 'other'"
check "and its attributes" says out_dir/conf.h "conf_record_encode("
check "--strict rejects the other name" status 1 "$ironidl" --strict -o out_dir --acf other.acf conf.idl

mkdir -p maps/real
echo 'typedef short mapped_t;' >maps/real/types.idl
cat >mapped.idl <<'END'
import "x-types.idl";
[uuid(6f0a1b2c-0400-4000-8000-000000000004)] interface mapped { void f([in] mapped_t v); }
END
check "an import by another name" status 1 "$ironidl" -o out_dir mapped.idl
printf '# comment\n\nx-*.idl absent/*.idl\nx-*.idl real/*.idl # there\n' >maps/map
check "--import-map, relative to the map" status 0 "$ironidl" --import-map maps/map -o out_dir mapped.idl
check "the type is that of the file" says out_dir/mapped.h "mapped_f("
printf 'x-types.idl real/types.idl\n' >maps/map
check "--import-map without a star" status 0 "$ironidl" --import-map maps/map -o out_dir mapped.idl
map_says() { # text of the map
    printf '%s\n' "$1" >maps/bad
    "$ironidl" --import-map maps/bad -o out_dir mapped.idl 2>err
    [ $? = 1 ] && says err "maps/bad:1: a line of an import map"
}
check "import map: no path" map_says "name"
check "import map: three words" map_says "a b c"
check "import map: two stars" map_says "*a* b"
check "import map: a star that stands for nothing" map_says "a *"
check "--import-map that is not there" status 1 "$ironidl" --import-map absent -o out_dir mapped.idl

cat >dialect.idl <<'END'
[uuid(6f0a1b2c-0400-4000-8000-000000000005)] interface dialect
{
    long open([out] PPCONTEXT_HANDLE h);
    long use([in] PCONTEXT_HANDLE h);
}
END
check "names of a dialect, without it" status 1 "$ironidl" -o out_dir dialect.idl
check "--dialect go" status 0 "$ironidl" --dialect go -o out_dir dialect.idl
check "declares context handles" says out_dir/dialect.h "irpc_context_handle"
check "--dialect ms does not" status 1 "$ironidl" --dialect ms -o out_dir dialect.idl
check "an unknown dialect is wrong use" status 2 "$ironidl" --dialect x dialect.idl

check "--json" status 0 "$ironidl" --json "$here/correlate.idl"
check "prints JSON" python3 -c "import json; d = json.load(open('out')); assert \
    d['interfaces'][0]['operations'][0]['name'] == 'sizes'"
echo "1..$n"
