/* INI files: what is read, what is refused, and with which line. SAFETY.md bad input 45. */
#include "daemon/ini.h"

#include "ipc/base/buf.h"
#include "ipc/base/mem.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* "[section]@line" and "section.key=value@line", each on a line of its own. */
static int collect(void *arg, const char *section, const char *key, const char *value, int line, struct err *err)
{
	struct buf *out = arg;
	if (!key)
		buf_printf(out, "[%s]@%d\n", section, line);
	else
		buf_printf(out, "%s.%s=%s@%d\n", section, key, value, line);
	return key && strcmp(key, "stop") == 0 ? err_set(err, ERR_CONFIG, "stopped") : 0;
}

static int read_bytes(const void *bytes, size_t len, struct buf *out, struct err *err)
{
	FILE *file = len > 0 ? fmemopen((void *)(uintptr_t)bytes, len, "r") : fopen("/dev/null", "r");
	assert_non_null(file);
	*err = (struct err){ 0 };
	int status = ini_read(file, "f", collect, out, err);
	(void)fclose(file);
	return status;
}

#define B80 "                                                                                "
#define S80 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *text, *expected; /* what is collected; or the error, beginning with "f:" */
} rows[] = {
	{ "", "" },
	{ "\n\n", "" },
	{ "; c\n# c\n  ; c\n\t# c\n", "" },
	{ "[a]\nk = v\n", "[a]@1\na.k=v@2\n" },
	{ "[a]\nk = v", "[a]@1\na.k=v@2\n" },
	{ "[a]\r\nk = v\r\n", "[a]@1\na.k=v@2\n" },
	{ "\xef\xbb\xbf[a]\nk=v\n", "[a]@1\na.k=v@2\n" },
	{ "\xef\xbb\xbf; c\n[a]\nk=v\n", "[a]@2\na.k=v@3\n" },
	{ "[a]\n\xef\xbb\xbfk=v\n", "[a]@1\na.\xef\xbb\xbfk=v@2\n" },
	{ "[a]\nk: v=w\n", "[a]@1\na.k=v=w@2\n" },
	{ "[a]\nk = v:w = x\n", "[a]@1\na.k=v:w = x@2\n" },
	{ "[a]\nk =\n", "[a]@1\na.k=@2\n" },
	{ "[a]\nk = v ; c\n", "[a]@1\na.k=v@2\n" },
	{ "[a] ; c\nk = v;w#x\n", "[a]@1\na.k=v;w#x@2\n" },
	{ "[a]\nk = v # no comment\n", "[a]@1\na.k=v # no comment@2\n" },
	{ "  [a]\nk = v\n", "[a]@1\na.k=v@2\n" },
	{ "[a]\nk = v\n  [b]\nl = w\n", "[a]@1\na.k=v@2\n[b]@3\nb.l=w@4\n" },
	{ "[a]\nk = v\nk = w\n", "[a]@1\na.k=v@2\na.k=w@3\n" },
	{ "[a]\n[a]\nk=v\n", "[a]@1\n[a]@2\na.k=v@3\n" },
	{ "k = v\n", ".k=v@1\n" },
	/* continuations */
	{ "[a]\nk = v\n  w\n\tx\nl = y\n", "[a]@1\na.k=v w x@2\na.l=y@5\n" },
	{ "[a]\nk =\n  v\n  w\n", "[a]@1\na.k=v w@2\n" },
	{ "[a]\nk = v\n\n; c\n  # c\n  w\n", "[a]@1\na.k=v w@2\n" },
	{ "[a]\nk = v\n  w ; c\n", "[a]@1\na.k=v w@2\n" },
	{ "[a]\nk = v\n  l = w\n", "[a]@1\na.k=v l = w@2\n" },
	/* long values come in pieces */
	{ "[a]\nk = " S80 " " S80 " " S80 " b\n", "[a]@1\na.k=" S80 " " S80 " " S80 " b@2\n" },
	{ "[a]\nk = " S80 " " S80 " #" S80 " ;c\n", "[a]@1\na.k=" S80 " " S80 " #" S80 "@2\n" },
	{ "[a]\nk = " S80 "\n " S80 " " S80 " b\nl = c\n", "[a]@1\na.k=" S80 " " S80 " " S80 " b@2\na.l=c@4\n" },
	{ "[a]\nk = " S80 S80 "\n", "[a]@1\na.k=" S80 S80 "@2\n" },
	{ "[a]\nk = " S80 S80 S80 "x\n", "[a]@1\na.k=" S80 S80 S80 "x@2\n" },
	{ "[a]\nk = " S80 S80 S80 "x\n  y\n", "[a]@1\na.k=" S80 S80 S80 "x y@2\n" },
	{ "[a]\nk =" B80 B80 "v" B80 "w\n", "[a]@1\na.k=v" B80 "w@2\n" },
	/* refused */
	{ "[a]\nk\n", "f:2: expected `key = value`" },
	{ "[a]\n = v\n", "f:2: an indented line continues a key, and there is none before it" },
	{ "[a]\n= v\n", "f:2: expected `key = value`" },
	{ "[a\nk = v\n", "f:1: a section must be written [name]" },
	{ "[a] b\n", "f:1: a section must be written [name]" },
	{ "\n[a]\n  k = v\n", "f:3: an indented line continues a key, and there is none before it" },
	{ "[a]\nk = v\n[b]\n  l = w\n", "f:4: an indented line continues a key, and there is none before it" },
	{ "[a]\nk = \xff\n", "f:2: not valid UTF-8" },
	{ "[a]\nk = \x01\n", "f:2: a control character" },
	{ "[" S80 "]\n", "f:1: the section's name is too long" },
	{ "[a]\n" S80 " = v\n", "f:2: the key is too long" },
	{ "[a]\nk = v\nstop = 1\nl = w\n", "stopped" },
};

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf out = { 0 };
		struct err err;
		int status = read_bytes(rows[i].text, strlen(rows[i].text), &out, &err);
		if (strcmp(status == 0 ? buf_text(&out) : err.message, rows[i].expected) != 0)
			fail_msg("row %zu: %s\ngave: %s%s", i, rows[i].text, buf_text(&out), err.message);
		assert_int_equal(err.code, status == 0 ? ERR_NONE : ERR_CONFIG);
		buf_free(&out);
	}
}

