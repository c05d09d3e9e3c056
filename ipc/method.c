/* The method table and finding things in it. */
#include "ipc/method.h"

#include "ipc/base/strutil.h"
#include "ipc/method_rows.h"

#include <string.h>

const struct method *const method_table[] = {
	&method_audit_list,
	&method_calendar_get,
	&method_calendar_list,
	&method_calendar_update,
	&method_connection_disconnect,
	&method_connection_explain,
	&method_connection_get,
	&method_connection_list,
	&method_connection_pause,
	&method_connection_purge,
	&method_connection_refresh,
	&method_connection_restore,
	&method_connection_resume,
	&method_connection_test,
	&method_connection_timeline,
	&method_job_history,
	&method_job_list,
	&method_job_pause,
	&method_job_resume,
	&method_job_run,
	&method_job_schedule,
	&method_notice_subscribe,
	&method_notice_unsubscribe,
	&method_oauth_begin,
	&method_oauth_cancel,
	&method_oauth_complete,
	&method_oauth_status,
	&method_rpc_discover,
	&method_sync_error_acknowledge,
	&method_sync_error_describe,
	&method_sync_error_get,
	&method_sync_error_groups,
	&method_sync_error_list,
	&method_system_health,
	&method_system_info,
	&method_system_ping,
	&method_system_reload,
	&method_system_whoami,
	&method_user_create,
	&method_user_delete,
	&method_user_get,
	&method_user_list,
	&method_user_update,
	&method_workspace_create,
	&method_workspace_delete,
	&method_workspace_get,
	&method_workspace_list,
	&method_workspace_update,
};
const size_t method_count = sizeof method_table / sizeof method_table[0];

static const char *const role_names[] = {
	[ROLE_NONE] = "none",
	[ROLE_VIEWER] = "viewer",
	[ROLE_OPERATOR] = "operator",
	[ROLE_ADMIN] = "admin",
};

const char *role_name(enum role role)
{
	return role_names[role];
}

bool role_parse(const char *name, enum role *out)
{
	for (int i = ROLE_VIEWER; i <= ROLE_ADMIN; i++) {
		if (strcmp(name, role_names[i]) == 0) {
			*out = (enum role)i;
			return true;
		}
	}
	return false;
}

/* Order of a name that need not end in NUL against a row's. */
static int compare_name(const char *name, size_t len, const char *other)
{
	int order = strncmp(name, other, len);
	return order != 0 ? order : other[len] != '\0' ? -1 : 0;
}

const struct method *method_find(const char *name, size_t len)
{
	/* strncmp would take a NUL inside the name for its end. */
	if (memchr(name, '\0', len))
		return NULL;
	size_t low = 0, high = method_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = compare_name(name, len, method_table[middle]->name);
		if (order == 0)
			return method_table[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct method *method_find_verb(const char *verb)
{
	for (size_t i = 0; i < method_count; i++)
		if (verb && str_equal(method_table[i]->verb, verb))
			return method_table[i];
	return NULL;
}

const struct param *method_param(const struct method *method, const char *name)
{
	for (size_t i = 0; i < method->param_count; i++)
		if (strcmp(method->params[i].name, name) == 0)
			return &method->params[i];
	return NULL;
}

static bool subject_is_named(enum subject subject)
{
	return subject != SUBJECT_NONE && subject != SUBJECT_GLOBAL && subject != SUBJECT_LIST && subject != SUBJECT_JOB;
}

static const char *row_fault(const struct method *row)
{
	if (!row->summary || !row->result)
		return "has no summary or no result";
	if (subject_is_named(row->subject) != (row->subject_param != NULL))
		return "subject and subject_param do not go together";
	if (row->subject_param && (!method_param(row, row->subject_param) || !method_param(row, row->subject_param)->required))
		return "subject_param is no required parameter";
	if (row->mutates && !method_param(row, "reason"))
		return "mutates and takes no `reason`";
	if (row->subject == SUBJECT_JOB && !method_param(row, "connection"))
		return "is about a job and takes no `connection`";
	if (row->destroys && !method_param(row, "dry_run"))
		return "destroys and takes no `dry_run`";
	if (method_param(row, "dry_run") && !row->mutates)
		return "takes `dry_run` and changes nothing";
	return NULL;
}

int method_table_check(struct err *err)
{
	for (size_t i = 0; i < method_count; i++) {
		const struct method *row = method_table[i];
		const char *fault = row_fault(row);
		if (i > 0 && strcmp(method_table[i - 1]->name, row->name) >= 0)
			fault = "is out of order";
		if (row->verb && method_find_verb(row->verb) != row)
			fault = "has a verb that is taken";
		if (fault)
			return err_set(err, ERR_INTERNAL, "method table: %s %s", row->name, fault);
	}
	return 0;
}
