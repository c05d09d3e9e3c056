/* connection.refresh: token first, then the calendar list; and connection.test: every hop with its latency. */
#ifndef DAEMON_SYNC_REFRESH_H
#define DAEMON_SYNC_REFRESH_H

#include "daemon/core.h"

struct sync_counts {
	int64_t added, changed, gone;
};

struct refresh_outcome {
	struct err token_err;        /* code ERR_NONE: the token is good */
	int64_t generation, expires_at;
	struct err sync_err;         /* code ERR_NONE: the sync is good */
	struct sync_counts counts;
};
typedef void refresh_done_fn(void *arg, const struct refresh_outcome *outcome);
/* -1 (ERR_NOT_FOUND, ERR_CONFLICT for a disconnected one): fn is not called. Otherwise exactly once, inside a tick. */
int refresh_run(struct core *core, const char *connection_id, refresh_done_fn *fn, void *arg, struct err *err);

enum { TEST_STEPS = 5 };
struct test_step {
	const char *name; /* decrypt | token | userinfo | calendar_list | free_busy */
	bool ok;
	int64_t ms;
	struct err err;
};
struct test_outcome {
	struct test_step steps[TEST_STEPS];
	int count;        /* steps that were tried */
	bool ok;
};
typedef void test_done_fn(void *arg, const struct test_outcome *outcome);
int connection_test_run(struct core *core, const char *connection_id, test_done_fn *fn, void *arg, struct err *err);

#endif
