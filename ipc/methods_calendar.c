/* calendar.*: the calendars of connections. */
#include "ipc/method_rows.h"

static const struct param list_params[] = {
	PARAM_ROW_IN_WORKSPACE,
	{ .name = "connection", .type = PARAM_ID, .help = "only of this connection" },
	PARAM_ROW_PROVIDER(false, "only of this provider"),
	{ .name = "active", .type = PARAM_BOOL, .help = "only active, or only inactive ones" },
	PARAM_ROW_LIMIT,
	PARAM_ROW_CURSOR,
};
const struct method method_calendar_list = {
	.name = "calendar.list",
	.summary = "Calendars, filtered",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_LIST,
	METHOD_PARAMS(list_params),
	.result = "calendar_list",
	.verb = "calendars",
	.errors = "not_found",
};

static const struct param get_params[] = { PARAM_ROW_ID("the calendar") };
const struct method method_calendar_get = {
	.name = "calendar.get",
	.summary = "One calendar",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_CALENDAR,
	.subject_param = "id",
	METHOD_PARAMS(get_params),
	.result = "calendar",
	.verb = "calendar",
	.errors = "not_found",
};

static const struct param update_params[] = {
	PARAM_ROW_ID("the calendar"),
	{ .name = "name", .type = PARAM_STRING, .min = 0, .max = 1024, .help = "shown instead of the provider's; empty gives that back" },
	{ .name = "active", .type = PARAM_BOOL, .help = "an inactive one neither counts as busy nor takes events" },
	PARAM_ROW_IF_VERSION,
	PARAM_ROW_REASON,
};
const struct method method_calendar_update = {
	.name = "calendar.update",
	.summary = "Rename a calendar, or switch it on or off",
	.role = ROLE_OPERATOR,
	.subject = SUBJECT_CALENDAR,
	.subject_param = "id",
	.mutates = true,
	METHOD_PARAMS(update_params),
	.result = "calendar",
	.verb = "calendar-update",
	.errors = "not_found conflict",
};
