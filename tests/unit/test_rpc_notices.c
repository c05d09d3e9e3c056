/* Notices with clients of the test's making: order, numbers, filters, slow readers, and clients that die while they are told. */
#include "daemon/rpc/notices.h"

#include "ipc/base/strutil.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char acme[] = "0190a0a0-0000-7000-8000-00000000ac3e", globex[] = "0190a0a0-0000-7000-8000-0000000910be";

/* A client: what it was sent, what it has taken of that, what it may see. */
struct fake {
	struct subscriber subscriber;
	struct access access;
	struct access_entry entries[2];
	struct buf out;
	size_t taken;      /* bytes; stuck: nothing is taken by sending */
	bool stuck, dies, blind, stale;
	size_t read;       /* bytes that the test has looked at */
	int64_t seq;
	int sends;
};

static const struct access *fake_access(void *owner, bool fresh)
{
	struct fake *fake = owner;
	if (fake->blind || (!fresh && fake->stale))
		return NULL;
	return &fake->access;
}

static size_t fake_waiting(void *owner)
{
	const struct fake *fake = owner;
	return fake->out.len - fake->taken;
}

static void fake_put(void *owner, const char *text, size_t len)
{
	struct fake *fake = owner;
	buf_add(&fake->out, text, len);
}

static void fake_send(void *owner)
{
	struct fake *fake = owner;
	fake->sends++;
	if (!fake->stuck)
		fake->taken = fake->out.len;
	if (fake->dies)
		notices_leave(&fake->subscriber);
}

static const struct notice_outlet outlet = { fake_access, fake_waiting, fake_put, fake_send };
static struct notices hub;

/* role everywhere, or only in acme */
static void fake_open(struct fake *fake, bool everywhere)
{
	*fake = (struct fake){ .taken = 0 };
	fake->access.known = true;
	fake->access.highest = ROLE_VIEWER;
	if (everywhere) {
		fake->access.everywhere = ROLE_VIEWER;
	} else {
		fake->entries[0].role = ROLE_VIEWER;
		(void)str_copy(fake->entries[0].workspace_id, ID_TEXT_SIZE, acme);
		fake->access.entries = fake->entries;
		fake->access.count = 1;
	}
	notices_seat(&fake->subscriber, &hub, &outlet, fake);
}

static void fake_close(struct fake *fake)
{
	notices_leave(&fake->subscriber);
	notices_leave(&fake->subscriber);
	buf_free(&fake->out);
}

static void subscribe(struct fake *fake, unsigned topics, const char *workspace)
{
	struct err err;
	assert_int_equal(notices_subscribe(&fake->subscriber, topics, workspace, &err), 0);
}

static struct store_change change_of(enum topic topic, enum change change, const char *workspace, int n)
{
	struct store_change it = { .topic = topic, .change = change };
	(void)snprintf(it.id, sizeof it.id, "0190a0a0-0000-7000-8000-%012x", (unsigned)n);
	(void)str_copy(it.workspace_id, sizeof it.workspace_id, workspace);
	return it;
}

static void commit(enum topic topic, enum change change, const char *workspace, int n)
{
	const struct store_change it = change_of(topic, change, workspace, n);
	notices_take(&hub, &it, 1);
}

static void tell(enum topic topic, enum change change, const char *workspace, int n)
{
	commit(topic, change, workspace, n);
	notices_deliver(&hub);
}

/* The next notice, checked for its form and its number; "connection updated 7". NULL: there is none. */
static const char *next(struct fake *fake)
{
	static char text[96];
	const char *line = buf_text(&fake->out) + fake->read, *end = strchr(line, '\n');
	if (!end)
		return NULL;
	json_t *notice = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(notice);
	fake->read += (size_t)(end - line) + 1;
	json_t *params = json_object_get(notice, "params");
	assert_string_equal(json_string_value(json_object_get(notice, "jsonrpc")), "2.0");
	assert_string_equal(json_string_value(json_object_get(notice, "method")), "notice");
	assert_int_equal(json_object_size(notice), 3);
	assert_int_equal(json_object_size(params), 5);
	assert_int_equal(json_integer_value(json_object_get(params, "seq")), ++fake->seq);
	const char *topic = json_string_value(json_object_get(params, "topic"));
	if (strcmp(topic, "resync") == 0) {
		assert_true(json_is_null(json_object_get(params, "id")));
		(void)str_copy(text, sizeof text, topic);
	} else {
		const char *id = json_string_value(json_object_get(params, "id"));
		const json_t *workspace = json_object_get(params, "workspace_id");
		assert_true(json_is_null(workspace) || json_is_string(workspace));
		(void)snprintf(text, sizeof text, "%s %s %lu", topic, json_string_value(json_object_get(params, "change")),
		               strtoul(strrchr(id, '-') + 1, NULL, 16));
	}
	json_decref(notice);
	return text;
}

