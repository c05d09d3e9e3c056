#!/bin/sh
# Run test programs: run.sh BUILD PATTERN unit PROGRAM... -- serial PROGRAM...
#
# `unit` programs run side by side, `serial` ones one at a time. Each gets a log beside it and a time limit; a line a
# program, the log of those that fail, and in the end "N passed, N failed" (test cases) alone on a line.
# Environment: TEST_TIMEOUT in seconds, WRAP a command to run each program under (valgrind).
set -u

build=$1 pattern=$2
shift 2
export BUILD="$build"
limit=${TEST_TIMEOUT:-300}
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM

# Reads a cmocka log; prints the numbers of passed, failed and skipped cases. What a program says after its summary
# counts no more, and one that breaks off (or never used cmocka) counts as one case.
count_cases() {
	awk -v code="$2" '
		/^\[=+\] .*Running [0-9]+ test/ { on = 1 }
		/^\[=+\] .* test\(s\) run/ { on = 0 }
		on && /^\[ +OK \]/ { passed++ }
		on && /^\[ +FAILED +\]/ { failed++ }
		on && /^\[ +ERROR +\]/ && !/ --- / { failed++ }
		on && /^\[ +SKIPPED \]/ { skipped++ }
		END {
			if (code != 0 && !failed) failed = 1
			if (code == 0 && !passed && !skipped) passed = 1
			print passed + 0, failed + 0, skipped + 0
		}' "$1"
}

run_one() {
	program=$1 log=$1.log name=${1#"$build"/tests/}
	began=$(date +%s%N)
	# shellcheck disable=SC2086 # WRAP is a command with its options
	timeout -k 10 "$limit" ${WRAP:-} "$program" >"$log" 2>&1 </dev/null
	code=$?
	took=$(( ($(date +%s%N) - began) / 1000000 ))
	counts=$(count_cases "$log" "$code")
	echo "$counts" >"$work/$(echo "$name" | tr / .).count"
	# shellcheck disable=SC2086 # three numbers
	set -- $counts
	note=
	[ "$3" -eq 0 ] || note=", $3 skipped"
	if [ "$code" -eq 0 ] && [ "$2" -eq 0 ]; then
		printf 'ok   %-44s %4d passed%s  %d.%03d s\n' "$name" "$1" "$note" $((took / 1000)) $((took % 1000))
		return
	fi
	case $code in
	124 | 137) why="no end after $limit s" ;;
	*) why="exit $code" ;;
	esac
	# One write, so that programs side by side do not mix.
	report=$(
		printf 'FAIL %-44s %4d passed, %d failed%s (%s)\n' "$name" "$1" "$2" "$note" "$why"
		sed 's/^/     | /' "$log"
	)
	printf '%s\n' "$report"
}

running=0
mode=unit
for word in "$@"; do
	case $word in
	unit | serial | --)
		wait
		running=0 mode=$word
		continue
		;;
	esac
	case ${word##*/} in
	*"$pattern"*) ;;
	*) continue ;;
	esac
	if [ "$mode" = serial ]; then
		run_one "$word"
		continue
	fi
	run_one "$word" &
	running=$((running + 1))
	if [ "$running" -ge "$(nproc)" ]; then
		wait
		running=0
	fi
done
wait

cat "$work"/*.count 2>/dev/null | awk '
	{ passed += $1; failed += $2; skipped += $3; programs++ }
	END {
		if (skipped) print skipped " skipped"
		if (!programs) print "no test program matches"
		print passed + 0 " passed, " failed + 0 " failed"
		exit failed > 0 || !programs
	}'
