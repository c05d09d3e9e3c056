/*
 * Calendars of accounts.
 * Ownership: the account owns its calendars; removed ones stay as tombstones for incremental lists.
 */
#include "tests/sandbox/calstore.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/mem.h"

static const char *const calstore_backgrounds[24] = {
	"#ac725e", "#d06b64", "#f83a22", "#fa573c", "#ff7537", "#ffad46", "#42d692", "#16a765",
	"#7bd148", "#b3dc6c", "#fbe983", "#fad165", "#92e1c0", "#9fe1e7", "#9fc6e7", "#4986e7",
	"#9a9cff", "#b99aff", "#c2c2c2", "#cabdbf", "#cca6ac", "#f691b2", "#cd74e6", "#a47ae2",
};

static const char *const calstore_role_names[] = { "none", "freeBusyReader", "reader", "writer", "owner" };

static void calstore_fill(struct calendar *calendar, const struct calstore_new *what)
{
	free(calendar->summary);
	free(calendar->summary_override);
	free(calendar->description);
	free(calendar->zone);
	calendar->summary = mem_copy(what->summary);
	calendar->summary_override = NULL;
	calendar->description = mem_copy(what->description);
	calendar->zone = mem_copy(what->zone);
	calendar->role = what->role;
	calendar->primary = what->primary;
	calendar->hidden = what->hidden;
	calendar->deleted = false;
}

struct calendar *calstore_add(struct state *state, struct account *account, const struct calstore_new *what)
{
	struct calendar *calendar = table_get(&account->calendars_by_id, what->id);

	if (calendar != NULL && !calendar->deleted)
		return NULL;
	if (calendar == NULL) {
		calendar = mem_alloc(sizeof *calendar);
		calendar->id = mem_copy(what->id);
		calendar->seed_index = (uint64_t)account->index << 32 | account->calendar_count;
		calendar->color = (uint32_t)(account->index * 5 + account->calendar_count * 7) % 24 + 1;
		calendar->background = calstore_backgrounds[calendar->color - 1];
		account->calendars = mem_grow(account->calendars, account->calendar_count, &account->calendar_capacity,
		                              sizeof calendar);
		account->calendars[account->calendar_count++] = calendar;
		table_put(&account->calendars_by_id, calendar->id, calendar);
	}
	calstore_fill(calendar, what);
	calstore_touch(state, account, calendar, true);
	return calendar;
}

struct calendar *calstore_find(const struct account *account, const char *id)
{
	struct calendar *calendar =
		table_get(&account->calendars_by_id, strcmp(id, "primary") == 0 ? account->email : id);

	if (calendar == NULL || calendar->deleted || calendar->role == ROLE_NONE)
		return NULL;
	return calendar;
}

void calstore_touch(struct state *state, struct account *account, struct calendar *calendar, bool listed)
{
	calendar->etag = state_next_etag(state);
	if (listed)
		calendar->changed = ++account->list_version;
}

void calstore_remove(struct state *state, struct account *account, struct calendar *calendar)
{
	calendar->deleted = true;
	calstore_touch(state, account, calendar, true);
}

const char *calstore_role_name(enum state_role role)
{
	return calstore_role_names[role];
}

bool calstore_parse_role(const char *name, enum state_role *role)
{
	for (int i = ROLE_NONE; i <= ROLE_OWNER; i++) {
		if (strcmp(calstore_role_names[i], name) == 0) {
			*role = (enum state_role)i;
			return true;
		}
	}
	return false;
}
