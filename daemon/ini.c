/* INI files with line numbers.
 *
 * Debian's inih reads at most 199 characters a line, keeps no line numbers and cannot tell a repeated key from a continuation. So
 * it is fed through ini_feed, which counts lines, strips comments and keeps the rest of long lines and continuations from it. */
#include "daemon/ini.h"

#include "ipc/base/buf.h"
#include "ipc/base/strutil.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, LINE_MAX_BYTES = 4096, CHUNK = 160, WORD_MAX = 48 };

struct ini_state {
	FILE *file;
	const char *path;
	ini_fn *fn;
	void *arg;
	struct err *err;
	bool failed;
	int line;             /* of the file, counted from 1 */
	char text[LINE_MAX_BYTES];
	const char *rest;     /* of `text`: what inih has not seen */
	bool continuation;    /* the line continues the key before */
	char section[WORD_MAX + 2], key[WORD_MAX + 2];
	struct buf value;     /* of the key being collected */
	int key_line;
	bool collecting;
};

static void ini_fail(struct ini_state *s, int line, const char *why)
{
	if (!s->failed)
		(void)err_set(s->err, ERR_CONFIG, "%s:%d: %s", s->path, line, why);
	s->failed = true;
}

static size_t blanks(const char *text)
{
	return strspn(text, " \t");
}

/* Cut a comment: a whole line of one, or one after a blank. */
static void strip_comment(char *text)
{
	char *start = text + blanks(text);
	if (*start == ';' || *start == '#')
		*start = '\0';
	for (char *at = text; *at; at++)
		if (*at == ';' && at > text && (at[-1] == ' ' || at[-1] == '\t'))
			*at = '\0';
	for (size_t len = strlen(text); len > 0 && strchr(" \t\r\n", text[len - 1]); len--)
		text[len - 1] = '\0';
}

static const char *line_fault(const char *text)
{
	const char *start = text + blanks(text);
	if (*start == '[') {
		const char *end = strchr(start, ']');
		if (!end || end[1] != '\0')
			return "a section must be written [name]";
		return end - start > WORD_MAX ? "the section's name is too long" : NULL;
	}
	if (start > text || *start == '\0')
		return NULL;
	const char *equals = strpbrk(start, "=:");
	if (!equals || equals == start)
		return "expected `key = value`";
	return equals - start > WORD_MAX ? "the key is too long" : NULL;
}

/* Read a line into s->text, without its end; false at the end of the file. Byte by byte: fgets would take a NUL for the end. */
static bool read_line(struct ini_state *s)
{
	size_t len = 0;
	int c;
	s->line++;
	while ((c = getc(s->file)) != EOF && c != '\n') {
		if (len == sizeof s->text - 1) {
			ini_fail(s, s->line, "the line is longer than 4 KiB");
			return true;
		}
		if (c < 0x20 && c != '\t' && c != '\r')
			ini_fail(s, s->line, "a control character");
		s->text[len++] = (char)c;
	}
	s->text[len] = '\0';
	if (!str_is_utf8(s->text, len))
		ini_fail(s, s->line, "not valid UTF-8");
	return c != EOF || len > 0;
}

static void flush_key(struct ini_state *s)
{
	if (s->collecting && !s->failed && s->fn(s->arg, s->section, s->key, buf_text(&s->value), s->key_line, s->err) != 0)
		s->failed = true;
	s->collecting = false;
	buf_truncate(&s->value, 0);
}

/* The key before is complete, so that nothing indented after this line is taken for its continuation. */
static void enter_section(struct ini_state *s, const char *name)
{
	flush_key(s);
	(void)snprintf(s->section, sizeof s->section, "%.*s", (int)strcspn(name, "]"), name);
	if (!s->failed && s->fn(s->arg, s->section, NULL, NULL, s->line, s->err) != 0)
		s->failed = true;
}

/* Read the next line of the file into s->text and see what it is; false at the end. */
static bool next_line(struct ini_state *s)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	if (s->failed || !read_line(s) || s->failed)
		return false;
	if (s->line == 1 && str_starts_with(s->text, byte_order_mark))
		memmove(s->text, s->text + 3, strlen(s->text) - 2);
	strip_comment(s->text);
	const char *fault = line_fault(s->text);
	if (fault)
		ini_fail(s, s->line, fault);
	s->rest = s->text;
	s->continuation = s->text[0] == ' ' || s->text[0] == '\t';
	if (s->rest[blanks(s->rest)] == '[') {
		s->continuation = false;
		s->rest += blanks(s->rest);
		enter_section(s, s->rest + 1);
	}
	if (s->continuation && !s->collecting)
		ini_fail(s, s->line, "an indented line continues a key, and there is none before it");
	return !s->failed;
}

/* inih's reader: it gets sections and the beginnings of keys. What its line cannot hold, and continuation lines, go into the value
 * directly, for it has handed the key over by the time it asks for more. */
static char *ini_feed(char *out, int size, void *stream)
{
	struct ini_state *s = stream;
	bool more;
	buf_add_text(&s->value, s->rest + (s->value.len > 0 ? 0 : blanks(s->rest)));
	while ((more = next_line(s)) && s->continuation) {
		if (s->value.len > 0)
			buf_add_char(&s->value, ' ');
		buf_add_text(&s->value, s->rest + blanks(s->rest));
	}
	if (!more)
		return NULL;
	size_t take = strlen(s->rest);
	if (take > CHUNK)
		for (take = CHUNK; blanks(s->rest + take - 1) > 0;) /* inih would lose them */
			take--;
	(void)snprintf(out, (size_t)size, "%.*s\n", (int)take, s->rest);
	s->rest += take;
	return out;
}

static int ini_handle(void *user, const char *section, const char *name, const char *value)
{
	struct ini_state *s = user;
	flush_key(s);
	(void)str_copy(s->section, sizeof s->section, section);
	(void)str_copy(s->key, sizeof s->key, name);
	buf_add_text(&s->value, value);
	s->key_line = s->line;
	s->collecting = true;
	return 1;
}

int ini_read(FILE *file, const char *path, ini_fn *fn, void *arg, struct err *err)
{
	struct ini_state s = { .file = file, .path = path, .fn = fn, .arg = arg, .err = err, .rest = "" };
	int bad_line = ini_parse_stream(ini_feed, &s, ini_handle, &s);
	flush_key(&s);
	buf_free(&s.value);
	if (!s.failed && bad_line != 0)
		ini_fail(&s, s.line, "cannot be read");
	if (!s.failed && ferror(file))
		ini_fail(&s, s.line, strerror(errno));
	return s.failed ? -1 : 0;
}

int ini_open(const char *path, enum ini_access access, FILE **out, bool *missing, struct err *err)
{
	struct stat st;
	*missing = false;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		*missing = errno == ENOENT || errno == ENOTDIR;
		return err_set(err, ERR_CONFIG, "%s: %s", path, strerror(errno));
	}
	const char *fault = NULL;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		fault = "not a regular file";
	else if (st.st_size > FILE_MAX)
		fault = "larger than 1 MiB";
	else if (st.st_uid != 0 && st.st_uid != geteuid())
		fault = "owned by somebody else";
	else if (st.st_mode & (S_IWGRP | S_IWOTH))
		fault = "writable by group or others";
	else if (access == INI_PRIVATE && (st.st_mode & S_IROTH))
		fault = "readable by others (chmod o-r)";
	*out = fault ? NULL : fdopen(fd, "re");
	if (*out)
		return 0;
	close(fd);
	return err_set(err, ERR_CONFIG, "%s:0: %s", path, fault ? fault : strerror(errno));
}