static void expect(struct fake *fake, const char *wanted)
{
	const char *got = next(fake);
	assert_non_null(got);
	assert_string_equal(got, wanted);
}

static int close_hub(void **state)
{
	(void)state;
	assert_null(hub.first);
	notices_free(&hub);
	return 0;
}

#define BIT(topic_) (1u << (topic_))

static void test_topics_and_order(void **state)
{
	struct fake fake;
	(void)state;
	fake_open(&fake, true);
	tell(TOPIC_JOB, CHANGE_CREATED, acme, 1);
	subscribe(&fake, BIT(TOPIC_CONNECTION) | BIT(TOPIC_JOB), "");
	commit(TOPIC_JOB, CHANGE_CREATED, acme, 2);
	commit(TOPIC_CALENDAR, CHANGE_CREATED, acme, 3);
	commit(TOPIC_CONNECTION, CHANGE_UPDATED, globex, 4);
	assert_null(next(&fake));
	notices_deliver(&hub);
	assert_int_equal(fake.sends, 1);
	expect(&fake, "job created 2");
	expect(&fake, "connection updated 4");
	assert_null(next(&fake));
	/* Once an object between two deliveries, whatever happened to it. */
	commit(TOPIC_JOB, CHANGE_CREATED, acme, 5);
	commit(TOPIC_JOB, CHANGE_UPDATED, acme, 6);
	commit(TOPIC_JOB, CHANGE_UPDATED, acme, 5);
	commit(TOPIC_CONNECTION, CHANGE_UPDATED, acme, 5);
	commit(TOPIC_JOB, CHANGE_DELETED, acme, 6);
	commit(TOPIC_JOB, CHANGE_UPDATED, acme, 6);
	notices_deliver(&hub);
	expect(&fake, "job created 5");
	expect(&fake, "job deleted 6");
	expect(&fake, "connection updated 5");
	assert_null(next(&fake));
	/* Adding and taking away; the numbers go on. */
	subscribe(&fake, BIT(TOPIC_CALENDAR), "");
	notices_unsubscribe(&fake.subscriber, BIT(TOPIC_JOB));
	tell(TOPIC_JOB, CHANGE_UPDATED, acme, 7);
	tell(TOPIC_CALENDAR, CHANGE_UPDATED, acme, 8);
	expect(&fake, "calendar updated 8");
	notices_unsubscribe(&fake.subscriber, ~0u);
	assert_null(hub.first);
	tell(TOPIC_CALENDAR, CHANGE_UPDATED, acme, 9);
	subscribe(&fake, BIT(TOPIC_CALENDAR), "");
	tell(TOPIC_CALENDAR, CHANGE_UPDATED, acme, 10);
	expect(&fake, "calendar updated 10");
	assert_null(next(&fake));
	fake_close(&fake);
}

static void test_only_what_may_be_seen(void **state)
{
	struct fake all, some, one;
	(void)state;
	fake_open(&all, true);
	fake_open(&some, false);
	fake_open(&one, true);
	subscribe(&all, ~0u, "");
	subscribe(&some, ~0u, "");
	subscribe(&one, ~0u, globex);
	commit(TOPIC_CONNECTION, CHANGE_UPDATED, acme, 1);
	commit(TOPIC_CONNECTION, CHANGE_UPDATED, globex, 2);
	commit(TOPIC_JOB, CHANGE_UPDATED, "", 3);
	notices_deliver(&hub);
	expect(&all, "connection updated 1");
	expect(&all, "connection updated 2");
	expect(&all, "job updated 3");
	expect(&some, "connection updated 1");
	assert_null(next(&some));
	expect(&one, "connection updated 2");
	assert_null(next(&one));
	/* Rights that are gone count at once. */
	some.access.count = 0;
	all.blind = true;
	tell(TOPIC_CONNECTION, CHANGE_UPDATED, acme, 4);
	assert_null(next(&some));
	assert_null(next(&all));
	fake_close(&all);
	fake_close(&some);
	fake_close(&one);
}

/* With a workspace its place in the rules goes; who saw it until now hears that it is gone. */
static const struct access *access_before(void *owner, bool fresh)
{
	struct fake *fake = owner;
	fake->access.count = fresh ? 0 : 1;
	return fake_access(owner, fresh);
}

