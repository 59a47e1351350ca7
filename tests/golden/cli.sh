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

printf '\377\376[\0u\0' >wide.idl
check "UTF-16 is told" status 1 "$ironidl" -o out_dir wide.idl
check "as what it is" says err "wide.idl:1:1: error: this file is in UTF-16; save it as UTF-8 or ASCII"
printf '\357\273\277typedef long t;\r\n' >mark.idl
check "a mark of UTF-8 is nothing" status 0 "$ironidl" -o out_dir mark.idl
rm -rf out_dir && mkdir out_dir

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
check "so are the headers of imports" says out_dir/upper.h '#include "other.h"'
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

# Options of MIDL, as its makefiles write them.
cat >old.idl <<'END'
[uuid(6f0a1b2c-0400-4000-8000-000000000006), version(1.2)] interface old
{
#ifdef WANTED
    typedef [switch_type(long)] union { [case(1)] hyper h; [case(2)] byte b; } u;
    long f([in] long n, [in, switch_is(n)] u *v);
#endif
}
END
printf 'interface old { [comm_status] f(); }\n' >other.acf
new_folder() { rm -rf out_dir && mkdir out_dir; }
new_folder
check "MIDL: names of files" status 0 "$ironidl" -out out_dir -header my.hh -cstub c.c /sstub s.c \
    /DWANTED old.idl
check "are obeyed" test "$(cd out_dir && echo *)" = "c.c my.hh old_t.c s.c"
check "and the header is included by its name" says out_dir/c.c '#include "my.hh"'
check "with a guard of its own" says out_dir/my.hh "#ifndef IRONIDL_MY_HH"
new_folder
check "MIDL: /client none" status 0 "$ironidl" /client none -server stub -D WANTED -o out_dir old.idl
check "no client" test "$(cd out_dir && echo *)" = "old.h old_s.c old_t.c"
new_folder
check "MIDL: header alone" status 0 "$ironidl" -client none -server none -o out_dir --depfile dep old.idl
check "nothing else" test "$(cd out_dir && echo *)" = "old.h"
check "in the depfile neither" sh -c "grep -q '^out_dir/old.h: ' dep"
check "MIDL: -client takes none or stub" status 2 "$ironidl" -client both old.idl
new_folder
check "MIDL: -prefix, -oldnames" status 0 "$ironidl" -prefix client "c_" server "s_" -oldnames -DWANTED \
    -o out_dir old.idl
check "functions of the client" says out_dir/old.h "c_old_f(struct irpc_binding *binding"
check "the server's stub" says out_dir/old.h "extern const struct irpc_server_stub s_old_ServerIfHandle;"
check "the interface" says out_dir/old_t.c "const struct irpc_interface old_ClientIfHandle = {"
check "MIDL: -prefix all" status 0 "$ironidl" -prefix all p_ -DWANTED -o out_dir old.idl
check "both" sh -c "grep -q p_old_f out_dir/old.h && grep -q p_old_v1_2_server out_dir/old_s.c"
check "MIDL: -prefix without a text" status 2 "$ironidl" old.idl -prefix client
check "MIDL: -prefix of nothing that it has" status 2 "$ironidl" -prefix nobody x old.idl
check "MIDL: -prefix that C cannot have" status 2 "$ironidl" -prefix client "c-" old.idl
check "MIDL: what makefiles say" status 0 "$ironidl" /nologo -use_epv -ms_ext /c_ext -robust -env win32 \
    -target NT60 -Oicf /W3 -Zp8 /no_cpp -cpp_cmd "cl" -cpp_opt "/nologo /E /DWANTED -I Include" \
    -o out_dir old.idl
