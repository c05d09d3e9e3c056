/* The key file: which files are believed, what may stand in them, and how they are written. */
#include "daemon/vault/keyfile.h"

#include "daemon/vault/keyring.h"
#include "daemon/vault/locked.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char line_one[] = "k1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n";

struct room {
	char dir[64], file[96], fresh[96];
};

static int room_open(void **state)
{
	static struct room room;
	(void)snprintf(room.dir, sizeof room.dir, "/tmp/test_keyfile.XXXXXX");
	if (!mkdtemp(room.dir))
		return -1;
	(void)snprintf(room.file, sizeof room.file, "%s/almanac.key", room.dir);
	(void)snprintf(room.fresh, sizeof room.fresh, "%s/almanac.key.tmp", room.dir);
	*state = &room;
	return 0;
}

static int room_close(void **state)
{
	struct room *room = *state;
	(void)unlink(room->file);
	(void)unlink(room->fresh);
	return rmdir(room->dir) == 0 && locked_live_count() == 0 ? 0 : -1;
}

static void file_put(const char *path, const void *bytes, size_t len, mode_t mode)
{
	(void)unlink(path);
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void file_put_text(const char *path, const char *text)
{
	file_put(path, text, strlen(text), 0600);
}

static int write_text(const struct room *room, const char *text, bool replace, struct err *err)
{
	struct secret_buf bytes = { 0 };
	secret_buf_add_text(&bytes, text);
	int rc = keyfile_write(room->dir, "almanac.key", &bytes, replace, err);
	secret_buf_free(&bytes);
	return rc;
}

static void test_written_file_is_private_and_whole(void **state)
{
	struct room *room = *state;
	struct err err;
	struct stat st;
	struct secret_buf text = { 0 };
	/* What a killed daemon left. */
	file_put_text(room->fresh, "half a l");
	assert_int_equal(write_text(room, line_one, false, &err), 0);
	assert_int_equal(stat(room->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(access(room->fresh, F_OK), -1);
	assert_int_equal(keyfile_read(&text, room->dir, "almanac.key", false, &err), KEYFILE_READ);
	assert_string_equal(text.data, line_one);
	secret_buf_free(&text);
}

static void test_existing_file_stays_unless_it_is_to_be_replaced(void **state)
{
	struct room *room = *state;
	struct err err;
	struct stat before, after;
	file_put_text(room->file, "old\n");
	assert_int_equal(stat(room->file, &before), 0);
	assert_int_equal(write_text(room, line_one, false, &err), -1);
	assert_int_equal(err.code, ERR_STORE_FAILED);
	assert_int_equal(stat(room->file, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(access(room->fresh, F_OK), -1);
	assert_int_equal(write_text(room, line_one, true, &err), 0);
	assert_int_equal(stat(room->file, &after), 0);
	assert_int_equal(after.st_size, strlen(line_one));
	/* A dangling link is something, too. */
	assert_int_equal(unlink(room->file), 0);
	assert_int_equal(symlink("nowhere", room->file), 0);
	assert_int_equal(write_text(room, line_one, false, &err), -1);
}

static void test_absent_is_told_from_refused(void **state)
{
	struct room *room = *state;
	struct err why;
	struct secret_buf text = { 0 };
	assert_int_equal(keyfile_read(&text, room->dir, "almanac.key", false, &why), KEYFILE_ABSENT);
	assert_int_equal(keyfile_read(&text, "/nonexistent", "almanac.key", false, &why), KEYFILE_ABSENT);
	assert_int_equal(keyfile_read(&text, "/dev/null", "almanac.key", false, &why), KEYFILE_REFUSED);
}

static void test_ring_is_written_as_it_was_read(void **state)
{
	(void)state;
	struct keyring ring = { 0 }, again;
	struct secret_buf text = { 0 };
	struct err why;
	for (int i = 0; i < 3; i++)
		keyring_add_new(&ring, &rng_system);
	keyring_format(&text, &ring);
	assert_int_equal(keyring_parse(&again, &text, "almanac.key", &why), 0);
	assert_int_equal(again.count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(again.keys[i].id, ring.keys[i].id);
		assert_true(secret_equal(again.keys[i].key, ring.keys[i].key));
	}
	keyring_remove(&again, 1);
	assert_int_equal(again.count, 2);
	assert_null(keyring_find(&again, ring.keys[1].id));
	assert_non_null(keyring_find(&again, ring.keys[2].id));
	keyring_free(&ring);
	keyring_free(&again);
	secret_buf_free(&text);
}

/* How a file is refused: in these words, without being touched, and without telling what stands in it. */
static void refused(const struct room *room, const char *why_part)
{
	struct err why = { 0 };
	struct stat before, after;
	struct secret_buf text = { 0 };
	struct keyring ring;
	assert_int_equal(lstat(room->file, &before), 0);
	enum keyfile_found found = keyfile_read(&text, room->dir, "almanac.key", false, &why);
	if (found == KEYFILE_READ && keyring_parse(&ring, &text, room->file, &why) == 0) {
		keyring_free(&ring);
		why.message[0] = '\0';
	}
	secret_buf_free(&text);
	if (found == KEYFILE_ABSENT || !strstr(why.message, why_part))
		fail_msg("expected \"%s\", got \"%s\"", why_part, why.message);
	assert_int_equal(why.code, ERR_SEALED);
	assert_null(strstr(why.message, "AQEB"));
	assert_int_equal(lstat(room->file, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_size, after.st_size);
}

static void test_key_files_that_are_not_believed(void **state)
{
	struct room *room = *state;
	char target[128];
	(void)snprintf(target, sizeof target, "%s/almanac.key.tmp", room->dir);
	static const mode_t modes[] = { 0644, 0640, 0620, 0610, 0604, 0602, 0601, 0660, 0666, 0777 };
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		file_put(room->file, line_one, strlen(line_one), modes[i]);
		refused(room, "open to group or world");
	}
	file_put_text(target, line_one);
	(void)unlink(room->file);
	assert_int_equal(symlink(target, room->file), 0);
	refused(room, "symbolic link");
	assert_int_equal(unlink(target), 0);
	refused(room, "symbolic link");
	assert_int_equal(access(target, F_OK), -1);
	(void)unlink(room->file);
	assert_int_equal(mkfifo(room->file, 0600), 0);
	refused(room, "regular file");
	(void)unlink(room->file);
	assert_int_equal(mkdir(room->file, 0700), 0);
	refused(room, "regular file");
	assert_int_equal(rmdir(room->file), 0);
	file_put_text(room->file, line_one);
	assert_int_equal(link(room->file, target), 0);
	refused(room, "2 links");
	assert_int_equal(unlink(target), 0);
	assert_int_equal(truncate(room->file, 3LL << 30), 0);
	refused(room, "larger than");
	if (geteuid() == 0) {
		file_put_text(room->file, line_one);
		assert_int_equal(chown(room->file, 12345, 12345), 0);
		refused(room, "belongs to somebody else");
	}
	file_put_text(room->file, line_one);
	assert_int_equal(chmod(room->dir, 0777), 0);
	refused(room, "can write to the directory");
	assert_int_equal(chmod(room->dir, 0770), 0);
	refused(room, "can write to the directory");
	assert_int_equal(chmod(room->dir, 0700), 0);
}

static void test_key_files_that_make_no_sense(void **state)
{
	struct room *room = *state;
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "no key" },
		{ "\n# only a comment\n", "no key" },
		{ "k1\n", ":1: expected" },
		{ "k1 \n", ":1: expected" },
		{ "k1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ==\n", ":1: the key is not 32 bytes" },
		{ "k1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\n", ":1: the key is not 32 bytes" },
		{ "k1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n", ":1: the key is not 32 bytes" },
		{ "k1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= x\n", ":1: the key is not 32 bytes" },
		{ "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", ":1: the key is all zeros" },
		{ "k1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\r\n", ":1: the key is not 32 bytes" },
		{ "k1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\nk1 AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\n",
		  ":2: this id stands here twice" },
		{ "k/1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n", ":1: expected" },
		{ "\xef\xbb\xbfk1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n", ":1: expected" },
		{ "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk "
		  "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n",
		  ":1: expected" },
		{ "k1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\ngarbage", ":2: expected" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		file_put_text(room->file, cases[i].text);
		refused(room, cases[i].why);
	}
	static const char with_nul[] = "k1\0 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n";
	file_put(room->file, with_nul, sizeof with_nul - 1, 0600);
	refused(room, ":1: expected");
	/* No final newline is no fault. */
	struct err why;
	struct secret_buf text = { 0 };
	struct keyring ring;
	file_put_text(room->file, "\t k1\t  AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= ");
	assert_int_equal(keyfile_read(&text, room->dir, "almanac.key", false, &why), KEYFILE_READ);
	assert_int_equal(keyring_parse(&ring, &text, room->file, &why), 0);
	assert_string_equal(ring.keys[0].id, "k1");
	keyring_free(&ring);
	secret_buf_free(&text);
}

#define IN_ROOM(test_) cmocka_unit_test_setup_teardown(test_, room_open, room_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ROOM(test_written_file_is_private_and_whole),
		IN_ROOM(test_existing_file_stays_unless_it_is_to_be_replaced),
		IN_ROOM(test_absent_is_told_from_refused),
		IN_ROOM(test_ring_is_written_as_it_was_read),
		IN_ROOM(test_key_files_that_are_not_believed),
		IN_ROOM(test_key_files_that_make_no_sense),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
