/* Lists by keyset, and their cursors.
 *
 * A cursor is base64url of: kind, then the id of the last row (16 bytes), then its key (text as it is, numbers as 8 bytes).
 * It names a place in the order and not a row, so it stays good when that row goes. */
#include "store/page.h"

#include "store/tick.h"

#include <stdio.h>
#include <string.h>

#define PAGE_TOTAL_MAX 10000
#define PAGE_LIMIT_MAX 500
#define PAGE_ID_BYTES 16
#define PAGE_RAW_MAX (1 + PAGE_ID_BYTES + PAGE_KEY_MAX)

struct page_place {
	char id[ID_TEXT_SIZE];
	char text[PAGE_KEY_MAX + 1];
	int64_t number;
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void base64_write(char *out, const uint8_t *in, size_t len)
{
	uint32_t bits = 0;
	int held = 0;
	for (size_t i = 0; i < len; i++) {
		bits = (bits << 8) | in[i];
		for (held += 8; held >= 6; held -= 6)
			*out++ = alphabet[(bits >> (held - 6)) & 63];
	}
	if (held > 0)
		*out++ = alphabet[(bits << (6 - held)) & 63];
	*out = '\0';
}

/* -1: not base64url, or too long. */
static int base64_read(uint8_t *out, size_t size, const char *in)
{
	uint32_t bits = 0;
	int held = 0;
	size_t len = 0;
	for (; *in; in++) {
		const char *at = strchr(alphabet, *in);
		if (!at)
			return -1;
		bits = (bits << 6) | (uint32_t)(at - alphabet);
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		if (len == size)
			return -1;
		out[len++] = (uint8_t)(bits >> held);
	}
	return (int)len;
}

static int hex_value(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void id_pack(uint8_t out[PAGE_ID_BYTES], const char *id)
{
	for (size_t i = 0; i < PAGE_ID_BYTES; i++) {
		id += *id == '-';
		out[i] = (uint8_t)(hex_value(id[0]) << 4 | hex_value(id[1]));
		id += 2;
	}
}

static void id_unpack(char out[ID_TEXT_SIZE], const uint8_t *in)
{
	(void)snprintf(out, ID_TEXT_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", in[0], in[1],
	               in[2], in[3], in[4], in[5], in[6], in[7], in[8], in[9], in[10], in[11], in[12], in[13], in[14], in[15]);
}

/* The place of the row the statement is on. */
static void cursor_write(char *out, const struct page_plan *plan, struct stmt *stmt)
{
	uint8_t raw[PAGE_RAW_MAX];
	size_t len = 0;
	raw[len++] = (uint8_t)plan->kind;
	if (plan->id_name) {
		id_pack(raw + len, stmt_text(stmt, plan->id_name));
		len += PAGE_ID_BYTES;
	}
	if (plan->key == PAGE_KEY_TEXT) {
		const char *text = stmt_text(stmt, plan->key_name);
		size_t text_len = strnlen(text, PAGE_KEY_MAX);
		memcpy(raw + len, text, text_len);
		len += text_len;
	} else if (plan->key == PAGE_KEY_NUMBER) {
		uint64_t number = (uint64_t)stmt_int(stmt, plan->key_name);
		for (int shift = 56; shift >= 0; shift -= 8)
			raw[len++] = (uint8_t)(number >> shift);
	}
	base64_write(out, raw, len);
}

static bool cursor_read(struct page_place *place, const struct page_plan *plan, const char *cursor)
{
	uint8_t raw[PAGE_RAW_MAX];
	const uint8_t *at = raw;
	int len = base64_read(raw, sizeof raw, cursor);
	if (len < 1 || *at++ != (uint8_t)plan->kind)
		return false;
	size_t left = (size_t)len - 1;
	*place = (struct page_place){ 0 };
	if (plan->id_name) {
		if (left < PAGE_ID_BYTES)
			return false;
		id_unpack(place->id, at);
		at += PAGE_ID_BYTES;
		left -= PAGE_ID_BYTES;
	}
	if (plan->key == PAGE_KEY_TEXT) {
		memcpy(place->text, at, left);
		return memchr(at, 0, left) == NULL;
	}
	if (plan->key == PAGE_KEY_NONE)
		return left == 0;
	uint64_t number = 0;
	for (size_t i = 0; i < left; i++)
		number = number << 8 | at[i];
	place->number = (int64_t)number;
	return left == sizeof number;
}

void page_filter_text(struct page_filter *filter, const char *sql, const char *name, const char *text)
{
	if (text)
		filter->terms[filter->count++] = (struct page_term){ .sql = sql, .name = name, .text = text };
}

void page_filter_number(struct page_filter *filter, const char *sql, const char *name, int64_t number)
{
	filter->terms[filter->count++] = (struct page_term){ .sql = sql, .name = name, .number = number };
}

static void add_where(struct buf *sql, const struct page_plan *plan, const struct page_filter *filter, const char *scope)
{
	char single[ID_TEXT_SIZE];
	buf_add_text(sql, plan->from);
	buf_add_text(sql, " WHERE 1 = 1");
	for (size_t i = 0; i < filter->count; i++)
		buf_add_text(sql, plan->walk && filter->terms[i].walk ? filter->terms[i].walk : filter->terms[i].sql);
	if (!scope)
		return;
	buf_add_text(sql, " AND ");
	buf_add_text(sql, plan->scope_column);
	/* With one workspace its indexes also serve the order; an expression keeps them out of it. */
	if (page_scope_single(scope, single))
		buf_add_text(sql, " =");
	else
		buf_add_text(sql, plan->walk ? " || '' IN" : " IN");
	buf_add_text(sql, " (SELECT value FROM json_each(:scope))");
}

static void bind_where(struct stmt *stmt, const struct page_filter *filter, const char *scope)
{
	for (size_t i = 0; i < filter->count; i++) {
		const struct page_term *term = &filter->terms[i];
		if (term->name && term->text)
			stmt_bind_text(stmt, term->name, term->text);
		else if (term->name)
			stmt_bind_int(stmt, term->name, term->number);
	}
	if (scope)
		stmt_bind_text(stmt, ":scope", scope);
}

struct stmt *page_query(struct store *store, const char *select, const struct page_plan *plan,
                        const struct page_filter *filter, const char *scope, const char *rest, struct err *err)
{
	buf_truncate(&store->sql, 0);
	buf_add_text(&store->sql, select);
	add_where(&store->sql, plan, filter, scope);
	buf_add_text(&store->sql, rest);
	struct stmt *stmt = tick_stmt_built(store, buf_text(&store->sql), err);
	if (stmt)
		bind_where(stmt, filter, scope);
	return stmt;
}

static int page_total(struct store *store, const struct page_plan *plan, const struct page_filter *filter, const char *scope,
                      int64_t *total, struct err *err)
{
	char rest[64];
	(void)snprintf(rest, sizeof rest, " LIMIT %d) AS capped", PAGE_TOTAL_MAX + 1);
	struct stmt *stmt =
		page_query(store, "SELECT count(*) AS n FROM (SELECT 1", plan, filter, scope, rest, err);
	return stmt ? tick_number(store, stmt, total, err) : -1;
}

/* " AND (key, id) > (:key, :id) ORDER BY key, id LIMIT :limit", or what of it applies. */
static void write_order(char *out, size_t size, const struct page_plan *plan, bool after)
{
	const char *way = plan->descending ? " DESC" : "";
	char sign = plan->descending ? '<' : '>';
	char place[128] = "";
	if (plan->id_name && plan->key != PAGE_KEY_NONE) {
		if (after)
			(void)snprintf(place, sizeof place, " AND (%s, %s) %c (:key, :id)", plan->key_column, plan->id_column, sign);
		(void)snprintf(out, size, "%s ORDER BY %s%s, %s%s LIMIT :limit", place, plan->key_column, way, plan->id_column, way);
		return;
	}
	const char *column = plan->id_name ? plan->id_column : plan->key_column;
	if (after)
		(void)snprintf(place, sizeof place, " AND %s %c %s", column, sign, plan->id_name ? ":id" : ":key");
	(void)snprintf(out, size, "%s ORDER BY %s%s LIMIT :limit", place, column, way);
}

static struct stmt *page_stmt(struct store *store, const struct page_plan *plan, const struct page_filter *filter,
                              const struct store_page *page, const struct page_place *place, struct err *err)
{
	char order[256];
	write_order(order, sizeof order, plan, page->cursor != NULL);
	struct stmt *stmt = page_query(store, plan->select, plan, filter, page->scope, order, err);
	if (!stmt)
		return NULL;
	if (page->cursor) {
		if (plan->key == PAGE_KEY_TEXT)
			stmt_bind_text(stmt, ":key", place->text);
		else if (plan->key == PAGE_KEY_NUMBER)
			stmt_bind_int(stmt, ":key", place->number);
		if (plan->id_name)
			stmt_bind_text(stmt, ":id", place->id);
	}
	stmt_bind_int(stmt, ":limit", page->limit + 1);
	return stmt;
}

int page_run(struct store *store, const struct page_plan *plan, const struct page_filter *filter,
             const struct store_page *page, int64_t known_total, page_row_fn *fn, void *arg, struct store_page_end *end,
             struct err *err)
{
	struct page_place place;
	if (page->limit < 1 || page->limit > PAGE_LIMIT_MAX)
		return err_field(err, "limit", "limit must be from 1 to %d", PAGE_LIMIT_MAX);
	if (page->cursor && !cursor_read(&place, plan, page->cursor))
		return err_field(err, "cursor", "cursor: expected the next_cursor of this list in the same order");
	end->next_cursor[0] = '\0';
	end->total = known_total;
	if (known_total < 0 && page_total(store, plan, filter, page->scope, &end->total, err) < 0)
		return -1;
	end->has_total = end->total <= PAGE_TOTAL_MAX;
	struct page_plan in_order = *plan;
	in_order.walk = plan->walk || !end->has_total;
	struct stmt *stmt = page_stmt(store, &in_order, filter, page, &place, err);
	if (!stmt)
		return -1;
	int got = 0, rows = 0;
	char last[sizeof end->next_cursor] = "";
	while ((got = tick_step(store, stmt, err)) > 0 && rows < page->limit) {
		if (++rows == page->limit)
			cursor_write(last, plan, stmt);
		fn(arg, stmt);
	}
	if (got > 0) {
		/* One more than asked for: there is a next page. */
		stmt_reset(stmt);
		memcpy(end->next_cursor, last, sizeof last);
	}
	return got < 0 ? -1 : 0;
}

bool page_scope_single(const char *scope, char out[ID_TEXT_SIZE])
{
	if (!scope || strlen(scope) != ID_TEXT_SIZE + 3 || memcmp(scope, "[\"", 2) != 0 ||
	    strcmp(scope + ID_TEXT_SIZE + 1, "\"]") != 0)
		return false;
	memcpy(out, scope + 2, ID_TEXT_SIZE - 1);
	out[ID_TEXT_SIZE - 1] = '\0';
	return id_is_valid(out);
}
