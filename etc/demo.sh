#!/bin/sh
# A tour against a fake provider, with nothing of it left behind: `make demo`, or BUILD=build/release sh etc/demo.sh.
# Programs, store and sockets live in a private directory; the ports are free ones. On a terminal it ends in the console, over the
# accounts it connected; `make demo HOLD=1` waits instead, so that you can try commands of your own from another terminal. Needs
# curl, which plays the browser.
set -eu
umask 077

dir=
daemon=
sandbox=
doing=Starting

bold=
dim=
plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$(printf '\033[1m')
	dim=$(printf '\033[2m')
	plain=$(printf '\033[0m')
fi

# ---- Saying --------------------------------------------------------------------------------------------------------------

chapter() {
	doing=$1
	printf '\n%s%s%s\n' "$bold" "$1" "$plain"
}

tell() {
	for line in "$@"; do
		printf '%s\n' "${line:+  $line}"
	done
}

# show COMMAND: print it as one would type it, then run it.
show() {
	printf '\n  %s$ %s%s\n' "$dim" "$1" "$plain"
	eval "$1" >"$dir/shown" || :
	sed 's/^/  /; s/ *$//' "$dir/shown"
}

fail() {
	printf 'demo: %s\n' "$1" >&2
	exit 1
}

# ---- Starting and stopping -----------------------------------------------------------------------------------------------

stop() {
	[ -n "$1" ] || return 0
	kill "$1" 2>/dev/null || :
	tries=0
	while kill -0 "$1" 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -ne 300 ] || kill -9 "$1" 2>/dev/null || :
		sleep 0.05
	done
	wait "$1" 2>/dev/null || :
}

finish() {
	code=$1
	trap '' INT TERM HUP PIPE
	trap - EXIT
	stop "$daemon"
	stop "$sandbox"
	case $code in
	0 | 129 | 130 | 141 | 143) ;;
	*)
		printf 'demo: this happened in: %s\n' "$doing" >&2
		if [ -n "$dir" ] && [ -s "$dir/daemon.log" ]; then
			printf '%s\n' '--- log of the daemon' >&2
			tail -n 60 "$dir/daemon.log" >&2
		fi
		;;
	esac
	[ -z "$dir" ] || rm -rf "$dir"
	exit "$code"
}

trap 'finish $?' EXIT
trap 'finish 129' HUP
trap 'finish 130' INT
trap 'finish 141' PIPE
trap 'finish 143' TERM

almanac() {
	"$build/almanac" "$@"
}

start_sandbox() {
	mkfifo "$dir/listening"
	"$build/almanac-sandbox" --port 0 >"$dir/listening" 2>"$dir/sandbox.log" </dev/null &
	sandbox=$!
	read -r _ provider <"$dir/listening" || fail "the sandbox does not start: $(cat "$dir/sandbox.log")"
}

configure() {
	cat >"$dir/almanacd.conf" <<-END
		[http]
		listen = 127.0.0.1:0
		[google]
		client_id = sandbox-client
		client_secret = sandbox-secret
		auth_url = $provider/o/oauth2/v2/auth
		token_url = $provider/token
		revoke_url = $provider/revoke
		userinfo_url = $provider/oauth2/v2/userinfo
		api_url = $provider/calendar/v3
	END
}

# Nothing of the caller's environment: it may hold the configuration of a real daemon.
start_daemon() {
	ALMANAC_SOCKET=$dir/almanacd.sock
	export ALMANAC_SOCKET
	env -i PATH="$PATH" HOME="$dir" "$build/almanacd" --config "$dir/almanacd.conf" --state-dir "$dir/state" \
		--socket "$ALMANAC_SOCKET" >"$dir/daemon.log" 2>&1 </dev/null &
	daemon=$!
	tries=0
	until almanac ping >"$dir/shown" 2>&1; do
		tries=$((tries + 1))
		if [ "$tries" -eq 400 ] || ! kill -0 "$daemon" 2>/dev/null; then
			fail 'the daemon does not answer'
		fi
		sleep 0.02
	done
}

# ---- A browser -----------------------------------------------------------------------------------------------------------

browser() {
	curl -q --silent --show-error --noproxy '*' --max-time 60 "$@" || fail 'no answer over HTTP'
}

# Order the sandbox to do something.
control() {
	browser --fail --output "$dir/page" --header 'Content-Type: application/json' --data "$1" "$provider/_sandbox/control"
}

# field NAME: its value in what the CLI printed about one object.
field() {
	awk -F '\t' -v name="$1" '$1 == name { print $2 }' "$dir/result"
}

# redirected CURL-ARGUMENTS: the address that the server sends the browser to.
redirected() {
	answer=$(browser --output "$dir/page" --write-out '%{http_code} %{redirect_url}' "$@")
	case $answer in
	302\ http*) printf '%s\n' "${answer#302 }" ;;
	*) fail "a redirect was expected, and the answer is $answer" ;;
	esac
}

