/* sync_error.*: what went wrong, coalesced by connection, reason and operation. */
#include "ipc/method_rows.h"

#define REASON_CODES \
	"grant_revoked|grant_expired_testing|grant_incomplete|scope_missing|app_misconfigured|provider_down|rate_user|" \
	"rate_project|usage_limit|calendar_gone|calendar_forbidden|cursor_expired|undecryptable|overdue|provider_rejected|" \
	"grant_missing|refresh_race_lost|interrupted"

static const struct param list_params[] = {
	PARAM_ROW_IN_WORKSPACE,
	{ .name = "connection", .type = PARAM_ID, .help = "only of this connection" },
	{ .name = "class", .type = PARAM_ENUM, .choices = "auth|app|provider|rate|calendar|key|schedule|internal",
	  .help = "only reasons of this class" },
	{ .name = "code", .type = PARAM_ENUM, .choices = REASON_CODES, .help = "only this reason" },
	{ .name = "open", .type = PARAM_BOOL, .help = "only open, or only resolved ones" },
	PARAM_ROW_LIMIT,
	PARAM_ROW_CURSOR,
};
const struct method method_sync_error_list = {
	.name = "sync_error.list",
	.summary = "Errors of connections, opened last first",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_LIST,
	METHOD_PARAMS(list_params),
	.result = "sync_error_list",
	.verb = "errors",
	.errors = "not_found",
};

static const struct param get_params[] = { PARAM_ROW_ID("the error") };
const struct method method_sync_error_get = {
	.name = "sync_error.get",
	.summary = "One error",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_SYNC_ERROR,
	.subject_param = "id",
	METHOD_PARAMS(get_params),
	.result = "sync_error",
	.verb = "error",
	.errors = "not_found",
};

static const struct param acknowledge_params[] = { PARAM_ROW_ID("the error"), PARAM_ROW_REASON };
const struct method method_sync_error_acknowledge = {
	.name = "sync_error.acknowledge",
	.summary = "Say that somebody knows of an error; it stays open until it is resolved",
	.role = ROLE_OPERATOR,
	.subject = SUBJECT_SYNC_ERROR,
	.subject_param = "id",
	.mutates = true,
	METHOD_PARAMS(acknowledge_params),
	.result = "sync_error",
	.verb = "acknowledge",
	.errors = "not_found",
};

static const struct param groups_params[] = { PARAM_ROW_IN_WORKSPACE };
const struct method method_sync_error_groups = {
	.name = "sync_error.groups",
	.summary = "Open errors by cause, with their size and trend, the worst first",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_LIST,
	METHOD_PARAMS(groups_params),
	.result = "sync_error_groups",
	.verb = "error-groups",
	.errors = "not_found",
};

static const struct param describe_params[] = {
	{ .name = "code", .type = PARAM_ENUM, .required = true, .positional = true, .choices = REASON_CODES, .help = "the reason" },
};
const struct method method_sync_error_describe = {
	.name = "sync_error.describe",
	.summary = "What a reason means, where it comes from and how it is mended",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_LIST,
	METHOD_PARAMS(describe_params),
	.result = "reason_description",
	.verb = "describe",
};
