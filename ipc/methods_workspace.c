/* workspace.*: the boundary of every permission. */
#include "ipc/method_rows.h"

#define PARAM_ROW_WORKSPACE_ID \
	{ .name = "id", .type = PARAM_WORKSPACE, .required = true, .positional = true, .help = "the workspace (id or slug)" }
#define PARAM_ROW_TIME_ZONE(fallback_) \
	{ .name = "time_zone", .type = PARAM_ZONE, .fallback = fallback_, .help = "IANA zone, such as Europe/Berlin" }

static const struct param list_params[] = { PARAM_ROW_LIMIT, PARAM_ROW_CURSOR };
const struct method method_workspace_list = {
	.name = "workspace.list",
	.summary = "Workspaces the caller may see",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_LIST,
	METHOD_PARAMS(list_params),
	.result = "workspace_list",
	.verb = "workspaces",
};

static const struct param get_params[] = { PARAM_ROW_WORKSPACE_ID };
const struct method method_workspace_get = {
	.name = "workspace.get",
	.summary = "One workspace",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_WORKSPACE,
	.subject_param = "id",
	METHOD_PARAMS(get_params),
	.result = "workspace",
	.verb = "workspace",
	.errors = "not_found",
};

static const struct param create_params[] = {
	{ .name = "name", .type = PARAM_STRING, .required = true, .positional = true, .min = 1, .max = 200, .help = "for people" },
	{ .name = "slug", .type = PARAM_SLUG, .required = true, .positional = true, .help = "for scripts and the policy; fixed for life" },
	PARAM_ROW_TIME_ZONE("\"UTC\""),
	PARAM_ROW_REASON,
};
const struct method method_workspace_create = {
	.name = "workspace.create",
	.summary = "Make a workspace",
	.role = ROLE_ADMIN,
	.subject = SUBJECT_GLOBAL,
	.mutates = true,
	METHOD_PARAMS(create_params),
	.result = "workspace",
	.verb = "workspace-create",
	.errors = "conflict",
};

static const struct param update_params[] = {
	PARAM_ROW_WORKSPACE_ID,
	{ .name = "name", .type = PARAM_STRING, .min = 1, .max = 200, .help = "for people" },
	PARAM_ROW_TIME_ZONE(NULL),
	PARAM_ROW_IF_VERSION,
	PARAM_ROW_REASON,
};
const struct method method_workspace_update = {
	.name = "workspace.update",
	.summary = "Change the name or the time zone of a workspace",
	.role = ROLE_ADMIN,
	.subject = SUBJECT_WORKSPACE,
	.subject_param = "id",
	.mutates = true,
	METHOD_PARAMS(update_params),
	.result = "workspace",
	.verb = "workspace-update",
	.errors = "not_found conflict",
};

static const struct param delete_params[] = { PARAM_ROW_WORKSPACE_ID, PARAM_ROW_DRY_RUN, PARAM_ROW_REASON };
const struct method method_workspace_delete = {
	.name = "workspace.delete",
	.summary = "Delete a workspace that has no live connection, with everything in it",
	.role = ROLE_ADMIN,
	/* The role on `*` is asked for: who may delete may also create. */
	.subject = SUBJECT_GLOBAL,
	.mutates = true,
	.destroys = true,
	METHOD_PARAMS(delete_params),
	.result = "deleted",
	.verb = "workspace-delete",
	.errors = "not_found conflict",
};