# The consent page: one account, the boxes that are ticked (all but $unticked), a button. Leaves the arguments for curl in a file.
fill_form() {
	request=$(sed -n 's/.*name="request" value="\([^"]*\)".*/\1/p' "$dir/page")
	action=$(sed -n 's/.*<form method="post" action="\([^"]*\)".*/\1/p' "$dir/page")
	if [ -z "$request" ] || [ -z "$action" ] || ! grep -qF "value=\"$account\"" "$dir/page"; then
		fail "the consent page does not offer $account"
	fi
	sed -n 's/.*type="checkbox" name="scope" checked value="\([^"]*\)".*/\1/p' "$dir/page" >"$dir/boxes"
	{
		printf 'data-urlencode = "%s"\n' "request=$request" "account=$account" "decision=$decision"
		awk -v unticked="$unticked" '!unticked || $0 !~ unticked "$" { print "data-urlencode = \"scope=" $0 "\"" }' "$dir/boxes"
	} >"$dir/form"
}

# visit WORKSPACE ACCOUNT STATUS [DECISION [UNTICKED]]: connect an account as its owner would, in full. Leaves the connection's id
# in $connection and the first sentence of the last page in $said.
visit() {
	account=$2
	decision=${4:-allow}
	unticked=${5:-}
	doing="connecting $account to $1"
	almanac connect "$1" --login-hint "$account" --no-wait >"$dir/result" || fail 'oauth.begin was refused'
	attempt=$(field attempt_id)
	link=$(field short_url)
	consent=$(redirected "$link")
	browser --output "$dir/page" "$consent"
	fill_form
	back=$(redirected --config "$dir/form" "$provider$action")
	status=$(browser --output "$dir/page" --write-out '%{http_code}' --header 'Accept: text/html' "$back")
	[ "$status" = "$3" ] || fail "the callback answers $status, not $3"
	said=$(sed -n 's/<[^>]*>//g; s/\. .*/./; /./p' "$dir/page" | tail -n 1)
	almanac connect-status "$attempt" >"$dir/result" || fail 'oauth.status was refused'
	connection=$(field connection_id)
}

connect() {
	visit "$@"
	printf '  %-29s to %-9s %s\n' "$account" "$1" "${said#"$account" }"
}

# expect CODE COMMAND...: it must end so. What it says is shown.
expect() {
	want=$1
	shift
	got=0
	printf '\n  %s$ %s%s\n' "$dim" "$*" "$plain"
	"$@" >"$dir/result" 2>&1 || got=$?
	expand -t 36,37 "$dir/result" | sed 's/^/  /; s/ *$//'
	[ "$got" -eq "$want" ] || fail "$* ended with $got, not $want"
	printf '  %s(exit code %s)%s\n' "$dim" "$got" "$plain"
}

# has NAME VALUE: what must stand in the last result.
has() {
	[ "$(field "$1")" = "$2" ] || fail "$1 is '$(field "$1")', not '$2'"
}

# is ID STATE REASON: what the daemon must say of a connection by now.
is() {
	almanac connection "$1" >"$dir/result" || fail "there is no connection $1"
	has state "$2"
	has reasons.0.code "$3"
}

# ---- The tour ------------------------------------------------------------------------------------------------------------

