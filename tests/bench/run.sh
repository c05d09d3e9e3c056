#!/bin/sh
# Numbers for connection.get and connection.list, next to a plain program over the same data: make bench.
# BENCH_CONNECTIONS, BENCH_MS and BENCH_ROUNDS change the size. It ends with 0 whatever the numbers are; only a run that could not
# be made fails.
set -eu
umask 077

build=$(cd "${BUILD:-build/release}" && pwd)/
bench=${build}tests/bench/
connections=${BENCH_CONNECTIONS:-100000}
ms=${BENCH_MS:-500}
rounds=${BENCH_ROUNDS:-7}
clients=16
dir=$(mktemp -d "${TMPDIR:-/tmp}/almanac-bench.XXXXXX")
pids=

finish() {
	code=$1
	trap - EXIT
	for pid in $pids; do
		kill "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
	if [ "$code" -eq 1 ] && [ -s "$dir/log" ]; then
		tail -n 20 "$dir/log" >&2
	fi
	rm -rf "$dir"
	exit "$code"
}
trap 'finish $?' EXIT
trap 'finish 130' INT
trap 'finish 143' TERM

fail() {
	printf 'bench: %s\n' "$1" >&2
	exit 1
}

# The last CPU that may be used: the first one has the interrupts.
cpu=$(sed -n 's/^Cpus_allowed_list:.*[^0-9]\([0-9][0-9]*\)$/\1/p' /proc/self/status)
pinned() {
	taskset -c "$cpu" "$@"
}

# start NAME PROGRAM...: in the background, pinned. Its process id is then in pid_NAME.
start() {
	name=$1
	shift
	env -i PATH="$PATH" HOME="$dir" taskset -c "$cpu" "$@" >>"$dir/log" 2>&1 </dev/null &
	pids="$pids $!"
	eval "pid_$name=$!"
}

# Until it takes connections.
await() {
	tries=0
	until "${bench}bench_load" "$dir/$1.sock" "$2" get "$dir/ids" 1 1 1 >"$dir/tried" 2>&1; do
		tries=$((tries + 1))
		if [ "$tries" -eq 100 ] || ! kill -0 "$2" 2>/dev/null; then
			cat "$dir/tried" >&2
			fail "$1 does not answer"
		fi
		sleep 0.05
	done
}

measure() { # SERVER PID METHOD KEYS PIPELINED
	result=$(pinned "${bench}bench_load" "$dir/$1.sock" "$2" "$3" "$dir/$4" "$clients" "$5" "$ms") || fail "$1 gave a wrong answer"
	printf '%s %s %s %s\n' "$3" "$5" "$1" "$result" >>"$dir/results"
}

read -r load _ </proc/loadavg
printf 'Filling a store with %s connections ...\n' "$connections"
"${bench}bench_fill" "$dir/state" "$connections" "$dir/ids" "$dir/slugs"
# The daemon keeps its file locked, so the others get copies.
for variant in plain tuned; do
	cp "$dir/state/almanac.db" "$dir/$variant.db"
	start "$variant" "${bench}bench_reference" "$dir/$variant.sock" "$dir/$variant.db" "$variant"
done
printf '[http]\nlisten = 127.0.0.1:0\n[google]\nclient_id = bench-client\nclient_secret = bench-secret\n' >"$dir/almanacd.conf"
start almanacd "${build}almanacd" --config "$dir/almanacd.conf" --state-dir "$dir/state" --socket "$dir/almanacd.sock"
# shellcheck disable=SC2154 # set by start
{
	await plain "$pid_plain"
	await tuned "$pid_tuned"
	await almanacd "$pid_almanacd"
}

printf 'Measuring: %s rounds, %s ms each ...\n' "$rounds" "$ms"
round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	for kind in 'get ids 1' 'get ids 16' 'list slugs 1' 'list slugs 16'; do
		# shellcheck disable=SC2086 # three words
		set -- $kind
		measure plain "$pid_plain" "$1" "$2" "$3"
		measure almanacd "$pid_almanacd" "$1" "$2" "$3"
		measure tuned "$pid_tuned" "$1" "$2" "$3"
	done
done

model=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
printf '\n%s connections, %s clients on a Unix socket, server and client pinned to one core, medians of %s\n' \
	"$connections" "$clients" "$rounds"
printf '%s, %s cores, %s %s; load average at the start %s; resident memory of almanacd %s kB\n\n' "${model:-unknown CPU}" \
	"$(getconf _NPROCESSORS_ONLN)" "$(uname -s)" "$(uname -r)" "$load" \
	"$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid_almanacd/status")"
awk '
	function median(text,   n, i, k, t, v) {
		n = split(text, v, " ")
		for (i = 2; i <= n; i++)
			for (k = i; k > 1 && v[k] + 0 < v[k - 1] + 0; k--) { t = v[k]; v[k] = v[k - 1]; v[k - 1] = t }
		return v[int((n + 1) / 2)] + 0
	}
	{
		key = $1 " " $2 " " $3
		for (i = 4; i <= 8; i++) values[key " " i] = values[key " " i] " " $i
	}
	# Of each round on its own, since what else runs on the machine comes and goes.
	function ratio(key, other,   n, i, mine, theirs, all) {
		n = split(values[key " 5"], mine, " ")
		split(values[other " 5"], theirs, " ")
		for (i = 1; i <= n; i++) all = all " " mine[i] / theirs[i]
		return median(all)
	}
	function line(method, depth, server, title, target,   key) {
		key = method " " depth " " server
		printf "%-32s %9d %9.1f %7.2f %7.2f %8d %6d %6d  %s\n", title, median(values[key " 4"]), median(values[key " 5"]),
			ratio(key, method " " depth " plain"), ratio(key, method " " depth " tuned"), median(values[key " 6"]),
			median(values[key " 7"]), median(values[key " 8"]), target
	}
	function block(method, depth, title, target) {
		printf "%s\n", title
		line(method, depth, "almanacd", "  almanacd", target)
		line(method, depth, "plain", "  reference", "")
		line(method, depth, "tuned", "  reference, one transaction", "")
	}
	END {
		printf "%-32s %9s %9s %7s %7s %8s %6s %6s  %s\n", "", "requests", "CPU us", "ratio", "ratio", "bytes", "p50", "p99", "target"
		printf "%-32s %9s %9s %7s %7s %8s %6s %6s\n", "", "/s", "/request", "ref.", "ref. 1t", "/reply", "us", "us"
		block("get", 1, "connection.get", "P1: ratio <= 0.55")
		block("get", 16, "connection.get, 16 pipelined", "P1: ratio <= 0.40")
		block("list", 1, "connection.list, 50 rows", "P2: ratio <= 0.25")
		block("list", 16, "connection.list, 16 pipelined", "")
	}' "$dir/results"
cat <<END

CPU is the server's own, user and system, from /proc/PID/schedstat. The reference is tests/bench/bench_reference.c: jansson,
SQLite, jansson, with the same fields, without roles, checks or limits. "One transaction": the same, but with the lock kept and one
read transaction for all that waits, as almanacd does it. P2's comparison with Django is not made here.
END
