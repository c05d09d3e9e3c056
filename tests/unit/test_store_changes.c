/* The feed of changes: when it is told and what it leaves out; and, after random work with units that are undone, what it
 * tells against what the lists show. */
#include "tests/support/store_check.h"
#include "tests/support/store_faultvfs.h"
#include "tests/support/store_fixture.h"

#include "store/calendars.h"
#include "store/changes.h"
#include "store/grants.h"
#include "store/jobs.h"
#include "store/sync_errors.h"
#include "store/users.h"
#include "store/workspaces.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEN_MAX 4096
#define STEPS 6000
#define PLACES 5
#define GRANTS 16

/* What the feed told, as "topic change" words, and in the order of things. */
struct witness {
	struct store_fixture fixture;
	char story[1024];
	char workspace[ID_TEXT_SIZE]; /* of the last change */
	int calls;
	bool restless;                /* the listener writes, too */
};

static void on_changes(void *arg, const struct store_change *changes, size_t count)
{
	struct witness *witness = arg;
	struct err err = { 0 };
	char id[ID_TEXT_SIZE];
	witness->calls++;
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(witness->story);
		(void)snprintf(witness->story + len, sizeof witness->story - len, "%s %s, ", topic_name(changes[i].topic),
		               change_name(changes[i].change));
		memcpy(witness->workspace, changes[i].workspace_id, ID_TEXT_SIZE);
	}
	if (witness->restless) {
		witness->restless = false;
		check_ok(store_workspace_create(witness->fixture.store, "x", "from-the-feed", "UTC", id, &err), &err);
		assert_int_equal(witness->calls, 1);
	}
}

static void on_effect(void *arg, const struct err *failed)
{
	struct witness *witness = arg;
	size_t len = strlen(witness->story);
	(void)snprintf(witness->story + len, sizeof witness->story - len, "%s", failed ? "failed, " : "effect, ");
}

static void setup(struct witness *witness)
{
	memset(witness, 0, sizeof *witness);
	store_fixture_open(&witness->fixture);
	store_on_changes(witness->fixture.store, on_changes, witness);
}

/* What the tick told. */
static const char *told(struct witness *witness)
{
	static char story[sizeof witness->story];
	store_fixture_commit(&witness->fixture);
	memcpy(story, witness->story, sizeof story);
	witness->story[0] = '\0';
	return story;
}

static void test_order_and_coalescing(void **state)
{
	struct witness witness;
	struct err err = { 0 };
	char acme[ID_TEXT_SIZE], id[ID_TEXT_SIZE];
	bool changed;
	enum topic topic;
	(void)state;
	for (int i = 0; i < TOPIC_COUNT; i++)
		assert_true(topic_parse(topic_name((enum topic)i), &topic) && topic == (enum topic)i);
	assert_false(topic_parse("user", &topic));
	setup(&witness);
	struct store *store = witness.fixture.store;
	store_after_commit(store, on_effect, &witness);
	store_fixture_workspace(&witness.fixture, "acme", acme);
	check_ok(store_workspace_update(store, acme, "Acme", NULL, 0, &err), &err);
	store_fixture_connection(&witness.fixture, acme, "a@example.com", id);
	assert_string_equal(told(&witness), "workspace created, connection created, effect, ");
	assert_int_equal(witness.calls, 1);
	assert_string_equal(witness.workspace, acme);
	check_ok(store_connection_set_synced(store, id, "c", &err), &err);
	check_ok(store_connection_set_synced(store, id, "d", &err), &err);
	check_ok(store_job_put(store, JOB_CLEANUP, NULL, 5, "interval", &err), &err);
	assert_string_equal(told(&witness), "connection updated, job created, ");
	assert_string_equal(witness.workspace, "");
	/* Nothing that changes nothing. */
	check_ok(store_connection_set_state(store, id, STATE_PENDING, &changed, &err), &err);
	check_ok(store_sync_error_resolve(store, id, NULL, NULL, &err), &err);
	check_ok(store_job_put(store, JOB_CLEANUP, NULL, 5, "interval", &err), &err);
	check_ok(store_connection_pause(store, id, false, 0, NULL, NULL, &err), &err);
	check_fails(store_workspace_update(store, acme, "x", NULL, 99, &err), &err, ERR_CONFLICT);
	assert_string_equal(told(&witness), "");
	assert_int_equal(witness.calls, 2);
	/* Deleted over all, and what goes with it. */
	check_ok(store_connection_detach(store, id, &err), &err);
	check_ok(store_connection_purge(store, id, &err), &err);
	assert_string_equal(told(&witness), "connection deleted, workspace updated, ");
	/* Nobody listens, nothing is kept for later. */
	store_on_changes(store, NULL, NULL);
	store_fixture_connection(&witness.fixture, acme, "b@example.com", id);
	store_on_changes(store, on_changes, &witness);
	assert_string_equal(told(&witness), "");
	/* What the listener writes is of another tick, told after this one's effects. */
	witness.restless = true;
	witness.calls = 0;
	check_ok(store_workspace_update(store, acme, "A", NULL, 0, &err), &err);
	store_after_commit(store, on_effect, &witness);
	assert_string_equal(told(&witness), "workspace updated, effect, workspace created, ");
	assert_int_equal(witness.calls, 2);
	store_fixture_close(&witness.fixture);
}

