/* Restoring. */
#include "daemon/rpc/restoring.h"

#include "daemon/health.h"
#include "daemon/oauth/scope_check.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/connections.h"
#include "store/grants.h"
#include "store/jobs.h"
#include "store/timeline.h"

#include <stdlib.h>

/* The account, and its consent as far as it is known. */
struct account {
	bool disconnected;
	char provider[32];
	char *subject;
	char grant_id[ID_TEXT_SIZE]; /* "": none was ever stored, or it was tidied away */
	bool live;                   /* other connections of the account still use it */
	int64_t issued_at, expires_at;
};

static void take_connection(void *arg, const struct connection_row *row)
{
	struct account *account = arg;
	account->disconnected = row->disconnected_at != 0;
	(void)str_copy(account->provider, sizeof account->provider, row->provider);
	account->subject = mem_strdup(row->subject);
}

static void take_grant(void *arg, const struct grant_row *row)
{
	struct account *account = arg;
	account->live = row->live && row->refresh_token.bytes;
	(void)str_copy(account->grant_id, sizeof account->grant_id, row->id);
	account->issued_at = row->refreshed_at;
	account->expires_at = row->access_expires_at;
}

static int find_account(struct core *core, const char *connection_id, struct account *account, struct err *err)
{
	if (store_connection_get(core->store, connection_id, take_connection, account, err) != 0)
		return -1;
	if (!account->disconnected)
		return err_set(err, ERR_CONFLICT, "the connection is not disconnected");
	const struct provider_config *config = core_provider_config(core, account->provider);
	if (store_grant_find(core->store, account->provider, config ? config->client_id : "", account->subject, take_grant, account,
	                     err) != 0 && err->code != ERR_NOT_FOUND)
		return -1;
	return 0;
}

static void take_number(void *arg, const struct job_row *row)
{
	int64_t *number = arg;
	*number = row->number;
}

/* With a live grant as after a consent, and the calendars are looked at now. Without one nothing can be done but to look now and then
 * whether a consent for another connection of the account has brought the grant back to life. */
static int plan_jobs(struct core *core, const char *connection_id, const struct account *account, struct err *err)
{
	struct store *store = core->store;
	int64_t now = clock_wall(core->clock), number = 0;
	core->jobs_moved = true;
	if (store_job_put(store, JOB_FULL_SYNC, connection_id, now + core->schedule.full_sync, "recovery", err) != 0 ||
	    store_job_find(store, JOB_FULL_SYNC, connection_id, take_number, &number, err) != 0)
		return -1;
	int64_t later = schedule_first(now, core->schedule.full_sync, number);
	int64_t refresh_at = account->live ? schedule_refresh_at(account->issued_at, account->expires_at, number) : later;
	if (store_job_put(store, JOB_FULL_SYNC, connection_id, later, "recovery", err) != 0 ||
	    store_job_put(store, JOB_CALENDAR_SYNC, connection_id, account->live ? now : later, "recovery", err) != 0)
		return -1;
	return store_job_put(store, JOB_TOKEN_REFRESH, connection_id, refresh_at, account->live ? "expiry" : "recovery", err);
}

/* A missing grant is trouble of the token, so that a consent ends it. */
static int judge(struct core *core, const char *connection_id, bool live, struct err *err)
{
	const struct health_trouble missing = { .reason = REASON_GRANT_MISSING, .operation = "token" };
	return live ? scope_check(core, connection_id, err) : health_trouble(core->store, connection_id, &missing, err);
}

int restore_connection(struct core *core, const char *connection_id, const char *actor, struct err *err)
{
	struct account account = { .disconnected = false };
	int status = find_account(core, connection_id, &account, err);
	const char *grant_id = account.grant_id[0] ? account.grant_id : NULL;
	bool live = account.live;
	if (status == 0)
		status = store_connection_attach(core->store, connection_id, grant_id, NULL, NULL, NULL, err);
	if (status == 0)
		status = plan_jobs(core, connection_id, &account, err);
	if (status == 0)
		status = judge(core, connection_id, live, err);
	const struct timeline_row told = {
		.connection_id = connection_id,
		.kind = "restored",
		.actor = actor,
		.text = live ? "restored from the trash; the consent of the account is still in force"
		             : "restored from the trash; a new consent is needed",
	};
	if (status == 0)
		status = store_timeline_append(core->store, &told, err);
	free(account.subject);
	return status;
}
