/* A list kept in step with the daemon. */
#include "tui/feed.h"

#include "ipc/base/strutil.h"

#include <stdio.h>
#include <string.h>

enum { PAGE = 500, GATHER_MS = 100 };

void feed_init(struct feed *feed, struct desk *desk, const struct feed_spec *spec, void *owner, struct list *list)
{
	*feed = (struct feed){ .desk = desk, .spec = spec, .owner = owner, .list = list, .total = -1 };
}

void feed_add_query(struct feed *feed, json_t *params)
{
	if (feed->query_count < FEED_QUERIES_MAX)
		feed->queries[feed->query_count++] = params;
	else
		json_decref(params);
}

void feed_free(struct feed *feed)
{
	remote_forget(&feed->desk->remote, feed);
	for (size_t i = 0; i < feed->query_count; i++)
		json_decref(feed->queries[i]);
	feed->query_count = 0;
}

static void ask_page(struct feed *feed, const json_t *cursor);

static void end_load(struct feed *feed)
{
	feed->loading = false;
	feed->next_poll = desk_now(feed->desk) + FEED_POLL_MS;
	feed->desk->dirty = true;
	if (feed->again) {
		feed->again = false;
		feed_reload(feed);
	}
}

static void end_well(struct feed *feed)
{
	list_sweep_end(feed->list);
	feed->loaded = true;
	feed->fault[0] = '\0';
	feed->as_of = desk_now(feed->desk);
	if (feed->desk->announce)
		desk_say(feed->desk, TOAST_OK, "✓ reconnected, %zu %s", feed->list->changes,
		         feed->list->changes == 1 ? "change" : "changes");
	feed->desk->announce = false;
	end_load(feed);
}

static void put_items(struct feed *feed, const json_t *items)
{
	for (size_t i = 0; i < json_array_size(items); i++)
		(void)feed->spec->put(feed->owner, feed->list, json_array_get(items, i));
	feed->desk->dirty = true;
}

static void on_page(void *owner, const char *tag, const struct remote_answer *answer)
{
	struct feed *feed = owner;
	(void)tag;
	if (!answer->result) {
		feed->unsupported = remote_is(answer, "method_not_found");
		(void)str_copy(feed->fault, sizeof feed->fault, answer->message);
		end_load(feed);
		return;
	}
	feed->unsupported = false;
	put_items(feed, json_object_get(answer->result, "items"));
	const json_t *total = json_object_get(answer->result, "total");
	if (feed->query_count <= 1)
		feed->total = json_is_integer(total) ? json_integer_value(total) : -1;
	const json_t *next = json_object_get(answer->result, "next_cursor");
	if (json_is_string(next))
		ask_page(feed, next);
	else if (++feed->query_at < feed->query_count)
		ask_page(feed, NULL);
	else
		end_well(feed);
}

static void ask_page(struct feed *feed, const json_t *cursor)
{
	json_t *params = feed->query_at < feed->query_count ? json_deep_copy(feed->queries[feed->query_at]) : json_object();
	if (!json_object_get(params, "limit"))
		json_object_set_new(params, "limit", json_integer(PAGE));
	if (cursor)
		json_object_set_new(params, "cursor", json_deep_copy(cursor));
	if (!remote_call(&feed->desk->remote, feed->spec->method, params, on_page, feed, NULL))
		end_load(feed);
}

void feed_reload(struct feed *feed)
{
	if (!link_is_live(&feed->desk->link))
		return;
	if (feed->loading) {
		feed->again = true;
		return;
	}
	feed->loading = true;
	feed->query_at = 0;
	feed->dirty_count = 0;
	feed->flood = false;
	list_sweep_begin(feed->list);
	ask_page(feed, NULL);
}

void feed_notice(struct feed *feed, const char *topic, const char *id)
{
	if (!str_equal(topic, feed->spec->topic))
		return;
	if (feed->dirty_count == 0 && !feed->flood)
		feed->gather_until = desk_now(feed->desk) + GATHER_MS;
	for (size_t i = 0; i < feed->dirty_count; i++)
		if (strcmp(feed->dirty[i], id) == 0)
			return;
	if (feed->dirty_count == FEED_DIRTY_MAX || !feed->spec->get_method || !*id)
		feed->flood = true;
	else
		(void)str_copy(feed->dirty[feed->dirty_count++], LIST_ID_SIZE, id);
}

static void on_item(void *owner, const char *tag, const struct remote_answer *answer)
{
	struct feed *feed = owner;
	bool gone = answer->result ? !feed->spec->put(feed->owner, feed->list, answer->result) : remote_is(answer, "not_found");
	if (gone)
		list_remove(feed->list, tag);
	feed->desk->dirty = true;
}

void feed_tick(struct feed *feed)
{
	int64_t now = desk_now(feed->desk);
	if (!link_is_live(&feed->desk->link))
		return;
	bool dirty = feed->flood || feed->dirty_count > 0;
	if (dirty && now >= feed->gather_until && !feed->loading) {
		if (feed->flood) {
			feed_reload(feed);
		} else {
			for (size_t i = 0; i < feed->dirty_count; i++)
				(void)remote_call(&feed->desk->remote, feed->spec->get_method,
				                  json_pack("{s:s}", "id", feed->dirty[i]), on_item, feed, feed->dirty[i]);
			feed->dirty_count = 0;
		}
	}
	/* Without notices, or after a failure, changes are asked for. */
	bool asks = !feed->desk->notices || feed->fault[0];
	if (asks && !feed->loading && !feed->unsupported && feed->next_poll > 0 && now >= feed->next_poll)
		feed_reload(feed);
}
