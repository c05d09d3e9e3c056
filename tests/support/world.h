/* The daemon's core in a world of the test's making: a real store and vault in a temporary directory, a clock that moves only
 * when told (or when nothing else is left to do), a seeded source of randomness, and a scripted Google instead of the network.
 *
 * Nothing here sleeps: where the daemon would wait, the clock jumps to the next timer. */
#ifndef TESTS_SUPPORT_WORLD_H
#define TESTS_SUPPORT_WORLD_H

#include "daemon/jobs/scheduler.h"
#include "daemon/oauth/consent.h"
#include "store/records.h"
#include "tests/support/world_google.h"

#define WORLD_SECOND ((int64_t)1000)
#define WORLD_MINUTE (60 * WORLD_SECOND)
#define WORLD_HOUR (60 * WORLD_MINUTE)
#define WORLD_DAY (24 * WORLD_HOUR)
#define WORLD_START ((int64_t)1767603600000) /* wall ms: 2026-01-05T09:00:00Z */

struct world {
	char dir[64];
	int64_t wall, boot;
	uint64_t seed;
	struct clock clock;
	struct rng rng;
	struct core core;
	struct fake_transport *fake;
	struct world_google google;
	struct scheduler *scheduler; /* NULL: nothing runs by itself */
	struct timer *nudge;
	size_t live_secrets; /* when the world was opened */
	int failing_commits; /* world_store.h */
};

void world_open(struct world *world);
/* Fails the test if a secret was leaked. */
void world_close(struct world *world);
/* For cmocka: *state is a world of their own for each test. */
int world_setup(void **state);
int world_teardown(void **state);
#define WORLD_TEST(name_) cmocka_unit_test_setup_teardown(name_, world_setup, world_teardown)
/* The process ends and a new one begins over the same directory. */
void world_restart(struct world *world);

/* Let the clocks pass: everything that falls due on the way runs. */
void world_advance(struct world *world, int64_t ms);
/* Run what can run now, without letting time pass. */
void world_run(struct world *world);
/* Run, letting time pass as needed; fails the test when *done is still false after limit_ms. */
void world_until(struct world *world, const bool *done, int64_t limit_ms);
/* Until no operation is under way. */
void world_quiet(struct world *world, int64_t limit_ms);

/* From now on the scheduler works, with the default intervals. */
void world_schedule(struct world *world);

void world_workspace(struct world *world, const char *slug, char id[ID_TEXT_SIZE]);

/* oauth.begin with defaults; what is set in `in` counts. Free with consent_begun_free. */
void world_begin(struct world *world, const struct consent_begin *in, struct consent_begun *begun);
/* What became of a redirect; done is false until it was told. */
struct world_outcome {
	struct consent_outcome outcome;
	bool done;
	int told;            /* how often: more than once is a bug */
};
void world_complete_start(struct world *world, const struct consent_redirect *redirect, struct world_outcome *outcome);
void world_complete(struct world *world, const struct consent_redirect *redirect, struct world_outcome *outcome);
/* From begin to callback. connection_id NULL: none is named. */
void world_consent(struct world *world, const char *workspace_id, const char *connection_id, const char *account,
                   struct world_outcome *outcome);
/* The same, which must succeed. */
void world_connect(struct world *world, const char *workspace_id, const char *account, char id[ID_TEXT_SIZE]);

#endif
