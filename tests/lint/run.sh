#!/bin/sh
# All checks of this folder over the tree in the current directory; says which failed and why.
set -u

here=$(cd "$(dirname "$0")" && pwd)
failed=0
for check in layers circles headers sizes banned secrets sql tree shell generated hardening; do
	if said=$(sh "$here/$check.sh" 2>&1); then
		printf 'ok   %s\n' "$check"
	else
		failed=$((failed + 1))
		printf 'FAIL %s\n%s\n' "$check" "$said"
	fi
done
[ "$failed" -eq 0 ]
