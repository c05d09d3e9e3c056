/* The vault: where the keys come from and which of them are believed.
 *
 * A key counts when the store does not know its id yet, or when it opens the check value of its row. A key that stands in the
 * file under a known id and does not prove right is dropped: it must neither seal nor stand in the way of the others. */
#include "daemon/vault/vault.h"

#include "daemon/vault/aead.h"
#include "daemon/vault/keyfile.h"
#include "daemon/vault/keyring.h"
#include "daemon/vault/vault_keys.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char key_file[] = "almanac.key";
static const char check_text[] = "almanac key check";
struct vault {
	char *state_dir;
	char *credentials_dir; /* NULL: none */
	char *store_uuid;
	struct rng rng;
	struct keyring ring; /* empty: sealed */
};

static int key_prove(const struct vault *vault, const struct keyring_key *key, const struct vault_known_key *known)
{
	const struct aead_binding binding = { vault->store_uuid, "keys", known->id, "check_value", known->id };
	struct secret *text = NULL;
	if (known->check_len > sizeof known->check_value ||
	    aead_open(&text, &binding, key->key, known->check_value, known->check_len, NULL) != 0)
		return -1;
	secret_unref(text);
	return 0;
}

/* Drop the keys that do not prove right; ERR_SEALED if the store has keys and none is left that does. */
static int keys_prove(const struct vault *vault, struct keyring *ring, const struct vault_known_key *known, size_t known_count,
                      struct err *why)
{
	size_t proven = 0;
	for (size_t i = 0; i < known_count; i++) {
		const struct keyring_key *key = keyring_find(ring, known[i].id);
		if (!key)
			continue;
		if (key_prove(vault, key, &known[i]) == 0)
			proven++;
		else
			keyring_remove(ring, (size_t)(key - ring->keys));
	}
	if (known_count > 0 && proven == 0)
		return err_set(why, ERR_SEALED, "none of the keys in %s is the one that sealed this store", key_file);
	return 0;
}

static enum keyfile_found ring_load(const struct vault *vault, struct keyring *ring, struct err *why)
{
	struct secret_buf text = { 0 };
	bool credential = vault->credentials_dir != NULL;
	enum keyfile_found found = KEYFILE_ABSENT;
	const char *dir = vault->credentials_dir;
	if (credential)
		found = keyfile_read(&text, dir, key_file, true, why);
	if (found == KEYFILE_ABSENT) {
		dir = vault->state_dir;
		found = keyfile_read(&text, dir, key_file, false, why);
	}
	if (found == KEYFILE_READ) {
		char path[256];
		(void)snprintf(path, sizeof path, "%s/%s", dir, key_file);
		if (keyring_parse(ring, &text, path, why) != 0)
			found = KEYFILE_REFUSED;
	}
	secret_buf_free(&text);
	return found;
}

static int key_make(const struct vault *vault, struct keyring *ring, struct err *err)
{
	struct secret_buf text = { 0 };
	keyring_add_new(ring, &vault->rng);
	keyring_format(&text, ring);
	int rc = keyfile_write(vault->state_dir, key_file, &text, false, err);
	secret_buf_free(&text);
	if (rc != 0)
		keyring_free(ring);
	return rc;
}

static bool is_known(const char *id, const struct vault_known_key *known, size_t known_count)
{
	for (size_t i = 0; i < known_count; i++)
		if (str_equal(known[i].id, id))
			return true;
	return false;
}

int vault_open(struct vault **out, const struct vault_options *options, bool *made_new, struct err *why, struct err *err)
{
	struct vault *vault = mem_alloc(sizeof *vault);
	vault->state_dir = mem_strdup(options->state_dir);
	vault->credentials_dir = mem_strdup(options->credentials_dir);
	vault->store_uuid = mem_strdup(options->store_uuid);
	vault->rng = *options->rng;
	enum keyfile_found found = ring_load(vault, &vault->ring, why);
	if (found == KEYFILE_ABSENT && options->known_count == 0) {
		if (key_make(vault, &vault->ring, err) != 0) {
			vault_close(vault);
			return -1;
		}
	} else if (found == KEYFILE_ABSENT) {
		err_set(why, ERR_SEALED, "the key file %s/%s is missing", vault->state_dir, key_file);
	} else if (found == KEYFILE_READ &&
	           keys_prove(vault, &vault->ring, options->known, options->known_count, why) != 0) {
		keyring_free(&vault->ring);
	}
	*made_new = !vault_is_sealed(vault) && !is_known(vault_seal_key_id(vault), options->known, options->known_count);
	*out = vault;
	return 0;
}

bool vault_reload(struct vault *vault, const struct vault_known_key *known, size_t known_count, struct err *why)
{
	struct keyring fresh = { 0 };
	enum keyfile_found found = ring_load(vault, &fresh, why);
	if (found == KEYFILE_ABSENT)
		err_set(why, ERR_SEALED, "the key file %s/%s is missing", vault->state_dir, key_file);
	if (found != KEYFILE_READ || keys_prove(vault, &fresh, known, known_count, why) != 0) {
		/* A bad file takes nothing away from a daemon that works. */
		keyring_free(&fresh);
		return !vault_is_sealed(vault);
	}
	keyring_free(&vault->ring);
	vault->ring = fresh;
	return true;
}

void vault_close(struct vault *vault)
{
	if (!vault)
		return;
	keyring_free(&vault->ring);
	free(vault->state_dir);
	free(vault->credentials_dir);
	free(vault->store_uuid);
	free(vault);
}

bool vault_is_sealed(const struct vault *vault)
{
	return vault->ring.count == 0;
}

const char *vault_seal_key_id(const struct vault *vault)
{
	return vault_is_sealed(vault) ? NULL : vault->ring.keys[0].id;
}

int vault_check_value(const struct vault *vault, const char *key_id, uint8_t out[128], size_t *len, struct err *err)
{
	const struct keyring_key *key = keyring_find(&vault->ring, key_id);
	if (!key)
		return err_set(err, ERR_SEALED, "there is no such key in %s", key_file);
	const struct aead_binding binding = { vault->store_uuid, "keys", key->id, "check_value", key->id };
	*len = sizeof check_text - 1 + SEAL_OVERHEAD;
	return aead_seal(out, &binding, key->key, &vault->rng, check_text, sizeof check_text - 1, err);
}

const struct keyring *vault_keys(const struct vault *vault)
{
	return &vault->ring;
}

const char *vault_store_uuid(const struct vault *vault)
{
	return vault->store_uuid;
}

const struct rng *vault_rng(const struct vault *vault)
{
	return &vault->rng;
}
