#!/bin/sh
# Functions that have no place here, or only in some places.
set -eu
. "$(dirname "$0")/lib.sh"

# function | where it is banned ("all" or path prefixes) | what to do instead
banned='
strcpy strcat sprintf vsprintf gets stpcpy strncpy strncat | all | snprintf, str_copy or struct buf
strtok atoi atol atoll atof | all | str_to_int64 and the like, which tell errors
rand srand random srandom drand48 | all | struct rng
system popen | all | fork and exec with a fixed argument list
tmpnam tempnam mktemp | all | mkstemp, mkdtemp
alloca | all | a fixed size, or the heap
setjmp longjmp sigsetjmp siglongjmp | all | return a status
localtime gmtime ctime asctime | all | the reentrant ones, or ipc/base/timefmt.h
setenv putenv unsetenv | ipc/ store/ daemon/ tui/ | pass it along
signal | all | sigaction, or an event of the loop
sleep usleep nanosleep | all | wait for the condition, or a timer of the loop
assert abort __builtin_trap | ipc/ store/ daemon/ tui/ | struct err; fatal() for broken start-up invariants
exit _exit quick_exit | ipc/ store/ daemon/ tui/ | return to main
time gettimeofday clock_gettime | ipc/ store/ daemon/ tui/ | struct clock, which tests can set
getrandom getentropy arc4random randombytes_buf randombytes_random | ipc/ store/ daemon/ tui/ | struct rng
sqlite3_exec | ipc/ store/ daemon/ tui/ | store/stmt.h, or db_script for constant text
fork vfork | ipc/ store/ tui/ | nothing here starts programs
printf puts putchar vprintf | ipc/ store/ daemon/ | LOG_INFO and its like; output belongs to main
'

# Allowed after all: file, function, reason.
waived='
ipc/base/clock.c clock_gettime the one place that asks the kernel
ipc/base/rng.c getrandom the one place that asks the kernel
ipc/base/err.c exit fatal()
store/db.c _exit exit 74 at once after a failed fsync, before anything else is acknowledged
store/db.c sqlite3_exec constant scripts only: see sql.sh
daemon/main.c exit main
daemon/main.c printf --help and --version
daemon/main.c puts --help and --version
tui/main.c exit main
'

# shellcheck disable=SC2046 # names without spaces
awk -f "$lint_dir/strip.awk" $(c_files) | awk -v banned="$banned" -v waived="$waived" '
	BEGIN {
		count = split(banned, rows, "\n")
		for (i = 1; i <= count; i++) {
			if (split(rows[i], part, "|") < 3) continue
			many = split(part[1], name, " ")
			for (k = 1; k <= many; k++) { where[name[k]] = part[2]; instead[name[k]] = part[3] }
		}
		count = split(waived, rows, "\n")
		for (i = 1; i <= count; i++) if (split(rows[i], word, " ") > 2) allowed[word[1], word[2]] = 1
	}
	{
		split($0, at, ":")
		file = at[1]
		code = substr($0, length(at[1]) + length(at[2]) + 3)
		if (code ~ /^[ \t]*#[ \t]*include/) next
		# A name, not part of a longer one, not a member, called.
		while (match(code, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
			name_ = substr(code, RSTART, RLENGTH - 1)
			before = RSTART > 1 ? substr(code, RSTART - 1, 1) : ""
			code = substr(code, RSTART + RLENGTH)
			gsub(/[ \t]/, "", name_)
			if (before ~ /[.>0-9]/ || !(name_ in where) || ((file, name_) in allowed)) continue
			split("", places)
			many = split(where[name_], places, " ")
			for (k = 1; k <= many; k++)
				if (places[k] == "all" || substr(file, 1, length(places[k])) == places[k]) {
					print file ":" at[2] ": " name_ "() is banned:" instead[name_]
					break
				}
		}
	}
' | verdict
