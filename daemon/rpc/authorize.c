/* Subjects to workspaces, and the role held there. */
#include "daemon/rpc/authorize.h"

#include "daemon/rpc/caller.h"
#include "daemon/rpc/redirect.h"
#include "ipc/base/strutil.h"
#include "ipc/params.h"
#include "store/attempts.h"
#include "store/calendars.h"
#include "store/connections.h"
#include "store/sync_errors.h"
#include "store/users.h"
#include "store/workspaces.h"

static void take_workspace(void *arg, const struct workspace_row *row)
{
	(void)str_copy(arg, ID_TEXT_SIZE, row->id);
}

static void take_user(void *arg, const struct user_row *row)
{
	(void)str_copy(arg, ID_TEXT_SIZE, row->workspace_id);
}

static void take_connection(void *arg, const struct connection_row *row)
{
	(void)str_copy(arg, ID_TEXT_SIZE, row->workspace_id);
}

static void take_calendar(void *arg, const struct calendar_row *row)
{
	(void)str_copy(arg, ID_TEXT_SIZE, row->workspace_id);
}

static void take_attempt(void *arg, const struct attempt_row *row)
{
	(void)str_copy(arg, ID_TEXT_SIZE, row->workspace_id);
}

static void take_sync_error(void *arg, const struct sync_error_row *row)
{
	(void)str_copy(arg, ID_TEXT_SIZE, row->workspace_id);
}

/* The workspace of an object; ERR_NOT_FOUND without one. */
typedef int find_fn(struct store *store, const char *key, char workspace_id[ID_TEXT_SIZE], struct err *err);

static int find_workspace(struct store *store, const char *key, char workspace_id[ID_TEXT_SIZE], struct err *err)
{
	return store_workspace_get(store, key, !id_is_valid(key), take_workspace, workspace_id, err);
}

static int find_user(struct store *store, const char *key, char workspace_id[ID_TEXT_SIZE], struct err *err)
{
	return store_user_get(store, key, take_user, workspace_id, err);
}

static int find_connection(struct store *store, const char *key, char workspace_id[ID_TEXT_SIZE], struct err *err)
{
	return store_connection_get(store, key, take_connection, workspace_id, err);
}

static int find_calendar(struct store *store, const char *key, char workspace_id[ID_TEXT_SIZE], struct err *err)
{
	return store_calendar_get(store, key, take_calendar, workspace_id, err);
}

static int find_attempt(struct store *store, const char *key, char workspace_id[ID_TEXT_SIZE], struct err *err)
{
	return store_attempt_get(store, key, take_attempt, workspace_id, err);
}

static int find_sync_error(struct store *store, const char *key, char workspace_id[ID_TEXT_SIZE], struct err *err)
{
	return store_sync_error_get(store, key, take_sync_error, workspace_id, err);
}

struct kind {
	const char *noun;   /* also the name of a filter in lists */
	find_fn *find;
};
static const struct kind kinds[] = {
	[SUBJECT_WORKSPACE] = { "workspace", find_workspace },    [SUBJECT_USER] = { "user", find_user },
	[SUBJECT_CONNECTION] = { "connection", find_connection }, [SUBJECT_CALENDAR] = { "calendar", find_calendar },
	[SUBJECT_ATTEMPT] = { "attempt", find_attempt },          [SUBJECT_SYNC_ERROR] = { "sync_error", find_sync_error },
};

static int denied(const struct rpc_call *call, struct err *err)
{
	return err_set(err, ERR_DENIED, "%s needs the role %s", call->method->name, role_name(call->method->role));
}

int authorize_absent(const char *noun, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "no such %s", noun);
}

int authorize_method(const struct rpc_call *call, struct err *err)
{
	const struct access *access = &call->caller->access;
	return access->known && access->highest >= call->method->role ? 0 : denied(call, err);
}

static int check_workspace(const struct rpc_call *call, const char *workspace_id, const char *noun, struct err *err)
{
	enum role held = access_role(&call->caller->access, workspace_id);
	if (held == ROLE_NONE)
		return authorize_absent(noun, err);
	return held >= call->method->role ? 0 : denied(call, err);
}

