/* The catching sweep. */
#include "daemon/jobs/sweep.h"

#include "daemon/health.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/attempts.h"
#include "store/jobs.h"

#include <stdlib.h>
#include <string.h>

enum { OVERDUE_MAX = 500 };

struct overdue_list {
	char ids[OVERDUE_MAX][ID_TEXT_SIZE];
	int count;
};

static void collect(void *arg, const struct job_row *row)
{
	struct overdue_list *list = arg;
	if (list->count < OVERDUE_MAX)
		(void)str_copy(list->ids[list->count++], ID_TEXT_SIZE, row->connection_id);
}

static int mark_overdue(struct core *core, enum job_kind kind, int64_t interval, int64_t *marked, struct err *err)
{
	const struct health_trouble trouble = { .reason = REASON_OVERDUE, .operation = job_kind_name(kind) };
	struct overdue_list *list = mem_alloc(sizeof *list);
	int status = store_job_overdue(core->store, kind, clock_wall(core->clock), interval, OVERDUE_MAX, collect, list, err);
	for (int i = 0; i < list->count && status == 0; i++) {
		status = health_trouble(core->store, list->ids[i], &trouble, err);
		(*marked)++;
	}
	free(list);
	return status;
}

int sweep_run(struct core *core, struct sweep_counts *out, struct err *err)
{
	int64_t attempts;
	*out = (struct sweep_counts){ 0 };
	if (store_job_expire_leases(core->store, clock_wall(core->clock), &out->expired, err) != 0 ||
	    store_attempt_expire(core->store, &attempts, err) != 0)
		return -1;
	/* While the provider is down, or everybody comes back slowly, nothing can be on time; that is told already. */
	if (strcmp(breaker_state(&core->breaker, clock_boot(core->clock)), "closed") != 0)
		return 0;
	if (mark_overdue(core, JOB_TOKEN_REFRESH, core->schedule.token_refresh, &out->overdue, err) != 0)
		return -1;
	return mark_overdue(core, JOB_CALENDAR_SYNC, core->schedule.calendar_sync, &out->overdue, err);
}
