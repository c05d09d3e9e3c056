#!/bin/sh
# The top level is what it is; nothing is left to do "later"; text files are tidy.
set -eu
. "$(dirname "$0")/lib.sh"

wanted='Makefile daemon tui ipc store tests etc README.md'
made='build'

text_files() {
	find . \( -path ./.git -o -path ./build -o -path ./tests/fixtures \) -prune -o -type f -print | sed 's|^\./||' | sort
}

{
	for name in *; do
		case " $wanted $made " in
		*" $name "*) ;;
		*) echo "$name: not a name of the top level" ;;
		esac
	done
	for name in $wanted; do
		[ -e "$name" ] || echo "$name: missing from the top level"
	done
	# The pattern is written so that it does not find itself.
	text_files | xargs grep -HnIE '(^|[^A-Za-z])(TO''DO|FIX''ME|X''XX|HA''CK)([^A-Za-z]|$)' || true
	text_files | xargs grep -HnIE '[ 	]+$' | sed 's/\(:[0-9]*\):.*/\1: blanks at the end of the line/' || true
	text_files | xargs grep -lI "$(printf '\r')" | sed 's/$/: carriage returns/' || true
	text_files | xargs grep -LI . | while read -r file; do
		[ ! -s "$file" ] || echo "$file: not a text"
	done
	text_files | xargs grep -lI . | while read -r file; do
		[ -z "$(tail -c 1 "$file")" ] || echo "$file: no newline at the end"
	done
} | verdict
