/* The daemon's core in a world of the test's making. */
#include "tests/support/world.h"

#include "daemon/oauth/outbox.h"
#include "daemon/oauth/tokens.h"
#include "daemon/vault/digest.h"
#include "daemon/vault/locked.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/grants.h"
#include "store/workspaces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { PASSES_MAX = 100000 };

static int64_t world_wall(void *arg)
{
	return ((const struct world *)arg)->wall;
}

static int64_t world_boot(void *arg)
{
	return ((const struct world *)arg)->boot;
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static void world_fill(void *arg, void *out, size_t len)
{
	struct world *world = arg;
	unsigned char *bytes = out;
	for (size_t i = 0; i < len; i++) {
		world->seed += 0x9e3779b97f4a7c15u;
		uint64_t z = world->seed;
		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
		bytes[i] = (unsigned char)(z >> 32);
	}
}

static void take_key(void *arg, const struct key_row *row)
{
	struct vault_known_key *key = arg;
	(void)str_copy(key->id, sizeof key->id, row->id);
	memcpy(key->check_value, row->check_value.bytes, row->check_value.len);
	key->check_len = row->check_value.len;
}

static void open_vault(struct world *world)
{
	struct vault_known_key known = { .check_len = 0 };
	struct err err;
	bool made_new;
	uint8_t check[128];
	size_t len;
	assert_int_equal(store_key_list(world->core.store, take_key, &known, &err), 0);
	const struct vault_options options = {
		.state_dir = world->dir,
		.store_uuid = store_uuid(world->core.store),
		.rng = &world->rng,
		.known = &known,
		.known_count = known.id[0] != '\0',
	};
	assert_int_equal(vault_open(&world->core.vault, &options, &made_new, &err, &err), 0);
	if (!made_new)
		return;
	const char *id = vault_seal_key_id(world->core.vault);
	assert_int_equal(vault_check_value(world->core.vault, id, check, &len, &err), 0);
	assert_int_equal(store_key_insert(world->core.store, id, (struct blob){ .bytes = check, .len = len }, &err), 0);
}

static void ignore(void *arg)
{
	(void)arg;
}

static void open_parts(struct world *world)
{
	struct err err;
	const struct store_options options = {
		.directory = world->dir, .clock = &world->clock, .rng = &world->rng, .digest = digest_blake2b
	};
	world->core = (struct core){ .clock = &world->clock, .rng = &world->rng };
	world->core.loop = loop_new(&world->clock);
	assert_int_equal(store_open(&world->core.store, &options, &err), 0);
	open_vault(world);
	world->fake = fake_transport_new(world->core.loop);
	world_google_open(&world->google, world->fake);
	world->core.transport = fake_transport_of(world->fake);
	world->core.google = (struct provider_config){
		.client_id = "client-1",
		.client_secret = secret_new("client-secret", strlen("client-secret")),
		.scopes = GOOGLE_SCOPES_ALL,
		.auth_url = "https://google.test/auth",
		.token_url = "https://google.test" GOOGLE_TOKEN,
		.revoke_url = "https://google.test" GOOGLE_REVOKE,
		.userinfo_url = "https://google.test" GOOGLE_USERINFO,
		.api_url = "https://google.test/calendar/v3",
		.redirect_uri = "https://almanac.test/api/calendars/google/callback",
	};
	world->core.tokens = tokens_new(&world->core);
	world->core.revoker = revoker_new(&world->core);
	world->nudge = timer_new(world->core.loop, ignore, NULL);
	world_run(world);
}

void world_open(struct world *world)
{
	static bool ready;
	if (!ready)
		assert_int_equal(secret_setup(), 0);
	ready = true;
	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	*world = (struct world){ .wall = WORLD_START, .boot = WORLD_HOUR };
	/* In memory where there is such a place: every commit is synced. */
	(void)snprintf(world->dir, sizeof world->dir, "%s/almanac-world-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(world->dir));
	world->clock = (struct clock){ world_wall, world_boot, world };
	world->rng = (struct rng){ world_fill, world };
	world->live_secrets = locked_live_count();
	open_parts(world);
}

static void tick_end(struct world *world)
{
	struct err err;
	do {
		(void)store_tick_end(world->core.store, &err);
		scheduler_tick_end(world->scheduler);
	} while (store_tick_pending(world->core.store));
}

static void pass(struct world *world)
{
	assert_true(event_base_loop(loop_base(world->core.loop), EVLOOP_ONCE | EVLOOP_NONBLOCK) >= 0);
	tick_end(world);
}

static bool is_idle(const struct world *world)
{
	int64_t due = loop_next_due(world->core.loop);
	return !store_tick_pending(world->core.store) && (due < 0 || due > world->boot);
}

void world_run(struct world *world)
{
	int passes = 0;
	tick_end(world);
	do {
		pass(world);
		assert_true(++passes < PASSES_MAX);
	} while (!is_idle(world));
}

/* The nudge, due before the clocks move, makes the loop look at its timers after. */
static void jump(struct world *world, int64_t ms)
{
	timer_set(world->nudge, 0);
	world->boot += ms;
	world->wall += ms;
	world_run(world);
}

void world_advance(struct world *world, int64_t ms)
{
	int64_t end = world->boot + ms;
	world_run(world);
	for (;;) {
		int64_t due = loop_next_due(world->core.loop);
		bool more = due >= 0 && due <= end;
		jump(world, (more ? due : end) - world->boot);
		if (!more)
			return;
	}
}

static void advance_until(struct world *world, const bool *done, const int *busy, int64_t limit_ms)
{
	int64_t end = world->boot + limit_ms;
	world_run(world);
	while ((done && !*done) || (busy && *busy > 0)) {
		int64_t due = loop_next_due(world->core.loop);
		if (due < 0 || due > end)
			fail_msg("nothing more happens within %lld ms", (long long)limit_ms);
		jump(world, due - world->boot);
	}
}

void world_until(struct world *world, const bool *done, int64_t limit_ms)
{
	advance_until(world, done, NULL, limit_ms);
}

void world_quiet(struct world *world, int64_t limit_ms)
{
	advance_until(world, NULL, &world->core.calls, limit_ms);
}

static void close_parts(struct world *world)
{
	world->failing_commits = 0;
	world->core.stopping = true;
	fake_transport_close(world->fake);
	world_quiet(world, WORLD_HOUR);
	fake_transport_free(world->fake);
	timer_free(world->nudge);
	scheduler_close(world->scheduler);
	world->scheduler = NULL;
	revoker_free(world->core.revoker);
	tokens_free(world->core.tokens);
	vault_close(world->core.vault);
	store_close(world->core.store);
	loop_free(world->core.loop);
	secret_unref(world->core.google.client_secret);
}

void world_restart(struct world *world)
{
	close_parts(world);
	open_parts(world);
}

static void remove_files(const char *dir)
{
	static const char *const names[] = { "almanac.db", "almanac.db-wal", "almanac.db-shm", "almanac.lock", "almanac.key" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct buf path = { 0 };
		buf_printf(&path, "%s/%s", dir, names[i]);
		(void)unlink(buf_text(&path));
		buf_free(&path);
	}
	(void)rmdir(dir);
}

void world_close(struct world *world)
{
	close_parts(world);
	remove_files(world->dir);
	assert_int_equal(locked_live_count(), world->live_secrets);
}

int world_setup(void **state)
{
	static struct world world;
	world_open(&world);
	*state = &world;
	return 0;
}

int world_teardown(void **state)
{
	world_close(*state);
	return 0;
}

void world_schedule(struct world *world)
{
	struct err err;
	world->core.schedule = (struct schedule){
		.token_refresh = 15 * WORLD_MINUTE,
		.calendar_sync = WORLD_HOUR,
		.full_sync = WORLD_DAY,
		.cleanup = 7 * WORLD_DAY,
		.trash = 30 * WORLD_DAY,
		.history = 90 * WORLD_DAY,
		.concurrency = 64,
	};
	if (scheduler_open(&world->scheduler, &world->core, &err) != 0)
		fail_msg("no scheduler: %s", err.message);
	world_run(world);
}

void world_workspace(struct world *world, const char *slug, char id[ID_TEXT_SIZE])
{
	struct err err;
	assert_int_equal(store_workspace_create(world->core.store, slug, slug, "Europe/Berlin", id, &err), 0);
	world_run(world);
}

void world_begin(struct world *world, const struct consent_begin *in, struct consent_begun *begun)
{
	struct consent_begin begin = *in;
	struct err err;
	if (!begin.provider)
		begin.provider = "google";
	if (begin.expires_in_ms == 0)
		begin.expires_in_ms = 15 * WORLD_MINUTE;
	assert_int_equal(consent_begin(&world->core, "https://almanac.test", &begin, begun, &err), 0);
	world_run(world);
}

static void take_outcome(void *arg, const struct consent_outcome *outcome)
{
	struct world_outcome *told = arg;
	told->outcome = *outcome;
	told->done = true;
	told->told++;
}

void world_complete_start(struct world *world, const struct consent_redirect *redirect, struct world_outcome *outcome)
{
	*outcome = (struct world_outcome){ .done = false };
	consent_complete(&world->core, redirect, take_outcome, outcome);
}

void world_complete(struct world *world, const struct consent_redirect *redirect, struct world_outcome *outcome)
{
	world_complete_start(world, redirect, outcome);
	world_until(world, &outcome->done, 10 * WORLD_MINUTE);
	assert_int_equal(outcome->told, 1);
}

void world_consent(struct world *world, const char *workspace_id, const char *connection_id, const char *account,
                   struct world_outcome *outcome)
{
	struct consent_begun begun;
	world_begin(world, &(struct consent_begin){ .workspace_id = workspace_id, .connection_id = connection_id }, &begun);
	world_complete(world, &(struct consent_redirect){ .state = begun.state, .code = account }, outcome);
	consent_begun_free(&begun);
}

void world_connect(struct world *world, const char *workspace_id, const char *account, char id[ID_TEXT_SIZE])
{
	struct world_outcome outcome;
	world_consent(world, workspace_id, NULL, account, &outcome);
	assert_int_equal(outcome.outcome.err.code, ERR_NONE);
	assert_int_equal(outcome.outcome.http_status, 200);
	(void)str_copy(id, ID_TEXT_SIZE, outcome.outcome.connection_id);
}
