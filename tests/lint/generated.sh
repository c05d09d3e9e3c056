#!/bin/sh
# What is generated and kept must be what would be generated now. Needs the built programs in $BUILD.
set -eu
. "$(dirname "$0")/lib.sh"

build=${BUILD:-build/release}
{
	if [ -e etc/openrpc.json ]; then
		if [ ! -x "$build/almanacd" ]; then
			echo "etc/openrpc.json: no $build/almanacd to compare it with"
		elif ! "$build/almanacd" --print-openrpc | cmp -s - etc/openrpc.json; then
			echo "etc/openrpc.json is stale: make docs"
		fi
	fi
} | verdict
