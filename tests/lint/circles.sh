#!/bin/sh
# No two files need each other: neither by including (x.c and x.h are one module) nor by calling (an object needs a symbol of
# another; looked up in $BUILD, if it is built).
set -eu
. "$(dirname "$0")/lib.sh"

build=${BUILD:-build/release}

# Known and accepted: "- from to", with the reason behind it.
waived='
'

includes() {
	# shellcheck disable=SC2046 # names without spaces
	awk '
		function module(path) { sub(/\.[ch]$/, "", path); return path }
		/^[ \t]*#[ \t]*include[ \t]*"/ { split($0, part, "\""); print module(FILENAME), module(part[2]) }
	' $(c_files) /dev/null
}

# nm prints "path: [address] letter symbol"; capital letters but U are definitions that others can see.
needs() {
	find "$build" -name '*.o' 2>/dev/null | sort | while read -r object; do
		source=${object#"$build"/}
		source=${source%.o}
		# What is left of a file that is gone counts no more.
		[ ! -e "$source.c" ] || nm "$object" | awk -v name="$source" '{ print name, $(NF - 1), $NF }'
	done | awk '
		$1 ~ /^tests\/(unit|integration)\// { next }
		# The sandbox is a program of its own, and main is in several.
		{ house = $1 ~ /^tests\/sandbox\// ? "sandbox " : "" }
		$2 ~ /^[TDBRVWC]$/ { count[house $3]++; home[house $3] = $1 }
		$2 == "U" { from[++wants] = $1; want[wants] = house $3 }
		END {
			for (i = 1; i <= wants; i++)
				if (count[want[i]] == 1) print from[i], home[want[i]]
		}'
}

{
	{ printf '%s\n' "$waived" | grep '^-' || true; includes; } | awk -v word='include circle' -f "$lint_dir/circles.awk"
	{ printf '%s\n' "$waived" | grep '^-' || true; needs; } | awk -v word='call circle' -f "$lint_dir/circles.awk"
} | verdict
