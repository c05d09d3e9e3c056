/* Grants and their sealed tokens. Every change of tokens moves the generation, and a refresh writes only if the generation
 * is the one it began with: whoever comes second learns that it lost. */
#include "store/grants.h"

#include "store/note.h"

#define SELECT_GRANT                                                                                               \
	"SELECT id, provider, client_id, subject, email, scopes, live, generation, fingerprint, access_expires_at, " \
	"consented_at, refreshed_at, created_at, updated_at, key_id, data_key, refresh_token, access_token FROM grants"

static void read_grant(struct stmt *stmt, grant_fn *fn, void *arg)
{
	const struct grant_row row = {
		.id = stmt_text(stmt, "id"),
		.provider = stmt_text(stmt, "provider"),
		.client_id = stmt_text(stmt, "client_id"),
		.subject = stmt_text(stmt, "subject"),
		.email = stmt_text(stmt, "email"),
		.scopes = stmt_text(stmt, "scopes"),
		.live = stmt_int(stmt, "live") != 0,
		.generation = stmt_int(stmt, "generation"),
		.key_id = stmt_text(stmt, "key_id"),
		.data_key = stmt_blob(stmt, "data_key"),
		.access_token = stmt_blob(stmt, "access_token"),
		.refresh_token = stmt_blob(stmt, "refresh_token"),
		.fingerprint = stmt_text(stmt, "fingerprint"),
		.access_expires_at = stmt_int(stmt, "access_expires_at"),
		.consented_at = stmt_int(stmt, "consented_at"),
		.refreshed_at = stmt_int(stmt, "refreshed_at"),
		.created_at = stmt_int(stmt, "created_at"),
		.updated_at = stmt_int(stmt, "updated_at"),
	};
	if (fn)
		fn(arg, &row);
}

static int read_one(struct store *store, struct stmt *stmt, grant_fn *fn, void *arg, struct err *err)
{
	if (tick_first(store, stmt, "grant", err) < 0)
		return -1;
	read_grant(stmt, fn, arg);
	stmt_reset(stmt);
	return 0;
}

int store_grant_get(struct store *store, const char *id, grant_fn *fn, void *arg, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, SELECT_GRANT " WHERE id = :id", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	return read_one(store, stmt, fn, arg, err);
}

int store_grant_find(struct store *store, const char *provider, const char *client_id, const char *subject, grant_fn *fn,
                     void *arg, struct err *err)
{
	struct stmt *stmt = tick_stmt(
		store, SELECT_GRANT " WHERE provider = :provider AND client_id = :client_id AND subject = :subject", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":provider", provider);
	stmt_bind_text(stmt, ":client_id", client_id);
	stmt_bind_text(stmt, ":subject", subject);
	return read_one(store, stmt, fn, arg, err);
}

/* What an insert and a replacement have in common. */
static void bind_consent(struct stmt *stmt, const struct grant_row *row, int64_t now)
{
	stmt_bind_text(stmt, ":id", row->id);
	stmt_bind_text(stmt, ":email", row->email);
	stmt_bind_text(stmt, ":scopes", row->scopes);
	stmt_bind_text(stmt, ":fingerprint", row->fingerprint);
	stmt_bind_int(stmt, ":access_expires_at", row->access_expires_at);
	stmt_bind_text(stmt, ":key_id", row->key_id);
	stmt_bind_blob(stmt, ":data_key", row->data_key);
	stmt_bind_blob(stmt, ":refresh_token", row->refresh_token);
	stmt_bind_blob(stmt, ":access_token", row->access_token);
	stmt_bind_int(stmt, ":now", now);
}

