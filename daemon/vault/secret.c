/* Secrets: a counted handle on the C heap, so that leaks of it show in any checker, and the bytes in locked memory. */
#include "daemon/vault/secret.h"

#include "daemon/vault/locked.h"
#include "daemon/vault/wiping.h"
#include "ipc/base/mem.h"

#include <event2/event.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

struct secret {
	size_t refs;
	size_t len;
	char *bytes; /* len + 1 of them, locked */
};

struct secret *secret_new(const void *bytes, size_t len)
{
	struct secret *secret = mem_alloc(sizeof *secret);
	secret->refs = 1;
	secret->len = len;
	secret->bytes = locked_alloc(len + 1);
	if (len)
		memcpy(secret->bytes, bytes, len);
	secret->bytes[len] = '\0';
	return secret;
}

struct secret *secret_ref(struct secret *secret)
{
	if (secret)
		secret->refs++;
	return secret;
}

void secret_unref(struct secret *secret)
{
	if (!secret || --secret->refs > 0)
		return;
	locked_free(secret->bytes, secret->len + 1);
	free(secret);
}

size_t secret_len(const struct secret *secret)
{
	return secret->len;
}

const char *secret_reveal(const struct secret *secret)
{
	return secret->bytes;
}

bool secret_equal(const struct secret *a, const struct secret *b)
{
	return a->len == b->len && sodium_memcmp(a->bytes, b->bytes, a->len) == 0;
}

void secret_wipe(void *bytes, size_t len)
{
	if (bytes)
		sodium_memzero(bytes, len);
}

void secret_buf_add(struct secret_buf *buf, const void *bytes, size_t len)
{
	size_t need = buf->len + len + 1;
	if (need > buf->capacity) {
		/* Doubled, so that a reply of many pieces is not copied once a piece. */
		size_t capacity = locked_capacity(need > 2 * buf->capacity ? need : 2 * buf->capacity);
		char *grown = locked_alloc(capacity);
		if (buf->len)
			memcpy(grown, buf->data, buf->len);
		locked_free(buf->data, buf->capacity);
		buf->data = grown;
		buf->capacity = capacity;
	}
	if (len)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void secret_buf_add_text(struct secret_buf *buf, const char *text)
{
	secret_buf_add(buf, text, strlen(text));
}

static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '*' || c == '-' || c == '.' ||
	       c == '_';
}

static void add_escaped(struct secret_buf *buf, const char *text, size_t len)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < len;) {
		size_t run = i;
		while (run < len && is_plain((unsigned char)text[run]))
			run++;
		secret_buf_add(buf, text + i, run - i);
		if (run < len) {
			unsigned char c = (unsigned char)text[run++];
			char escaped[3] = { '%', hex[c >> 4], hex[c & 15] };
			secret_buf_add(buf, c == ' ' ? "+" : escaped, c == ' ' ? 1 : sizeof escaped);
			secret_wipe(escaped, sizeof escaped);
		}
		i = run;
	}
}

static void add_form(struct secret_buf *buf, const char *name, const char *value, size_t len)
{
	if (buf->len)
		secret_buf_add(buf, "&", 1);
	add_escaped(buf, name, strlen(name));
	secret_buf_add(buf, "=", 1);
	add_escaped(buf, value, len);
}

void secret_buf_add_form(struct secret_buf *buf, const char *name, const char *value)
{
	add_form(buf, name, value, strlen(value));
}

void secret_buf_add_form_secret(struct secret_buf *buf, const char *name, const struct secret *value)
{
	add_form(buf, name, value->bytes, value->len);
}

void secret_buf_free(struct secret_buf *buf)
{
	locked_free(buf->data, buf->capacity);
	*buf = (struct secret_buf){ 0 };
}

int secret_setup(void)
{
	if (sodium_init() < 0)
		return -1;
	struct rlimit none = { 0, 0 };
	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return -1;
	/* Not dumpable means no debugger and no leak checker of the same user either, so test builds may leave it out. */
#if !defined(ALMANAC_TEST_DUMPABLE) && !LOCKED_ASAN
	if (prctl(PR_SET_DUMPABLE, 0) != 0)
		return -1;
#endif
	json_set_alloc_funcs(malloc, wiping_free);
	event_set_mem_functions(malloc, wiping_realloc, wiping_free);
	return 0;
}