static void test_units(void **state)
{
	struct witness witness;
	struct err err = { 0 };
	char slug[16], acme[ID_TEXT_SIZE], globex[ID_TEXT_SIZE], id[ID_TEXT_SIZE];
	(void)state;
	setup(&witness);
	struct store *store = witness.fixture.store;
	store_fixture_workspace(&witness.fixture, "acme", acme);
	store_fixture_workspace(&witness.fixture, "globex", globex);
	assert_string_equal(told(&witness), "workspace created, workspace created, ");
	check_ok(store_workspace_update(store, acme, "A", NULL, 0, &err), &err);
	for (int again = 0; again <= 1; again++) {
		check_ok(store_unit_begin(store, &err), &err);
		for (int i = 0; i < (again ? 200 : 17000); i++) { /* more than what memory is kept for */
			(void)snprintf(slug, sizeof slug, "w%d", i);
			store_fixture_workspace(&witness.fixture, slug, id);
		}
		check_ok(store_workspace_delete(store, acme, &err), &err);
		check_ok(store_unit_end(store, false, NULL, &err), &err);
		check_ok(store_workspace_update(store, globex, "G", NULL, 0, &err), &err);
	}
	assert_string_equal(told(&witness), "workspace updated, workspace updated, ");
	check_ok(store_unit_begin(store, &err), &err);
	check_ok(store_workspace_delete(store, acme, &err), &err);
	check_ok(store_unit_end(store, true, NULL, &err), &err);
	assert_string_equal(told(&witness), "workspace deleted, ");
	store_fixture_close(&witness.fixture);
}

static void test_a_lost_tick_tells_nothing(void **state)
{
	struct witness witness;
	struct err err = { 0 };
	char id[ID_TEXT_SIZE];
	(void)state;
	store_faultvfs_register();
	setup(&witness);
	store_faults = (struct store_faults){ .ops = FAULT_WRITE, .at = 1, .persistent = true, .code = SQLITE_FULL };
	store_fixture_workspace(&witness.fixture, "acme", id);
	store_after_commit(witness.fixture.store, on_effect, &witness);
	check_fails(store_tick_end(witness.fixture.store, &err), &err, ERR_STORE_FAILED);
	store_faults = (struct store_faults){ .ops = 0 };
	assert_string_equal(told(&witness), "failed, ");
	store_fixture_workspace(&witness.fixture, "acme", id);
	assert_string_equal(told(&witness), "workspace created, ");
	store_fixture_close(&witness.fixture);
}

/* An object as a client knows it. */
struct known {
	enum topic topic;
	char id[ID_TEXT_SIZE], workspace[ID_TEXT_SIZE];
	uint64_t looks; /* a hash of what the lists show of it */
};

struct set {
	struct known items[SEEN_MAX];
	size_t count;
};

struct world {
	struct store_fixture fixture;
	struct store *store;
	uint64_t random;
	char grants[GRANTS][ID_TEXT_SIZE], job[ID_TEXT_SIZE], run[ID_TEXT_SIZE]; /* job and run started last */
	struct set before, now;
	struct store_change feed[SEEN_MAX];
	size_t feed_count;
	int needed, spurious;
};

static int draw(struct world *world, int below)
{
	world->random = world->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int)((world->random >> 33) % (uint64_t)below);
}

static void mix_number(struct known *known, int64_t number)
{
	known->looks = (known->looks ^ (uint64_t)number) * UINT64_C(0x9e3779b97f4a7c15);
	known->looks ^= known->looks >> 31;
}

