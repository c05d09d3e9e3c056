/* The sealing keys that the store has rows of: their ids and the proof that a key is the right one, never a key. */
#include "store/grants.h"
#include "store/tick.h"

int store_key_list(struct store *store, key_fn *fn, void *arg, struct err *err)
{
	int got;
	struct stmt *stmt = tick_stmt(store, "SELECT id, check_value, created_at FROM keys ORDER BY created_at, id", err);
	if (!stmt)
		return -1;
	while ((got = tick_step(store, stmt, err)) > 0) {
		const struct key_row row = {
			.id = stmt_text(stmt, "id"),
			.check_value = stmt_blob(stmt, "check_value"),
			.created_at = stmt_int(stmt, "created_at"),
		};
		fn(arg, &row);
	}
	return got;
}

int store_key_insert(struct store *store, const char *id, struct blob check_value, struct err *err)
{
	struct stmt *stmt =
		tick_stmt(store, "INSERT INTO keys (id, check_value, created_at) VALUES (:id, :check_value, :now)", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":id", id);
	stmt_bind_blob(stmt, ":check_value", check_value);
	stmt_bind_int(stmt, ":now", store_now(store));
	return tick_insert(store, stmt, "a key with this id exists", err);
}
