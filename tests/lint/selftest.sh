#!/bin/sh
# Proves that each check can fail: a small good tree passes all, and each spoiled copy fails its check, in so many words.
set -u

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0
tried=0

good_tree() {
	rm -rf "$work/tree"
	mkdir -p "$work/tree" && cd "$work/tree" || exit 1
	mkdir -p ipc/base store daemon/http daemon/vault daemon/provider daemon/rpc tui tests/unit etc
	echo 'all:' >Makefile
	echo '# x' >README.md
	module ipc/base/err
	module ipc/message ipc/base/err.h
	module store/store ipc/base/err.h
	module store/db
	module daemon/vault/secret
	module daemon/http/client daemon/vault/secret.h
	module daemon/rpc/server daemon/http/client.h ipc/message.h store/store.h
	module daemon/provider/provider
	module tui/output ipc/message.h
	printf '#!/bin/sh\necho "$1"\n' >etc/demo.sh
}

# module PATH [INCLUDED...]: a header and a source that includes it first.
module() {
	path=$1
	guard=$(echo "$path.h" | tr 'a-z/.' 'A-Z__')
	shift
	printf '#ifndef %s\n#define %s\n\nint f(void);\n\n#endif\n' "$guard" "$guard" >"$path.h"
	{
		printf '#include "%s.h"\n\n' "$path"
		for included in "$@"; do printf '#include "%s"\n' "$included"; done
		printf '\nint f(void)\n{\n\treturn 0;\n}\n'
	} >"$path.c"
}

# refuses CHECK WORDS: the check fails on the tree as it is now and says so; then the tree is made good again.
refuses() {
	tried=$((tried + 1))
	if said=$(sh "$here/$1.sh" 2>&1); then
		echo "FAIL lint selftest: $1 let this pass: $2"
		failed=$((failed + 1))
	elif ! printf '%s\n' "$said" | grep -qF -- "$2"; then
		printf 'FAIL lint selftest: %s did not say "%s" but:\n%s\n' "$1" "$2" "$said"
		failed=$((failed + 1))
	fi
	good_tree
}

# accepts CHECK: the check is content with the tree as it is now.
accepts() {
	tried=$((tried + 1))
	if ! said=$(BUILD=none sh "$here/$1.sh" 2>&1); then
		printf 'FAIL lint selftest: %s refuses what is good:\n%s\n' "$1" "$said"
		failed=$((failed + 1))
	fi
}

include() {
	echo "#include $2" >>"$1"
}

repeat() {
	awk -v n="$1" -v text="$2" 'BEGIN { for (i = 0; i < n; i++) print text }'
}

good_tree
for check in layers circles headers sizes banned secrets sql tree shell generated hardening; do
	accepts "$check"
done

# layers
include tui/output.c '"store/store.h"'; refuses layers 'tui/ may not include store/store.h'
include ipc/base/err.c '"ipc/message.h"'; refuses layers 'ipc/base/ may not include ipc/message.h'
include ipc/message.c '"daemon/rpc/server.h"'; refuses layers 'ipc/ may not include daemon/rpc/server.h'
include store/store.c '"ipc/message.h"'; refuses layers 'store/ may not include ipc/message.h'
include store/store.c '"ipc/base/log.h"'; refuses layers 'store/ may not include ipc/base/log.h'
include daemon/rpc/server.c '"store/db.h"'; refuses layers 'daemon/ may not include store/db.h'
include daemon/http/client.c '"daemon/rpc/server.h"'; refuses layers 'calls up: daemon/rpc/server.h'
include daemon/provider/provider.c '"daemon/http/client.h"'; refuses layers 'may not include daemon/http/client.h'
module daemon/novelty; refuses layers 'daemon/novelty.c:1: stands on no floor'
include daemon/rpc/server.c '"client.h"'; refuses layers 'paths start at the root'
include store/store.c '<sqlite3.h>'; refuses layers '<sqlite3.h> has no place here'
include daemon/rpc/server.c '<curl/curl.h>'; refuses layers '<curl/curl.h> has no place here'
include daemon/rpc/server.c '<sodium.h>'; refuses layers '<sodium.h> has no place here'
include tui/output.c '<ncurses.h>'; refuses layers '<ncurses.h> has no place here'
include ipc/base/err.c '<jansson.h>'; refuses layers '<jansson.h> has no place here'
include daemon/provider/provider.c '<event2/event.h>'; refuses layers '<event2/event.h> has no place here'
include ipc/message.c '<glib.h>'; refuses layers '<glib.h> is in no table'
mkdir tests/sandbox; echo '#include "ipc/message.h"' >tests/sandbox/main.c
refuses layers 'tests/sandbox/ may not include ipc/message.h'

