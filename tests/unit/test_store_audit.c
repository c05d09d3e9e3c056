/* The audit: its chain, its pages, and that tampering is found and named. */
#include "tests/support/store_check.h"
#include "tests/support/store_fixture.h"

#include "store/audit.h"

#include <stdio.h>
#include <string.h>

static const char acme[] = "01900000-0000-7000-8000-00000000000a", globex[] = "01900000-0000-7000-8000-00000000000b";

struct seen {
	int count;
	int64_t last;
	char prev[65], hash[65];
};

static void append(struct store_fixture *fixture, const char *workspace, const char *object)
{
	struct err err = { 0 };
	const struct audit_row row = { .uid = 1000, .actor = "alice", .workspace_id = workspace, .method = "connection.pause",
		                       .object_type = "connection", .object_id = object, .outcome = "ok", .reason = "a\n\"b\"",
		                       .seq = 99, .hash = "ignored" };
	check_ok(store_audit_append(fixture->store, &row, &err), &err);
}

static void on_row(void *arg, const struct audit_row *row)
{
	struct seen *seen = arg;
	assert_true(seen->count == 0 || row->seq < seen->last);
	seen->last = row->seq;
	seen->count++;
	assert_int_equal(row->at, FIXTURE_NOW);
	assert_int_equal(row->uid, 1000);
	assert_string_equal(row->reason, "a\n\"b\"");
	assert_null(row->details);
	(void)snprintf(seen->prev, sizeof seen->prev, "%s", row->prev_hash);
	(void)snprintf(seen->hash, sizeof seen->hash, "%s", row->hash);
}

static void fill(struct store_fixture *fixture, int rows)
{
	store_fixture_open(fixture);
	for (int i = 0; i < rows; i++)
		append(fixture, i % 3 == 0 ? acme : i % 3 == 1 ? globex : NULL, i % 2 ? "odd" : "even");
	store_fixture_commit(fixture);
}

static void check_list(struct store_fixture *fixture, const char *scope, const char *workspace, const char *object, int rows)
{
	struct seen seen = { .count = 0 };
	struct store_page_end end;
	struct store_page page = { .limit = 4, .scope = scope };
	struct err err = { 0 };
	char cursor[512];
	do {
		check_ok(store_audit_list(fixture->store, &page, workspace, object, on_row, &seen, &end, &err), &err);
		assert_int_equal(end.total, rows);
		memcpy(cursor, end.next_cursor, sizeof cursor);
		page.cursor = cursor;
	} while (cursor[0]);
	assert_int_equal(seen.count, rows);
}

static void test_list(void **state)
{
	struct store_fixture fixture;
	char scope[128];
	(void)state;
	fill(&fixture, 30);
	check_list(&fixture, NULL, NULL, NULL, 30);
	check_list(&fixture, NULL, acme, NULL, 10);
	check_list(&fixture, NULL, NULL, "odd", 15);
	check_list(&fixture, NULL, acme, "odd", 5);
	(void)snprintf(scope, sizeof scope, "[\"%s\"]", globex);
	check_list(&fixture, scope, NULL, NULL, 10);
	check_list(&fixture, scope, acme, NULL, 0);
	check_list(&fixture, "[]", NULL, NULL, 0);
	store_fixture_close(&fixture);
}

static void test_chain(void **state)
{
	struct store_fixture fixture;
	struct seen first = { .count = 0 }, second = { .count = 0 };
	struct store_page_end end;
	struct err err = { 0 };
	const struct store_page page = { .limit = 1 };
	(void)state;
	fill(&fixture, 1);
	check_ok(store_audit_list(fixture.store, &page, NULL, NULL, on_row, &first, &end, &err), &err);
	assert_int_equal(first.last, 1);
	assert_int_equal(strspn(first.prev, "0"), 64);
	append(&fixture, acme, "x");
	check_ok(store_audit_list(fixture.store, &page, NULL, NULL, on_row, &second, &end, &err), &err);
	assert_string_equal(second.prev, first.hash);
	assert_string_not_equal(second.hash, first.hash);
	check_ok(store_audit_verify(fixture.store, &err), &err);
	store_fixture_reopen(&fixture);
	check_ok(store_audit_verify(fixture.store, &err), &err);
	store_fixture_close(&fixture);
}

static void test_tampering_is_named(void **state)
{
	static const struct {
		const char *sql, *row;
	} cases[] = {
		{ "UPDATE audit SET actor = 'mallory' WHERE seq = 3", "row 3" },
		{ "UPDATE audit SET details = '' WHERE seq = 4", "row 4" },
		{ "UPDATE audit SET actor = '', workspace_id = 'alice' || workspace_id WHERE seq = 4", "row 4" },
		{ "UPDATE audit SET uid = 0 WHERE seq = 1", "row 1" },
		{ "UPDATE audit SET at = at + 1 WHERE seq = 7", "row 7" },
		{ "UPDATE audit SET hash = prev_hash WHERE seq = 2", "row 2" },
		{ "DELETE FROM audit WHERE seq = 5", "row 5" },
		{ "DELETE FROM audit WHERE seq = 1", "row 1" },
		{ "DELETE FROM audit WHERE seq = 10", "row 10" },
		{ "DELETE FROM audit", "row 1" },
		{ "UPDATE audit SET seq = -seq WHERE seq IN (4)", "row 1" },
		{ "UPDATE audit SET seq = 11 WHERE seq = 10", "row 10" },
		{ "INSERT INTO audit (seq, at, uid, prev_hash, hash) SELECT 11, 1, 1, hash, hash FROM audit WHERE seq = 10", "row 11" },
		{ "UPDATE audit SET method = (SELECT object_type FROM audit WHERE seq = 6), object_type = method WHERE seq = 6", "row 6" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct store_fixture fixture;
		struct err err = { 0 };
		char name[16];
		fill(&fixture, 10);
		store_close(fixture.store);
		fixture.store = NULL;
		store_fixture_sql(&fixture, cases[i].sql, NULL, 0);
		check_ok(store_fixture_try(&fixture, &err), &err);
		check_fails(store_audit_verify(fixture.store, &err), &err, ERR_STORE_FAILED);
		(void)snprintf(name, sizeof name, "%s", cases[i].row);
		const char *at = strstr(err.message, name);
		assert_non_null(at);
		assert_null(strchr("0123456789", at[strlen(name)]) && at[strlen(name)] ? at : NULL);
		assert_false(store_tick_failed(fixture.store));
		store_fixture_close(&fixture);
	}
}

static void test_totals_end_somewhere(void **state)
{
	struct store_fixture fixture;
	struct seen seen = { .count = 0 };
	struct store_page_end end;
	struct err err = { 0 };
	const struct store_page page = { .limit = 1 };
	(void)state;
	fill(&fixture, 10000);
	check_ok(store_audit_list(fixture.store, &page, NULL, NULL, on_row, &seen, &end, &err), &err);
	assert_true(end.has_total);
	assert_int_equal(end.total, 10000);
	append(&fixture, acme, "x");
	seen.count = 0;
	check_ok(store_audit_list(fixture.store, &page, NULL, NULL, on_row, &seen, &end, &err), &err);
	assert_false(end.has_total);
	store_fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_tampering_is_named),
		cmocka_unit_test(test_totals_end_somewhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
