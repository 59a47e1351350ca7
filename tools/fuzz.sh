#!/bin/sh
# make fuzz T=bind S=60: runs the libFuzzer program of tests/fuzz/fuzz_bind.c for S seconds, starting
# from its corpus; without T, every target in turn. New inputs go to build-fuzz/corpus/T; a crash is
# kept as build-fuzz/crash-*: minimise it and add it as tests/fuzz/regress/T/<name>.
. "$(dirname "$0")/common.sh"
target=${1:-}
seconds=${2:-60}
tools/deps.sh build fuzz
tools/build.sh fuzz

targets=$target
if [ -z "$targets" ]; then
    targets=$(cd build-fuzz/tests/fuzz && find . -maxdepth 1 -name 'fuzz_*' -type f -perm -u+x |
        sed 's|^\./fuzz_||' | sort)
fi
[ -n "$targets" ] || die "there are no fuzz targets"
failed=0
passed=0
for target in $targets; do
    program=build-fuzz/tests/fuzz/fuzz_$target
    [ -x "$program" ] || die "no fuzz target '$target' in tests/fuzz"
    mkdir -p "build-fuzz/corpus/$target"
    inputs="build-fuzz/corpus/$target"
    for folder in "tests/fuzz/corpus/$target" "tests/fuzz/regress/$target"; do
        [ ! -d "$folder" ] || inputs="$inputs $folder"
    done
    dict=''
    [ ! -f "tests/fuzz/$target.dict" ] || dict=-dict=tests/fuzz/$target.dict
    say "fuzz_$target: $seconds s"
    log=build-fuzz/$target.log
    if "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        $dict -artifact_prefix=build-fuzz/crash-"$target"- $inputs >"$log" 2>&1; then
        passed=$((passed + 1))
        grep -E 'stat::number_of_executed_units|DONE' "$log" || true
    else
        failed=$((failed + 1))
        grep -v '^#' "$log" | tail -n 40
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