static void mix(struct known *known, size_t count, const int64_t *numbers, size_t text_count, const char *const *texts)
{
	for (size_t i = 0; i < count; i++)
		mix_number(known, numbers[i]);
	for (size_t i = 0; i < text_count; i++) {
		mix_number(known, texts[i] ? 1 : 2);
		for (const char *at = texts[i]; at && *at; at++)
			mix_number(known, *at);
	}
}
#define MIX(known_, numbers_, texts_) \
	mix((known_), sizeof(numbers_) / sizeof(numbers_)[0], (numbers_), sizeof(texts_) / sizeof(texts_)[0], (texts_))

static struct known *see(struct world *world, enum topic topic, const char *id, const char *workspace)
{
	struct known *known = &world->now.items[world->now.count++];
	assert_true(world->now.count < SEEN_MAX);
	*known = (struct known){ .topic = topic };
	(void)snprintf(known->id, sizeof known->id, "%s", id);
	(void)snprintf(known->workspace, sizeof known->workspace, "%s", workspace ? workspace : "");
	return known;
}

static void see_workspace(void *arg, const struct workspace_row *row)
{
	const char *const texts[] = { row->name };
	const int64_t numbers[] = { row->version };
	struct known *known = see(arg, TOPIC_WORKSPACE, row->id, row->id);
	MIX(known, numbers, texts);
	MIX(known, row->by_state, texts);
}

static void see_reason(void *arg, const struct sync_error_row *row)
{
	const char *const texts[] = { row->code, row->message };
	struct known reason = { .looks = 1 };
	mix(&reason, 0, NULL, 2, texts);
	((struct known *)arg)->looks += reason.looks; /* whatever their order */
}

static void see_connection(void *arg, const struct connection_row *row)
{
	struct world *world = arg;
	struct err err = { 0 };
	const char *const texts[] = { row->user_id, row->scopes, row->fingerprint, row->paused_reason };
	const int64_t numbers[] = { row->active, (int64_t)row->state, row->since, row->paused_at, row->paused_until,
		                    row->disconnected_at, row->last_sync, row->next_sync_at, row->next_refresh_at,
		                    row->updated_at, row->version, row->sync_errors, row->calendars, row->generation,
		                    row->access_expires_at, row->token_present };
	struct known *known = see(world, TOPIC_CONNECTION, row->id, row->workspace_id);
	MIX(known, numbers, texts);
	check_ok(store_sync_error_of(world->store, row->id, true, see_reason, known, &err), &err);
}

static void see_calendar(void *arg, const struct calendar_row *row)
{
	const char *const texts[] = { row->name, row->state };
	const int64_t numbers[] = { row->active, row->version };
	MIX(see(arg, TOPIC_CALENDAR, row->id, row->workspace_id), numbers, texts);
}

static void see_job(void *arg, const struct job_row *row)
{
	const char *const texts[] = { row->next_run_why, row->last_result };
	const int64_t numbers[] = { (int64_t)row->state, row->interval_ms, row->next_run_at,
		                    row->attempts, row->last_run_at, row->last_duration_ms };
	MIX(see(arg, TOPIC_JOB, row->id, row->workspace_id), numbers, texts);
}

static void see_error(void *arg, const struct sync_error_row *row)
{
	const char *const texts[] = { row->message, row->acknowledged_by };
	const int64_t numbers[] = { row->count, row->last_at, row->resolved_at };
	MIX(see(arg, TOPIC_SYNC_ERROR, row->id, row->workspace_id), numbers, texts);
}

static void see_all(struct world *world)
{
	struct err err = { 0 };
	struct store_page_end end;
	const struct store_page page = { .limit = 500 };
	const struct connection_filter connections = { .state = -1 };
	const struct calendar_filter calendars = { .active = -1 };
	const struct job_filter jobs = { .kind = -1, .state = -1 };
	const struct sync_error_filter errors = { .open = -1 };
	world->now.count = 0;
	check_ok(store_workspace_list(world->store, &page, see_workspace, world, &end, &err), &err);
	check_ok(store_connection_list(world->store, &page, &connections, see_connection, world, &end, &err), &err);
	check_ok(store_calendar_list(world->store, &page, &calendars, see_calendar, world, &end, &err), &err);
	check_ok(store_job_list(world->store, &page, &jobs, see_job, world, &end, &err), &err);
	check_ok(store_sync_error_list(world->store, &page, &errors, see_error, world, &end, &err), &err);
	assert_string_equal(end.next_cursor, ""); /* the longest of the lists */
}

