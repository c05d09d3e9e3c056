#!/bin/sh
# Include guards named after the path, own header first, every included file there, each header compiles alone.
set -eu
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2046 # names without spaces
{
	awk '
		function done() {
			if (was_header && guard != want) print last ": include guard " want " expected"
			if (!was_header && own && first != own) print last ": its own header comes first"
		}
		FNR == 1 {
			if (last) done()
			last = FILENAME
			was_header = FILENAME ~ /\.h$/
			want = toupper(FILENAME)
			gsub(/[^A-Z0-9]/, "_", want)
			guard = first = own = ""
			if (!was_header) {
				own = FILENAME
				sub(/c$/, "h", own)
				if ((getline line < own) < 0) own = ""
				else close(own)
			}
		}
		!guard && /^#ifndef / { guard = $2; next }
		guard && !defined[FILENAME] && /^#define / { defined[FILENAME] = 1; if ($2 != guard) guard = "" }
		!first && /^[ \t]*#[ \t]*include/ { first = $2; gsub(/["<>]/, "", first) }
		/^[ \t]*#[ \t]*include[ \t]*"/ {
			split($0, part, "\"")
			if ((getline line < part[2]) < 0) print FILENAME ":" FNR ": no such file: " part[2]
			else close(part[2])
		}
		END { if (last) done() }
	' $(c_files)
	c_files | grep '\.h$' | while read -r header; do
		"${CC:-gcc}" -std=gnu11 -D_GNU_SOURCE -I. -Wall -Wextra -Werror -fsyntax-only -x c "$header" 2>&1 || true
	done
} | verdict
