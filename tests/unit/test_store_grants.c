/* Grants with their compare-and-swap, the revocation outbox, the sealing keys, and that nothing sealed stays behind. */
#include "tests/support/store_check.h"
#include "tests/support/store_fixture.h"

#include "store/grants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char unknown[] = "01900000-0000-7000-8000-000000000000";

struct taken {
	int rows;
	bool live;
	int64_t generation, access_expires_at, refreshed_at, consented_at;
	char text[256];
};

static const char *or_null(const char *text)
{
	return text ? text : "NULL";
}

static void add_blob(struct taken *taken, struct blob blob)
{
	size_t len = strlen(taken->text);
	int shown = blob.bytes ? (int)blob.len : 4;
	(void)snprintf(taken->text + len, sizeof taken->text - len, "|%.*s", shown, or_null(blob.bytes));
}

static void describe(struct taken *taken, const struct grant_row *row)
{
	(void)snprintf(taken->text, sizeof taken->text, "%s|%s|%s|%s", row->email, row->scopes, or_null(row->key_id),
	               or_null(row->fingerprint));
	add_blob(taken, row->data_key);
	add_blob(taken, row->access_token);
	add_blob(taken, row->refresh_token);
}

static void take_grant(void *arg, const struct grant_row *row)
{
	struct taken *taken = arg;
	taken->rows++;
	taken->live = row->live;
	taken->generation = row->generation;
	taken->access_expires_at = row->access_expires_at;
	taken->refreshed_at = row->refreshed_at;
	taken->consented_at = row->consented_at;
	describe(taken, row);
}

static struct taken look(struct store_fixture *fixture, const char *id)
{
	struct taken taken = { 0 };
	struct err err = { 0 };
	check_ok(store_grant_get(fixture->store, id, take_grant, &taken, &err), &err);
	return taken;
}

static void test_insert_and_find(void **state)
{
	struct store_fixture fixture;
	struct taken taken = { 0 };
	struct err err = { 0 };
	char id[ID_TEXT_SIZE], other[ID_TEXT_SIZE];
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_grant(&fixture, "a@example.com", id);
	check_ok(store_grant_find(fixture.store, "google", "client", "a@example.com", take_grant, &taken, &err), &err);
	assert_string_equal(taken.text, "a@example.com|calendar openid|k1|0123456789abcdef|data-key|access|refresh");
	assert_true(taken.live);
	assert_int_equal(taken.generation, 1);
	assert_int_equal(taken.consented_at, FIXTURE_NOW);
	check_fails(store_grant_find(fixture.store, "google", "other", "a@example.com", take_grant, &taken, &err), &err,
	            ERR_NOT_FOUND);
	check_fails(store_grant_get(fixture.store, unknown, take_grant, &taken, &err), &err, ERR_NOT_FOUND);
	store_new_id(fixture.store, other);
	const struct grant_row again = { .id = other, .provider = "google", .client_id = "client", .subject = "a@example.com",
		                         .email = "", .scopes = "" };
	check_fails(store_grant_insert(fixture.store, &again, &err), &err, ERR_CONFLICT);
	store_fixture_grant(&fixture, "b@example.com", other);
	taken.rows = 0;
	check_ok(store_grant_list(fixture.store, take_grant, &taken, &err), &err);
	assert_int_equal(taken.rows, 2);
	store_fixture_close(&fixture);
}

static void test_compare_and_swap(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char id[ID_TEXT_SIZE];
	bool swapped = false;
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_grant(&fixture, "a@example.com", id);
	fixture.now += 10;
	struct grant_tokens tokens = { .access_token = { "access2", 7 }, .access_expires_at = 77 };
	check_ok(store_grant_swap_tokens(fixture.store, id, 1, &tokens, &swapped, &err), &err);
	assert_true(swapped);
	struct taken taken = look(&fixture, id);
	assert_string_equal(taken.text, "a@example.com|calendar openid|k1|0123456789abcdef|data-key|access2|refresh");
	assert_int_equal(taken.generation, 2);
	assert_int_equal(taken.access_expires_at, 77);
	assert_int_equal(taken.refreshed_at, FIXTURE_NOW + 10);
	assert_int_equal(taken.consented_at, FIXTURE_NOW);
	/* The one that began with generation 1 too comes second and must not win. */
	tokens.access_token = (struct blob){ "stale", 5 };
	check_ok(store_grant_swap_tokens(fixture.store, id, 1, &tokens, &swapped, &err), &err);
	assert_false(swapped);
	assert_int_equal(look(&fixture, id).generation, 2);
	tokens = (struct grant_tokens){ .access_token = { "access3", 7 }, .refresh_token = { "rotated", 7 },
		                        .fingerprint = "f3", .scopes = "calendar" };
	check_ok(store_grant_swap_tokens(fixture.store, id, 2, &tokens, &swapped, &err), &err);
	assert_true(swapped);
	assert_string_equal(look(&fixture, id).text, "a@example.com|calendar|k1|f3|data-key|access3|rotated");
	check_ok(store_grant_swap_tokens(fixture.store, unknown, 1, &tokens, &swapped, &err), &err);
	assert_false(swapped);
	store_fixture_close(&fixture);
}

