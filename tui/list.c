/* Rows by id. */
#include "tui/list.h"

#include "ipc/base/buf.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <stdlib.h>
#include <string.h>

void list_init(struct list *list, const struct list_column *columns, size_t count, size_t name_column)
{
	*list = (struct list){ .columns = columns, .column_count = count, .name_column = name_column, .sweep = 1 };
}

static void free_row(struct list_row *row)
{
	for (size_t i = 0; i < LIST_COLUMNS_MAX; i++)
		free(row->values[i].text);
	for (size_t i = 0; i < FILTER_FACETS; i++)
		free(row->facets[i]);
	free(row->note);
	free(row->folded);
	free(row);
}

void list_free(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free_row(list->rows[i]);
	free(list->rows);
	free(list->shown);
	idmap_clear(&list->by_id);
	*list = (struct list){ 0 };
}

struct list_row *list_find(const struct list *list, const char *id)
{
	struct list_row *row = idmap_find(&list->by_id, id);
	return row && !row->dead ? row : NULL;
}

static struct list_row *add_row(struct list *list, const char *id)
{
	struct list_row *row = mem_alloc(sizeof *row);
	(void)str_copy(row->id, sizeof row->id, id);
	row->position = SIZE_MAX;
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 64;
		list->rows = mem_grow_array(list->rows, list->capacity, sizeof(struct list_row *));
		list->shown = mem_grow_array(list->shown, list->capacity, sizeof(struct list_row *));
	}
	list->rows[list->count++] = row;
	idmap_put(&list->by_id, row->id, row);
	return row;
}

static bool replace(char **old, const char *text)
{
	if (str_equal(*old, text))
		return false;
	free(*old);
	*old = mem_strdup(text);
	return true;
}

static void fold(struct list *list, struct list_row *row)
{
	struct buf all = { 0 };
	for (size_t i = 0; i < list->column_count; i++) {
		if (row->values[i].text)
			buf_add_text(&all, row->values[i].text);
		buf_add_char(&all, '\n');
	}
	free(row->folded);
	row->folded = filter_fold(buf_text(&all));
	buf_free(&all);
}

bool list_put(struct list *list, const char *id, const struct list_value *values, const char *const facets[FILTER_FACETS],
              const char *note, const char *also)
{
	struct list_row *row = idmap_find(&list->by_id, id);
	bool changed = !row || row->dead;
	if (!row)
		row = add_row(list, id);
	row->dead = false;
	row->sweep = list->sweep;
	for (size_t i = 0; i < list->column_count; i++) {
		changed |= replace(&row->values[i].text, values[i].text);
		changed |= row->values[i].number != values[i].number;
		row->values[i].number = values[i].number;
	}
	for (size_t i = 0; i < FILTER_FACETS; i++) {
		char *folded = facets[i] ? filter_fold(facets[i]) : NULL;
		changed |= replace(&row->facets[i], folded);
		free(folded);
	}
	changed |= replace(&row->note, note);
	(void)str_copy(row->also, sizeof row->also, also ? also : "");
	if (changed) {
		fold(list, row);
		list->dirty = list->unsorted = true;
		list->changes++;
	}
	return changed;
}

static void kill_row(struct list *list, struct list_row *row)
{
	row->dead = true;
	list->dirty = true;
	list->changes++;
}

void list_remove(struct list *list, const char *id)
{
	struct list_row *row = list_find(list, id);
	if (row)
		kill_row(list, row);
}

void list_sweep_begin(struct list *list)
{
	list->sweep++;
	list->changes = 0;
}

void list_sweep_end(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (!list->rows[i]->dead && list->rows[i]->sweep != list->sweep)
			kill_row(list, list->rows[i]);
	list->pinned = true;
}

/* ---- Order --------------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b, void *arg)
{
	const struct list *list = arg;
	const struct list_row *x = *(struct list_row *const *)a, *y = *(struct list_row *const *)b;
	const struct list_value *u = &x->values[list->sort_column], *v = &y->values[list->sort_column];
	int order;
	if (u->number != v->number)
		order = u->number < v->number ? -1 : 1;
	else
		order = strcmp(u->text ? u->text : "", v->text ? v->text : "");
	if (order != 0)
		return list->descending ? -order : order;
	return strcmp(x->id, y->id);
}

/* The selected row is going: the next one that stays takes its place, else the one before. */
static void leave_dead(struct list *list)
{
	struct list_row *row = idmap_find(&list->by_id, list->cursor);
	if (!row || !row->dead || list->shown_count == 0)
		return;
	if (list->pinned)
		(void)str_copy(list->vanished, sizeof list->vanished,
		               row->values[list->name_column].text ? row->values[list->name_column].text : row->id);
	size_t at = list->cursor_at;
	while (at < list->shown_count && list->shown[at]->dead)
		at++;
	if (at == list->shown_count)
		for (at = list->cursor_at; at > 0 && list->shown[at]->dead;)
			at--;
	(void)str_copy(list->cursor, sizeof list->cursor, list->shown[at]->dead ? "" : list->shown[at]->id);
}

