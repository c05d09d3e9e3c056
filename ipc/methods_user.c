/* user.*: the people of a workspace whose calendars are connected. */
#include "ipc/method_rows.h"

static const struct param list_params[] = { PARAM_ROW_IN_WORKSPACE, PARAM_ROW_LIMIT, PARAM_ROW_CURSOR };
const struct method method_user_list = {
	.name = "user.list",
	.summary = "Users, of one workspace or all",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_LIST,
	METHOD_PARAMS(list_params),
	.result = "user_list",
	.verb = "users",
	.errors = "not_found",
};

static const struct param get_params[] = { PARAM_ROW_ID("the user") };
const struct method method_user_get = {
	.name = "user.get",
	.summary = "One user",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_USER,
	.subject_param = "id",
	METHOD_PARAMS(get_params),
	.result = "user",
	.verb = "user",
	.errors = "not_found",
};

static const struct param create_params[] = {
	{ .name = "workspace", .type = PARAM_WORKSPACE, .required = true, .positional = true, .help = "id or slug" },
	{ .name = "email", .type = PARAM_EMAIL, .required = true, .positional = true, .help = "unique in the workspace" },
	{ .name = "name", .type = PARAM_STRING, .min = 0, .max = 200, .fallback = "\"\"", .help = "for people" },
	PARAM_ROW_REASON,
};
const struct method method_user_create = {
	.name = "user.create",
	.summary = "Make a user",
	.role = ROLE_ADMIN,
	.subject = SUBJECT_WORKSPACE,
	.subject_param = "workspace",
	.mutates = true,
	METHOD_PARAMS(create_params),
	.result = "user",
	.verb = "user-create",
	.errors = "not_found conflict",
};

static const struct param update_params[] = {
	PARAM_ROW_ID("the user"),
	{ .name = "email", .type = PARAM_EMAIL, .help = "unique in the workspace" },
	{ .name = "name", .type = PARAM_STRING, .min = 0, .max = 200, .help = "for people" },
	PARAM_ROW_IF_VERSION,
	PARAM_ROW_REASON,
};
const struct method method_user_update = {
	.name = "user.update",
	.summary = "Change the e-mail or the name of a user",
	.role = ROLE_ADMIN,
	.subject = SUBJECT_USER,
	.subject_param = "id",
	.mutates = true,
	METHOD_PARAMS(update_params),
	.result = "user",
	.verb = "user-update",
	.errors = "not_found conflict",
};

static const struct param delete_params[] = { PARAM_ROW_ID("the user"), PARAM_ROW_DRY_RUN, PARAM_ROW_REASON };
const struct method method_user_delete = {
	.name = "user.delete",
	.summary = "Delete a user; the connections stay, without a user",
	.role = ROLE_ADMIN,
	.subject = SUBJECT_USER,
	.subject_param = "id",
	.mutates = true,
	.destroys = true,
	METHOD_PARAMS(delete_params),
	.result = "deleted",
	.verb = "user-delete",
	.errors = "not_found",
};
