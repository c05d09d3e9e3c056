/* Opening in order, the end of a tick, closing in reverse. */
#include "daemon/start.h"

#include "daemon/app_paths.h"
#include "daemon/jobs/scheduler.h"
#include "daemon/notify.h"
#include "daemon/oauth/outbox.h"
#include "daemon/oauth/tokens.h"
#include "daemon/reload.h"
#include "daemon/rpc/http_pages.h"
#include "daemon/rpc/server.h"
#include "daemon/vault/digest.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "ipc/version.h"
#include "store/attempts.h"
#include "store/grants.h"
#include "store/workspaces.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STOP_WAIT_MS = 10000 };

static int open_vault(struct app *app, struct err *err)
{
	struct known_keys *known = mem_alloc(sizeof *known);
	struct err why = { 0 };
	bool made_new;
	int status = known_keys_read(app->core.store, known, err);
	const struct vault_options options = {
		.state_dir = app->state_dir,
		.credentials_dir = getenv("CREDENTIALS_DIRECTORY"),
		.store_uuid = store_uuid(app->core.store),
		.rng = app->core.rng,
		.known = known->keys,
		.known_count = known->count,
	};
	if (status == 0)
		status = vault_open(&app->core.vault, &options, &made_new, &why, err);
	if (status == 0 && vault_is_sealed(app->core.vault))
		LOG_ERROR("sealed", LOG_STR("why", why.message));
	if (status == 0)
		status = known_keys_record(known, &app->core, err);
	if (status == 0)
		status = store_tick_end(app->core.store, err);
	free(known);
	return status;
}

static int open_store(struct app *app, struct err *err)
{
	int64_t interrupted;
	const struct store_options options = {
		.directory = app->state_dir,
		.clock = app->core.clock,
		.rng = app->core.rng,
		.digest = digest_blake2b,
	};
	if (store_open(&app->core.store, &options, err) != 0 ||
	    store_attempt_interrupt(app->core.store, &interrupted, err) != 0)
		return -1;
	return store_tick_end(app->core.store, err);
}

static int open_listener(struct app *app, struct err *err)
{
	const struct listener_options options = {
		.base = loop_base(app->core.loop),
		.clock = app->core.clock,
		.address = app->config->listen,
		.base_url = app->config->base_url,
	};
	if (listener_open(&app->listener, &options, http_pages_answer, app, err) != 0)
		return -1;
	if (app->config->base_url[0])
		(void)str_copy(app->public_url, sizeof app->public_url, app->config->base_url);
	else
		(void)snprintf(app->public_url, sizeof app->public_url, "http://%s:%d", listener_host(app->listener),
		               listener_port(app->listener));
	(void)snprintf(app->callback_url, sizeof app->callback_url, "%s/api/calendars/google/callback", app->public_url);
	return 0;
}

static void set_core(struct app *app)
{
	const struct config *config = app->config;
	app->core.google = (struct provider_config){
		.client_id = config->client_id,
		.client_secret = config->client_secret,
		.scopes = config->scopes,
		.auth_url = config->auth_url,
		.token_url = config->token_url,
		.revoke_url = config->revoke_url,
		.userinfo_url = config->userinfo_url,
		.api_url = config->api_url,
		.redirect_uri = app->callback_url,
	};
	app->core.schedule = (struct schedule){
		.token_refresh = config->token_refresh,
		.calendar_sync = config->calendar_sync,
		.full_sync = config->full_sync,
		.cleanup = config->cleanup,
		.trash = config->trash,
		.history = config->history,
		.concurrency = (int)config->concurrency,
	};
}

static int open_client(struct app *app, struct err *err)
{
	const struct http_client_options options = {
		.base = loop_base(app->core.loop),
		.clock = app->core.clock,
		.per_host = (int)app->config->per_host,
		.concurrency = (int)app->config->concurrency,
		.ca_file = app->config->ca_file[0] ? app->config->ca_file : NULL,
		.user_agent = "almanac/" ALMANAC_VERSION,
	};
	if (http_client_new(&app->client, &options, err) != 0)
		return -1;
	app->core.transport = http_client_transport(app->client);
	return 0;
}

static int find_group(const struct app *app, gid_t *gid, struct err *err)
{
	*gid = (gid_t)-1;
	if (app->config->socket_group[0] == '\0')
		return 0;
	const struct group *group = getgrnam(app->config->socket_group);
	if (!group)
		return err_set(err, ERR_CONFIG, "socket_group: no such group");
	*gid = group->gr_gid;
	return 0;
}

