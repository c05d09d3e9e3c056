/* The transaction of a tick, its units, and the effects that wait for it. */
#include "tests/support/store_check.h"
#include "tests/support/store_fixture.h"

#include "store/workspaces.h"

#include <stdio.h>
#include <string.h>

/* What effects were told, in order. */
struct witness {
	struct store_fixture fixture;
	char story[256];
	int rollbacks;
};

struct effect_arg {
	struct witness *witness;
	char name;
};

static void setup(struct witness *witness)
{
	*witness = (struct witness){ .rollbacks = 0 };
	store_fixture_open(&witness->fixture);
}

static void tell(struct witness *witness, char name, const struct err *failed)
{
	size_t len = strlen(witness->story);
	(void)snprintf(witness->story + len, sizeof witness->story - len, "%c%d ", name, failed ? (int)failed->code : 0);
}

static void on_effect(void *arg, const struct err *failed)
{
	const struct effect_arg *effect = arg;
	tell(effect->witness, effect->name, failed);
}

static bool has(struct witness *witness, const char *slug)
{
	struct err err = { 0 };
	int result = store_workspace_get(witness->fixture.store, slug, true, NULL, NULL, &err);
	assert_true(result == 0 || err.code == ERR_NOT_FOUND);
	return result == 0;
}

static void make(struct witness *witness, const char *slug)
{
	char id[ID_TEXT_SIZE];
	store_fixture_workspace(&witness->fixture, slug, id);
}

static void test_effects_wait_for_the_commit(void **state)
{
	struct witness witness;
	struct effect_arg a = { &witness, 'a' }, b = { &witness, 'b' };
	(void)state;
	setup(&witness);
	make(&witness, "acme");
	store_after_commit(witness.fixture.store, on_effect, &a);
	store_after_commit(witness.fixture.store, on_effect, &b);
	assert_true(has(&witness, "acme"));
	assert_string_equal(witness.story, "");
	assert_true(store_tick_pending(witness.fixture.store));
	store_fixture_commit(&witness.fixture);
	assert_string_equal(witness.story, "a0 b0 ");
	assert_false(store_tick_pending(witness.fixture.store));
	store_fixture_reopen(&witness.fixture);
	assert_true(has(&witness, "acme"));
	store_fixture_close(&witness.fixture);
}

static void test_effects_without_statements(void **state)
{
	struct witness witness;
	struct effect_arg a = { &witness, 'a' };
	(void)state;
	setup(&witness);
	store_after_commit(witness.fixture.store, on_effect, &a);
	store_fixture_commit(&witness.fixture);
	store_fixture_commit(&witness.fixture);
	assert_string_equal(witness.story, "a0 ");
	store_fixture_close(&witness.fixture);
}

static void on_effect_more(void *arg, const struct err *failed)
{
	struct effect_arg *effect = arg;
	on_effect(arg, failed);
	make(effect->witness, "by-effect");
	effect->name = 'z';
	store_after_commit(effect->witness->fixture.store, on_effect, arg);
	/* Not from here: the caller goes on by itself. */
	assert_int_equal(store_tick_end(effect->witness->fixture.store, NULL), 0);
}

static void test_effects_may_go_on(void **state)
{
	struct witness witness;
	struct effect_arg a = { &witness, 'a' }, b = { &witness, 'b' };
	(void)state;
	setup(&witness);
	store_after_commit(witness.fixture.store, on_effect_more, &a);
	store_after_commit(witness.fixture.store, on_effect, &b);
	store_fixture_commit(&witness.fixture);
	assert_string_equal(witness.story, "a0 b0 z0 ");
	store_fixture_reopen(&witness.fixture);
	assert_true(has(&witness, "by-effect"));
	store_fixture_close(&witness.fixture);
}

