/* Reading again: policy and key file. */
#include "daemon/reload.h"

#include "ipc/base/log.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/workspaces.h"

#include <stdlib.h>
#include <string.h>

static void collect_key(void *arg, const struct key_row *row)
{
	struct known_keys *list = arg;
	if (list->count == KEYS_MAX || row->check_value.len > sizeof list->keys[0].check_value)
		return;
	struct vault_known_key *key = &list->keys[list->count++];
	(void)str_copy(key->id, sizeof key->id, row->id);
	memcpy(key->check_value, row->check_value.bytes, row->check_value.len);
	key->check_len = row->check_value.len;
}

int known_keys_read(struct store *store, struct known_keys *out, struct err *err)
{
	return store_key_list(store, collect_key, out, err);
}

int known_keys_record(const struct known_keys *known, struct core *core, struct err *err)
{
	uint8_t check[128];
	size_t len;
	const char *id = vault_seal_key_id(core->vault);
	for (size_t i = 0; id && i < known->count; i++)
		if (strcmp(known->keys[i].id, id) == 0)
			return 0;
	if (!id)
		return 0;
	if (vault_check_value(core->vault, id, check, &len, err) != 0)
		return -1;
	return store_key_insert(core->store, id, (struct blob){ .bytes = check, .len = len }, err);
}

static void warn_unknown_slug(void *arg, const char *slug, int line)
{
	struct app *app = arg;
	struct err err;
	if (store_workspace_get(app->core.store, slug, true, NULL, NULL, &err) != 0)
		LOG_WARN("policy_unknown_workspace", LOG_STR("slug", slug), LOG_INT("line", line));
}

int reload_policy(struct app *app, struct err *err)
{
	struct policy *policy;
	const char *path = app->policy_path[0] ? app->policy_path : NULL;
	if (policy_load(&policy, path, app->policy_required, err) != 0)
		return -1;
	policy_free(app->policy);
	app->policy = policy;
	app->policy_generation++;
	return 0;
}

void reload_warn_slugs(struct app *app)
{
	policy_each_slug(app->policy, warn_unknown_slug, app);
}

int app_reload(struct app *app, struct err *err)
{
	struct known_keys *known = mem_alloc(sizeof *known);
	struct err why = { 0 };
	int status = reload_policy(app, err);
	if (status != 0) {
		LOG_ERROR("reload_refused", LOG_STR("why", err->message));
		err->code = ERR_APP_MISCONFIGURED;
	} else {
		reload_warn_slugs(app);
		status = known_keys_read(app->core.store, known, err);
	}
	if (status == 0 && !vault_reload(app->core.vault, known->keys, known->count, &why))
		LOG_ERROR("sealed", LOG_STR("why", why.message));
	if (status == 0)
		status = known_keys_record(known, &app->core, err);
	free(known);
	/* What waited for the key is due. */
	app->core.jobs_moved = true;
	if (status == 0)
		LOG_INFO("reloaded", LOG_INT("policy_generation", app->policy_generation));
	return status;
}
