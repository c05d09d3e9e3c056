#!/bin/sh
# Who may include whom. The tables are the rule; a waiver is a line in them that everybody sees.
set -eu
. "$(dirname "$0")/lib.sh"

# Folder: what it may include.
folders='
ipc/base/  ipc/base/
ipc/       ipc/ ipc/base/
store/     store/ ipc/base/
daemon/    daemon/ ipc/ ipc/base/ store/
tui/       tui/ ipc/ ipc/base/
tests/     tests/ ipc/ ipc/base/ store/ daemon/ tui/
'

# Inside daemon/: a row may include its own and the rows below. A name stands for its .c and .h, a folder for all in it.
# core and app.h hold what others stand on, so they lie above what they hold and below those who use it.
floors='
daemon/main
daemon/start
daemon/app
daemon/rpc/
daemon/app.h daemon/reload
daemon/jobs/
daemon/oauth/ daemon/sync/ daemon/call daemon/agenda
daemon/core
daemon/health daemon/schedule daemon/breaker
daemon/provider/
daemon/config daemon/policy
daemon/http/ daemon/vault/
daemon/loop daemon/ini daemon/notify
'

# These may not include those, whatever the tables above say.
barred='
daemon/           store/db.h store/stmt.h store/tick.h store/effects.h store/schema.h store/migrate.h
daemon/provider/  daemon/http/client.h daemon/http/listener.h daemon/vault/vault.h store/
store/            ipc/base/log.h
tests/sandbox/    ipc/ store/ daemon/ tui/
'

# Third-party header: where it may stand.
libraries='
cmocka.h    tests/
curl/       daemon/http/ tests/
event2/     ipc/ daemon/ tui/ tests/
ini.h       daemon/ini tests/
jansson.h   ipc/ daemon/ tui/ tests/
libical/    daemon/time daemon/provider/caldav/ tests/
libxml/     daemon/provider/caldav/
ncurses.h   tui/term_ncurses
pthread.h   tests/
qrencode.h  tui/qr
sanitizer/  daemon/vault/ tests/
sodium.h    daemon/vault/ tests/
sqlite3.h   store/db.c store/stmt.c tests/
vterm.h     tests/
'
# ... and where it may not, though a prefix above covers it.
not_here='
event2/     ipc/base/ daemon/provider/
jansson.h   ipc/base/
'

# What comes with the system.
libc='alloca assert byteswap ctype dirent dlfcn elf endian errno fcntl float fnmatch fts getopt glob grp ifaddrs inttypes
langinfo libgen limits locale math malloc netdb poll pty pwd regex sched setjmp signal spawn stdarg stdatomic stdbool
stddef stdint stdio stdlib stdnoreturn string strings sysexits syslog termios time uchar unistd utmp wchar wctype wordexp'

# shellcheck disable=SC2046 # names without spaces
awk -v folders="$folders" -v floors="$floors" -v barred="$barred" -v libraries="$libraries" -v not_here="$not_here" \
	-v libc="$libc" '
	function starts(text, prefix) { return substr(text, 1, length(prefix)) == prefix }
	# A prefix that ends in "/" or in ".c"/".h" is taken as it is; a bare name means name.c, name.h, name_*.
	function under(path, prefix, rest) {
		if (!starts(path, prefix)) return 0
		if (prefix ~ /\/$/) return 1
		rest = substr(path, length(prefix) + 1)
		return rest == "" || rest ~ /^(\.|_)/
	}
	function say(text) { print FILENAME ":" FNR ": " text }
	function listed(path, words, from,   i) {
		for (i = from; i in words; i++) if (under(path, words[i])) return 1
		return 0
	}
	function floor_of(path,   i, n, words, k, best, row) {
		best = 0
		for (i = 1; i in floor_row; i++) {
			n = split(floor_row[i], words, " ")
			for (k = 1; k <= n; k++)
				if (under(path, words[k]) && length(words[k]) > best) { best = length(words[k]); row = i }
		}
		return best ? row : 0
	}
	# The row of the longest prefix of the table that covers the path.
	function folder_row(path,   i, words, best, row) {
		best = 0
		for (i = 1; i in folder_line; i++) {
			split(folder_line[i], words, " ")
			if (starts(path, words[1]) && length(words[1]) > best) { best = length(words[1]); row = i }
		}
		return row
	}
	function load(text, into,   n, i, lines, used) {
		n = split(text, lines, "\n")
		used = 0
		for (i = 1; i <= n; i++) if (lines[i] ~ /[^ \t]/) into[++used] = lines[i]
	}
	BEGIN {
		load(folders, folder_line); load(floors, floor_row); load(barred, barred_line)
		load(libraries, library_line); load(not_here, not_line)
		count = split(libc, names, /[ \n\t]+/)
		for (i = 1; i <= count; i++) in_libc[names[i] ".h"] = 1
	}
	function project(target,   words, row, i, mine, other, to) {
		if (target !~ /\//) { say("include \"" target "\": paths start at the root"); return }
		delete words
		split(folder_line[folder_row(FILENAME)], words, " ")
		# The folder of the target in the table decides, so that ipc/ does not stand for ipc/base/.
		split(folder_line[folder_row(target)], to, " ")
		other = to[1]
		mine = 0
		for (i = 2; i in words; i++) if (words[i] == other) mine = 1
		if (!mine) say(words[1] " may not include " target)
		for (i = 1; i in barred_line; i++) {
			delete words
			split(barred_line[i], words, " ")
			if (starts(FILENAME, words[1]) && listed(target, words, 2)) say(words[1] " may not include " target)
		}
		if (starts(FILENAME, "daemon/") && starts(target, "daemon/")) {
			mine = floor_of(FILENAME)
			other = floor_of(target)
			if (!other) say(target " stands on no floor: give it a row in tests/lint/layers.sh")
			else if (mine && other < mine) say("calls up: " target " stands on a higher floor")
		}
	}
	function foreign(target,   i, words) {
		if (target in in_libc || target ~ /^(sys|net|netinet|arpa|linux|asm)\//) return
		for (i = 1; i in library_line; i++) {
			delete words
			split(library_line[i], words, " ")
			if (!under(target, words[1])) continue
			if (!listed(FILENAME, words, 2)) say("<" target "> has no place here")
			break
		}
		if (!(i in library_line)) { say("<" target "> is in no table of tests/lint/layers.sh"); return }
		for (i = 1; i in not_line; i++) {
			delete words
			split(not_line[i], words, " ")
			if (under(target, words[1]) && listed(FILENAME, words, 2)) say("<" target "> has no place here")
		}
	}
	FNR == 1 && FILENAME ~ /^daemon\// && !floor_of(FILENAME) {
		say("stands on no floor: give it a row in tests/lint/layers.sh")
	}
	/^[ \t]*#[ \t]*include/ {
		target = $0
		if (match(target, /"[^"]*"/)) project(substr(target, RSTART + 1, RLENGTH - 2))
		else if (match(target, /<[^>]*>/)) foreign(substr(target, RSTART + 1, RLENGTH - 2))
	}
' $(c_files) /dev/null | verdict
