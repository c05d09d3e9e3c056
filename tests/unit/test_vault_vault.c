/* The vault on real key files: which keys are believed, what opens and what must not. */
#include "daemon/vault/vault.h"

#include "daemon/vault/aead.h"
#include "daemon/vault/locked.h"

#include <fcntl.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char uuid_a[] = "01890000-0000-7000-8000-00000000000a", uuid_b[] = "01890000-0000-7000-8000-00000000000b";
static const char line_one[] = "k1 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n";
static const char line_two[] = "k2 AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\n";

struct room {
	char dir[64], file[96], second[80], second_file[96];
};

static int room_open(void **state)
{
	static struct room room;
	(void)snprintf(room.dir, sizeof room.dir, "/tmp/test_vault.XXXXXX");
	if (!mkdtemp(room.dir))
		return -1;
	(void)snprintf(room.file, sizeof room.file, "%s/almanac.key", room.dir);
	(void)snprintf(room.second, sizeof room.second, "%s/second", room.dir);
	(void)snprintf(room.second_file, sizeof room.second_file, "%s/almanac.key", room.second);
	*state = &room;
	return 0;
}

static int room_close(void **state)
{
	struct room *room = *state;
	static const char *names[] = { "almanac.key", "almanac.key.tmp", "second" };
	char path[128];
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", room->dir, names[i]);
		if (unlink(path) != 0)
			(void)rmdir(path);
	}
	if (rmdir(room->dir) != 0)
		return -1;
	return locked_live_count() == 0 ? 0 : -1;
}