static void test_units(void **state)
{
	struct witness witness;
	struct effect_arg args[4] = { { &witness, 'a' }, { &witness, 'b' }, { &witness, 'c' }, { &witness, 'd' } };
	struct err err = { 0 }, why = { .code = ERR_DENIED };
	(void)state;
	setup(&witness);
	struct store *store = witness.fixture.store;
	check_ok(store_unit_begin(store, &err), &err);
	check_fails(store_unit_begin(store, &err), &err, ERR_INTERNAL);
	make(&witness, "kept");
	store_after_commit(store, on_effect, &args[0]);
	check_ok(store_unit_end(store, true, NULL, &err), &err);

	uint64_t epoch = store_workspace_epoch(store);
	check_ok(store_unit_begin(store, &err), &err);
	make(&witness, "undone");
	store_after_commit(store, on_effect, &args[1]);
	check_ok(store_unit_end(store, false, &why, &err), &err);
	why.code = ERR_BUSY; /* the store keeps its own copy */
	assert_true(store_workspace_epoch(store) > epoch + 1);
	assert_false(has(&witness, "undone"));

	check_ok(store_unit_begin(store, &err), &err);
	assert_true(has(&witness, "kept")); /* a unit that only reads */
	store_after_commit(store, on_effect, &args[2]);
	check_ok(store_unit_end(store, false, NULL, &err), &err);
	store_after_commit(store, on_effect, &args[3]);
	check_fails(store_unit_end(store, true, NULL, &err), &err, ERR_INTERNAL);

	assert_string_equal(witness.story, "");
	store_fixture_commit(&witness.fixture);
	char expected[64];
	(void)snprintf(expected, sizeof expected, "a0 b%d c%d d0 ", (int)ERR_DENIED, (int)ERR_INTERNAL);
	assert_string_equal(witness.story, expected);
	store_fixture_reopen(&witness.fixture);
	assert_true(has(&witness, "kept"));
	assert_false(has(&witness, "undone"));
	store_fixture_close(&witness.fixture);
}

static void test_a_forgotten_unit_is_undone(void **state)
{
	struct witness witness;
	struct err err = { 0 };
	(void)state;
	setup(&witness);
	check_ok(store_unit_begin(witness.fixture.store, &err), &err);
	make(&witness, "forgotten");
	store_fixture_commit(&witness.fixture);
	assert_false(has(&witness, "forgotten"));
	store_fixture_close(&witness.fixture);
}

static void test_a_conflict_leaves_the_tick_alone(void **state)
{
	struct witness witness;
	char id[ID_TEXT_SIZE];
	struct err err = { 0 };
	(void)state;
	setup(&witness);
	make(&witness, "acme");
	check_fails(store_workspace_create(witness.fixture.store, "A", "acme", "UTC", id, &err), &err, ERR_CONFLICT);
	assert_int_equal(store_workspace_create(witness.fixture.store, "A", "acme", "UTC", id, NULL), -1);
	assert_false(store_tick_failed(witness.fixture.store));
	make(&witness, "globex");
	store_fixture_commit(&witness.fixture);
	store_fixture_reopen(&witness.fixture);
	assert_true(has(&witness, "acme") && has(&witness, "globex"));
	store_fixture_close(&witness.fixture);
}

static void again(void *arg, const struct workspace_row *row)
{
	struct witness *witness = arg;
	struct err err = { 0 };
	/* The same query inside its own rows would break the outer one: refused. */
	check_fails(store_workspace_get(witness->fixture.store, row->id, false, NULL, NULL, &err), &err, ERR_INTERNAL);
	assert_true(has(witness, row->slug)); /* another is fine */
	witness->rollbacks++;
}

static void test_queries_do_not_nest_in_themselves(void **state)
{
	struct witness witness;
	char id[ID_TEXT_SIZE];
	struct err err = { 0 };
	(void)state;
	setup(&witness);
	store_fixture_workspace(&witness.fixture, "acme", id);
	check_ok(store_workspace_get(witness.fixture.store, id, false, again, &witness, &err), &err);
	assert_int_equal(witness.rollbacks, 1);
	store_fixture_commit(&witness.fixture);
	store_fixture_close(&witness.fixture);
}

static void test_closing_releases(void **state)
{
	struct witness witness;
	struct effect_arg a = { &witness, 'a' };
	(void)state;
	setup(&witness);
	make(&witness, "acme");
	store_after_commit(witness.fixture.store, on_effect, &a);
	store_fixture_close(&witness.fixture);
	assert_string_equal(witness.story, "a0 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_effects_wait_for_the_commit),
		cmocka_unit_test(test_effects_without_statements),
		cmocka_unit_test(test_effects_may_go_on),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_a_forgotten_unit_is_undone),
		cmocka_unit_test(test_a_conflict_leaves_the_tick_alone),
		cmocka_unit_test(test_queries_do_not_nest_in_themselves),
		cmocka_unit_test(test_closing_releases),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