static void test_dead_and_replaced(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char id[ID_TEXT_SIZE];
	bool marked = true;
	(void)state;
	store_fixture_open(&fixture);
	store_fixture_grant(&fixture, "a@example.com", id);
	check_ok(store_grant_mark_dead(fixture.store, id, 7, &marked, &err), &err);
	assert_false(marked);
	assert_true(look(&fixture, id).live);
	check_ok(store_grant_mark_dead(fixture.store, id, 1, &marked, &err), &err);
	assert_true(marked);
	assert_false(look(&fixture, id).live);
	fixture.now += 10;
	const struct grant_row consent = { .id = id, .email = "new@example.com", .scopes = "calendar", .key_id = "k2",
		                           .data_key = { "dk2", 3 }, .access_token = { "a2", 2 }, .fingerprint = "f2" };
	check_ok(store_grant_replace(fixture.store, &consent, &err), &err);
	struct taken taken = look(&fixture, id);
	assert_string_equal(taken.text, "new@example.com|calendar|k2|f2|dk2|a2|NULL");
	assert_true(taken.live);
	assert_int_equal(taken.generation, 2);
	assert_int_equal(taken.consented_at, FIXTURE_NOW + 10);
	const struct grant_row nobody = { .id = unknown, .email = "", .scopes = "" };
	check_fails(store_grant_replace(fixture.store, &nobody, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&fixture);
}

/* How often a text stands in the files of the store as they are now. */
static int count_on_disk(const struct store_fixture *fixture, const char *text)
{
	static const char *const names[] = { "almanac.db", "almanac.db-wal" };
	int found = 0;
	for (size_t n = 0; n < 2; n++) {
		char path[128];
		store_fixture_path(fixture, names[n], path);
		FILE *file = fopen(path, "rb");
		if (!file)
			continue;
		char *bytes = malloc(1 << 22);
		assert_non_null(bytes);
		size_t len = fread(bytes, 1, 1 << 22, file);
		for (size_t i = 0; i + strlen(text) <= len; i++)
			found += memcmp(bytes + i, text, strlen(text)) == 0;
		free(bytes);
		assert_int_equal(fclose(file), 0);
	}
	return found;
}

static void test_shredding_leaves_nothing(void **state)
{
	static const char canary[] = "canary-of-a-data-key", token[] = "canary-of-a-token",
	                  outbox[] = "canary-of-the-outbox";
	struct store_fixture fixture;
	struct err err = { 0 };
	char id[ID_TEXT_SIZE], revocation[ID_TEXT_SIZE];
	bool swapped = true;
	(void)state;
	store_fixture_open(&fixture);
	store_new_id(fixture.store, id);
	store_new_id(fixture.store, revocation);
	const struct grant_row row = { .id = id, .provider = "google", .client_id = "c", .subject = "s", .email = "e",
		                       .scopes = "", .key_id = "k1", .data_key = { canary, sizeof canary - 1 },
		                       .refresh_token = { token, sizeof token - 1 }, .fingerprint = "f" };
	check_ok(store_grant_insert(fixture.store, &row, &err), &err);
	store_fixture_commit(&fixture);
	assert_true(count_on_disk(&fixture, canary) > 0);
	const struct revocation_row waiting = { .id = revocation, .provider = "google", .grant_id = id, .key_id = "k1",
		                                .data_key = { outbox, sizeof outbox - 1 }, .token = { "t", 1 } };
	check_ok(store_revocation_insert(fixture.store, &waiting, &err), &err);
	check_ok(store_grant_shred(fixture.store, id, &err), &err);
	store_fixture_commit(&fixture);
	assert_int_equal(count_on_disk(&fixture, canary), 0);
	assert_int_equal(count_on_disk(&fixture, token), 0);
	struct taken taken = look(&fixture, id);
	assert_string_equal(taken.text, "e||NULL|NULL|NULL|NULL|NULL");
	assert_false(taken.live);
	assert_int_equal(taken.generation, 2);
	/* A refresh that was under way brings nothing back. */
	const struct grant_tokens late = { .access_token = { "late", 4 } };
	check_ok(store_grant_swap_tokens(fixture.store, id, 1, &late, &swapped, &err), &err);
	assert_false(swapped);
	assert_true(count_on_disk(&fixture, outbox) > 0);
	check_ok(store_revocation_delete(fixture.store, revocation, &err), &err);
	store_fixture_commit(&fixture);
	assert_int_equal(count_on_disk(&fixture, outbox), 0);
	check_fails(store_grant_shred(fixture.store, unknown, &err), &err, ERR_NOT_FOUND);
	store_fixture_close(&fixture);
}

static void take_revocation(void *arg, const struct revocation_row *row)
{
	char *story = arg;
	(void)snprintf(story + strlen(story), 128 - strlen(story), "%s:%d:%.*s ", row->grant_id, (int)row->attempts,
	               (int)row->token.len, (const char *)row->token.bytes);
}

static void test_revocations(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char ids[3][ID_TEXT_SIZE], story[128] = "";
	int64_t at = 9;
	(void)state;
	store_fixture_open(&fixture);
	struct store *store = fixture.store;
	check_ok(store_revocation_next(store, &at, &err), &err);
	assert_int_equal(at, 0);
	for (int i = 0; i < 3; i++) {
		char name[2] = { (char)('a' + i), '\0' };
		store_new_id(store, ids[i]);
		const struct revocation_row row = { .id = ids[i], .provider = "google", .grant_id = name, .key_id = "k",
			                            .data_key = { "d", 1 }, .token = { name, 1 }, .next_attempt_at = 30 - 10 * i };
		check_ok(store_revocation_insert(store, &row, &err), &err);
	}
	check_ok(store_revocation_next(store, &at, &err), &err);
	assert_int_equal(at, 10);
	check_ok(store_revocation_due(store, 20, 10, take_revocation, story, &err), &err);
	assert_string_equal(story, "c:0:c b:0:b ");
	story[0] = '\0';
	check_ok(store_revocation_due(store, 99, 1, take_revocation, story, &err), &err);
	assert_string_equal(story, "c:0:c ");
	check_ok(store_revocation_reschedule(store, ids[2], 40, &err), &err);
	check_ok(store_revocation_delete(store, ids[1], &err), &err);
	check_fails(store_revocation_delete(store, ids[1], &err), &err, ERR_NOT_FOUND);
	check_fails(store_revocation_reschedule(store, ids[1], 1, &err), &err, ERR_NOT_FOUND);
	story[0] = '\0';
	check_ok(store_revocation_due(store, 99, 10, take_revocation, story, &err), &err);
	assert_string_equal(story, "a:0:a c:1:c ");
	store_fixture_close(&fixture);
}

static void take_key(void *arg, const struct key_row *row)
{
	char *story = arg;
	(void)snprintf(story + strlen(story), 64 - strlen(story), "%s=%.*s ", row->id, (int)row->check_value.len,
	               (const char *)row->check_value.bytes);
}

static void test_keys(void **state)
{
	struct store_fixture fixture;
	struct err err = { 0 };
	char story[64] = "";
	(void)state;
	store_fixture_open(&fixture);
	check_ok(store_key_list(fixture.store, take_key, story, &err), &err);
	assert_string_equal(story, "");
	check_ok(store_key_insert(fixture.store, "k1", (struct blob){ "one", 3 }, &err), &err);
	fixture.now++;
	check_ok(store_key_insert(fixture.store, "a2", (struct blob){ "two", 3 }, &err), &err);
	check_fails(store_key_insert(fixture.store, "k1", (struct blob){ "x", 1 }, &err), &err, ERR_CONFLICT);
	check_ok(store_key_list(fixture.store, take_key, story, &err), &err);
	assert_string_equal(story, "k1=one a2=two ");
	store_fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_insert_and_find),  cmocka_unit_test(test_compare_and_swap),
		cmocka_unit_test(test_dead_and_replaced), cmocka_unit_test(test_shredding_leaves_nothing),
		cmocka_unit_test(test_revocations),      cmocka_unit_test(test_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
