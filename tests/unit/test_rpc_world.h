/* A daemon without a provider for the tests of daemon/rpc: a real store in a directory of its own, a policy, a loop that the
 * test turns by hand. Made with world_open, ended with world_close. */
#ifndef TESTS_UNIT_TEST_RPC_WORLD_H
#define TESTS_UNIT_TEST_RPC_WORLD_H

#include "daemon/rpc/server.h"
#include "daemon/vault/digest.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct world {
	char dir[64], policy_path[96];
	struct config config;
	struct app app;
	struct clock clock;
	int64_t leap; /* the boot clock goes on by so much whenever it is read */
	int64_t boot;
	bool fail_next; /* the next tick is said to be lost */
};

static inline int64_t world_wall(void *arg)
{
	(void)arg;
	return clock_wall(&clock_system);
}

static inline int64_t world_boot(void *arg)
{
	struct world *world = arg;
	world->boot += world->leap;
	return world->boot;
}

static inline void world_policy(struct world *world, const char *text)
{
	struct err err;
	struct policy *policy;
	FILE *file = fopen(world->policy_path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(world->policy_path, 0600), 0);
	assert_int_equal(policy_load(&policy, world->policy_path, true, &err), 0);
	policy_free(world->app.policy);
	world->app.policy = policy;
	world->app.policy_generation++;
}

static inline struct world *world_open(void)
{
	struct world *world = mem_alloc(sizeof *world);
	struct err err;
	(void)str_copy(world->dir, sizeof world->dir, "/tmp/almanac-rpc-XXXXXX");
	assert_non_null(mkdtemp(world->dir));
	(void)snprintf(world->policy_path, sizeof world->policy_path, "%s/policy.conf", world->dir);
	world->boot = 1000000;
	world->clock = (struct clock){ world_wall, world_boot, world };
	world->config = (struct config){
		.frame_bytes = 65536, .pending_requests = 64, .output_bytes = 1 << 20, .max_clients = 100,
		.after_connect_url = mem_strdup(""),
	};
	world->app.config = &world->config;
	world->app.core.clock = &world->clock;
	world->app.core.rng = &rng_system;
	world->app.core.loop = loop_new(&world->clock);
	const struct store_options options = {
		.directory = world->dir, .clock = &world->clock, .rng = &rng_system, .digest = digest_blake2b
	};
	assert_int_equal(store_open(&world->app.core.store, &options, &err), 0);
	const struct vault_options keys = {
		.state_dir = world->dir, .store_uuid = store_uuid(world->app.core.store), .rng = &rng_system
	};
	bool made_new;
	assert_int_equal(vault_open(&world->app.core.vault, &keys, &made_new, &err, &err), 0);
	(void)str_copy(world->app.state_dir, sizeof world->app.state_dir, world->dir);
	/* The test itself is the daemon's own user. */
	assert_int_equal(policy_load(&world->app.policy, NULL, false, &err), 0);
	return world;
}

static inline void world_tick(struct world *world)
{
	struct err err;
	int status = store_tick_end(world->app.core.store, &err);
	if (world->fail_next)
		status = err_set(&err, ERR_STORE_FAILED, "the disk is full");
	world->fail_next = false;
	if (world->app.server)
		rpc_server_tick_end(world->app.server, status ? &err : NULL);
}

/* One pass of the loop and the end of its tick. */
static inline void world_turn(struct world *world)
{
	assert_true(event_base_loop(loop_base(world->app.core.loop), EVLOOP_ONCE | EVLOOP_NONBLOCK) >= 0);
	world_tick(world);
}

static inline void world_listen(struct world *world)
{
	struct err err;
	int fd;
	(void)snprintf(world->app.socket_path, sizeof world->app.socket_path, "%s/s", world->dir);
	assert_int_equal(socket_listen(world->app.socket_path, (gid_t)-1, &fd, &err), 0);
	assert_int_equal(rpc_server_open(&world->app.server, &world->app, fd, &err), 0);
}

static inline void world_close(struct world *world)
{
	static const char *const files[] = { "almanac.db", "almanac.db-wal", "almanac.db-shm", "almanac.lock",
		                             "almanac.key", "policy.conf", "s" };
	rpc_server_close(world->app.server);
	world->app.server = NULL;
	world_tick(world);
	vault_close(world->app.core.vault);
	store_close(world->app.core.store);
	policy_free(world->app.policy);
	loop_free(world->app.core.loop);
	free(world->config.after_connect_url);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char path[128];
		(void)snprintf(path, sizeof path, "%s/%s", world->dir, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(world->dir);
	free(world);
}

#endif
