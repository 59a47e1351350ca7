#!/bin/sh
# The harness tested by tests that must fail: t_harness.sh VICTIM
victim=$1
if [ -n "${MESON_EXE_WRAPPER-}" ]; then
    echo "1..0 # SKIP threads, signals and memory of an emulator are not those of the test"
    exit 0
fi
n=0
failed=0

# check NAME WANTED-STATUS PATTERN...: runs one test of the victim; output must match each pattern.
check() {
    name=$1
    want=$2
    shift 2
    n=$((n + 1))
    out=$("$victim" "$name" 2>/dev/null)
    status=$?
    result=ok
    [ "$status" -eq "$want" ] || result="not ok"
    for pattern in "$@"; do
        printf '%s\n' "$out" | grep -Eq "$pattern" || result="not ok"
    done
    # Exactly one result line, whatever the test did.
    [ "$(printf '%s\n' "$out" | grep -Ec '^(not )?ok ')" -eq 1 ] || result="not ok"
    echo "$result $n - $name"
    if [ "$result" != ok ]; then
        failed=1
        echo "# exit status $status, wanted $want; output:"
        printf '%s\n' "$out" | sed 's/^/#   /'
    fi
}

check passes 0 '^1\.\.1$' '^ok 1 - passes$'
check fails_plainly 1 '^not ok 1' 'victim.c:[0-9]+: failed: 1 \+ 1 == 3'
check fails_equal 1 '^not ok 1' 'got 41 \(0x29\), wanted 42'
check fails_string 1 '^not ok 1' 'got "left", wanted "right"'
check fails_pdu 1 '^not ok 1' 'got 1a  wanted 1b  frag_length' 'got 07  wanted 08  opnum' \
    'got 02  wanted 03  stub\[1\]'
check fails_literal 1 '^not ok 1' 'not hexadecimal'
check crashes 1 '^not ok 1' 'signal 11|exit status'
check aborts 1 '^not ok 1' 'signal 6'
check exits_early 1 '^not ok 1' 'exit status 3'
check exits_with_success 1 '^not ok 1' 'exited before its end'
check hangs 1 '^not ok 1' "still running after ${IR_TEST_SCALE:-1} s"
check leaks_descriptor 1 '^not ok 1' 'leaked: /dev/null'
check closes_descriptor 1 '^not ok 1' 'descriptor 0 was closed'
check leaks_allocation 1 '^not ok 1' '1 allocations leaked|exit status 23'
check oom_clean 0 '^ok 1'
check oom_leaks 1 '^not ok 1' 'allocation 2 failing: 1 allocations leak'
check leaks_thread 1 '^not ok 1' '1 threads still run'
check leaks_child 1 '^not ok 1' 'child process'
check skips 0 '^ok 1 - skips # SKIP no reason here$'
check deadline_stuck 1 '^not ok 1' 'deadline 5 does not go away'
check deadlines_fire_in_order 0 '^ok 1'
check fields_have_names 0 '^ok 1'
echo "1..$n"
exit $failed
