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
#define GRACE_MS ((int64_t)15 * 60 * 1000)

struct overdue_list {
	struct {
		char connection_id[ID_TEXT_SIZE];
		enum job_kind kind;
	} jobs[OVERDUE_MAX];
	int count;
};

static void collect(void *arg, const struct job_row *row)
{
	struct overdue_list *list = arg;
	if (list->count == OVERDUE_MAX || !row->connection_id)
		return;
	list->jobs[list->count].kind = row->kind;
	(void)str_copy(list->jobs[list->count++].connection_id, ID_TEXT_SIZE, row->connection_id);
}

static int mark_overdue(struct core *core, const struct overdue_list *list, int64_t *marked, struct err *err)
{
	for (int i = 0; i < list->count; i++) {
		const struct health_trouble trouble = { .reason = REASON_OVERDUE,
			                                .operation = job_kind_name(list->jobs[i].kind) };
		if (health_trouble(core->store, list->jobs[i].connection_id, &trouble, err) != 0)
			return -1;
		(*marked)++;
	}
	return 0;
}

int sweep_run(struct core *core, struct sweep_counts *out, struct err *err)
{
	struct overdue_list *list = mem_alloc(sizeof *list);
	int64_t now = clock_wall(core->clock), attempts;
	*out = (struct sweep_counts){ 0 };
	int status = store_job_expire_leases(core->store, now, &out->expired, err);
	if (status == 0)
		status = store_attempt_expire(core->store, &attempts, err);
	/* While the provider is down, or everybody comes back slowly, nothing can be on time; that is told already. */
	bool normal = strcmp(breaker_state(&core->breaker, clock_boot(core->clock)), "closed") == 0;
	if (status == 0 && normal)
		status = store_job_overdue(core->store, now, GRACE_MS, OVERDUE_MAX, collect, list, err);
	if (status == 0)
		status = mark_overdue(core, list, &out->overdue, err);
	free(list);
	return status;
}