static void expect_refused(const void *bytes, size_t len, const char *expected)
{
	struct buf out = { 0 };
	struct err err;
	assert_int_equal(read_bytes(bytes, len, &out, &err), -1);
	assert_string_equal(err.message, expected);
	buf_free(&out);
}

static void test_nul(void **state)
{
	static const char nul[] = "[a]\nk = v\0w\nl = x\n", utf16[] = "[\0a\0]\0\n\0";
	(void)state;
	expect_refused(nul, sizeof nul - 1, "f:2: a control character");
	expect_refused(utf16, sizeof utf16 - 1, "f:1: a control character");
}

static void test_long_line(void **state)
{
	struct buf text = { 0 }, out = { 0 };
	struct err err;
	(void)state;
	buf_add_text(&text, "[a]\nk =");
	while (text.len < 4 + 4095)
		buf_add_text(&text, text.len + 1 < 4 + 4095 ? " w" : "w");
	assert_int_equal(read_bytes(text.data, text.len, &out, &err), 0);
	buf_truncate(&out, 0);
	buf_add_text(&text, "w\nl = v\n");
	assert_int_equal(read_bytes(text.data, text.len, &out, &err), -1);
	assert_string_equal(err.message, "f:2: the line is longer than 4 KiB");
	buf_free(&text);
	buf_free(&out);
}

static char directory[] = "/tmp/almanac-ini-XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? chdir(directory) : -1;
}

static int remove_directory(void **state)
{
	static const char *const names[] = { "file", "pipe", "big", "link" };
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)unlink(names[i]);
	return rmdir(directory);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	FILE *file = fopen(name, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(name, mode), 0);
}

/* "" when it opens. */
static const char *open_fault(const char *path, enum ini_access access, bool *missing)
{
	static struct err err;
	FILE *file = NULL;
	err = (struct err){ 0 };
	if (ini_open(path, access, &file, missing, &err) == 0)
		assert_int_equal(fclose(file), 0);
	return err.message;
}

static void test_files(void **state)
{
	bool missing;
	(void)state;
	write_file("file", "", 0600);
	assert_int_equal(symlink("file", "link"), 0);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	write_file("big", "", 0600);
	assert_int_equal(truncate("big", (1 << 20) + 1), 0);

	assert_string_equal(open_fault("file", INI_PRIVATE, &missing), "");
	assert_string_equal(open_fault("link", INI_PRIVATE, &missing), "");
	assert_false(missing);
	assert_string_equal(open_fault("pipe", INI_PUBLIC, &missing), "pipe:0: not a regular file");
	assert_string_equal(open_fault(".", INI_PUBLIC, &missing), ".:0: not a regular file");
	assert_string_equal(open_fault("/dev/zero", INI_PUBLIC, &missing), "/dev/zero:0: not a regular file");
	assert_string_equal(open_fault("big", INI_PUBLIC, &missing), "big:0: larger than 1 MiB");
	assert_false(missing);
	assert_string_equal(open_fault("nothing", INI_PUBLIC, &missing), "nothing: No such file or directory");
	assert_true(missing);
	assert_string_equal(open_fault("file/x", INI_PUBLIC, &missing), "file/x: Not a directory");
	assert_true(missing);
}

static void test_modes(void **state)
{
	static const struct {
		mode_t mode;
		bool public, private;
	} modes[] = {
		{ 0400, true, true },   { 0600, true, true },   { 0640, true, true },   { 0644, true, false },
		{ 0604, true, false },  { 0660, false, false }, { 0620, false, false }, { 0602, false, false },
		{ 0606, false, false }, { 0666, false, false }, { 0755, true, false },
	};
	bool missing;
	(void)state;
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		write_file("file", "", modes[i].mode);
		assert_int_equal(open_fault("file", INI_PUBLIC, &missing)[0] == '\0', modes[i].public);
		assert_int_equal(open_fault("file", INI_PRIVATE, &missing)[0] == '\0', modes[i].private);
		assert_int_equal(unlink("file"), 0);
	}
}

static void test_owner(void **state)
{
	bool missing;
	(void)state;
	if (geteuid() != 0)
		skip();
	write_file("file", "", 0600);
	assert_int_equal(chown("file", 1234, 0), 0);
	assert_string_equal(open_fault("file", INI_PUBLIC, &missing), "file:0: owned by somebody else");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table), cmocka_unit_test(test_nul),   cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_files), cmocka_unit_test(test_modes), cmocka_unit_test(test_owner),
	};
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