int store_grant_insert(struct store *store, const struct grant_row *row, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "INSERT INTO grants (id, provider, client_id, subject, email, scopes, live, generation, "
	                              "fingerprint, access_expires_at, consented_at, refreshed_at, created_at, updated_at, key_id, "
	                              "data_key, refresh_token, access_token) "
	                              "VALUES (:id, :provider, :client_id, :subject, :email, :scopes, 1, :generation, "
	                              ":fingerprint, :access_expires_at, :now, :now, :now, :now, :key_id, "
	                              ":data_key, :refresh_token, :access_token)",
	                              err);
	if (!stmt)
		return -1;
	bind_consent(stmt, row, store_now(store));
	stmt_bind_text(stmt, ":provider", row->provider);
	stmt_bind_text(stmt, ":client_id", row->client_id);
	stmt_bind_text(stmt, ":subject", row->subject);
	stmt_bind_int(stmt, ":generation", row->generation > 0 ? row->generation : 1);
	return tick_insert(store, stmt, "a grant of this account exists", err);
}

int store_grant_replace(struct store *store, const struct grant_row *row, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE grants SET email = :email, scopes = :scopes, live = 1, generation = generation + 1, "
	                              "fingerprint = :fingerprint, access_expires_at = :access_expires_at, consented_at = :now, "
	                              "refreshed_at = :now, updated_at = :now, key_id = :key_id, data_key = :data_key, "
	                              "refresh_token = :refresh_token, access_token = :access_token WHERE id = :id",
	                              err);
	if (!stmt)
		return -1;
	bind_consent(stmt, row, store_now(store));
	return tick_update(store, stmt, "grant", err) == 0 ? note_grant(store, row->id, err) : -1;
}

int store_grant_swap_tokens(struct store *store, const char *id, int64_t expected_generation,
                            const struct grant_tokens *tokens, bool *swapped, struct err *err)
{
	int64_t changed = 0;
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE grants SET access_token = :access_token, access_expires_at = :access_expires_at, "
	                              "refresh_token = coalesce(:refresh_token, refresh_token), "
	                              "fingerprint = coalesce(:fingerprint, fingerprint), scopes = coalesce(:scopes, scopes), "
	                              "generation = generation + 1, refreshed_at = :now, updated_at = :now "
	                              "WHERE id = :id AND generation = :expected",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_blob(stmt, ":access_token", tokens->access_token);
	stmt_bind_int(stmt, ":access_expires_at", tokens->access_expires_at);
	stmt_bind_blob(stmt, ":refresh_token", tokens->refresh_token);
	stmt_bind_text(stmt, ":fingerprint", tokens->fingerprint);
	stmt_bind_text(stmt, ":scopes", tokens->scopes);
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":id", id);
	stmt_bind_int(stmt, ":expected", expected_generation);
	if (tick_run(store, stmt, &changed, err) < 0)
		return -1;
	*swapped = changed > 0;
	return *swapped ? note_grant(store, id, err) : 0;
}

int store_grant_mark_dead(struct store *store, const char *id, int64_t expected_generation, bool *marked, struct err *err)
{
	int64_t changed = 0;
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE grants SET live = 0, updated_at = :now "
	                              "WHERE id = :id AND generation = :expected AND live = 1",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":id", id);
	stmt_bind_int(stmt, ":expected", expected_generation);
	if (tick_run(store, stmt, &changed, err) < 0)
		return -1;
	*marked = changed > 0;
	return *marked ? note_grant(store, id, err) : 0;
}

int store_grant_shred(struct store *store, const char *id, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "UPDATE grants SET live = 0, generation = generation + 1, fingerprint = NULL, key_id = NULL, "
	                              "data_key = NULL, refresh_token = NULL, access_token = NULL, access_expires_at = 0, "
	                              "updated_at = :now WHERE id = :id",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":now", store_now(store));
	stmt_bind_text(stmt, ":id", id);
	store->shred = true;
	return tick_update(store, stmt, "grant", err) == 0 ? note_grant(store, id, err) : -1;
}

int store_grant_list(struct store *store, grant_fn *fn, void *arg, struct err *err)
{
	int got;
	struct stmt *stmt = tick_stmt(store, SELECT_GRANT " ORDER BY id", err);
	if (!stmt)
		return -1;
	while ((got = tick_step(store, stmt, err)) > 0)
		read_grant(stmt, fn, arg);
	return got;
}
