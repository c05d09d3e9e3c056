/* Telling of changes. */
#include "daemon/rpc/notices.h"

#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <stdio.h>
#include <stdlib.h>

/* Memory that is kept from one tick to the next. */
enum { KEPT_CAPACITY = 4096, KEPT_BYTES = 1 << 20 };

#define NOTICE_HEAD "{\"jsonrpc\":\"2.0\",\"method\":\"notice\",\"params\":{\"seq\":"

void notices_free(struct notices *notices)
{
	change_set_free(&notices->fresh);
	buf_free(&notices->bodies);
	free(notices->body_ends);
	free(notices->last_seen);
	*notices = (struct notices){ 0 };
}

void notices_take(void *arg, const struct store_change *changes, size_t count)
{
	struct notices *notices = arg;
	for (size_t i = 0; i < count && notices->first; i++)
		(void)change_set_add(&notices->fresh, &changes[i], SIZE_MAX);
}

/* ---- Subscribing ---- */

void notices_seat(struct subscriber *subscriber, struct notices *hub, const struct notice_outlet *outlet, void *owner)
{
	*subscriber = (struct subscriber){ .hub = hub, .outlet = outlet, .owner = owner };
}

static void enter(struct subscriber *subscriber)
{
	struct notices *hub = subscriber->hub;
	if (subscriber->link)
		return;
	subscriber->next = hub->first;
	subscriber->link = &hub->first;
	if (hub->first)
		hub->first->link = &subscriber->next;
	hub->first = subscriber;
}

void notices_leave(struct subscriber *subscriber)
{
	if (subscriber->link) {
		*subscriber->link = subscriber->next;
		if (subscriber->next)
			subscriber->next->link = subscriber->link;
	}
	subscriber->link = NULL;
	free(subscriber->filters);
	subscriber->filters = NULL;
	subscriber->filter_count = 0;
	subscriber->resync = false;
	change_set_free(&subscriber->collected);
}

static struct notice_filter *find_filter(struct subscriber *subscriber, const char *workspace_id)
{
	for (size_t i = 0; i < subscriber->filter_count; i++)
		if (str_equal(subscriber->filters[i].workspace_id, workspace_id))
			return &subscriber->filters[i];
	return NULL;
}

int notices_subscribe(struct subscriber *subscriber, unsigned topics, const char *workspace_id, struct err *err)
{
	struct notice_filter *filter = find_filter(subscriber, workspace_id);
	if (!filter && subscriber->filter_count == NOTICE_FILTERS_MAX)
		return err_set(err, ERR_LIMIT_EXCEEDED, "at most %d workspaces can be subscribed to one by one", NOTICE_FILTERS_MAX);
	if (!filter) {
		subscriber->filters =
			mem_grow_array(subscriber->filters, subscriber->filter_count + 1, sizeof *subscriber->filters);
		filter = &subscriber->filters[subscriber->filter_count++];
		*filter = (struct notice_filter){ .topics = 0 };
		(void)str_copy(filter->workspace_id, sizeof filter->workspace_id, workspace_id);
	}
	filter->topics |= topics;
	enter(subscriber);
	return 0;
}

void notices_unsubscribe(struct subscriber *subscriber, unsigned topics)
{
	size_t kept = 0;
	for (size_t i = 0; i < subscriber->filter_count; i++) {
		struct notice_filter filter = subscriber->filters[i];
		filter.topics &= ~topics;
		if (filter.topics)
			subscriber->filters[kept++] = filter;
	}
	subscriber->filter_count = kept;
	if (kept == 0)
		notices_leave(subscriber);
}

static bool wants(const struct subscriber *subscriber, const struct store_change *change)
{
	for (size_t i = 0; i < subscriber->filter_count; i++) {
		const struct notice_filter *filter = &subscriber->filters[i];
		if ((filter->topics & 1u << change->topic) &&
		    (filter->workspace_id[0] == '\0' || str_equal(filter->workspace_id, change->workspace_id)))
			return true;
	}
	return false;
}

static bool may_see(const struct access *access, const struct store_change *change)
{
	const char *workspace_id = change->workspace_id[0] ? change->workspace_id : NULL;
	return access && access_role(access, workspace_id) >= ROLE_VIEWER;
}

/* ---- Texts ---- */

static void put_body(struct buf *out, const struct store_change *change)
{
	buf_printf(out, ",\"topic\":\"%s\",\"id\":\"%s\",\"workspace_id\":", topic_name(change->topic), change->id);
	if (change->workspace_id[0])
		buf_printf(out, "\"%s\"", change->workspace_id);
	else
		buf_add_text(out, "null");
	buf_printf(out, ",\"change\":\"%s\"}}\n", change_name(change->change));
}

static void put_notice(struct subscriber *subscriber, const char *body, size_t len)
{
	char head[sizeof NOTICE_HEAD + 24];
	int head_len = snprintf(head, sizeof head, NOTICE_HEAD "%lld", (long long)++subscriber->seq);
	subscriber->outlet->put(subscriber->owner, head, (size_t)head_len);
	subscriber->outlet->put(subscriber->owner, body, len);
}

