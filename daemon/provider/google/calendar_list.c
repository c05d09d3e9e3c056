/* The account's calendars, page after page. Reading one entry is calendar_item.c's; this file keeps the position. */
#include "daemon/provider/google/calendar_list.h"

#include "daemon/provider/google/calendar_item.h"
#include "daemon/provider/google/errors.h"
#include "daemon/provider/body.h"
#include "daemon/provider/step.h"
#include "daemon/provider/uri.h"
#include "ipc/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { TOKEN_TEXT_MAX = 4096, HTTP_GONE = 410 };

struct calendar_list {
	struct operation operation;
	char *cursor;      /* where an incremental list starts; NULL: full */
	char **pages;      /* tokens of the pages asked for so far, the first page has none; the last is the current one */
	size_t page_count;
	size_t bytes;      /* of the texts in the items */
	bool done;
	struct calendar_list_result result;
};

/* What is not asked for need not be sent, parsed and held. */
static const char fields[] = "nextPageToken,nextSyncToken,items(id,summary,summaryOverride,description,timeZone,"
			     "backgroundColor,foregroundColor,accessRole,primary,deleted)";

/* Hidden calendars are always in an incremental list (PROVIDERS.md 2.2), so the full one has them too: else they would come and
 * go with the kind of list. Deleted ones are of use to the incremental list only: in a full list what is absent is gone. */
static struct http_request *list_request(const struct calendar_list *list)
{
	struct buf url = { 0 };
	buf_add_text(&url, list->operation.config->api_url);
	buf_add_text(&url, "/users/me/calendarList");
	uri_add_query(&url, "maxResults", "250");
	uri_add_query(&url, "showHidden", "true");
	if (list->cursor) {
		uri_add_query(&url, "showDeleted", "true");
		uri_add_query(&url, "syncToken", list->cursor);
	}
	if (list->page_count > 0)
		uri_add_query(&url, "pageToken", list->pages[list->page_count - 1]);
	uri_add_query(&url, "prettyPrint", "false");
	uri_add_query(&url, "fields", fields);
	struct http_request *request = http_request_new(HTTP_GET, buf_text(&url), HTTP_REPLY_API_MAX);
	buf_free(&url);
	return request;
}

static void drop_pages(struct calendar_list *list)
{
	for (size_t i = 0; i < list->page_count; i++)
		free(list->pages[i]);
	free(list->pages);
	list->pages = NULL;
	list->page_count = 0;
}

static void drop_items(struct calendar_list *list)
{
	for (size_t i = 0; i < list->result.count; i++)
		calendar_item_clear(&list->result.items[i]);
	free(list->result.items);
	list->result.items = NULL;
	list->result.count = list->bytes = 0;
}

/* The cursor is too old: what was read so far counts for nothing. Without a cursor this cannot happen again. */
static struct step restart_full(struct calendar_list *list)
{
	drop_pages(list);
	drop_items(list);
	free(list->cursor);
	list->cursor = NULL;
	list->result.cursor_expired = true;
	return step_send(list_request(list));
}

/* A token that may be absent; false if it is something else than a text of sensible length. */
static bool read_token(const json_t *root, const char *key, const char **token)
{
	const json_t *value = json_object_get(root, key);
	*token = body_text(root, key);
	if (!value || json_is_null(value) || (*token && !**token)) {
		*token = NULL;
		return true;
	}
	return *token && strlen(*token) <= TOKEN_TEXT_MAX;
}

static bool page_was_seen(const struct calendar_list *list, const char *token)
{
	for (size_t i = 0; i < list->page_count; i++)
		if (strcmp(list->pages[i], token) == 0)
			return true;
	return false;
}

static void add_items(struct calendar_list *list, const json_t *entries)
{
	struct calendar_list_result *result = &list->result;
	size_t count = json_array_size(entries);
	result->items = mem_grow_array(result->items, result->count + count, sizeof *result->items);
	for (size_t i = 0; i < count; i++) {
		struct calendar_item *item = &result->items[result->count];
		if (!calendar_item_read(json_array_get(entries, i), item))
			continue;
		list->bytes += calendar_item_bytes(item);
		result->count++;
	}
}

/* Everything that can be wrong with a page is looked at before anything of it is kept, so that it may be asked for again. */
static struct step take_page(struct calendar_list *list, const struct http_response *response, const json_t *root)
{
	const char *next_page, *next_cursor;
	const json_t *entries = json_object_get(root, "items");
	/* Exactly one of the tokens is in every reply (PROVIDERS.md 2.2). Without this check an empty object would read as
	 * "no calendars left". */
	if (!root || (entries && !json_is_array(entries)) || !read_token(root, "nextPageToken", &next_page) ||
	    !read_token(root, "nextSyncToken", &next_cursor) || (!next_page && !next_cursor))
		return step_unusable(response, VERDICT_RETRY, "Google's calendar list cannot be read.");
	if (next_page && page_was_seen(list, next_page))
		return step_unusable(response, VERDICT_PERMANENT, "Google's calendar list repeats a page without end.");
	if ((next_page && list->page_count + 1 >= CALENDAR_PAGES_MAX) || list->bytes > CALENDAR_BYTES_MAX ||
	    list->result.count + json_array_size(entries) > CALENDAR_ITEMS_MAX)
		return step_unusable(response, VERDICT_PERMANENT, "The account's calendar list is too long.");
	add_items(list, entries);
	if (next_page) {
		list->pages = mem_grow_array(list->pages, list->page_count + 1, sizeof *list->pages);
		list->pages[list->page_count++] = mem_strdup(next_page);
		return step_send(list_request(list));
	}
	calendar_items_keep_last(list->result.items, &list->result.count);
	list->result.cursor = mem_strdup(next_cursor);
	list->result.full = !list->cursor;
	list->done = true;
	return step_done();
}

static struct step list_next(struct operation *operation, const struct http_response *response)
{
	struct calendar_list *list = (struct calendar_list *)operation;
	struct failure failure;
	if (list->done)
		return step_done();
	if (!response)
		return step_send(list_request(list));
	if (response->result == HTTP_OK && response->status == HTTP_GONE && list->cursor)
		return restart_full(list);
	if (google_failure(response, GOOGLE_CALL_ACCOUNT, &failure))
		return step_fail(&failure);
	json_t *root = body_object(response);
	struct step step = take_page(list, response, root);
	json_decref(root);
	return step;
}

static void list_free(struct operation *operation)
{
	struct calendar_list *list = (struct calendar_list *)operation;
	drop_pages(list);
	drop_items(list);
	free(list->result.cursor);
	free(list->cursor);
	free(list);
}

static const struct operation_class list_class = {
	.name = "calendar_list", .needs_token = true, .repeatable = true, .next = list_next, .free = list_free
};

struct operation *google_calendar_list_new(const struct provider_config *config, const char *cursor)
{
	struct calendar_list *list = mem_alloc(sizeof *list);
	list->operation = (struct operation){ .class = &list_class, .config = config };
	list->cursor = cursor && *cursor ? mem_strdup(cursor) : NULL;
	return &list->operation;
}

const struct calendar_list_result *google_calendar_list_result(const struct operation *operation)
{
	const struct calendar_list *list = (const struct calendar_list *)operation;
	return operation->class == &list_class && list->done ? &list->result : NULL;
}
