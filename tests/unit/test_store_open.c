/* Opening the store: directory, lock, modes, versions, and what cannot be written. */
#include "tests/support/store_check.h"
#include "tests/support/store_fixture.h"

#include "store/schema.h"
#include "store/workspaces.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static mode_t mode_of(const struct store_fixture *fixture, const char *name)
{
	char path[128];
	struct stat st;
	store_fixture_path(fixture, name, path);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void test_makes_everything_private(void **state)
{
	struct store_fixture fixture;
	char id[ID_TEXT_SIZE];
	(void)state;
	store_fixture_prepare(&fixture);
	assert_int_equal(rmdir(fixture.directory), 0);
	mode_t before = umask(0);
	struct err err = { 0 };
	check_ok(store_fixture_try(&fixture, &err), &err);
	store_fixture_workspace(&fixture, "acme", id);
	store_fixture_commit(&fixture);
	(void)umask(before);
	assert_int_equal(mode_of(&fixture, ""), 0700);
	assert_int_equal(mode_of(&fixture, "almanac.db"), 0600);
	assert_int_equal(mode_of(&fixture, "almanac.db-wal"), 0600);
	assert_int_equal(mode_of(&fixture, "almanac.lock"), 0600);
	store_fixture_close(&fixture);
}

static void test_makes_parents(void **state)
{
	struct store_fixture fixture, below;
	struct err err = { 0 };
	(void)state;
	store_fixture_prepare(&fixture);
	below = fixture;
	below.clock.arg = below.rng.arg = &below;
	(void)snprintf(below.directory, sizeof below.directory, "%.40s/state/almanac/", fixture.directory);
	check_ok(store_fixture_try(&below, &err), &err);
	store_fixture_close(&below);
	(void)snprintf(below.directory, sizeof below.directory, "%.40s/state", fixture.directory);
	assert_int_equal(rmdir(below.directory), 0);
	store_fixture_close(&fixture);
}

static void test_narrows_modes(void **state)
{
	struct store_fixture fixture;
	char path[128];
	(void)state;
	store_fixture_open(&fixture);
	store_close(fixture.store);
	store_fixture_path(&fixture, "almanac.db", path);
	assert_int_equal(chmod(path, 0644), 0);
	struct err err = { 0 };
	check_ok(store_fixture_try(&fixture, &err), &err);
	assert_int_equal(mode_of(&fixture, "almanac.db"), 0600);
	store_fixture_close(&fixture);
}

static void test_keeps_its_identity(void **state)
{
	struct store_fixture fixture;
	char uuid[ID_TEXT_SIZE];
	(void)state;
	store_fixture_open(&fixture);
	memcpy(uuid, store_uuid(fixture.store), sizeof uuid);
	assert_true(id_is_valid(uuid));
	assert_int_equal(store_schema_version(fixture.store), store_schema_count);
	store_fixture_reopen(&fixture);
	assert_string_equal(store_uuid(fixture.store), uuid);
	store_fixture_close(&fixture);
}

static void test_records_upgrades(void **state)
{
	struct store_fixture fixture;
	char text[64], latest[16];
	(void)state;
	store_fixture_open(&fixture);
	store_close(fixture.store);
	fixture.store = NULL;
	(void)snprintf(latest, sizeof latest, "%zu", store_schema_count);
	store_fixture_sql(&fixture, "SELECT version || ' ' || name || ' ' || at FROM upgrades ORDER BY version", text, sizeof text);
	assert_string_equal(text, "1 init 1800000000000");
	store_fixture_sql(&fixture, "SELECT count(*) FROM upgrades", text, sizeof text);
	assert_string_equal(text, latest);
	store_fixture_sql(&fixture, "PRAGMA user_version", text, sizeof text);
	assert_string_equal(text, latest);
	store_fixture_sql(&fixture, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' "
	                            "AND NOT strict", text, sizeof text);
	assert_string_equal(text, "0");
	store_fixture_close(&fixture);
}

static void test_one_owner(void **state)
{
	struct store_fixture fixture, second;
	struct err err = { 0 };
	(void)state;
	store_fixture_open(&fixture);
	second = fixture;
	check_fails(store_fixture_try(&second, &err), &err, ERR_STORE_LOCKED);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(store_fixture_try(&second, &err) < 0 && err.code == ERR_STORE_LOCKED ? 0 : 1);
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	store_fixture_reopen(&fixture);
	store_fixture_close(&fixture);
}

/* The bytes of a file, to see that nothing was written. */
static uint64_t content_of(const struct store_fixture *fixture, const char *name)
{
	char path[128];
	uint8_t bytes[4096];
	uint64_t hash = 1;
	store_fixture_path(fixture, name, path);
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	for (ssize_t got = read(fd, bytes, sizeof bytes); got > 0; got = read(fd, bytes, sizeof bytes))
		for (ssize_t i = 0; i < got; i++)
			hash = hash * 31 + bytes[i];
	assert_int_equal(close(fd), 0);
	return hash;
}

static void test_refuses_a_newer_schema(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	(void)state;
	store_fixture_open(&fixture);
	store_close(fixture.store);
	fixture.store = NULL;
	store_fixture_sql(&fixture, "PRAGMA user_version = 99", NULL, 0);
	uint64_t before = content_of(&fixture, "almanac.db");
	check_fails(store_fixture_try(&fixture, &err), &err, ERR_STORE_FAILED);
	assert_non_null(strstr(err.message, "99"));
	assert_true(content_of(&fixture, "almanac.db") == before);
	store_fixture_close(&fixture);
}

/* The same with the change still in the log of a program that was killed: the log stays a log. */
static void test_leaves_the_log_of_a_newer_one(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	sqlite3 *handle = NULL;
	char path[128];
	(void)state;
	store_fixture_open(&fixture);
	store_close(fixture.store);
	fixture.store = NULL;
	store_fixture_path(&fixture, "almanac.db", path);
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
	uint64_t file = content_of(&fixture, "almanac.db"), log = content_of(&fixture, "almanac.db-wal");
	check_fails(store_fixture_try(&fixture, &err), &err, ERR_STORE_FAILED);
	assert_true(content_of(&fixture, "almanac.db") == file);
	assert_true(content_of(&fixture, "almanac.db-wal") == log);
	store_fixture_close(&fixture);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void test_refuses_what_is_no_store(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char path[128];
	(void)state;
	store_fixture_prepare(&fixture);
	store_fixture_path(&fixture, "almanac.db", path);
	write_file(path, "This is a diary and not a database, and it is longer than one header of it would be, which is 100 bytes.");
	uint64_t before = content_of(&fixture, "almanac.db");
	check_fails(store_fixture_try(&fixture, &err), &err, ERR_STORE_FAILED);
	assert_true(content_of(&fixture, "almanac.db") == before);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0);
	check_fails(store_fixture_try(&fixture, &err), &err, ERR_STORE_FAILED);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	check_fails(store_fixture_try(&fixture, &err), &err, ERR_STORE_FAILED);
	store_fixture_close(&fixture);
}

static void test_names_a_directory_it_cannot_make(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	(void)state;
	store_fixture_prepare(&fixture);
	struct store_fixture other = fixture;
	(void)snprintf(other.directory, sizeof other.directory, "%s", "/proc/almanac");
	check_fails(store_fixture_try(&other, &err), &err, ERR_STORE_FAILED);
	assert_non_null(strstr(err.message, "/proc/almanac"));
	other.directory[0] = '\0';
	check_fails(store_fixture_try(&other, &err), &err, ERR_STORE_FAILED);
	store_fixture_close(&fixture);
}

/* As a user without rights, in a child when the test runs as root. */
static void test_refuses_what_it_cannot_write(void **state)
{
	struct store_fixture fixture;
	char path[128];
	(void)state;
	store_fixture_open(&fixture);
	store_close(fixture.store);
	fixture.store = NULL;
	store_fixture_path(&fixture, "almanac.db", path);
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(chmod(fixture.directory, 0555), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct err err = { 0 };
		if (geteuid() == 0 && seteuid(65534) < 0)
			_exit(2);
		int result = store_fixture_try(&fixture, &err);
		_exit(result < 0 && err.code == ERR_STORE_FAILED && strstr(err.message, "ermission denied") ? 0 : 1);
	}
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(chmod(fixture.directory, 0700), 0);
	store_fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_makes_everything_private),
		cmocka_unit_test(test_makes_parents),
		cmocka_unit_test(test_narrows_modes),
		cmocka_unit_test(test_keeps_its_identity),
		cmocka_unit_test(test_records_upgrades),
		cmocka_unit_test(test_one_owner),
		cmocka_unit_test(test_refuses_a_newer_schema),
		cmocka_unit_test(test_leaves_the_log_of_a_newer_one),
		cmocka_unit_test(test_refuses_what_is_no_store),
		cmocka_unit_test(test_names_a_directory_it_cannot_make),
		cmocka_unit_test(test_refuses_what_it_cannot_write),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
