/* notice.*: being told of changes. */
#include "ipc/method_rows.h"

static const struct param subscribe_params[] = {
	{ .name = "topics", .type = PARAM_STRINGS, .required = true, .positional = true, .min = 1, .max = 16,
	  .help = "workspace, connection, calendar, configuration, job, sync_error, event" },
	{ .name = "workspace", .type = PARAM_WORKSPACE, .help = "only of this workspace (id or slug)" },
};
const struct method method_notice_subscribe = {
	.name = "notice.subscribe",
	.summary = "Be told of changes on this client connection, from now on",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_LIST,
	METHOD_PARAMS(subscribe_params),
	.result = "subscription",
	.errors = "not_found limit_exceeded",
};

static const struct param unsubscribe_params[] = {
	{ .name = "topics", .type = PARAM_STRINGS, .min = 1, .max = 16, .help = "only these; absent: all" },
};
const struct method method_notice_unsubscribe = {
	.name = "notice.unsubscribe",
	.summary = "Be told no more",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_LIST,
	METHOD_PARAMS(unsubscribe_params),
	.result = "subscription",
};