# circles
include ipc/base/err.h '"ipc/message.h"'; refuses circles 'ipc/message -> ipc/base/err'
module tui/a tui/b.h; module tui/b tui/c.h; module tui/c tui/a.h; refuses circles 'tui/c -> tui/a'
# The same without a header, which only the objects tell.
mkdir -p build/release/tui
for name in a:b b:a; do
	printf 'int %s(void);\nint %s(void);\nint %s(void)\n{\n\treturn %s();\n}\n' "${name%:*}" "${name#*:}" "${name%:*}" "${name#*:}" \
		>"tui/${name%:*}.c"
	"${CC:-gcc}" -c -o "build/release/tui/${name%:*}.o" "tui/${name%:*}.c"
done
refuses circles 'call circle: tui/'

# headers
sed -i 's/IPC_MESSAGE_H/MESSAGE_H/' ipc/message.h; refuses headers 'include guard IPC_MESSAGE_H expected'
sed -i 1d ipc/message.h; refuses headers 'include guard IPC_MESSAGE_H expected'
echo '#include "ipc/base/err.h"' >ipc/message.c; refuses headers 'its own header comes first'
include ipc/message.c '"ipc/nothing.h"'; refuses headers 'no such file: ipc/nothing.h'
sed -i 's/^int f.*/size_t f(void);/' ipc/message.h; refuses headers "unknown type name"

# sizes
repeat 500 '/* x */' >>ipc/message.c; refuses sizes 'ipc/message.c: 508 lines, at most 500'
repeat 145 '/* x */' >>ipc/message.h; refuses sizes 'ipc/message.h: 151 lines, at most 150'
{ printf 'static int longest(int a)\n{\n'; repeat 81 '	a++;'; echo '}'; } >>ipc/message.c
refuses sizes 'longest has 81 lines'

# banned
for call in 'strcpy(a, b)' 'strcat(a, b)' 'sprintf(a, b)' 'gets(a)' 'strtok(a, b)' 'atoi(a)' 'atol(a)' 'rand()' 'srand(1)' \
	'system(a)' 'popen(a, b)' 'tmpnam(a)' 'mktemp(a)' 'alloca(9)' 'setjmp(a)' 'assert(a)' 'abort()' 'sleep(1)' \
	'usleep(1)' 'exit(1)' 'time(NULL)' 'getrandom(a, b, 0)' 'sqlite3_exec(a, b)'; do
	echo "void g(void) { $call; }" >>daemon/rpc/server.c
	refuses banned "${call%%(*}() is banned"
done
echo 'void g(void) { sleep(1); }' >tests/unit/test_x.c; refuses banned 'sleep() is banned'
{
	echo '/* strcpy(a, b); */ // abort();'
	echo 'const char *s = "system(a) \" popen(b)"; char q = 39; void g(void) { my_rand(); p->exit(1); assert_true(1); }'
} >>ipc/message.c
accepts banned
good_tree

# secrets
echo 'void g(void) { secret_reveal(s); }' >>daemon/rpc/server.c; refuses secrets 'daemon/rpc/server.c:11: secret_reveal'

# sql
echo 'const char *q = "SELECT id FROM users";' >>daemon/rpc/server.c; refuses sql 'daemon/rpc/server.c:11: SQL outside store/'
echo 'void g(void) { buf_printf(b, "DELETE FROM %s", t); }' >>store/store.c; refuses sql 'SQL made with printf'
echo 'void g(void) { db_script(db, text, err); }' >>store/store.c; refuses sql 'a script outside db.c and migrate.c'

# tree
mkdir src; refuses tree 'src: not a name of the top level'
rm README.md; refuses tree 'README.md: missing'
echo '/* TO''DO: later */' >>ipc/message.c; refuses tree 'ipc/message.c:9:'
echo 'int x; ' >>ipc/message.c; refuses tree 'ipc/message.c:9: blanks at the end'
printf 'x' >>README.md; refuses tree 'README.md: no newline at the end'
printf 'a\000b\n' >tests/unit/test_x; refuses tree 'tests/unit/test_x: not a text'
printf 'x\r\n' >>README.md; refuses tree 'README.md: carriage returns'

# shell
echo 'if [ $x == ]' >>etc/demo.sh; refuses shell 'etc/demo.sh:'

# generated, hardening
mkdir -p build/release
printf '#!/bin/sh\necho new\n' >build/release/almanacd; chmod +x build/release/almanacd
echo old >etc/openrpc.json; refuses generated 'etc/openrpc.json is stale'
mkdir -p build/release
echo 'int main(void) { return 0; }' >build/soft.c
"${CC:-gcc}" -no-pie -z execstack -z norelro -z lazy -fno-stack-protector -fcf-protection=none \
	-o build/release/almanacd build/soft.c
for word in 'position independent' 'read-only relocations' 'binding at start' 'without execute' 'stack protector' 'fortified' \
	$([ "$(uname -m)" != x86_64 ] || echo control-flow); do
	cp build/release/almanacd "$work/soft"
	refuses hardening "$word"
	mkdir -p build/release && cp "$work/soft" build/release/almanacd
done

cd / || exit 1
if [ "$failed" -ne 0 ]; then
	echo "FAIL lint selftest: $failed of $tried"
	exit 1
fi
echo "ok   lint selftest ($tried samples)"
