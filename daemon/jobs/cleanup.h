/* The weekly cleanup: what has been in the trash for its time goes for good, history past its time is deleted, ended attempts too. */
#ifndef DAEMON_JOBS_CLEANUP_H
#define DAEMON_JOBS_CLEANUP_H

#include "daemon/core.h"

enum { CLEANUP_SAMPLE = 20 };
struct cleanup_counts {
	int64_t connections, runs, timeline, sync_errors, attempts;
	char sample[CLEANUP_SAMPLE][ID_TEXT_SIZE]; /* the first connections that go */
	int samples;
};
/* A preview: what would go. Only connections are counted. */
int cleanup_preview(struct core *core, struct cleanup_counts *out, struct err *err);
/* Does a bounded part of it in this tick; *more tells that there is more to do. */
int cleanup_step(struct core *core, struct cleanup_counts *out, bool *more, struct err *err);

#endif
