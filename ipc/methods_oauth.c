/* oauth.*: attempts to get a person's consent. */
#include "ipc/method_rows.h"

#define PARAM_ROW_ATTEMPT \
	{ .name = "attempt_id", .type = PARAM_ID, .required = true, .positional = true, .help = "from oauth.begin" }

static const struct param begin_params[] = {
	{ .name = "workspace", .type = PARAM_WORKSPACE, .required = true, .positional = true, .help = "id or slug" },
	PARAM_ROW_PROVIDER(true, "whose calendars"),
	{ .name = "user", .type = PARAM_ID, .help = "whom the connection will belong to" },
	{ .name = "login_hint", .type = PARAM_STRING, .min = 1, .max = 254, .help = "the account that the consent page offers first" },
	{ .name = "connection", .type = PARAM_ID, .help = "reconnect this one, with the same account" },
	{ .name = "expires_in", .type = PARAM_INT, .min = 300, .max = 259200, .fallback = "900", .help = "seconds until the link ends" },
	PARAM_ROW_REASON,
};
const struct method method_oauth_begin = {
	.name = "oauth.begin",
	.summary = "Begin to connect an account: make the link that its owner opens",
	.role = ROLE_OPERATOR,
	.subject = SUBJECT_WORKSPACE,
	.subject_param = "workspace",
	.mutates = true,
	METHOD_PARAMS(begin_params),
	.result = "attempt",
	.verb = "connect",
	.errors = "not_found conflict sealed app_misconfigured",
};

static const struct param status_params[] = { PARAM_ROW_ATTEMPT };
const struct method method_oauth_status = {
	.name = "oauth.status",
	.summary = "How far an attempt to connect is",
	.role = ROLE_OPERATOR,
	.subject = SUBJECT_ATTEMPT,
	.subject_param = "attempt_id",
	METHOD_PARAMS(status_params),
	.result = "attempt_status",
	.verb = "connect-status",
	.errors = "not_found",
};

static const struct param complete_params[] = {
	{ .name = "redirect_url", .type = PARAM_SECRET, .required = true, .positional = true, .min = 1, .max = 16384,
	  .help = "the address the browser was sent to after the consent" },
	PARAM_ROW_REASON,
};
const struct method method_oauth_complete = {
	.name = "oauth.complete",
	.summary = "Finish an attempt with the pasted address, where the browser cannot reach the daemon",
	.role = ROLE_OPERATOR,
	.subject = SUBJECT_STATE,
	.subject_param = "redirect_url",
	.mutates = true,
	METHOD_PARAMS(complete_params),
	.result = "connected",
	.verb = "connect-complete",
	.errors = "not_found conflict reauth_required scope_missing rate_limited provider_unavailable provider_rejected "
	          "account_mismatch sealed app_misconfigured",
};

static const struct param cancel_params[] = { PARAM_ROW_ATTEMPT, PARAM_ROW_REASON };
const struct method method_oauth_cancel = {
	.name = "oauth.cancel",
	.summary = "End an attempt to connect; its links stop working",
	.role = ROLE_OPERATOR,
	.subject = SUBJECT_ATTEMPT,
	.subject_param = "attempt_id",
	.mutates = true,
	METHOD_PARAMS(cancel_params),
	.result = "attempt_status",
	.verb = "connect-cancel",
	.errors = "not_found conflict",
};