static void test_the_end_of_a_workspace(void **state)
{
	static const struct notice_outlet looking_back = { access_before, fake_waiting, fake_put, fake_send };
	struct fake some;
	(void)state;
	fake_open(&some, false);
	some.subscriber.outlet = &looking_back;
	subscribe(&some, ~0u, "");
	commit(TOPIC_CONNECTION, CHANGE_UPDATED, acme, 1);
	commit(TOPIC_WORKSPACE, CHANGE_DELETED, acme, 2);
	commit(TOPIC_WORKSPACE, CHANGE_DELETED, globex, 3);
	notices_deliver(&hub);
	expect(&some, "workspace deleted 2");
	assert_null(next(&some));
	/* Not when the rules themselves have changed. */
	some.stale = true;
	tell(TOPIC_WORKSPACE, CHANGE_DELETED, acme, 4);
	assert_null(next(&some));
	fake_close(&some);
}

static void fill_up(struct fake *fake, int *n)
{
	while (fake_waiting(fake) < NOTICE_SOFT_BYTES)
		tell(TOPIC_JOB, CHANGE_UPDATED, acme, (*n)++);
}

static void test_slow_reader(void **state)
{
	struct fake fake;
	int n = 1;
	char text[64];
	(void)state;
	fake_open(&fake, true);
	subscribe(&fake, ~0u, "");
	fake.stuck = true;
	fill_up(&fake, &n);
	int before = n;
	for (int round = 0; round < 50; round++)
		for (int i = 0; i < 10; i++)
			tell(TOPIC_CONNECTION, round == 49 && i == 9 ? CHANGE_DELETED : CHANGE_UPDATED, acme, 100000 + i);
	assert_true(fake_waiting(&fake) < NOTICE_SOFT_BYTES + 400);
	fake.stuck = false;
	fake.taken = fake.out.len;
	tell(TOPIC_JOB, CHANGE_CREATED, acme, n);
	for (int i = 1; i < before; i++) {
		(void)snprintf(text, sizeof text, "job updated %d", i);
		expect(&fake, text);
	}
	for (int i = 0; i < 10; i++) {
		(void)snprintf(text, sizeof text, "connection %s %d", i == 9 ? "deleted" : "updated", 100000 + i);
		expect(&fake, text);
	}
	(void)snprintf(text, sizeof text, "job created %d", n);
	expect(&fake, text);
	assert_null(next(&fake));
	assert_int_equal(fake.subscriber.collected.count, 0);
	fake_close(&fake);
}

static void test_resync(void **state)
{
	struct fake fake;
	int n = 1;
	(void)state;
	fake_open(&fake, true);
	subscribe(&fake, ~0u, "");
	fake.stuck = true;
	fill_up(&fake, &n);
	for (int i = 0; i < NOTICE_COLLECTED_MAX; i++)
		tell(TOPIC_CALENDAR, CHANGE_UPDATED, acme, i);
	assert_false(fake.subscriber.resync);
	tell(TOPIC_CALENDAR, CHANGE_UPDATED, acme, 5);
	assert_false(fake.subscriber.resync);
	tell(TOPIC_CALENDAR, CHANGE_UPDATED, acme, 999999);
	assert_true(fake.subscriber.resync);
	for (int i = 0; i < 5000; i++)
		tell(TOPIC_EVENT, CHANGE_CREATED, acme, i);
	assert_int_equal(fake.subscriber.collected.capacity, 0);
	fake.stuck = false;
	fake.taken = fake.out.len;
	/* Nothing new is needed for it to go on. */
	notices_deliver(&hub);
	for (int i = 1; i < n; i++)
		assert_non_null(next(&fake));
	expect(&fake, "resync");
	assert_null(next(&fake));
	tell(TOPIC_EVENT, CHANGE_CREATED, acme, 1);
	expect(&fake, "event created 1");
	assert_null(next(&fake));
	fake_close(&fake);
}

/* More was collected than fits at once: it leaves as the client takes it. */
static void test_collected_leaves_in_portions(void **state)
{
	struct fake fake;
	int n = 1;
	(void)state;
	fake_open(&fake, true);
	subscribe(&fake, ~0u, "");
	fake.stuck = true;
	fill_up(&fake, &n);
	for (int i = 0; i < NOTICE_COLLECTED_MAX; i++)
		tell(TOPIC_CALENDAR, CHANGE_UPDATED, acme, i);
	fake.taken = fake.out.len;
	notices_deliver(&hub);
	assert_in_range(fake.subscriber.collected.count, 100, NOTICE_COLLECTED_MAX - 1);
	fake.stuck = false;
	fake.taken = fake.out.len;
	notices_deliver(&hub);
	assert_int_equal(fake.subscriber.collected.count, 0);
	for (int i = 1; i < n + NOTICE_COLLECTED_MAX; i++)
		assert_non_null(next(&fake));
	assert_null(next(&fake));
	fake_close(&fake);
}

