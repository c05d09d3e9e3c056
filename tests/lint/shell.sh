#!/bin/sh
# Every script is read by shellcheck.
set -eu
. "$(dirname "$0")/lib.sh"

scripts=$(find etc tests .ci -type f \( -name '*.sh' -o -name run -o -name '*.bash' \) 2>/dev/null | sort)
# shellcheck disable=SC2086 # names without spaces
{ [ -z "$scripts" ] || shellcheck -x -P tests/lint --format=gcc --severity=warning $scripts || true; } | verdict