static void make_bodies(struct notices *notices)
{
	size_t count = notices->fresh.count;
	if (count > notices->body_capacity) {
		notices->body_capacity = notices->fresh.capacity;
		notices->body_ends = mem_grow_array(notices->body_ends, notices->body_capacity, sizeof *notices->body_ends);
		notices->last_seen = mem_grow_array(notices->last_seen, notices->body_capacity, sizeof *notices->last_seen);
	}
	buf_truncate(&notices->bodies, 0);
	for (size_t i = 0; i < count; i++) {
		put_body(&notices->bodies, &notices->fresh.items[i]);
		notices->body_ends[i] = notices->bodies.len;
	}
}

/* ---- Delivering ---- */

static bool has_room(const struct subscriber *subscriber)
{
	return subscriber->outlet->waiting(subscriber->owner) < NOTICE_SOFT_BYTES;
}

static bool is_behind(const struct subscriber *subscriber)
{
	return subscriber->resync || subscriber->collected.count > 0;
}

static void collect(struct subscriber *subscriber, const struct store_change *change)
{
	if (subscriber->resync || change_set_add(&subscriber->collected, change, NOTICE_COLLECTED_MAX))
		return;
	subscriber->resync = true;
	change_set_free(&subscriber->collected);
}

/* A workspace that was deleted is in nobody's access any more: who could see it a moment ago is told. */
static void look_back(struct notices *notices, struct subscriber *subscriber)
{
	const struct access *before = subscriber->outlet->access(subscriber->owner, false);
	for (size_t i = 0; i < notices->fresh.count; i++) {
		const struct store_change *change = &notices->fresh.items[i];
		notices->last_seen[i] = change->change == CHANGE_DELETED && may_see(before, change);
	}
}

static void give_fresh(struct notices *notices, struct subscriber *subscriber)
{
	look_back(notices, subscriber);
	const struct access *access = subscriber->outlet->access(subscriber->owner, true);
	size_t start = 0;
	for (size_t i = 0; i < notices->fresh.count; start = notices->body_ends[i++]) {
		const struct store_change *change = &notices->fresh.items[i];
		if (!wants(subscriber, change) || !(notices->last_seen[i] || may_see(access, change)))
			continue;
		if (is_behind(subscriber) || !has_room(subscriber))
			collect(subscriber, change);
		else
			put_notice(subscriber, notices->bodies.data + start, notices->body_ends[i] - start);
	}
}

/* What was collected, as far as there is room. Rights are looked at again, for they may have gone meanwhile; of something that is
 * gone itself nobody knows any more who could see it, so that the client is told to read anew. */
static void give_collected(struct subscriber *subscriber)
{
	static const char resync[] = ",\"topic\":\"resync\",\"id\":null,\"workspace_id\":null,\"change\":null}}\n";
	const struct access *access = subscriber->outlet->access(subscriber->owner, true);
	struct buf body = { 0 };
	size_t given = 0;
	for (; given < subscriber->collected.count && has_room(subscriber); given++) {
		const struct store_change *change = &subscriber->collected.items[given];
		if (!wants(subscriber, change))
			continue;
		if (!may_see(access, change)) {
			subscriber->resync |= change->change == CHANGE_DELETED;
			continue;
		}
		buf_truncate(&body, 0);
		put_body(&body, change);
		put_notice(subscriber, body.data, body.len);
	}
	change_set_drop(&subscriber->collected, given);
	if (subscriber->resync && subscriber->collected.count == 0 && has_room(subscriber)) {
		put_notice(subscriber, resync, sizeof resync - 1);
		subscriber->resync = false;
	}
	buf_free(&body);
}

/* Go on while the client takes what it is sent; sending may end it. */
static void serve(struct notices *notices, struct subscriber *subscriber)
{
	if (is_behind(subscriber) && has_room(subscriber))
		give_collected(subscriber);
	if (notices->fresh.count > 0)
		give_fresh(notices, subscriber);
	int64_t sent = -1;
	while (subscriber->link && subscriber->seq != sent) {
		sent = subscriber->seq;
		subscriber->outlet->send(subscriber->owner);
		if (subscriber->link && is_behind(subscriber) && has_room(subscriber))
			give_collected(subscriber);
	}
}

void notices_deliver(struct notices *notices)
{
	struct subscriber *next;
	if (notices->fresh.count > 0 && notices->first)
		make_bodies(notices);
	for (struct subscriber *subscriber = notices->first; subscriber; subscriber = next) {
		next = subscriber->next;
		if (notices->fresh.count > 0 || is_behind(subscriber))
			serve(notices, subscriber);
	}
	change_set_drop(&notices->fresh, notices->fresh.count);
	if (notices->fresh.capacity > KEPT_CAPACITY)
		change_set_free(&notices->fresh);
	if (notices->bodies.capacity > KEPT_BYTES)
		buf_free(&notices->bodies);
}
