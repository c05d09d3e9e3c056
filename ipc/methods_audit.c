/* audit.*: who did what. */
#include "ipc/method_rows.h"

static const struct param list_params[] = {
	PARAM_ROW_IN_WORKSPACE,
	{ .name = "object", .type = PARAM_ID, .help = "only about this object, of whatever kind" },
	PARAM_ROW_LIMIT,
	PARAM_ROW_CURSOR,
};
const struct method method_audit_list = {
	.name = "audit.list",
	.summary = "The audit, newest first",
	.role = ROLE_ADMIN,
	.subject = SUBJECT_LIST,
	METHOD_PARAMS(list_params),
	.result = "audit_list",
	.verb = "audit",
	.errors = "not_found",
};
