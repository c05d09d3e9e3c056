/* The weekly cleanup, a bounded step at a time. */
#include "daemon/jobs/cleanup.h"

#include "ipc/base/strutil.h"
#include "store/attempts.h"
#include "store/connections.h"
#include "store/jobs.h"
#include "store/sync_errors.h"
#include "store/timeline.h"

enum { PURGE_STEP = 50, HISTORY_STEP = 2000, PREVIEW_MAX = 10000 };

struct trash {
	char ids[PURGE_STEP][ID_TEXT_SIZE];
	int count;
};

static void count_trash(void *arg, const struct connection_row *row)
{
	struct cleanup_counts *out = arg;
	out->connections++;
	if (out->samples < CLEANUP_SAMPLE)
		(void)str_copy(out->sample[out->samples++], ID_TEXT_SIZE, row->id);
}

int cleanup_preview(struct core *core, struct cleanup_counts *out, struct err *err)
{
	*out = (struct cleanup_counts){ 0 };
	return store_connection_trash(core->store, clock_wall(core->clock) - core->schedule.trash, PREVIEW_MAX, count_trash, out, err);
}

static void collect_trash(void *arg, const struct connection_row *row)
{
	struct trash *trash = arg;
	if (trash->count < PURGE_STEP)
		(void)str_copy(trash->ids[trash->count++], ID_TEXT_SIZE, row->id);
}

static int purge_trash(struct core *core, struct cleanup_counts *out, bool *more, struct err *err)
{
	struct trash trash = { .count = 0 };
	int64_t before = clock_wall(core->clock) - core->schedule.trash;
	if (store_connection_trash(core->store, before, PURGE_STEP, collect_trash, &trash, err) != 0)
		return -1;
	for (int i = 0; i < trash.count; i++)
		if (store_connection_purge(core->store, trash.ids[i], err) != 0)
			return -1;
	out->connections = trash.count;
	*more |= trash.count == PURGE_STEP;
	return 0;
}

int cleanup_step(struct core *core, struct cleanup_counts *out, bool *more, struct err *err)
{
	struct store *store = core->store;
	int64_t before = clock_wall(core->clock) - core->schedule.history;
	*out = (struct cleanup_counts){ 0 };
	*more = false;
	if (purge_trash(core, out, more, err) != 0 || store_attempt_expire(store, &out->attempts, err) != 0 ||
	    store_run_delete_before(store, before, HISTORY_STEP, &out->runs, err) != 0 ||
	    store_timeline_delete_before(store, before, HISTORY_STEP, &out->timeline, err) != 0 ||
	    store_sync_error_delete_before(store, before, HISTORY_STEP, &out->sync_errors, err) != 0)
		return -1;
	*more |= out->runs == HISTORY_STEP || out->timeline == HISTORY_STEP || out->sync_errors == HISTORY_STEP;
	return 0;
}