printf '%salmanac: calendar connections under one roof, shown against a fake Google%s\n' "$bold" "$plain"
command -v curl >/dev/null || fail 'curl is not installed'
build=$(cd "${BUILD:-build/release}" 2>/dev/null && pwd) || fail 'the programs are not built; make demo does that'
dir=$(mktemp -d "${TMPDIR:-/tmp}/almanac-demo.XXXXXX")
# The path of a socket may have 107 bytes.
if [ ${#dir} -gt 80 ]; then
	rmdir "$dir"
	dir=$(mktemp -d /tmp/almanac-demo.XXXXXX)
fi

chapter 'Starting'
start_sandbox
tell "almanac-sandbox plays Google at $provider"
configure
start_daemon
almanac info >"$dir/result"
tell "almanacd $(field version) is up. It made a store and a key to seal tokens with. Commands come over a Unix" \
	'socket; browsers that return from the consent page come here:' "  $(field callback_url)"

chapter 'Four workspaces, the boundary of every permission'
for workspace in acme globex initech umbrella; do
	almanac workspace-create "$workspace" "$workspace" --time-zone Europe/Berlin >"$dir/result" || fail 'no workspace'
done
show 'almanac workspaces | cut -f 2,4 | expand -t 12'

chapter 'Connecting an account, step by step'
visit acme ada.lovelace@example.com 200
ada=$connection
boxes=$(awk 'END { print NR }' "$dir/boxes")
tell "Staff run 'almanac connect acme' and send the link to the owner of the account:" "  $link" \
	"It leads to the provider's consent page. The owner chooses an account, ticks $boxes boxes and allows." \
	'The provider sends the browser back to the daemon, which trades the code for tokens, seals them,' \
	'fetches the calendars and says:' "  \"$said\""

chapter 'Eleven more, in the same way'
connect acme alan.turing@example.com 200
alan=$connection
connect acme edsger.dijkstra@example.com 200
connect globex barbara.liskov@example.com 200
connect globex ken.thompson@example.com 200
ken=$connection
connect globex dennis.ritchie@example.com 200
dennis=$connection
connect globex margaret.hamilton@example.com 200
connect initech donald.knuth@example.com 200
connect initech radia.perlman@example.com 200
connect initech grace.hopper@example.com 200
connect umbrella frances.allen@example.com 200
connect umbrella lynn.conway@example.com 200

chapter 'People do not always do what they should'
connect initech niklaus.wirth@example.com 200 allow calendar.events
tell '  ... but did not tick "events": the connection works, and says what it cannot do.'
is "$connection" degraded scope_missing
connect umbrella tony.hoare@example.com 200 allow calendar.readonly
tell '  ... but did not let the calendars be read, without which nothing works. A person must consent again.'
is "$connection" reauth_required scope_missing
connect umbrella karen.jones@example.com 400 deny
has state failed
has error.code access_denied
tell '  ... declined, so there is no connection, and the attempt says why.'
connect globex ada.lovelace@example.com 200
sibling=$connection
[ "$sibling" != "$ada" ] || fail 'each workspace must have a connection of its own'
tell '  ... which acme has too: two connections that share one consent. Disconnecting one must not cut off' \
	'  the other, so it would not be revoked at the provider:'
expect 0 almanac disconnect "$ada" --dry-run
has effects.revoke false
has effects.siblings.visible "$sibling"

chapter 'Things go wrong'
tell 'alan.turing takes the permission back in his account settings. The next refresh finds out:'
control '{"op":"revoke","account":"alan.turing@example.com"}'
doing='refreshing a revoked connection'
expect 4 almanac refresh "$alan"
is "$alan" reauth_required grant_revoked
tell '' "The provider answers 503 for dennis.ritchie's calendars. That is no reason to disconnect:"
control '{"op":"fault","match":{"path":"/calendar/v3/*","account":"dennis.ritchie@example.com"},"action":{"status":503}}'
doing='refreshing during an outage'
expect 1 almanac refresh "$dennis"
is "$dennis" degraded provider_down
tell '' 'ken.thompson leaves: the consent is revoked at the provider, and the tokens are wiped.'
doing='disconnecting'
expect 0 almanac disconnect "$ken" --yes --reason left
has remote.ok true
is "$ken" disconnected ''
has token.present false

chapter 'What there is now'
is "$ada" connected ''
is "$sibling" connected ''
doing='asking for the status'
expect 1 almanac status
tell 'The exit code says it to scripts: not everything is well.'
show 'almanac connections | cut -f 2,4,6,8 | expand -t 32,49,66'
show 'almanac calendars --workspace globex --no-header | cut -f 3,5,7 | expand -t 32,49'
doing='counting'
rows=$(almanac connections --no-header | awk 'END { print NR }')
[ "$rows" -eq 15 ] || fail "there should be 15 connections, not $rows"
rows=$(almanac calendars --no-header | awk 'END { print NR }')
tell "These are globex's of $rows in all. Titles are foreign text: what could upset a terminal is made harmless."

chapter 'Some more to try'
tell 'Why a connection is not well, and what would mend it:'
show "almanac connection $alan --no-header | grep -E '^(state|since|reasons|token)' | expand -t 36,37"
tell '' 'Who did what:'
show 'almanac audit --limit 4 --no-header | cut -f 2-5,7-8 | expand -t 26,34,58,70,80'
tell '' 'Programs speak JSON-RPC 2.0 over the socket, one object a line:'
frame='{"jsonrpc":"2.0","id":1,"method":"system.ping"}'
if command -v socat >/dev/null; then
	show "echo '$frame' | socat - UNIX-CONNECT:\$ALMANAC_SOCKET"
else
	tell '' "\$ echo '$frame' | socat - UNIX-CONNECT:\$ALMANAC_SOCKET"
fi
tell '' 'Every verb: almanac --help. All methods: almanac discover. How to run it against Google: README.md.'

if [ -n "${HOLD:-}" ]; then
	tell '' 'Still running. In another terminal:' "  export ALMANAC_SOCKET=$ALMANAC_SOCKET" "  $build/almanac status" 'Enter ends it.'
	doing='waiting'
	read -r _ || :
elif [ -t 0 ] && [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; then
	tell '' 'The console opens on these accounts. ? shows the keys, q leaves.' 'Enter opens it.'
	doing='showing the console'
	read -r _ || :
	"$build/almanac" || fail "the console ended with $?"
fi
doing='stopping'
kill "$daemon"
code=0
wait "$daemon" || code=$?
daemon=
[ "$code" -eq 0 ] || fail "the daemon ended with $code"
printf '\n%sDone; all of it is gone again.%s\n' "$bold" "$plain"
