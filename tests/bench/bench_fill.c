/* Fills a state directory through the store's own doors, so that the benchmark runs on what the daemon itself would have written:
 * workspaces of a thousand connections each, every connection with a user, and a grant whose tokens are sealed with a key
 * of the directory's key file.
 *
 * usage: bench_fill STATE-DIR CONNECTIONS ID-FILE SLUG-FILE; the files get one connection id, and one slug, a line. */
#include "daemon/oauth/grant.h"
#include "daemon/vault/digest.h"
#include "ipc/base/strutil.h"
#include "store/connections.h"
#include "store/users.h"
#include "store/workspaces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PER_WORKSPACE = 1000, PER_COMMIT = 500, ACCESS_LEN = 218, REFRESH_LEN = 103 };

#define AUTH "https://www.googleapis.com/auth/"
static const char scopes[] = AUTH "calendar.events " AUTH "calendar.readonly " AUTH "userinfo.email " AUTH "userinfo.profile";

struct filling {
	struct core core;
	FILE *ids, *slugs;
	char workspace_id[ID_TEXT_SIZE];
};

static struct secret *make_token(const struct rng *rng, const char *prefix, size_t len)
{
	char text[256], random[DIGEST_TOKEN_SIZE];
	size_t used = strlen(prefix);
	memcpy(text, prefix, used);
	while (used < len) {
		digest_random_token(random, rng);
		size_t part = len - used < DIGEST_TOKEN_SIZE - 1 ? len - used : DIGEST_TOKEN_SIZE - 1;
		memcpy(text + used, random, part);
		used += part;
	}
	return secret_new(text, len);
}

static int add_grant(struct filling *to, const char *email, const char *subject, char id[ID_TEXT_SIZE], struct err *err)
{
	struct core *core = &to->core;
	struct secret *access = make_token(core->rng, "ya29.", ACCESS_LEN), *refresh = make_token(core->rng, "1//0", REFRESH_LEN);
	struct sealed_tokens sealed = { .fingerprint = "" };
	store_new_id(core->store, id);
	int status = grant_seal_new(core, id, access, refresh, &sealed, err);
	if (status == 0) {
		const int64_t now = store_now(core->store);
		const struct grant_row row = {
			.id = id,
			.provider = "google",
			.client_id = "bench-client",
			.subject = subject,
			.email = email,
			.scopes = scopes,
			.live = true,
			.generation = 1,
			.key_id = vault_seal_key_id(core->vault),
			.data_key = sealed.data_key,
			.access_token = sealed.access_token,
			.refresh_token = sealed.refresh_token,
			.fingerprint = sealed.fingerprint,
			.access_expires_at = now + 3600 * 1000,
			.consented_at = now,
			.refreshed_at = now,
			.created_at = now,
			.updated_at = now,
		};
		status = store_grant_insert(core->store, &row, err);
	}
	sealed_tokens_clear(&sealed);
	secret_unref(access);
	secret_unref(refresh);
	return status;
}

static int add_connection(struct filling *to, int64_t number, struct err *err)
{
	struct store *store = to->core.store;
	char email[64], subject[32], user_id[ID_TEXT_SIZE], grant_id[ID_TEXT_SIZE], id[ID_TEXT_SIZE];
	bool changed;
	(void)snprintf(email, sizeof email, "person%06lld@example.com", (long long)number);
	(void)snprintf(subject, sizeof subject, "1%020lld", (long long)number);
	const struct connection_new in = {
		.workspace_id = to->workspace_id,
		.user_id = user_id,
		.provider = "google",
		.account_email = email,
		.subject = subject,
		.grant_id = grant_id,
		.required_scopes = scopes,
	};
	if (store_user_create(store, to->workspace_id, email, "A Person", user_id, err) != 0 ||
	    add_grant(to, email, subject, grant_id, err) != 0 || store_connection_create(store, &in, id, err) != 0 ||
	    store_connection_set_synced(store, id, "CPDAlvWDx70CEPDAlvWDx70CGAU=", err) != 0 ||
	    store_connection_set_state(store, id, STATE_CONNECTED, &changed, err) != 0)
		return -1;
	(void)fprintf(to->ids, "%s\n", id);
	return 0;
}

static int add_workspace(struct filling *to, int64_t number, struct err *err)
{
	char slug[32], name[32];
	(void)snprintf(slug, sizeof slug, "workspace-%lld", (long long)number);
	(void)snprintf(name, sizeof name, "Workspace %lld", (long long)number);
	if (store_workspace_create(to->core.store, name, slug, "Europe/Berlin", to->workspace_id, err) != 0)
		return -1;
	(void)fprintf(to->slugs, "%s\n", slug);
	return 0;
}

static int fill(struct filling *to, int64_t count, struct err *err)
{
	for (int64_t i = 0; i < count; i++) {
		if (i % PER_WORKSPACE == 0 && add_workspace(to, i / PER_WORKSPACE, err) != 0)
			return -1;
		if (add_connection(to, i, err) != 0)
			return -1;
		if ((i + 1) % PER_COMMIT == 0 && store_tick_end(to->core.store, err) != 0)
			return -1;
	}
	return store_tick_end(to->core.store, err);
}

/* As the daemon does at its first start: a key file, and the row that proves the key. */
static int open_vault(struct core *core, const char *dir, struct err *err)
{
	uint8_t check[128];
	size_t len;
	bool made_new;
	struct err why;
	const struct vault_options options = { .state_dir = dir, .store_uuid = store_uuid(core->store), .rng = core->rng };
	if (vault_open(&core->vault, &options, &made_new, &why, err) != 0 ||
	    vault_check_value(core->vault, vault_seal_key_id(core->vault), check, &len, err) != 0)
		return -1;
	return store_key_insert(core->store, vault_seal_key_id(core->vault), (struct blob){ .bytes = check, .len = len }, err);
}

static int fill_directory(struct filling *to, const char *dir, int64_t count, struct err *err)
{
	const struct store_options options = {
		.directory = dir, .clock = to->core.clock, .rng = to->core.rng, .digest = digest_blake2b
	};
	if (!to->ids || !to->slugs || secret_setup() != 0)
		return err_set(err, ERR_INTERNAL, "cannot begin");
	if (store_open(&to->core.store, &options, err) != 0)
		return -1;
	int status = open_vault(&to->core, dir, err);
	if (status == 0)
		status = fill(to, count, err);
	vault_close(to->core.vault);
	store_close(to->core.store);
	return status;
}

static bool close_file(FILE *file)
{
	return file && fclose(file) == 0;
}

int main(int argc, char **argv)
{
	struct filling to = { .core = { .clock = &clock_system, .rng = &rng_system } };
	int64_t count;
	struct err err;
	if (argc != 5 || !str_to_int64(argv[2], 1, 10000000, &count)) {
		(void)fputs("usage: bench_fill STATE-DIR CONNECTIONS ID-FILE SLUG-FILE\n", stderr);
		return 64;
	}
	to.ids = fopen(argv[3], "we");
	to.slugs = fopen(argv[4], "we");
	int status = fill_directory(&to, argv[1], count, &err);
	if (status != 0)
		(void)fprintf(stderr, "bench_fill: %s\n", err.message);
	bool closed = close_file(to.ids);
	closed = close_file(to.slugs) && closed;
	return status == 0 && closed ? 0 : 74;
}
