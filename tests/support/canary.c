/* Canaries.
 *
 * A token is long and random, so a part of it is as good a needle as the whole: CORE bytes out of its middle, which also makes
 * the search independent of how its ends were cut or aligned. */
#include "tests/support/canary.h"

#include "ipc/base/buf.h"
#include "ipc/base/strutil.h"

#include <fcntl.h>
#include <fts.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { CORE = 18, FORMS = 7, NEEDLE_MAX = 96 };

struct needle {
	unsigned char bytes[NEEDLE_MAX];
	size_t len;
};

static void encode_percent(struct needle *out, const char *core)
{
	for (const char *at = core; *at; at++) {
		bool plain = strchr("/+=~", *at) == NULL;
		out->len += (size_t)snprintf((char *)out->bytes + out->len, NEEDLE_MAX - out->len, plain ? "%c" : "%%%02X", *at);
	}
}

/* Base64 of the core as it looks when `shift` bytes stand before it; the edges that depend on neighbours are left out. */
static void encode_base64(struct needle *out, const char *core, size_t shift)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *at = (const unsigned char *)core + (shift ? 3 - shift : 0);
	for (size_t left = CORE - (shift ? 3 - shift : 0); left >= 3; left -= 3, at += 3) {
		uint32_t group = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
		for (int bits = 18; bits >= 0; bits -= 6)
			out->bytes[out->len++] = (unsigned char)digits[group >> bits & 63];
	}
}

static void make_forms(struct needle forms[FORMS], const char *token)
{
	char core[CORE + 1];
	memset(forms, 0, FORMS * sizeof *forms);
	memcpy(core, token + (strlen(token) - CORE) / 2, CORE);
	core[CORE] = '\0';
	memcpy(forms[0].bytes, core, CORE);
	forms[0].len = CORE;
	encode_percent(&forms[1], core);
	str_hex((char *)forms[2].bytes, core, CORE);
	forms[2].len = 2 * CORE;
	for (size_t shift = 0; shift < 3; shift++)
		encode_base64(&forms[3 + shift], core, shift);
	for (size_t i = 0; i < CORE; i++) {
		forms[6].bytes[2 * i] = (unsigned char)core[i];
		forms[6].len = 2 * i + 1;
	}
}

static void check_token(const char *token, const char *place, const void *bytes, size_t len)
{
	struct needle forms[FORMS];
	if (strlen(token) < CORE)
		return;
	make_forms(forms, token);
	for (int i = 0; i < FORMS; i++)
		if (memmem(bytes, len, forms[i].bytes, forms[i].len))
			fail_msg("a token (form %d) stands in %s", i, place);
}

void canary_check_bytes(const json_t *state, const char *place, const void *bytes, size_t len)
{
	static const char *const lists[] = { "tokens", "codes" };
	size_t i;
	json_t *token;
	if (len == 0)
		return;
	for (size_t k = 0; k < 2; k++)
		json_array_foreach(json_object_get(state, lists[k]), i, token)
			check_token(json_string_value(token), place, bytes, len);
}

static void check_file(const json_t *state, const char *path, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *bytes = fd >= 0 && len > 0 ? mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
	if (bytes != MAP_FAILED) {
		canary_check_bytes(state, path, bytes, len);
		munmap(bytes, len);
	}
	if (fd >= 0)
		close(fd);
}

void canary_check_tree(const json_t *state, const char *directory)
{
	char *const roots[] = { (char *)(uintptr_t)directory, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	assert_non_null(tree);
	for (FTSENT *entry; (entry = fts_read(tree)) != NULL;)
		if (entry->fts_info == FTS_F)
			check_file(state, entry->fts_path, (size_t)entry->fts_statp->st_size);
	fts_close(tree);
}
