/* connection.*: the accounts that are connected. */
#include "ipc/method_rows.h"

#define PROVIDER_ERRORS \
	"not_found conflict busy reauth_required scope_missing rate_limited provider_unavailable provider_rejected sealed " \
	"app_misconfigured"

static const struct param list_params[] = {
	PARAM_ROW_IN_WORKSPACE,
	{ .name = "user", .type = PARAM_ID, .help = "only of this user" },
	{ .name = "state", .type = PARAM_ENUM, .help = "only those in this state",
	  .choices = "pending|connected|degraded|failing|reauth_required|blocked|paused|disconnected" },
	{ .name = "reason", .type = PARAM_ENUM, .help = "only those with this reason",
	  .choices = "grant_revoked|grant_expired_testing|grant_incomplete|scope_missing|app_misconfigured|provider_down|"
	             "rate_user|rate_project|usage_limit|calendar_gone|calendar_forbidden|cursor_expired|undecryptable|overdue|"
	             "provider_rejected|grant_missing|refresh_race_lost|interrupted" },
	PARAM_ROW_PROVIDER(false, "only of this provider"),
	{ .name = "query", .type = PARAM_STRING, .min = 1, .max = 254, .help = "part of the account's e-mail address" },
	{ .name = "sort", .type = PARAM_ENUM, .fallback = "\"created\"", .help = "order; a leading '-' turns it round",
	  .choices = "created|email|state|last_sync|since|-created|-email|-state|-last_sync|-since" },
	PARAM_ROW_LIMIT,
	PARAM_ROW_CURSOR,
};
const struct method method_connection_list = {
	.name = "connection.list",
	.summary = "Connections, filtered and sorted",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_LIST,
	METHOD_PARAMS(list_params),
	.result = "connection_list",
	.verb = "connections",
	.errors = "not_found",
};

static const struct param get_params[] = { PARAM_ROW_ID("the connection") };
const struct method method_connection_get = {
	.name = "connection.get",
	.summary = "One connection",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_CONNECTION,
	.subject_param = "id",
	METHOD_PARAMS(get_params),
	.result = "connection",
	.verb = "connection",
	.errors = "not_found",
};

static const struct param act_params[] = { PARAM_ROW_ID("the connection"), PARAM_ROW_REASON };
const struct method method_connection_refresh = {
	.name = "connection.refresh",
	.summary = "Refresh the token and synchronise the calendar list now",
	.role = ROLE_OPERATOR,
	.subject = SUBJECT_CONNECTION,
	.subject_param = "id",
	.mutates = true,
	METHOD_PARAMS(act_params),
	.result = "refresh",
	.verb = "refresh",
	.errors = PROVIDER_ERRORS,
};

const struct method method_connection_test = {
	.name = "connection.test",
	.summary = "Try each step a connection needs, with its latency",
	.role = ROLE_OPERATOR,
	.subject = SUBJECT_CONNECTION,
	.subject_param = "id",
	.mutates = true,
	METHOD_PARAMS(act_params),
	.result = "test",
	.verb = "test",
	.errors = "not_found conflict busy sealed",
};

static const struct param disconnect_params[] = {
	PARAM_ROW_ID("the connection"),
	{ .name = "revoke", .type = PARAM_ENUM, .choices = "auto|never", .fallback = "\"auto\"",
	  .help = "auto: revoke at the provider when no other connection uses the consent" },
	PARAM_ROW_DRY_RUN,
	PARAM_ROW_REASON,
};
const struct method method_connection_disconnect = {
	.name = "connection.disconnect",
	.summary = "Forget the tokens of a connection and revoke the consent",
	.role = ROLE_OPERATOR,
	.subject = SUBJECT_CONNECTION,
	.subject_param = "id",
	.mutates = true,
	.destroys = true,
	METHOD_PARAMS(disconnect_params),
	.result = "disconnect",
	.verb = "disconnect",
	.errors = "not_found conflict busy",
};

const struct method method_connection_explain = {
	.name = "connection.explain",
	.summary = "Why a connection is in its state, what would mend it, and what happens next",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_CONNECTION,
	.subject_param = "id",
	METHOD_PARAMS(get_params),
	.result = "explanation",
	.verb = "explain",
	.errors = "not_found",
};

static const struct param timeline_params[] = { PARAM_ROW_ID("the connection"), PARAM_ROW_LIMIT, PARAM_ROW_CURSOR };
const struct method method_connection_timeline = {
	.name = "connection.timeline",
	.summary = "What happened to a connection, newest first",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_CONNECTION,
	.subject_param = "id",
	METHOD_PARAMS(timeline_params),
	.result = "timeline",
	.verb = "timeline",
	.errors = "not_found",
};

static const struct param pause_params[] = {
	PARAM_ROW_ID("the connection"),
	{ .name = "until", .type = PARAM_TIME, .help = "when it resumes by itself; absent: when somebody resumes it" },
	PARAM_ROW_REASON,
};
const struct method method_connection_pause = {
	.name = "connection.pause",
	.summary = "Stop refreshing and synchronising a connection for a while",
	.role = ROLE_OPERATOR,
	.subject = SUBJECT_CONNECTION,
	.subject_param = "id",
	.mutates = true,
	METHOD_PARAMS(pause_params),
	.result = "connection",
	.verb = "pause",
	.errors = "not_found conflict",
};

const struct method method_connection_resume = {
	.name = "connection.resume",
	.summary = "End the pause of a connection",
	.role = ROLE_OPERATOR,
	.subject = SUBJECT_CONNECTION,
	.subject_param = "id",
	.mutates = true,
	METHOD_PARAMS(act_params),
	.result = "connection",
	.verb = "resume",
	.errors = "not_found conflict",
};

const struct method method_connection_restore = {
	.name = "connection.restore",
	.summary = "Bring a disconnected connection back from the trash",
	.role = ROLE_OPERATOR,
	.subject = SUBJECT_CONNECTION,
	.subject_param = "id",
	.mutates = true,
	METHOD_PARAMS(act_params),
	.result = "connection",
	.verb = "restore",
	.errors = "not_found conflict",
};

static const struct param purge_params[] = { PARAM_ROW_ID("the connection"), PARAM_ROW_DRY_RUN, PARAM_ROW_REASON };
const struct method method_connection_purge = {
	.name = "connection.purge",
	.summary = "Delete a disconnected connection for good, with its calendars and its history",
	.role = ROLE_ADMIN,
	.subject = SUBJECT_CONNECTION,
	.subject_param = "id",
	.mutates = true,
	.destroys = true,
	METHOD_PARAMS(purge_params),
	.result = "deleted",
	.verb = "purge",
	.errors = "not_found conflict",
};
