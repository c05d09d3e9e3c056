/* Opening and closing the store: its directory, its lock, its file, its identity.
 *
 * struct store (tick.h) owns the connection, the statements, the lock's descriptor and the queue of effects. The lock is
 * held until the process ends or store_close, whichever comes first. */
#include "store/store.h"

#include "ipc/base/mem.h"
#include "store/migrate.h"
#include "store/tick.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_failed(struct err *err, const char *what, const char *path)
{
	return err_set(err, ERR_STORE_FAILED, "cannot %s %s: %s", what, path, strerror(errno));
}

/* Like mkdir -p; what is made is for its owner alone. */
static int make_directory(const char *directory, struct err *err)
{
	if (directory[0] == '\0')
		return err_set(err, ERR_STORE_FAILED, "no state directory is given");
	char *path = mem_strdup(directory);
	int result = 0;
	for (char *at = path + 1; result == 0; at++) {
		if (*at != '/' && *at != '\0')
			continue;
		char keep = *at;
		*at = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST && errno != EROFS)
			result = open_failed(err, "make the directory", path);
		*at = keep;
		if (keep == '\0')
			break;
	}
	free(path);
	return result;
}

static int take_lock(int directory, struct err *err)
{
	int fd = openat(directory, "almanac.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return open_failed(err, "open", "almanac.lock in the state directory");
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	int why = errno;
	(void)close(fd);
	errno = why;
	if (why == EWOULDBLOCK)
		return err_set(err, ERR_STORE_LOCKED, "another daemon owns the store");
	return open_failed(err, "lock", "almanac.lock in the state directory");
}

/* Make the file before SQLite does, so that it never exists with other modes. Not open beside SQLite: closing a second
 * descriptor of the file would drop SQLite's locks. */
static int make_file(int directory, struct err *err)
{
	struct stat st;
	int fd = openat(directory, "almanac.db", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return open_failed(err, "open", "almanac.db in the state directory");
	int result = 0;
	if (fstat(fd, &st) < 0 || (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0 && fchmod(fd, 0600) < 0))
		result = open_failed(err, "protect", "almanac.db in the state directory");
	else if (!S_ISREG(st.st_mode))
		result = err_set(err, ERR_STORE_FAILED, "almanac.db in the state directory is not a file");
	(void)close(fd);
	if (result == 0 && fsync(directory) < 0)
		result = open_failed(err, "write", "the state directory");
	return result;
}

static int open_database(struct store *store, const char *directory, struct err *err)
{
	struct buf path = { 0 };
	buf_printf(&path, "%s/almanac.db", directory);
	int result = db_open(&store->db, buf_text(&path), err);
	buf_free(&path);
	if (result < 0)
		return -1;
	store->statements = stmt_cache_new(store->db);
	if (migrate_run(store->db, store->statements, store_now(store), err) < 0)
		return -1;
	store->schema_version = migrate_latest();
	return 0;
}

/* The identity of the store, made with it. */
static int read_uuid(struct store *store, struct err *err)
{
	store_new_id(store, store->uuid);
	struct stmt *stmt = tick_stmt(store, "INSERT INTO meta (name, value) VALUES ('store_uuid', :uuid) ON CONFLICT DO NOTHING", err);
	if (!stmt)
		return -1;
	stmt_bind_text(stmt, ":uuid", store->uuid);
	if (tick_run(store, stmt, NULL, err) < 0)
		return -1;
	stmt = tick_stmt(store, "SELECT value FROM meta WHERE name = 'store_uuid'", err);
	if (!stmt || tick_first(store, stmt, "identity of the store", err) < 0)
		return -1;
	const char *uuid = stmt_text(stmt, "value");
	bool good = uuid && id_is_valid(uuid);
	if (good)
		memcpy(store->uuid, uuid, sizeof store->uuid);
	stmt_reset(stmt);
	return good ? 0 : err_set(err, ERR_STORE_FAILED, "the store has lost its identity");
}

static int open_in(struct store *store, const char *path, struct err *err)
{
	int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return open_failed(err, "open the directory", path);
	int result = 0;
	store->lock_fd = take_lock(directory, err);
	if (store->lock_fd < 0 || make_file(directory, err) < 0)
		result = -1;
	(void)close(directory);
	if (result < 0 || open_database(store, path, err) < 0)
		return -1;
	if (read_uuid(store, err) < 0) {
		(void)store_tick_end(store, NULL);
		return -1;
	}
	return store_tick_end(store, err);
}

int store_open(struct store **out, const struct store_options *options, struct err *err)
{
	struct store *store = mem_alloc(sizeof *store);
	store->clock = *options->clock;
	store->rng = *options->rng;
	store->digest = options->digest;
	store->lock_fd = -1;
	if (make_directory(options->directory, err) < 0 || open_in(store, options->directory, err) < 0) {
		store_close(store);
		return -1;
	}
	*out = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	if (store->statements && store->schema_version > 0) {
		(void)store_tick_end(store, NULL);
		db_checkpoint(store->db, true);
	}
	stmt_cache_free(store->statements);
	db_close(store->db);
	if (store->lock_fd >= 0)
		(void)close(store->lock_fd);
	effects_free(&store->effects);
	change_log_free(&store->changes);
	buf_free(&store->sql);
	free(store);
}

const char *store_uuid(const struct store *store)
{
	return store->uuid;
}

int store_schema_version(const struct store *store)
{
	return store->schema_version;
}

int64_t store_now(const struct store *store)
{
	return clock_wall(&store->clock);
}

void store_new_id(const struct store *store, char out[ID_TEXT_SIZE])
{
	id_make(out, &store->clock, &store->rng);
}

uint64_t store_workspace_epoch(const struct store *store)
{
	return store->workspace_epoch;
}
