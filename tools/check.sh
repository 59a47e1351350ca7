#!/bin/sh
# make check: installs what is missing, builds, runs every suite, prints what failed and one total.
#   (nothing)   release build: all suites but coverage; ASan + UBSan build: the tests that are tagged "asan"
#   --asan      ASan + UBSan build: unit, golden, scenario, fuzz replay
#   --all       both in full, the threaded tests under TSan, the clang build, unit tests on 32 bits and big-endian, the proofs
. "$(dirname "$0")/common.sh"
mode=${1:-}
logs=
tools/deps.sh build test
[ "$mode" != --all ] || tools/deps.sh domain fuzz proof wine

# run BUILD-FOLDER LABEL MESON-TEST-ARGUMENT...
run() {
    dir=$1
    label=$2
    shift 2
    meson test -C "$dir" --no-rebuild --list "$@" 2>/dev/null | grep -qv '^No suitable' || return 0
    say "testing $dir: $*"
    # The tally judges, not this exit status: it needs the logs of failures too.
    meson test -C "$dir" --no-rebuild --logbase "$label" --num-processes "$jobs" "$@" \
        >"$dir/$label.out" 2>&1 || true
    log=$dir/meson-logs/$label.json
    [ -s "$log" ] || {
        tail -n 20 "$dir/$label.out" >&2
        die "no test results in $log"
    }
    logs="$logs $label=$log"
}

for kind in release asan tsan clang i386 s390x; do rm -f build-$kind/meson-logs/*.json; done
case $mode in
--asan)
    tools/build.sh asan
    export IR_TEST_SCALE=4
    run build-asan asan --timeout-multiplier 4 \
        --suite unit --suite golden --suite scenario --suite fuzz
    ;;
--all)
    tools/build.sh release
    tools/build.sh asan
    tools/build.sh clang
    export IR_CHECK_ALL=1
    run build-release release --no-suite interop --no-suite coverage --timeout-multiplier 20
    run build-release coverage --suite coverage --timeout-multiplier 4
    run build-release interop --suite interop --timeout-multiplier 4
    export IR_TEST_SCALE=4
    run build-asan asan --timeout-multiplier 20 \
        --suite unit --suite golden --suite scenario --suite fuzz
    tools/build.sh tsan
    run build-tsan tsan --timeout-multiplier 20 --suite tsan
    export IR_TEST_SCALE=1
    run build-clang clang --suite unit --suite golden --suite fuzz
    export IR_TEST_SCALE=10 # an emulator's time
    unset IR_CHECK_ALL
    for kind in i386 s390x; do
        tools/build.sh $kind
        run build-$kind $kind --timeout-multiplier 20 --suite unit --suite fuzz
    done
    ;;
'')
    tools/build.sh release
    tools/build.sh asan
    run build-release release --no-suite interop --no-suite coverage
    run build-release interop --suite interop
    export IR_TEST_SCALE=4
    run build-asan asan --timeout-multiplier 4 --suite asan
    ;;
*) die "usage: check.sh [--all | --asan]" ;;
esac

[ -n "$logs" ] || die "there are no tests"
status=0
python3 tools/tally.py $logs || status=1
if [ "$mode" = --all ]; then
    say "proofs"
    tools/proof.sh || status=1
fi
exit $status