check "has effect where it can" says out_dir/old.h "old_f("
check "and a note where not" says err "ironidl: note: without effect here: -use_epv -ms_ext /c_ext -robust"
check "but none about the logo" sh -c "! grep -q nologo err"
check "MIDL: -no_warn hides the note" status 0 "$ironidl" -use_epv -no_warn -o out_dir old.idl
check "it is quiet" test ! -s err
check "MIDL: -U takes -D back" status 0 "$ironidl" -D WANTED=1 -UWANTED -o out_dir old.idl
check "the macro is gone" sh -c "! grep -q old_f out_dir/old.h"
check "MIDL: -acf" status 1 "$ironidl" -acf other.acf -DWANTED -o out_dir old.idl
check "is read" says err "[comm_status] needs an operation that returns error_status_t"
check "MIDL: folders separated by ;" status 0 "$ironidl" '-INone;.\Include' -DFLAG -DLIMIT=6 -o out_dir \
    UPPER.IDL
new_folder
check "MIDL: -syntax_check" status 0 "$ironidl" -syntax_check -o out_dir old.idl
check "writes nothing" test -z "$(ls out_dir)"
check "MIDL: -ms_union" status 0 "$ironidl" -ms_union -DWANTED -o out_dir old.idl
check "is in the tables" says out_dir/old_t.c IRPC_NDR_F_MS_UNION
check "a value behind =" status 0 "$ironidl" --output=out_dir -acf=plain.acf --dialect=ms conf.idl
new_folder
check "MIDL: -WX" status 1 "$ironidl" -WX -o out_dir twice.idl
check "writes nothing after a warning" test -z "$(ls out_dir)"
check "MIDL: -winrt is refused" status 2 "$ironidl" -winrt old.idl
check "with the reason" says err "-winrt cannot be obeyed: the Windows Runtime has no RPC interfaces"
check "an option without its value" status 2 "$ironidl" old.idl -header
check "a path is no option" status 0 "$ironidl" -o out_dir "$work/old.idl"
check "a word behind -- is a file" status 1 "$ironidl" -- -oldnames
check "it is told so" says err "cannot read '-oldnames'"

# Warnings: what is said, and where it is not.
warns() { # body of an interface, text; "" for silence
    printf '[uuid(6f0a1b2c-0400-4000-8000-000000000007), %s interface warned { %s }\n' "$1" "$2" >warned.idl
    "$ironidl" -o out_dir warned.idl 2>err || { cat err; return 1; }
    if [ -n "$3" ]; then says err "$3"; else test ! -s err || { cat err; return 1; }; fi
}
plain='version(1.0)]'
check "memory that the caller decides on" warns "$plain" 'void f([in] long n, [out, size_is(n)] byte *p);' \
    "a call allocates as much memory for 'p' as its caller says; limit 'n' by [range(0, ...)]"
check "behind a pointer, too" warns "$plain" 'void f([in, out] long *n, [out, max_is(*n + 1)] byte p[]);' "limit 'n'"
check "not with a range" warns "$plain" 'void f([in, range(0, 9)] long n, [out, size_is(n)] byte *p);' ''
check "nor one of its type" warns "$plain" 'typedef [range(0, 9)] long small_n;
    void f([in] small_n n, [out, size_is(n)] byte *p);' ''
check "nor 16 bits" warns "$plain" 'void f([in] short n, [out, size_is(n)] byte *p);' ''
check "nor when the request has as much" warns "$plain" 'void f([in] long n, [in, size_is(n)] byte *q,
    [out, size_is(n)] byte *p);' ''
check "nor a constant size" warns "$plain" 'void f([out, size_is(1000)] byte *p);' ''
check "[auto_handle]" warns 'auto_handle]' 'void f(void);' "the functions take a binding"
check "[v1_array]" warns "$plain" 'void f([in, v1_array] byte p[4]);' "[v1_array] asks for the encoding"
check "an unknown attribute" warns "$plain" '[unheard_of(1, (2))] void f(void);' "unknown attribute 'unheard_of'"
check "attributes of COM" warns "$plain" '[id(1), helpstring("x")] void f(void);' ''

check "--json" status 0 "$ironidl" --json "$here/correlate.idl"
check "prints JSON" python3 -c "import json; d = json.load(open('out')); assert \
    d['interfaces'][0]['operations'][0]['name'] == 'sizes'"
echo "1..$n"