/* What a client may no longer see is not told although it was collected when it might; a deletion that nobody can judge any more
 * becomes a resync. */
static void test_rights_lost_while_collecting(void **state)
{
	struct fake fake;
	int n = 1;
	(void)state;
	fake_open(&fake, false);
	subscribe(&fake, ~0u, "");
	fake.stuck = true;
	fill_up(&fake, &n);
	tell(TOPIC_CALENDAR, CHANGE_UPDATED, acme, 1);
	tell(TOPIC_CONNECTION, CHANGE_DELETED, acme, 2);
	fake.access.count = 0;
	fake.taken = fake.out.len;
	fake.read = fake.out.len;
	fake.seq = fake.subscriber.seq;
	fake.stuck = false;
	notices_deliver(&hub);
	expect(&fake, "resync");
	assert_null(next(&fake));
	fake_close(&fake);
}

static void test_clients_die(void **state)
{
	struct fake fakes[5];
	(void)state;
	for (int i = 0; i < 5; i++) {
		fake_open(&fakes[i], true);
		subscribe(&fakes[i], ~0u, "");
	}
	fakes[0].dies = fakes[2].dies = fakes[3].dies = true;
	tell(TOPIC_JOB, CHANGE_UPDATED, acme, 1);
	tell(TOPIC_JOB, CHANGE_UPDATED, acme, 2);
	for (int i = 0; i < 5; i++) {
		expect(&fakes[i], "job updated 1");
		if (fakes[i].dies)
			assert_null(next(&fakes[i]));
		else
			expect(&fakes[i], "job updated 2");
		fake_close(&fakes[i]);
	}
}

static void test_filters_are_bounded(void **state)
{
	struct fake fake;
	struct err err;
	char id[ID_TEXT_SIZE];
	(void)state;
	fake_open(&fake, true);
	for (int i = 0; i < NOTICE_FILTERS_MAX; i++) {
		(void)snprintf(id, sizeof id, "0190a0a0-0000-7000-8000-%012d", i);
		assert_int_equal(notices_subscribe(&fake.subscriber, 1, id, &err), 0);
		assert_int_equal(notices_subscribe(&fake.subscriber, 2, id, &err), 0);
	}
	assert_int_equal(notices_subscribe(&fake.subscriber, 1, acme, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT_EXCEEDED);
	assert_int_equal(notices_subscribe(&fake.subscriber, 4, id, &err), 0);
	fake_close(&fake);
}

/* 100 clients that are told 1 000 changes, a tick of ten each: nobody misses one. */
static void test_many_clients(void **state)
{
	enum { CLIENTS = 100, CHANGES = 1000 };
	static struct fake fakes[CLIENTS];
	(void)state;
	for (int i = 0; i < CLIENTS; i++) {
		fake_open(&fakes[i], i % 2);
		subscribe(&fakes[i], ~0u, "");
	}
	for (int i = 0; i < CHANGES; i++) {
		commit(TOPIC_CONNECTION, CHANGE_UPDATED, acme, i);
		if (i % 10 == 9)
			notices_deliver(&hub);
	}
	for (int i = 0; i < CLIENTS; i++) {
		assert_int_equal(fakes[i].subscriber.seq, CHANGES);
		fake_close(&fakes[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_topics_and_order, close_hub),
		cmocka_unit_test_teardown(test_only_what_may_be_seen, close_hub),
		cmocka_unit_test_teardown(test_the_end_of_a_workspace, close_hub),
		cmocka_unit_test_teardown(test_slow_reader, close_hub),
		cmocka_unit_test_teardown(test_resync, close_hub),
		cmocka_unit_test_teardown(test_collected_leaves_in_portions, close_hub),
		cmocka_unit_test_teardown(test_rights_lost_while_collecting, close_hub),
		cmocka_unit_test_teardown(test_clients_die, close_hub),
		cmocka_unit_test_teardown(test_filters_are_bounded, close_hub),
		cmocka_unit_test_teardown(test_many_clients, close_hub),
	};
	return cmocka_run_group_tests_name("rpc/notices", tests, NULL, NULL);
}
