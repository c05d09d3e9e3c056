# Shared by the checks of this folder; each is run from the root of the tree it judges.
# shellcheck shell=sh disable=SC2034 # lint_dir is for those who read this in

lint_dir=$(cd "$(dirname "$0")" && pwd)

# C files of the given folders (default: all).
c_files() {
	[ $# -gt 0 ] || set -- ipc store daemon tui tests
	for folder in "$@"; do
		[ ! -d "$folder" ] || find "$folder" -type f -name '*.[ch]'
	done | sort
}

# Fail with what stdin says, if it says anything.
verdict() {
	findings=$(cat)
	[ -n "$findings" ] || return 0
	printf '%s\n' "$findings"
	return 1
}