static void take_feed(void *arg, const struct store_change *changes, size_t count)
{
	struct world *world = arg;
	assert_true(count < SEEN_MAX);
	memcpy(world->feed, changes, count * sizeof *changes);
	world->feed_count = count;
}

static const struct known *find(const struct set *set, enum topic topic, const char *id)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->items[i].topic == topic && strcmp(set->items[i].id, id) == 0)
			return &set->items[i];
	return NULL;
}

static void expect(struct world *world, const struct known *known, enum change change)
{
	for (size_t i = 0; i < world->feed_count; i++) {
		const struct store_change *told = &world->feed[i];
		if (told->topic != known->topic || strcmp(told->id, known->id) != 0)
			continue;
		assert_int_equal(told->change, change);
		assert_string_equal(told->workspace_id, known->workspace);
		world->needed++;
		return;
	}
	fail_msg("the feed does not tell of %s %s %s", topic_name(known->topic), known->id, change_name(change));
}

/* The feed of a tick against what the lists showed before and show now. */
static void compare(struct world *world)
{
	int needed = world->needed, unknown = 0;
	world->feed_count = 0;
	store_fixture_commit(&world->fixture);
	see_all(world);
	for (size_t i = 0; i < world->now.count; i++) {
		const struct known *now = &world->now.items[i], *was = find(&world->before, now->topic, now->id);
		if (!was || was->looks != now->looks)
			expect(world, now, was ? CHANGE_UPDATED : CHANGE_CREATED);
	}
	for (size_t i = 0; i < world->before.count; i++)
		if (!find(&world->now, world->before.items[i].topic, world->before.items[i].id))
			expect(world, &world->before.items[i], CHANGE_DELETED);
	for (size_t i = 0; i < world->feed_count; i++) {
		const struct store_change *told = &world->feed[i];
		bool there = find(&world->now, told->topic, told->id);
		assert_int_equal(told->change == CHANGE_DELETED, !there);
		unknown += !there && !find(&world->before, told->topic, told->id); /* came and went within the tick */
	}
	world->spurious += (int)world->feed_count - (world->needed - needed) - unknown;
	world->before = world->now;
}

/* The id of some object as it was known last: it may be gone. */
static const char *some(struct world *world, enum topic topic)
{
	for (int tries = 0; tries < 50 && world->before.count > 0; tries++) {
		const struct known *known = &world->before.items[draw(world, (int)world->before.count)];
		if (known->topic == topic)
			return known->id;
	}
	return "none";
}

/* Random work may be refused; nothing else may go wrong. */
static void did(int result, const struct err *err)
{
	if (result < 0 && err->code != ERR_NOT_FOUND && err->code != ERR_CONFLICT)
		fail_msg("%s", err->message);
}

static void work_on_connections(struct world *world, struct store *store, const char *connection)
{
	struct err err = { 0 };
	char name[16], id[ID_TEXT_SIZE] = "none";
	int64_t n;
	bool done;
	const char *grant = world->grants[draw(world, GRANTS)], *workspace = some(world, TOPIC_WORKSPACE);
	(void)snprintf(name, sizeof name, "n%d", draw(world, PLACES));
	const struct connection_new in = { .workspace_id = workspace, .provider = "google", .account_email = name,
		                           .subject = name, .grant_id = grant };
	const struct grant_tokens tokens = { .access_token = { "a", 1 }, .access_expires_at = draw(world, 99) };
	switch (draw(world, 14)) {
	case 0: did(store_workspace_create(store, name, name, "UTC", id, &err), &err); break;
	case 1: did(store_workspace_update(store, workspace, name, NULL, 0, &err), &err); break;
	case 2:
		for (size_t i = draw(world, 3) ? world->before.count : 0; i < world->before.count; i++)
			if (strcmp(world->before.items[i].workspace, workspace) == 0)
				did(store_connection_detach(store, world->before.items[i].id, &err), &err);
		did(store_workspace_delete(store, workspace, &err), &err);
		break;
	case 3:
		did(store_user_create(store, workspace, name, name, id, &err), &err);
		did(store_connection_attach(store, connection, grant, NULL, id, NULL, &err), &err);
		did(store_user_delete(store, id, draw(world, 2), &n, &err), &err);
		break;
	case 4: did(store_connection_attach(store, connection, grant, NULL, NULL, NULL, &err), &err); break;
	case 5: did(store_connection_detach(store, connection, &err), &err); break;
	case 6: did(store_connection_purge(store, connection, &err), &err); break;
	case 7: did(store_connection_set_synced(store, connection, "c", &err), &err); break;
	case 8: did(store_connection_pause(store, connection, draw(world, 2), draw(world, 2), NULL, &done, &err), &err); break;
	case 9: did(store_grant_swap_tokens(store, grant, draw(world, 3), &tokens, &done, &err), &err); break;
	case 10: did(store_grant_mark_dead(store, grant, draw(world, 3), &done, &err), &err); break;
	case 11:
		did(store_connection_set_state(store, connection, (enum connection_state)draw(world, STATE_COUNT), &done, &err), &err);
		break;
	default: did(store_connection_create(store, &in, id, &err), &err);
	}
}

