#!/bin/sh
# make demo: the service, a program on it, real clients, then malformed packets, and who still answers.
# make run (--run): the same set-up, then the service in the foreground until ctrl-C.
# As root on port 135 of a loopback address of its own, else on an unprivileged port.
. "$(dirname "$0")/common.sh"
mode=${1:-}

# Somebody has port 135 here: a network of our own, if we may, keeps the demonstration to itself.
port_taken() { grep -qiE '^ *[0-9]+: [0-9A-F]+:0087 [0-9A-F:]+ 0A' /proc/net/tcp /proc/net/tcp6; }
if [ -z "$mode" ] && [ "$(id -u)" -eq 0 ] && port_taken && unshare --net true 2>/dev/null; then
    say "port 135 is taken: going on in a network namespace"
    exec unshare --net sh -c 'ip link set lo up && exec "$0" "$@"' "$0" "$@"
fi
tools/deps.sh build demo
tools/build.sh release libironrpc.so.0.1.0 libironrpc.a cmd/ironidl/ironidl cmd/ironrpc/ironrpc \
    cmd/ironrpcd/ironrpcd tests/scenario/attack

bin=$root/build-release
ironrpc=$bin/cmd/ironrpc/ironrpc
work=$(mktemp -d)
daemon_pid=
hello_pid=

