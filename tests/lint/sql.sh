#!/bin/sh
# SQL stands in store/ and nowhere else, and there it is constant text: never put together with printf, and
# scripts (which bind nothing) are run by the migration alone.
set -eu
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2046 # names without spaces
{
	awk -v keep=1 -f "$lint_dir/strip.awk" $(c_files ipc daemon tui) |
		grep -E '"[^"]*(SELECT .* FROM |INSERT INTO |UPDATE [a-z_]+ SET |DELETE FROM |CREATE TABLE |PRAGMA )' |
		sed 's/\(:[0-9]*\):.*/\1: SQL outside store\//' || true
	awk -v keep=1 -f "$lint_dir/strip.awk" $(c_files store) |
		grep -E 'printf *\(.*"[^"]*(SELECT |INSERT |UPDATE |DELETE )' |
		sed 's/\(:[0-9]*\):.*/\1: SQL made with printf/' || true
	awk -f "$lint_dir/strip.awk" $(c_files store) |
		grep -E '[^a-z_](db_script|sqlite3_exec) *\(' | grep -vE '^store/(db|migrate)\.[ch]:' |
		sed 's/\(:[0-9]*\):.*/\1: a script outside db.c and migrate.c/' || true
} | verdict
