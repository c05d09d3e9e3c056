#!/bin/sh
# Who may look at the bytes of a secret.
set -eu
. "$(dirname "$0")/lib.sh"

# Files and folders that may call secret_reveal, and what for.
allowed='
daemon/vault/    sealing, opening, comparing
daemon/http/     headers and bodies on their way out
daemon/oauth/attempt.c  state and verifier of an attempt, unsealed into a struct that is wiped
tests/           what is not in a log can be looked for
'

# shellcheck disable=SC2046 # names without spaces
awk -f "$lint_dir/strip.awk" $(c_files) | awk -v allowed="$allowed" '
	BEGIN { count = split(allowed, rows, "\n") }
	/[^A-Za-z0-9_]secret_reveal[^A-Za-z0-9_]/ {
		split($0, at, ":")
		for (i = 1; i <= count; i++)
			if (split(rows[i], word, " ") && substr(at[1], 1, length(word[1])) == word[1]) next
		print at[1] ":" at[2] ": secret_reveal outside its list (tests/lint/secrets.sh)"
	}
' | verdict