finish() {
    trap - EXIT INT TERM
    [ -z "$hello_pid" ] || kill "$hello_pid" 2>/dev/null || true
    [ -z "$daemon_pid" ] || kill "$daemon_pid" 2>/dev/null || true
    wait
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# show WORDS...: prints a command as one would type it, and runs it.
show() {
    printf '\n$ %s\n' "$*"
    "$@"
}
ironrpc() { "$ironrpc" "$@"; }

# until_line FILE TEXT PID: waits up to 10 s for a line of a program that must stay alive.
until_line() {
    for _ in $(seq 100); do
        ! grep -q "$2" "$1" || return 0
        kill -0 "$3" 2>/dev/null || break
        sleep 0.1
    done
    cat "$1" >&2
    die "a program did not start"
}

if [ "$(id -u)" -eq 0 ]; then
    address=127.0.0.135 port=135
else
    address=127.0.0.1 port=24135
fi

# --- set-up: the example is built against installed files, as its users do it -----------------------

DESTDIR=$work meson install -C build-release --no-rebuild --quiet
pc=$(find "$work" -name ironrpc.pc)
sed "s|^prefix=|prefix=$work|" "$pc" >"$pc.new"
mv "$pc.new" "$pc"
PKG_CONFIG_PATH=$(dirname "$pc") make -s -C examples/hello O="$work/"
LD_LIBRARY_PATH=$(dirname "$(dirname "$pc")")
export LD_LIBRARY_PATH

if [ "$mode" = --run ]; then
    if [ "$(id -u)" -eq 0 ]; then
        set -- # the default configuration, /etc and all
    else
        IRONRPC_RUNTIME_DIR=$work/run
        export IRONRPC_RUNTIME_DIR
        set -- -o "server.listen=ncacn_ip_tcp:[$port] ncalrpc:[epmapper]"
    fi
    "$bin/cmd/ironrpcd/ironrpcd" "$@" &
    daemon_pid=$!
    sleep 1
    kill -0 "$daemon_pid" 2>/dev/null || die "ironrpcd did not start"
    "$work/server" ncacn_ip_tcp:127.0.0.1 &
    hello_pid=$!
    sleep 0.5
    say "running; try in another terminal: $ironrpc map '127.0.0.1[$port]'    ctrl-C ends it"
    wait "$daemon_pid"
    exit
fi
[ -z "$mode" ] || die "usage: demo.sh [--run]"

IRONRPC_RUNTIME_DIR=$work/run
export IRONRPC_RUNTIME_DIR
"$bin/cmd/ironrpcd/ironrpcd" -c /dev/null \
    -o "server.listen=ncacn_ip_tcp:$address[$port] ncalrpc:[epmapper]" >"$work/ironrpcd.log" 2>&1 &
daemon_pid=$!
until_line "$work/ironrpcd.log" event=ready "$daemon_pid"
worker_pids=$(sed -n 's/.* event=worker .*pid=\([0-9]*\).*/\1/p' "$work/ironrpcd.log" | tr '\n' ' ')
[ -n "$worker_pids" ] || die "ironrpcd has no workers"
say "ironrpcd runs, pid $daemon_pid, workers ${worker_pids% }, $address[$port]"
"$work/server" "ncacn_ip_tcp:$address" >"$work/hello.log" 2>&1 &
hello_pid=$!
until_line "$work/hello.log" listening "$hello_pid"
hello=$(sed -n 's/^listening at ncacn_ip_tcp:\(.*\)$/\1/p' "$work/hello.log" | head -n 1)
hello_port=$(printf '%s' "$hello" | sed 's/.*\[\(.*\)\]/\1/')
say "the hello example runs, pid $hello_pid, $hello"
for _ in $(seq 100); do
    ! "$ironrpc" map "$address[$port]" | grep -q 109c2013 || break
    sleep 0.1
done

# --- real clients -----------------------------------------------------------------------------------

show ironrpc map "$address[$port]"
cd "$work"
show env HELLO_MAPPER_PORT="$port" ./client "ncacn_ip_tcp:$address" Ada
cd "$root"
show ironrpc call --mapper-port "$port" "$address" examples/hello/hello.idl Greet '{"name": "Grace"}'
# rpcdump is one of Impacket's examples and knows port 135 only: it is told the port. A machine
# without documentation lacks it: then Impacket's library is asked the same.
printf '\n$ rpcdump.py %s        (Impacket)\n' "$address"
/usr/bin/python3 - "$address" "$port" >"$work/rpcdump.out" 2>&1 <<'PYTHON' || {
import os, runpy, sys
from impacket.dcerpc.v5 import epm, transport
address, port = sys.argv[1:]
path = "/usr/share/doc/python3-impacket/examples/rpcdump.py"
if os.path.exists(path):
    rpcdump = runpy.run_path(path)["RPCDump"]
    rpcdump.KNOWN_PROTOCOLS[135]["bindstr"] = f"ncacn_ip_tcp:%s[{port}]"
    rpcdump().dump(address, address)
else:
    dce = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:{address}[{port}]").get_dce_rpc()
    dce.connect()
    for entry in epm.hept_lookup(None, dce=dce):
        floors = entry["tower"]["Floors"]
        print("UUID    :", floors[0], entry["annotation"][:-1].decode())
        print("         ", epm.PrintStringBinding(floors))
PYTHON
    cat "$work/rpcdump.out"
    die "Impacket failed"
}
grep -vE '^$|Provider: |^Bindings' "$work/rpcdump.out"
grep -qi 109C2013-3BEF-489F-A6C5-A391273E141D "$work/rpcdump.out" || die "Impacket does not see hello"
seen="sees $(grep -c '^UUID' "$work/rpcdump.out") interfaces, hello among them"

# --- malformed packets ------------------------------------------------------------------------------

printf '\n'
say "now packets whose lengths disagree, counts without bytes, cut and padded PDUs, noise;"
say "after each of them a good call must be answered"
started=$(date +%s)
attacked=
pid_options=$(for pid in $daemon_pid $worker_pids $hello_pid; do printf -- '--pid %s ' "$pid"; done)
for target in "$port ironrpcd" "$hello_port hello"; do
    name=${target#* }
    # shellcheck disable=SC2086 # words
    "$bin/tests/scenario/attack" --host "$address" $pid_options \
        --stream 10 --progress --brief "${target% *}" 2>&1 | tee "$work/attack-$name.out"
    # The pipe hides attack's exit status; its last word does not.
    packets=$(grep -oE '[0-9]+ packets' "$work/attack-$name.out" | tail -n 1)
    calls=$(grep -oE '[0-9]+ good calls' "$work/attack-$name.out" | tail -n 1)
    [ -n "$calls" ] || die "$name did not stand it"
    attacked="$attacked$name: $packets, $calls answered|"
done
seconds=$(($(date +%s) - started))

alive() {
    for pid; do
        kill -0 "$pid" 2>/dev/null || { echo DEAD && return; }
    done
    [ $# -gt 1 ] && echo "alive, same pids $*" || echo "alive, same pid $1"
}
# shellcheck disable=SC2086 # words
daemon_state=$(alive "$daemon_pid" $worker_pids)
hello_state=$(alive "$hello_pid")
show ironrpc ping -c 1 "$address[$port]"
cd "$work"
show env HELLO_MAPPER_PORT="$port" ./client "ncacn_ip_tcp:$address" again | tee "$work/again.out"
cd "$root"
again=$(tail -n 1 "$work/again.out")

printf '\n%-28s %s\n' "what" "result"
printf '%-28s %s\n' "endpoint map, Impacket" "$seen"
printf '%s' "$attacked" | tr '|' '\n' | while IFS= read -r line; do
    printf '%-28s %s\n' "malformed to ${line%%: *}" "${line#*: }"
done
printf '%-28s %s\n' "took" "$seconds s"
printf '%-28s %s\n' "ironrpcd" "$daemon_state"
printf '%-28s %s\n' "hello server" "$hello_state"
printf '%-28s %s\n' "a call afterwards" "$again"
case $daemon_state$hello_state in *DEAD*) die "a service stopped" ;; esac
case $again in Hello,*) ;; *) die "hello does not answer" ;; esac
