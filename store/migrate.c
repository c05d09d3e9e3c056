/* Upgrades of the schema. Owns nothing; works on the connection before the first tick. */
#include "store/migrate.h"

#include "store/schema.h"

int migrate_latest(void)
{
	return (int)store_schema_count;
}

static int migrate_record(struct stmt_cache *statements, const struct schema_step *step, int64_t now, struct err *err)
{
	int code = 0;
	struct stmt *stmt = stmt_get(statements, "INSERT INTO upgrades (version, name, at) VALUES (:version, :name, :at)", &code);
	if (!stmt)
		return db_error(code, false, err);
	stmt_bind_int(stmt, ":version", step->version);
	stmt_bind_text(stmt, ":name", step->name);
	stmt_bind_int(stmt, ":at", now);
	if (stmt_step(stmt) >= 0)
		return 0;
	(void)db_classify(stmt_code(stmt)); /* a failed fsync ends here */
	return db_error(stmt_code(stmt), false, err);
}

static int migrate_step(struct db *db, struct stmt_cache *statements, const struct schema_step *step, int64_t now,
                        struct err *err)
{
	if (db_script(db, "BEGIN", err) < 0)
		return -1;
	if (db_script(db, step->sql, err) == 0 && migrate_record(statements, step, now, err) == 0 &&
	    db_set_version(db, step->version, err) == 0 && db_script(db, "COMMIT", err) == 0)
		return 0;
	if (db_in_transaction(db))
		(void)db_script(db, "ROLLBACK", NULL);
	return -1;
}

int migrate_run(struct db *db, struct stmt_cache *statements, int64_t now, struct err *err)
{
	int64_t version = 0;
	if (db_get_version(db, &version, err) < 0)
		return -1;
	if (version < 0 || version > migrate_latest()) {
		db_leave_alone(db);
		return err_set(err, ERR_STORE_FAILED, "the store has schema version %lld, this program knows up to %d: use a newer one",
		               (long long)version, migrate_latest());
	}
	if (db_script(db, "PRAGMA journal_mode = WAL", err) < 0)
		return -1;
	for (int i = (int)version; i < migrate_latest(); i++) {
		if (store_schema[i].version != i + 1)
			fatal("store/schema: the files are not numbered without gaps");
		if (migrate_step(db, statements, &store_schema[i], now, err) < 0)
			return -1;
	}
	return 0;
}
