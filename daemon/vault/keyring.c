/* The sealing keys of a key file. */
#include "daemon/vault/keyring.h"

#include "daemon/vault/aead.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_BASE64_SIZE = sodium_base64_ENCODED_LEN(AEAD_KEY_SIZE, sodium_base64_VARIANT_ORIGINAL) };

static void insert_first(struct keyring *ring, const char *id, size_t id_len, const uint8_t bytes[AEAD_KEY_SIZE])
{
	ring->keys = mem_grow_array(ring->keys, ring->count + 1, sizeof *ring->keys);
	memmove(ring->keys + 1, ring->keys, ring->count * sizeof *ring->keys);
	ring->count++;
	struct keyring_key *key = &ring->keys[0];
	memset(key, 0, sizeof *key);
	memcpy(key->id, id, id_len);
	key->key = secret_new(bytes, AEAD_KEY_SIZE);
}

/* What is wrong with a line, NULL if it is a key; the key goes to the front of the ring. */
static const char *line_parse(struct keyring *ring, const char *line, size_t len)
{
	static const char id_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t id_len = 0;
	while (id_len < len && line[id_len] && strchr(id_chars, line[id_len]))
		id_len++;
	if (id_len == 0 || id_len >= KEY_ID_SIZE || id_len == len || (line[id_len] != ' ' && line[id_len] != '\t'))
		return "expected `id base64`";
	char id[KEY_ID_SIZE] = { 0 };
	memcpy(id, line, id_len);
	if (keyring_find(ring, id))
		return "this id stands here twice";
	size_t at = id_len;
	while (at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	uint8_t bytes[AEAD_KEY_SIZE];
	size_t got = 0;
	const char *wrong = NULL;
	if (sodium_base642bin(bytes, sizeof bytes, line + at, len - at, NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    got != sizeof bytes)
		wrong = "the key is not 32 bytes in base64";
	else if (sodium_is_zero(bytes, sizeof bytes))
		wrong = "the key is all zeros";
	else
		insert_first(ring, id, id_len, bytes);
	sodium_memzero(bytes, sizeof bytes);
	return wrong;
}

static void reverse(struct keyring *ring)
{
	for (size_t i = 0; i < ring->count / 2; i++) {
		struct keyring_key moved = ring->keys[i];
		ring->keys[i] = ring->keys[ring->count - 1 - i];
		ring->keys[ring->count - 1 - i] = moved;
	}
}

int keyring_parse(struct keyring *out, const struct secret_buf *text, const char *path, struct err *why)
{
	*out = (struct keyring){ 0 };
	const char *at = text->len ? text->data : "", *end = at + text->len;
	for (int number = 1; at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *line_end = newline ? newline : end;
		const char *first = at;
		at = newline ? newline + 1 : end;
		while (first < line_end && (*first == ' ' || *first == '\t'))
			first++;
		while (line_end > first && (line_end[-1] == ' ' || line_end[-1] == '\t'))
			line_end--;
		if (first == line_end || *first == '#')
			continue;
		const char *wrong = line_parse(out, first, (size_t)(line_end - first));
		if (wrong) {
			keyring_free(out);
			return err_set(why, ERR_SEALED, "%s:%d: %s", path, number, wrong);
		}
	}
	if (out->count == 0)
		return err_set(why, ERR_SEALED, "there is no key in %s", path);
	reverse(out);
	return 0;
}

void keyring_format(struct secret_buf *out, const struct keyring *ring)
{
	secret_buf_add_text(out, "# Keys that seal the tokens in the store: keep a copy apart from the store's backups.\n"
	                         "# The first one seals, all of them open.\n");
	for (size_t i = 0; i < ring->count; i++) {
		char text[KEY_BASE64_SIZE];
		(void)sodium_bin2base64(text, sizeof text, (const uint8_t *)secret_reveal(ring->keys[i].key), AEAD_KEY_SIZE,
		                        sodium_base64_VARIANT_ORIGINAL);
		secret_buf_add_text(out, ring->keys[i].id);
		secret_buf_add_text(out, " ");
		secret_buf_add_text(out, text);
		secret_buf_add_text(out, "\n");
		sodium_memzero(text, sizeof text);
	}
}

const struct keyring_key *keyring_find(const struct keyring *ring, const char *id)
{
	for (size_t i = 0; i < ring->count; i++)
		if (str_equal(ring->keys[i].id, id))
			return &ring->keys[i];
	return NULL;
}

void keyring_add_new(struct keyring *ring, const struct rng *rng)
{
	uint8_t bytes[AEAD_KEY_SIZE], random[4];
	char hex[2 * sizeof random + 1], id[KEY_ID_SIZE];
	do {
		rng_fill(rng, random, sizeof random);
		str_hex(hex, random, sizeof random);
		(void)snprintf(id, sizeof id, "k%s", hex);
	} while (keyring_find(ring, id));
	rng_fill(rng, bytes, sizeof bytes);
	insert_first(ring, id, strlen(id), bytes);
	sodium_memzero(bytes, sizeof bytes);
}

void keyring_remove(struct keyring *ring, size_t index)
{
	secret_unref(ring->keys[index].key);
	memmove(&ring->keys[index], &ring->keys[index + 1], (ring->count - index - 1) * sizeof *ring->keys);
	ring->count--;
}

void keyring_free(struct keyring *ring)
{
	for (size_t i = 0; i < ring->count; i++)
		secret_unref(ring->keys[i].key);
	free(ring->keys);
	*ring = (struct keyring){ 0 };
}