static void bury(struct list *list)
{
	size_t kept = 0, shown = 0;
	for (size_t i = 0; i < list->shown_count; i++)
		if (!list->shown[i]->dead)
			list->shown[shown++] = list->shown[i];
	list->shown_count = shown;
	for (size_t i = 0; i < list->count; i++) {
		if (list->rows[i]->dead)
			free_row(list->rows[i]);
		else
			list->rows[kept++] = list->rows[i];
	}
	if (kept == list->count)
		return;
	list->count = kept;
	idmap_clear(&list->by_id);
	for (size_t i = 0; i < kept; i++)
		idmap_put(&list->by_id, list->rows[i]->id, list->rows[i]);
}

static void arrange(struct list *list, bool hold)
{
	size_t shown = 0;
	/* Held: what was shown keeps its order, and what is new follows. */
	for (size_t i = 0; hold && i < list->shown_count; i++) {
		struct list_row *row = list->shown[i];
		row->position = SIZE_MAX;
		if (filter_matches(&list->filter, row->folded, row->facets)) {
			row->position = shown;
			list->shown[shown++] = row;
		}
	}
	for (size_t i = 0; i < list->count; i++) {
		struct list_row *row = list->rows[i];
		if (hold && row->position != SIZE_MAX)
			continue;
		row->position = SIZE_MAX;
		if (filter_matches(&list->filter, row->folded, row->facets))
			list->shown[shown++] = row;
	}
	list->shown_count = shown;
	if (!hold && shown > 0)
		qsort_r(list->shown, shown, sizeof(struct list_row *), compare, list);
	for (size_t i = 0; i < shown; i++)
		list->shown[i]->position = i;
}

static void place_cursor(struct list *list)
{
	struct list_row *row = list_find(list, list->cursor);
	size_t old = list->cursor_at;
	if (!list->pinned || !row) {
		list->cursor_at = list->pinned && old < list->shown_count ? old : 0;
	} else if (row->position != SIZE_MAX) {
		list->cursor_at = row->position;
		/* The row stays where it is on the screen. */
		list->top = list->top + list->cursor_at > old ? list->top + list->cursor_at - old : 0;
		return;
	} else if (old >= list->shown_count) {
		list->cursor_at = list->shown_count > 0 ? list->shown_count - 1 : 0;
	}
	(void)str_copy(list->cursor, sizeof list->cursor, list->shown_count > 0 ? list->shown[list->cursor_at]->id : "");
}

void list_settle(struct list *list, int64_t now)
{
	bool hold = now < list->held_until;
	if (!list->dirty && (hold || !list->unsorted))
		return;
	leave_dead(list);
	bury(list);
	arrange(list, hold);
	list->dirty = false;
	if (!hold)
		list->unsorted = false;
	place_cursor(list);
}

/* ---- Looking and moving -------------------------------------------------------------------------------------------- */

struct list_row *list_selected(const struct list *list)
{
	return list->cursor_at < list->shown_count && list->cursor[0] ? list->shown[list->cursor_at] : NULL;
}

size_t list_total(const struct list *list)
{
	return list->count;
}

int64_t list_held(const struct list *list, int64_t now)
{
	return list->unsorted && now < list->held_until ? list->held_until - now : 0;
}

void list_move(struct list *list, int64_t by, int64_t now)
{
	int64_t last = (int64_t)list->shown_count - 1, to = (int64_t)list->cursor_at + by;
	if (last < 0)
		return;
	list->cursor_at = (size_t)(to < 0 ? 0 : to > last ? last : to);
	(void)str_copy(list->cursor, sizeof list->cursor, list->shown[list->cursor_at]->id);
	list->held_until = now + LIST_HOLD_MS;
	list->pinned = true;
}

void list_filter(struct list *list, const char *text)
{
	(void)str_copy(list->filter_text, sizeof list->filter_text, text);
	filter_parse(&list->filter, list->filter_text);
	list->dirty = list->unsorted = true;
	list->held_until = 0;
}

void list_sort(struct list *list, size_t column, bool descending)
{
	list->sort_column = column;
	list->descending = descending;
	list->dirty = list->unsorted = true;
	list->held_until = 0;
}

void list_scroll(struct list *list, size_t height)
{
	if (height == 0)
		return;
	if (list->cursor_at < list->top)
		list->top = list->cursor_at;
	if (list->cursor_at >= list->top + height)
		list->top = list->cursor_at - height + 1;
	if (list->shown_count <= height)
		list->top = 0;
	else if (list->top > list->shown_count - height)
		list->top = list->shown_count - height;
}

size_t list_marked(const struct list *list, size_t *hidden)
{
	size_t count = 0;
	*hidden = 0;
	for (size_t i = 0; i < list->count; i++)
		if (list->rows[i]->marked && !list->rows[i]->dead) {
			count++;
			*hidden += list->rows[i]->position == SIZE_MAX;
		}
	return count;
}