static int open_server(struct app *app, struct err *err)
{
	gid_t gid;
	int fd = notify_listen_fd();
	if (find_group(app, &gid, err) != 0 || (fd < 0 && socket_listen(app->socket_path, gid, &fd, err) != 0))
		return -1;
	return rpc_server_open(&app->server, app, fd, err);
}

static int load_config(struct app *app, const struct app_options *options, struct err *err)
{
	char path[PATH_MAX];
	if (app_paths_config(path, sizeof path, options->config_path, err) != 0 ||
	    config_load(&app->config, path[0] ? path : NULL, err) != 0)
		return -1;
	log_setup(log_level_parse(app->config->log_level),
	          strcmp(app->config->log_format, "json") == 0 ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT);
	if (app->config->secret_exposed)
		LOG_WARN("client_secret_exposed", LOG_STR("file", path));
	app_paths_policy(app->policy_path, sizeof app->policy_path, options->policy_path, path);
	app->policy_required = options->policy_path != NULL;
	return reload_policy(app, err);
}

int app_check_config(const struct app_options *options, struct err *err)
{
	struct app app = { 0 };
	int status = load_config(&app, options, err);
	config_free(app.config);
	policy_free(app.policy);
	return status;
}

int app_open(struct app *app, const struct app_options *options, struct err *err)
{
	*app = (struct app){ .core = { .clock = &clock_system, .rng = &rng_system } };
	if (load_config(app, options, err) != 0 ||
	    app_paths_state(app->state_dir, sizeof app->state_dir, options->state_dir, app->config->state_dir, err) != 0 ||
	    socket_path_daemon(app->socket_path, options->socket_path, app->config->socket, err) != 0)
		return -1;
	app->core.loop = loop_new(app->core.clock);
	if (open_store(app, err) != 0 || open_vault(app, err) != 0 || open_listener(app, err) != 0 || open_client(app, err) != 0)
		return -1;
	set_core(app);
	reload_warn_slugs(app);
	app->core.tokens = tokens_new(&app->core);
	app->core.revoker = revoker_new(&app->core);
	app->started_at = clock_wall(app->core.clock);
	app->started_boot = clock_boot(app->core.clock);
	if (scheduler_open(&app->scheduler, &app->core, err) != 0 || store_tick_end(app->core.store, err) != 0)
		return -1;
	return open_server(app, err);
}

static void app_tick_end(void *arg)
{
	struct app *app = arg;
	struct err err;
	/* What effects and answers set off is the next tick; the loop may only sleep when nothing waits for a commit. */
	do {
		int status = store_tick_end(app->core.store, &err);
		rpc_server_tick_end(app->server, status == 0 ? NULL : &err);
		scheduler_tick_end(app->scheduler);
	} while (store_tick_pending(app->core.store));
	if (app->core.stopping && app->core.calls == 0)
		loop_stop(app->core.loop);
}

void app_run(struct app *app)
{
	app_tick_end(app);
	loop_run(app->core.loop, app_tick_end, app);
}

static void stop_now(void *arg)
{
	struct app *app = arg;
	loop_stop(app->core.loop);
}

void app_stop(struct app *app)
{
	if (app->core.stopping) {
		loop_stop(app->core.loop);
		return;
	}
	LOG_INFO("stopping", LOG_INT("calls", app->core.calls));
	notify_send("STOPPING=1");
	app->core.stopping = true;
	rpc_server_stop_accepting(app->server);
	app->stop_timer = timer_new(app->core.loop, stop_now, app);
	timer_set(app->stop_timer, STOP_WAIT_MS);
}

void app_close(struct app *app)
{
	bool server_open = app->server != NULL;
	rpc_server_close(app->server);
	listener_close(app->listener);
	http_client_free(app->client);
	/* Whoever was cut off may still want to go on. */
	app->core.transport = (struct http_transport){ .send = NULL };
	if (app->core.store) {
		struct err ignored;
		while (store_tick_pending(app->core.store))
			(void)store_tick_end(app->core.store, &ignored);
	}
	timer_free(app->stop_timer);
	scheduler_close(app->scheduler);
	revoker_free(app->core.revoker);
	tokens_free(app->core.tokens);
	vault_close(app->core.vault);
	/* While the lock is still ours: the next daemon puts its own socket there. */
	if (server_open && notify_listen_fd() < 0)
		(void)unlink(app->socket_path);
	store_close(app->core.store);
	loop_free(app->core.loop);
	policy_free(app->policy);
	config_free(app->config);
}

int app_exit_code(const struct err *err)
{
	switch (err->code) {
	case ERR_CONFIG: return 78;
	case ERR_STORE_LOCKED: return 75;
	default: return 74;
	}
}
