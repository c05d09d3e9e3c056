/* A store for tests. The fixture owns its store and its directory. */
#include "tests/support/store_fixture.h"

#include "store/grants.h"
#include "store/users.h"
#include "store/workspaces.h"
#include "tests/support/store_check.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void store_fixture_digest(uint8_t out[STORE_DIGEST_SIZE], const void *bytes, size_t len)
{
	const uint8_t *in = bytes;
	for (size_t i = 0; i < STORE_DIGEST_SIZE; i++) {
		uint64_t hash = UINT64_C(14695981039346656037) + i;
		for (size_t j = 0; j < len; j++)
			hash = (hash ^ in[j]) * UINT64_C(1099511628211);
		out[i] = (uint8_t)(hash >> 32);
	}
}

static int64_t fixture_now(void *arg)
{
	return ((struct store_fixture *)arg)->now;
}

static void fixture_fill(void *arg, void *out, size_t len)
{
	struct store_fixture *fixture = arg;
	uint8_t *at = out;
	for (size_t i = 0; i < len; i++) {
		fixture->seed = fixture->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		at[i] = (uint8_t)(fixture->seed >> 56);
	}
}

void store_fixture_prepare(struct store_fixture *fixture)
{
	*fixture = (struct store_fixture){ .now = FIXTURE_NOW, .seed = 1 };
	fixture->clock = (struct clock){ fixture_now, fixture_now, fixture };
	fixture->rng = (struct rng){ fixture_fill, fixture };
	/* In memory where there is such a place: what is tested here is not the disk. */
	const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	(void)snprintf(fixture->directory, sizeof fixture->directory, "%s/almanac-store-XXXXXX", place);
	assert_non_null(mkdtemp(fixture->directory));
}

int store_fixture_try(struct store_fixture *fixture, struct err *err)
{
	const struct store_options options = { fixture->directory, &fixture->clock, &fixture->rng, store_fixture_digest };
	return store_open(&fixture->store, &options, err);
}

void store_fixture_open(struct store_fixture *fixture)
{
	struct err err = { 0 };
	store_fixture_prepare(fixture);
	check_ok(store_fixture_try(fixture, &err), &err);
}

void store_fixture_reopen(struct store_fixture *fixture)
{
	struct err err = { 0 };
	store_close(fixture->store);
	fixture->store = NULL;
	check_ok(store_fixture_try(fixture, &err), &err);
}

void store_fixture_path(const struct store_fixture *fixture, const char *name, char out[128])
{
	(void)snprintf(out, 128, "%s/%s", fixture->directory, name);
}

void store_fixture_close(struct store_fixture *fixture)
{
	store_close(fixture->store);
	fixture->store = NULL;
	DIR *directory = opendir(fixture->directory);
	assert_non_null(directory);
	for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
		if (entry->d_name[0] != '.')
			assert_int_equal(unlinkat(dirfd(directory), entry->d_name, 0), 0);
	assert_int_equal(closedir(directory), 0);
	assert_int_equal(rmdir(fixture->directory), 0);
}

void store_fixture_sql(const struct store_fixture *fixture, const char *sql, char *text, size_t size)
{
	char path[128];
	sqlite3 *handle = NULL;
	sqlite3_stmt *stmt = NULL;
	store_fixture_path(fixture, "almanac.db", path);
	assert_int_equal(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, "unix"), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL), SQLITE_OK);
	int code = sqlite3_step(stmt);
	assert_true(code == SQLITE_ROW || code == SQLITE_DONE);
	if (text) {
		assert_int_equal(code, SQLITE_ROW);
		(void)snprintf(text, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
	}
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

void store_fixture_commit(struct store_fixture *fixture)
{
	struct err err = { 0 };
	check_ok(store_tick_end(fixture->store, &err), &err);
}

void store_fixture_workspace(struct store_fixture *fixture, const char *slug, char id[ID_TEXT_SIZE])
{
	struct err err = { 0 };
	check_ok(store_workspace_create(fixture->store, slug, slug, "UTC", id, &err), &err);
}

void store_fixture_user(struct store_fixture *fixture, const char *workspace_id, const char *email, char id[ID_TEXT_SIZE])
{
	struct err err = { 0 };
	check_ok(store_user_create(fixture->store, workspace_id, email, "Somebody", id, &err), &err);
}

void store_fixture_grant(struct store_fixture *fixture, const char *subject, char id[ID_TEXT_SIZE])
{
	struct err err = { 0 };
	store_new_id(fixture->store, id);
	const struct grant_row row = {
		.id = id,
		.provider = "google",
		.client_id = "client",
		.subject = subject,
		.email = subject,
		.scopes = "calendar openid",
		.key_id = "k1",
		.data_key = { "data-key", 8 },
		.access_token = { "access", 6 },
		.refresh_token = { "refresh", 7 },
		.fingerprint = "0123456789abcdef",
		.access_expires_at = fixture->now + 3600000,
	};
	check_ok(store_grant_insert(fixture->store, &row, &err), &err);
}

void store_fixture_connection(struct store_fixture *fixture, const char *workspace_id, const char *email,
                              char id[ID_TEXT_SIZE])
{
	struct err err = { 0 };
	char grant[ID_TEXT_SIZE];
	store_fixture_grant(fixture, email, grant);
	const struct connection_new in = {
		.workspace_id = workspace_id,
		.provider = "google",
		.account_email = email,
		.subject = email,
		.grant_id = grant,
		.required_scopes = "calendar",
	};
	check_ok(store_connection_create(fixture->store, &in, id, &err), &err);
}
