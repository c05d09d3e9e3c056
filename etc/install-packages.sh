#!/bin/sh
# Make sure that the Debian packages of the named sections of etc/packages are there: install-packages.sh SECTION...
# Says nothing when none is missing. On a system without dpkg it leaves the matter to the compiler.
set -eu

list=$(dirname "$0")/packages

if ! command -v dpkg-query >/dev/null 2>&1; then
	exit 0
fi

missing=
for section in "$@"; do
	names=$(awk -v want="[$section]" '/^\[/ { on = $0 == want; next } /^#/ || NF == 0 { next } on { print $1 }' "$list")
	if [ -z "$names" ]; then
		echo "$list has no section [$section]" >&2
		exit 1
	fi
	for name in $names; do
		status=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) || status=
		[ "$status" = installed ] || missing="$missing $name"
	done
done

[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "Missing packages; run: sudo apt-get install --no-install-recommends$missing" >&2
	exit 1
fi

echo "Installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # the list is meant to be split
if ! { apt-get -q update && apt-get -q install -y --no-install-recommends $missing; } </dev/null >"$log" 2>&1; then
	cat "$log" >&2
	echo "Could not install$missing" >&2
	exit 1
fi