static int check_object(const struct rpc_call *call, enum subject subject, const char *key, char workspace_id[ID_TEXT_SIZE],
                        struct err *err)
{
	const struct kind *kind = &kinds[subject];
	if (kind->find(call->app->core.store, key, workspace_id, err))
		return err->code == ERR_NOT_FOUND ? authorize_absent(kind->noun, err) : -1;
	return check_workspace(call, workspace_id, kind->noun, err);
}

static int check_subject(struct rpc_call *call, struct err *err)
{
	const struct method *method = call->method;
	const char *key = params_text(call->params, method->subject_param);
	/* Who may do it everywhere is spared the look: the handler says itself that there is no such object. */
	bool spared = !method->mutates && method->subject != SUBJECT_WORKSPACE &&
	              call->caller->access.everywhere >= method->role;
	if (!spared && check_object(call, method->subject, key, call->workspace_id, err))
		return -1;
	rpc_object(call, kinds[method->subject].noun, method->subject == SUBJECT_WORKSPACE ? call->workspace_id : key);
	return 0;
}

static int check_filters(struct rpc_call *call, struct err *err)
{
	for (enum subject subject = SUBJECT_WORKSPACE; subject <= SUBJECT_CALENDAR; subject++) {
		char workspace_id[ID_TEXT_SIZE];
		const char *key = params_text(call->params, kinds[subject].noun);
		if (!key)
			continue;
		if (check_object(call, subject, key, workspace_id, err))
			return -1;
		if (subject == SUBJECT_WORKSPACE)
			(void)str_copy(call->workspace_id, sizeof call->workspace_id, workspace_id);
	}
	return 0;
}

/* What is of no connection is of no workspace either. */
static int check_job(struct rpc_call *call, struct err *err)
{
	const char *connection_id = params_text(call->params, kinds[SUBJECT_CONNECTION].noun);
	if (connection_id) {
		rpc_object(call, kinds[SUBJECT_CONNECTION].noun, connection_id);
		return check_object(call, SUBJECT_CONNECTION, connection_id, call->workspace_id, err);
	}
	if (call->caller->access.everywhere >= ROLE_ADMIN)
		return 0;
	return err_set(err, ERR_DENIED, "%s without a connection needs the role %s for all workspaces", call->method->name,
	               role_name(ROLE_ADMIN));
}

static int check_state(struct rpc_call *call, struct err *err)
{
	char attempt_id[ID_TEXT_SIZE];
	struct query *query;
	if (redirect_parse(params_text(call->params, call->method->subject_param), &query, err))
		return -1;
	int status = consent_find_state(&call->app->core, query_get(query, "state"), attempt_id, call->workspace_id, err);
	query_free(query);
	if (status)
		return err->code == ERR_NOT_FOUND ? authorize_absent(kinds[SUBJECT_ATTEMPT].noun, err) : -1;
	rpc_object(call, kinds[SUBJECT_ATTEMPT].noun, attempt_id);
	return check_workspace(call, call->workspace_id, kinds[SUBJECT_ATTEMPT].noun, err);
}

int authorize_call(struct rpc_call *call, struct err *err)
{
	switch (call->method->subject) {
	case SUBJECT_NONE:
		return 0;
	case SUBJECT_GLOBAL:
		return call->caller->access.everywhere >= call->method->role ? 0 : denied(call, err);
	case SUBJECT_LIST:
		return check_filters(call, err);
	case SUBJECT_JOB:
		return check_job(call, err);
	case SUBJECT_STATE:
		return check_state(call, err);
	case SUBJECT_WORKSPACE:
	case SUBJECT_USER:
	case SUBJECT_CONNECTION:
	case SUBJECT_CALENDAR:
	case SUBJECT_ATTEMPT:
	case SUBJECT_SYNC_ERROR:
		return check_subject(call, err);
	}
	return err_set(err, ERR_INTERNAL, "a method without a subject");
}

const char *authorize_scope(const struct rpc_call *call)
{
	return call->caller->access.scope[call->method->role];
}
