#!/bin/sh
# No file over 500 lines, no header over 150, no function over 80.
set -eu
. "$(dirname "$0")/lib.sh"

# Files that may be longer, with the number of lines they may have and the reason: "path lines reason".
waived='
'

# A function runs from an opening brace alone in column 1 to the closing one; the line above tells its name.
# shellcheck disable=SC2046 # names without spaces
awk -v waived="$waived" '
	function done() {
		most = last in allowed ? allowed[last] : last ~ /\.h$/ ? 150 : 500
		if (lines > most) print last ": " lines " lines, at most " most
	}
	BEGIN {
		count = split(waived, rows, "\n")
		for (i = 1; i <= count; i++) if (split(rows[i], word, " ") > 1) allowed[word[1]] = word[2]
	}
	FNR == 1 { if (last) done(); last = FILENAME; start = 0; named = "" }
	{ lines = FNR }
	/^[A-Za-z_].*\(/ && !/;[ \t]*$/ && !/=/ { named = $0; sub(/\(.*/, "", named); sub(/.*[ *]/, "", named) }
	/^\{[ \t]*$/ { start = FNR }
	/^\}[ \t]*$/ && start {
		if (FNR - start - 1 > 80) print FILENAME ":" start ": " named " has " FNR - start - 1 " lines, at most 80"
		start = 0
	}
	END { if (last) done() }
' $(c_files) /dev/null | verdict