static void file_put_text(const char *path, const char *text)
{
	(void)unlink(path);
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static struct vault *vault_with(const struct room *room, const char *uuid, const struct vault_known_key *known, size_t count,
                                bool *made_new, struct err *why)
{
	struct vault *vault = NULL;
	struct err err;
	const struct vault_options options = { .state_dir = room->dir,
		                               .store_uuid = uuid,
		                               .rng = &rng_system,
		                               .known = known,
		                               .known_count = count };
	bool made;
	why->message[0] = '\0';
	assert_int_equal(vault_open(&vault, &options, made_new ? made_new : &made, why, &err), 0);
	return vault;
}

static struct vault_known_key known_of(const struct vault *vault, const char *id)
{
	struct vault_known_key known = { 0 };
	struct err err;
	(void)snprintf(known.id, sizeof known.id, "%s", id);
	assert_int_equal(vault_check_value(vault, id, known.check_value, &known.check_len, &err), 0);
	return known;
}

static void test_first_start_makes_a_key_once(void **state)
{
	struct room *room = *state;
	struct err why;
	bool made;
	struct stat st;
	struct vault *vault = vault_with(room, uuid_a, NULL, 0, &made, &why);
	assert_true(made);
	assert_false(vault_is_sealed(vault));
	assert_int_equal(stat(room->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	char id[64];
	(void)snprintf(id, sizeof id, "%s", vault_seal_key_id(vault));
	assert_int_equal(strlen(id), 9);
	struct vault_known_key known = known_of(vault, id);
	vault_close(vault);

	/* The row was not written before a crash: the same key, not another one. */
	vault = vault_with(room, uuid_a, NULL, 0, &made, &why);
	assert_true(made);
	assert_string_equal(vault_seal_key_id(vault), id);
	vault_close(vault);

	vault = vault_with(room, uuid_a, &known, 1, &made, &why);
	assert_false(made);
	assert_string_equal(vault_seal_key_id(vault), id);
	vault_close(vault);
}

static void test_sealed_start_never_writes_a_key(void **state)
{
	struct room *room = *state;
	struct err why, err;
	bool made;
	struct vault_known_key known = { .id = "kdead", .check_len = 60 };
	struct vault *vault = vault_with(room, uuid_a, &known, 1, &made, &why);
	assert_true(vault_is_sealed(vault));
	assert_false(made);
	assert_non_null(strstr(why.message, "missing"));
	assert_int_equal(access(room->file, F_OK), -1);
	assert_null(vault_seal_key_id(vault));

	struct secret *secret = secret_new("x", 1), *opened;
	struct seal_place place = { "attempts", "1", "verifier" };
	struct data_key *key = data_key_new(vault);
	uint8_t wrapped[32 + SEAL_OVERHEAD], *blob;
	size_t len;
	char print[17];
	assert_int_equal(data_key_wrap(vault, key, &place, wrapped, &err), -1);
	assert_int_equal(err.code, ERR_SEALED);
	assert_int_equal(vault_seal(vault, &place, secret, &blob, &len, &err), -1);
	assert_int_equal(err.code, ERR_SEALED);
	assert_int_equal(vault_unseal(vault, "kdead", &place, wrapped, sizeof wrapped, &opened, &err), -1);
	assert_int_equal(err.code, ERR_SEALED);
	assert_int_equal(vault_fingerprint(vault, secret, print, &err), -1);
	assert_int_equal(err.code, ERR_SEALED);
	data_key_free(key);
	secret_unref(secret);
	assert_false(vault_reload(vault, &known, 1, &why));
	assert_int_equal(access(room->file, F_OK), -1);
	vault_close(vault);
}

static void test_wrong_key_seals_and_the_right_one_unseals(void **state)
{
	struct room *room = *state;
	struct err why;
	file_put_text(room->file, line_one);
	struct vault *vault = vault_with(room, uuid_a, NULL, 0, NULL, &why);
	struct vault_known_key known = known_of(vault, "k1");
	vault_close(vault);

	/* The same id with other bytes. */
	file_put_text(room->file, "k1 AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\n");
	vault = vault_with(room, uuid_a, &known, 1, NULL, &why);
	assert_true(vault_is_sealed(vault));
	assert_non_null(strstr(why.message, "none of the keys"));
	/* The right bytes under another id. */
	file_put_text(room->file, "k9 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n");
	assert_false(vault_reload(vault, &known, 1, &why));
	file_put_text(room->file, line_one);
	assert_true(vault_reload(vault, &known, 1, &why));
	assert_false(vault_is_sealed(vault));
	/* A bad file later takes nothing away. */
	file_put_text(room->file, "garbage\n");
	assert_true(vault_reload(vault, &known, 1, &why));
	assert_string_equal(vault_seal_key_id(vault), "k1");
	vault_close(vault);

	/* A check value of another store does not prove anything. */
	file_put_text(room->file, line_one);
	vault = vault_with(room, uuid_b, &known, 1, NULL, &why);
	assert_true(vault_is_sealed(vault));
	vault_close(vault);
}

static void test_new_first_key_seals_and_old_ones_open(void **state)
{
	struct room *room = *state;
	struct err why, err;
	bool made;
	char both[256], print[17], later[17];
	struct seal_place place = { "attempts", "1", "verifier" };
	struct secret *secret = secret_new("the verifier", 12), *opened = NULL;
	uint8_t *blob;
	size_t len;
	file_put_text(room->file, line_one);
	struct vault *vault = vault_with(room, uuid_a, NULL, 0, NULL, &why);
	struct vault_known_key known = known_of(vault, "k1");
	assert_int_equal(vault_seal(vault, &place, secret, &blob, &len, &err), 0);
	assert_int_equal(vault_fingerprint(vault, secret, print, &err), 0);
	vault_close(vault);

	(void)snprintf(both, sizeof both, "# rotated\n\n %s%s", line_two, line_one);
	file_put_text(room->file, both);
	vault = vault_with(room, uuid_a, &known, 1, &made, &why);
	assert_true(made);
	assert_string_equal(vault_seal_key_id(vault), "k2");
	assert_int_equal(vault_unseal(vault, "k1", &place, blob, len, &opened, &err), 0);
	assert_true(secret_equal(opened, secret));
	secret_unref(opened);
	assert_int_equal(vault_unseal(vault, "k2", &place, blob, len, &opened, &err), -1);
	assert_int_equal(vault_unseal(vault, "k3", &place, blob, len, &opened, &err), -1);
	assert_int_equal(err.code, ERR_SEALED);
	assert_int_equal(vault_fingerprint(vault, secret, later, &err), 0);
	assert_string_equal(print, later);
	vault_close(vault);
	free(blob);
	secret_unref(secret);
}

static void test_a_known_id_with_wrong_bytes_is_dropped(void **state)
{
	struct room *room = *state;
	struct err why, err;
	uint8_t check[128];
	size_t len;
	char both[256];
	(void)snprintf(both, sizeof both, "%s%s", line_one, line_two);
	file_put_text(room->file, both);
	struct vault *vault = vault_with(room, uuid_a, NULL, 0, NULL, &why);
	struct vault_known_key known[2] = { known_of(vault, "k1"), known_of(vault, "k2") };
	vault_close(vault);
	(void)snprintf(both, sizeof both, "k1 AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\n%s", line_two);
	file_put_text(room->file, both);
	vault = vault_with(room, uuid_a, known, 2, NULL, &why);
	assert_false(vault_is_sealed(vault));
	assert_string_equal(vault_seal_key_id(vault), "k2");
	assert_int_equal(vault_check_value(vault, "k1", check, &len, &err), -1);
	vault_close(vault);
}

static void test_credentials_win_over_the_state_directory(void **state)
{
	struct room *room = *state;
	struct err why, err;
	bool made;
	struct vault *vault;
	assert_int_equal(mkdir(room->second, 0700), 0);
	file_put_text(room->file, line_one);
	file_put_text(room->second_file, line_two);
	const struct vault_options options = {
		.state_dir = room->dir, .credentials_dir = room->second, .store_uuid = uuid_a, .rng = &rng_system
	};
	assert_int_equal(vault_open(&vault, &options, &made, &why, &err), 0);
	assert_string_equal(vault_seal_key_id(vault), "k2");
	vault_close(vault);
	/* Group permission without an access list is what it says, there too. */
	assert_int_equal(chmod(room->second_file, 0440), 0);
	assert_int_equal(vault_open(&vault, &options, &made, &why, &err), 0);
	assert_true(vault_is_sealed(vault));
	vault_close(vault);
	assert_int_equal(unlink(room->second_file), 0);
	assert_int_equal(vault_open(&vault, &options, &made, &why, &err), 0);
	assert_string_equal(vault_seal_key_id(vault), "k1");
	vault_close(vault);
}

static void test_every_flipped_bit_is_noticed(void **state)
{
	struct room *room = *state;
	struct err why, err;
	struct vault *vault = vault_with(room, uuid_a, NULL, 0, NULL, &why);
	struct data_key *key = data_key_new(vault), *other = data_key_new(vault);
	struct seal_place place = { "grants", "row", "refresh_token" };
	struct secret *token = secret_new("1//refresh-token", 16), *opened = NULL;
	uint8_t *blob;
	size_t len;
	assert_int_equal(seal_secret(vault, key, &place, token, &blob, &len, &err), 0);
	assert_int_equal(len, 16 + SEAL_OVERHEAD);
	assert_int_equal(blob[0], 1);
	assert_null(memmem(blob, len, "refresh", 7));
	assert_int_equal(seal_open(vault, key, &place, blob, len, &opened, &err), 0);
	assert_true(secret_equal(opened, token));
	secret_unref(opened);
	for (size_t bit = 0; bit < len * 8; bit++) {
		blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(seal_open(vault, key, &place, blob, len, &opened, &err), -1);
		assert_int_equal(err.code, ERR_SEALED);
		blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(seal_open(vault, key, &place, blob, cut, &opened, &err), -1);
	assert_int_equal(seal_open(vault, other, &place, blob, len, &opened, &err), -1);
	/* The same text twice does not look the same. */
	uint8_t *again;
	assert_int_equal(seal_secret(vault, key, &place, token, &again, &len, &err), 0);
	assert_memory_not_equal(again, blob, len);
	free(again);
	free(blob);
	secret_unref(token);
	data_key_free(key);
	data_key_free(other);
	vault_close(vault);
}

static void test_moved_values_do_not_open(void **state)
{
	struct room *room = *state;
	struct err why, err;
	file_put_text(room->file, line_one);
	struct vault *vault = vault_with(room, uuid_a, NULL, 0, NULL, &why), *foreign = vault_with(room, uuid_b, NULL, 0, NULL, &why);
	/* Neighbours that a careless joining of the parts would mix up are among them. */
	static const struct seal_place places[] = { { "grants", "1", "token" }, { "grants", "2", "token" },
		                                    { "grants", "1", "tokens" }, { "grant", "s1", "token" },
		                                    { "grants1", "", "token" },  { "grants", "1token", "" } };
	enum { PLACES = sizeof places / sizeof places[0] };
	struct data_key *key = data_key_new(vault), *unwrapped = NULL;
	struct secret *token = secret_new("token", 5), *opened = NULL;
	uint8_t *blob[PLACES], wrapped[32 + SEAL_OVERHEAD];
	size_t len[PLACES];
	for (size_t i = 0; i < PLACES; i++)
		assert_int_equal(seal_secret(vault, key, &places[i], token, &blob[i], &len[i], &err), 0);
	for (size_t i = 0; i < PLACES; i++) {
		for (size_t k = 0; k < PLACES; k++) {
			assert_int_equal(seal_open(vault, key, &places[k], blob[i], len[i], &opened, &err), i == k ? 0 : -1);
			if (i == k)
				secret_unref(opened);
		}
		assert_int_equal(seal_open(foreign, key, &places[i], blob[i], len[i], &opened, &err), -1);
	}
	assert_int_equal(data_key_wrap(vault, key, &places[0], wrapped, &err), 0);
	assert_int_equal(data_key_unwrap(vault, "k1", &places[1], wrapped, sizeof wrapped, &unwrapped, &err), -1);
	assert_int_equal(data_key_unwrap(foreign, "k1", &places[0], wrapped, sizeof wrapped, &unwrapped, &err), -1);
	assert_int_equal(data_key_unwrap(vault, "k1", &places[0], wrapped, sizeof wrapped, &unwrapped, &err), 0);
	assert_int_equal(seal_open(vault, unwrapped, &places[0], blob[0], len[0], &opened, &err), 0);
	secret_unref(opened);
	/* What a sealing key sealed directly is no data key. */
	uint8_t *direct;
	size_t direct_len;
	assert_int_equal(vault_seal(vault, &places[0], token, &direct, &direct_len, &err), 0);
	assert_int_equal(data_key_unwrap(vault, "k1", &places[0], direct, direct_len, &unwrapped, &err), -1);
	assert_int_equal(err.code, ERR_SEALED);
	free(direct);
	for (size_t i = 0; i < PLACES; i++)
		free(blob[i]);
	data_key_free(unwrapped);
	data_key_free(key);
	secret_unref(token);
	vault_close(vault);
	vault_close(foreign);
}

/* draft-irtf-cfrg-xchacha-03, appendix A.3.1: the cipher underneath is the one we think it is. */
static void test_cipher_is_that_of_the_draft(void **state)
{
	(void)state;
	static const char text[] = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
				   "sunscreen would be it.";
	static const uint8_t ad[] = { 0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7 };
	static const uint8_t tag[] = { 0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7, 0x98, 0x79,
		                       0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a, 0xcf, 0x49 };
	static const uint8_t start[] = { 0xbd, 0x6d, 0x17, 0x9d, 0x3e, 0x83, 0xd4, 0x3b };
	uint8_t key[32], nonce[24], out[sizeof text - 1 + 16];
	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)(0x80 + i);
	for (size_t i = 0; i < sizeof nonce; i++)
		nonce[i] = (uint8_t)(0x40 + i);
	assert_int_equal(crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, (const uint8_t *)text, sizeof text - 1, ad,
	                                                            sizeof ad, NULL, nonce, key),
	                 0);
	assert_memory_equal(out, start, sizeof start);
	assert_memory_equal(out + sizeof text - 1, tag, sizeof tag);
}

static void test_fingerprint_is_keyed_and_stable(void **state)
{
	struct room *room = *state;
	struct err why, err;
	char a[17], b[17];
	file_put_text(room->file, line_one);
	struct vault *vault = vault_with(room, uuid_a, NULL, 0, NULL, &why), *other = vault_with(room, uuid_b, NULL, 0, NULL, &why);
	struct secret *token = secret_new("token", 5), *same = secret_new("token", 5), *different = secret_new("tokem", 5);
	assert_int_equal(vault_fingerprint(vault, token, a, &err), 0);
	assert_int_equal(strlen(a), 16);
	assert_int_equal(strspn(a, "0123456789abcdef"), 16);
	assert_int_equal(vault_fingerprint(vault, same, b, &err), 0);
	assert_string_equal(a, b);
	assert_int_equal(vault_fingerprint(vault, different, b, &err), 0);
	assert_string_not_equal(a, b);
	assert_int_equal(vault_fingerprint(other, token, b, &err), 0);
	assert_string_not_equal(a, b);
	secret_unref(token);
	secret_unref(same);
	secret_unref(different);
	vault_close(vault);
	vault_close(other);
}

static void test_key_that_cannot_be_written_is_an_error(void **state)
{
	struct room *room = *state;
	struct vault *vault = NULL;
	struct err why, err = { 0 };
	bool made;
	char missing[96];
	(void)snprintf(missing, sizeof missing, "%s/none", room->dir);
	const struct vault_options options = { .state_dir = missing, .store_uuid = uuid_a, .rng = &rng_system };
	assert_int_equal(vault_open(&vault, &options, &made, &why, &err), -1);
	assert_int_equal(err.code, ERR_STORE_FAILED);
	assert_null(vault);
}

static void test_place_too_long_is_refused(void **state)
{
	struct room *room = *state;
	struct err why, err;
	char row[2000];
	memset(row, 'r', sizeof row - 1);
	row[sizeof row - 1] = '\0';
	struct vault *vault = vault_with(room, uuid_a, NULL, 0, NULL, &why);
	struct seal_place place = { "grants", row, "token" };
	struct secret *token = secret_new("token", 5);
	uint8_t *blob;
	size_t len;
	assert_int_equal(vault_seal(vault, &place, token, &blob, &len, &err), -1);
	assert_int_equal(err.code, ERR_INTERNAL);
	secret_unref(token);
	vault_close(vault);
}

#define IN_ROOM(test_) cmocka_unit_test_setup_teardown(test_, room_open, room_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ROOM(test_first_start_makes_a_key_once),
		IN_ROOM(test_sealed_start_never_writes_a_key),
		IN_ROOM(test_wrong_key_seals_and_the_right_one_unseals),
		IN_ROOM(test_new_first_key_seals_and_old_ones_open),
		IN_ROOM(test_a_known_id_with_wrong_bytes_is_dropped),
		IN_ROOM(test_credentials_win_over_the_state_directory),
		IN_ROOM(test_every_flipped_bit_is_noticed),
		IN_ROOM(test_moved_values_do_not_open),
		cmocka_unit_test(test_cipher_is_that_of_the_draft),
		IN_ROOM(test_fingerprint_is_keyed_and_stable),
		IN_ROOM(test_key_that_cannot_be_written_is_an_error),
		IN_ROOM(test_place_too_long_is_refused),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
