/* The rows of the method table, one file a noun, and the parameters that many of them share. Only ipc/method.c and the
 * methods_*.c files include this. */
#ifndef IPC_METHOD_ROWS_H
#define IPC_METHOD_ROWS_H

#include "ipc/method_types.h"

extern const struct method method_audit_list;
extern const struct method method_calendar_get, method_calendar_list, method_calendar_update;
extern const struct method method_connection_disconnect, method_connection_explain, method_connection_get;
extern const struct method method_connection_list, method_connection_pause, method_connection_purge;
extern const struct method method_connection_refresh, method_connection_restore, method_connection_resume;
extern const struct method method_connection_test, method_connection_timeline;
extern const struct method method_job_history, method_job_list, method_job_pause, method_job_resume, method_job_run;
extern const struct method method_job_schedule;
extern const struct method method_notice_subscribe, method_notice_unsubscribe;
extern const struct method method_oauth_begin, method_oauth_cancel, method_oauth_complete, method_oauth_status;
extern const struct method method_rpc_discover;
extern const struct method method_sync_error_acknowledge, method_sync_error_describe, method_sync_error_get;
extern const struct method method_sync_error_groups, method_sync_error_list;
extern const struct method method_system_health, method_system_info, method_system_ping, method_system_reload;
extern const struct method method_system_whoami;
extern const struct method method_user_create, method_user_delete, method_user_get, method_user_list, method_user_update;
extern const struct method method_workspace_create, method_workspace_delete, method_workspace_get, method_workspace_list;
extern const struct method method_workspace_update;

/* The members `params` and `param_count` from an array in the same file. */
#define METHOD_PARAMS(array_) .params = (array_), .param_count = sizeof(array_) / sizeof((array_)[0])

#define PARAM_ROW_ID(help_) \
	{ .name = "id", .type = PARAM_ID, .required = true, .positional = true, .help = help_ }
#define PARAM_ROW_REASON \
	{ .name = "reason", .type = PARAM_STRING, .min = 0, .max = 1024, .help = "why, kept in the audit" }
#define PARAM_ROW_DRY_RUN \
	{ .name = "dry_run", .type = PARAM_BOOL, .fallback = "false", .help = "only answer what it would do" }
#define PARAM_ROW_IF_VERSION \
	{ .name = "if_version", .type = PARAM_INT, .min = 1, .max = INT64_MAX, \
	  .help = "refuse with `conflict` unless this is still the object's version" }
#define PARAM_ROW_LIMIT \
	{ .name = "limit", .type = PARAM_INT, .min = 1, .max = 500, .fallback = "100", .help = "most items in one answer" }
#define PARAM_ROW_CURSOR \
	{ .name = "cursor", .type = PARAM_STRING, .min = 1, .max = 1024, .help = "next_cursor of the answer before" }
#define PARAM_ROW_PROVIDER(required_, help_) \
	{ .name = "provider", .type = PARAM_ENUM, .required = required_, .choices = "google", .help = help_ }
#define PARAM_ROW_IN_WORKSPACE \
	{ .name = "workspace", .type = PARAM_WORKSPACE, .positional = true, .help = "only of this workspace (id or slug)" }

#endif