static void work_on_the_rest(struct world *world, struct store *store, const char *connection)
{
	struct err err = { 0 };
	int64_t n;
	bool done;
	enum calendar_change change;
	char external[2] = { (char)('a' + draw(world, 3)), 0 };
	const char *word = draw(world, 2) ? "one" : "two", *job = some(world, TOPIC_JOB);
	const struct calendar_seen seen = { .external_id = external, .summary = word };
	const struct sync_error_new trouble = { .connection_id = connection, .code = external, .message = word };
	const struct job_result result = { .ok = draw(world, 2), .next_run_at = draw(world, 50), .next_run_why = word,
		                           .backoff = draw(world, 2), .duration_ms = draw(world, 9) };
	enum job_kind kind = (enum job_kind)draw(world, JOB_CLEANUP);
	switch (draw(world, 16)) {
	case 0: did(store_sync_error_resolve(store, connection, external, NULL, &err), &err); break;
	case 1: did(store_sync_error_delete_before(store, INT64_MAX, 3, &n, &err), &err); break;
	case 2: did(store_sync_error_acknowledge(store, some(world, TOPIC_SYNC_ERROR), word, &err), &err); break;
	case 3: did(store_sync_error_open(store, &trouble, &err), &err); break;
	case 4: did(store_calendar_mark_gone(store, connection, external, &done, &err), &err); break;
	case 5: did(store_calendar_update(store, some(world, TOPIC_CALENDAR), word, draw(world, 2), 0, &err), &err); break;
	case 6:
		if (store_calendar_sweep_begin(store, connection, &n, &err) == 0)
			did(store_calendar_sweep_end(store, connection, n, &n, &err), &err);
		break;
	case 7: did(store_calendar_put(store, connection, &seen, &change, &err), &err); break;
	case 8: did(store_job_set_interval(store, job, draw(world, 3), &err), &err); break;
	case 9: did(store_job_pause_connection(store, connection, draw(world, 2), &err), &err); break;
	case 10: did(store_job_expire_leases(store, draw(world, 20), &n, &err), &err); break;
	case 11: did(store_job_finish(store, world->job, world->run, &result, &err), &err); break;
	case 12: did(store_job_start(store, memcpy(world->job, job, strlen(job) + 1), draw(world, 20), word, world->run, &err), &err); break;
	default: did(store_job_put(store, kind, draw(world, 9) ? connection : NULL, draw(world, 50), word, &err), &err);
	}
}

static void work(struct world *world)
{
	const char *connection = some(world, TOPIC_CONNECTION);
	world->fixture.now++;
	if (draw(world, 3))
		work_on_the_rest(world, world->store, connection);
	else
		work_on_connections(world, world->store, connection);
}

static void test_random_work(void **state)
{
	struct world *world = calloc(1, sizeof *world);
	struct err err = { 0 };
	(void)state;
	store_fixture_open(&world->fixture);
	world->store = world->fixture.store;
	store_on_changes(world->store, take_feed, world);
	for (int i = 0; i < GRANTS; i++)
		store_fixture_grant(&world->fixture, (char[]){ 'a', (char)('a' + i), 0 }, world->grants[i]);
	for (int step = 0; step < STEPS; step++) {
		bool unit = draw(world, 3) == 0;
		if (unit)
			check_ok(store_unit_begin(world->store, &err), &err);
		for (int i = draw(world, 5); i >= 0; i--)
			work(world);
		if (unit)
			check_ok(store_unit_end(world->store, draw(world, 2), NULL, &err), &err);
		if (draw(world, 4) == 0)
			compare(world);
	}
	print_message("%d changes told that the lists show, %d that they do not\n", world->needed, world->spurious);
	assert_true(world->needed > STEPS && world->spurious * 10 < world->needed);
	store_fixture_close(&world->fixture);
	free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_coalescing),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_random_work),
		cmocka_unit_test(test_a_lost_tick_tells_nothing), /* last: its disk is a slow one */
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
