/* rpc.* and system.*: the daemon itself. */
#include "ipc/method_rows.h"

const struct method method_rpc_discover = {
	.name = "rpc.discover",
	.summary = "The whole protocol as an OpenRPC document",
	.role = ROLE_NONE,
	.subject = SUBJECT_NONE,
	.result = "openrpc",
	.verb = "discover",
};

const struct method method_system_ping = {
	.name = "system.ping",
	.summary = "Answer at once",
	.role = ROLE_NONE,
	.subject = SUBJECT_NONE,
	.result = "ping",
	.verb = "ping",
};

const struct method method_system_info = {
	.name = "system.info",
	.summary = "Version, addresses and uptime of the daemon",
	.role = ROLE_NONE,
	.subject = SUBJECT_NONE,
	.result = "info",
	.verb = "info",
};

const struct method method_system_whoami = {
	.name = "system.whoami",
	.summary = "Who the caller is and what the policy grants",
	.role = ROLE_NONE,
	.subject = SUBJECT_NONE,
	.result = "whoami",
	.verb = "whoami",
};

const struct method method_system_health = {
	.name = "system.health",
	.summary = "Connections by state, the reasons for trouble, jobs and providers",
	.role = ROLE_VIEWER,
	.subject = SUBJECT_LIST,
	.result = "health",
	.verb = "status",
};

static const struct param reload_params[] = { PARAM_ROW_REASON };
const struct method method_system_reload = {
	.name = "system.reload",
	.summary = "Read the policy and the key file again",
	.role = ROLE_ADMIN,
	.subject = SUBJECT_GLOBAL,
	.mutates = true,
	METHOD_PARAMS(reload_params),
	.result = "reload",
	.verb = "reload",
	.errors = "app_misconfigured sealed",
};
