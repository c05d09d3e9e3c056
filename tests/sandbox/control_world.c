/*
 * Orders that change what the accounts see.
 * Ownership: everything made belongs to the state.
 */
#include "tests/sandbox/control_world.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/calstore.h"
#include "tests/sandbox/control_args.h"
#include "tests/sandbox/evstore.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/people.h"
#include "tests/sandbox/tz.h"

char *control_world_expire_sync(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	struct state *state = sandbox->state;
	struct account *account;
	char *wrong = control_read_account(state, order, false, &account);

	(void)result;
	for (size_t i = 0; wrong == NULL && i < state->account_count; i++) {
		if (account == NULL || account == state->accounts[i])
			state->accounts[i]->sync_epoch++;
	}
	return wrong;
}

char *control_world_page_size(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	int64_t max = 0;
	char *wrong = control_read_number(order, "max", true, 0, 100000, &max);

	(void)result;
	if (wrong == NULL)
		sandbox->state->page_cap = (size_t)max;
	return wrong;
}

char *control_world_add_account(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	const char *email, *given = NULL, *family = NULL;
	int64_t calendars = 1;
	struct account *account;
	char *wrong = control_read_text(order, "email", true, &email);

	if (wrong == NULL)
		wrong = control_read_text(order, "given", false, &given);
	if (wrong == NULL)
		wrong = control_read_text(order, "family", false, &family);
	if (wrong == NULL)
		wrong = control_read_number(order, "calendars", false, 1, 10000, &calendars);
	if (wrong != NULL)
		return wrong;
	account = state_add_account(sandbox->state, email, given == NULL ? "New" : given,
	                            family == NULL ? "Person" : family);
	if (account == NULL)
		return mem_copy("email is taken");
	people_give_calendars(sandbox->state, account, (uint32_t)calendars - 1);
	json_object_set_new(result, "email", json_string(account->email));
	json_object_set_new(result, "sub", json_string(account->sub));
	return NULL;
}

static char *control_make_calendar_id(struct state *state)
{
	char *raw = evstore_make_id(&state->rng);
	char *id = mem_print("c_%s@group.calendar.google.com", raw);

	free(raw);
	return id;
}

/* The optional fields of calendar_add. */
static char *control_read_new_calendar(const json_t *order, struct calstore_new *what)
{
	const char *role = NULL;
	char *wrong = control_read_text(order, "summary", true, &what->summary);

	if (wrong == NULL)
		wrong = control_read_text(order, "id", false, &what->id);
	if (wrong == NULL)
		wrong = control_read_text(order, "description", false, &what->description);
	if (wrong == NULL)
		wrong = control_read_text(order, "time_zone", false, &what->zone);
	if (wrong == NULL)
		wrong = control_read_text(order, "role", false, &role);
	if (wrong == NULL)
		wrong = control_read_flag(order, "hidden", &what->hidden);
	if (wrong == NULL && what->zone != NULL && !tz_is_known(what->zone))
		wrong = mem_copy("time_zone is unknown");
	if (wrong == NULL && role != NULL && !calstore_parse_role(role, &what->role))
		wrong = mem_copy("role must be owner, writer, reader, freeBusyReader or none");
	return wrong;
}

char *control_world_add_calendar(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	struct calstore_new what = { .role = ROLE_OWNER };
	struct state *state = sandbox->state;
	const struct calendar *calendar;
	struct account *account;
	char *made = NULL;
	char *wrong = control_read_account(state, order, true, &account);

	if (wrong == NULL)
		wrong = control_read_new_calendar(order, &what);
	if (wrong != NULL)
		return wrong;
	if (what.zone == NULL)
		what.zone = "UTC";
	if (what.id == NULL)
		what.id = made = control_make_calendar_id(state);
	what.primary = strcmp(what.id, account->email) == 0;
	calendar = calstore_add(state, account, &what);
	free(made);
	if (calendar == NULL)
		return mem_copy("id is taken");
	json_object_set_new(result, "id", json_string(calendar->id));
	return NULL;
}

/* "account" and "calendar" (`primary` if missing) of an order, whatever the role. */
static char *control_read_calendar(const struct state *state, const json_t *order, struct account **account,
                                   struct calendar **calendar)
{
	const char *id = NULL;
	char *wrong = control_read_account(state, order, true, account);

	if (wrong == NULL)
		wrong = control_read_text(order, "calendar", false, &id);
	if (wrong != NULL)
		return wrong;
	if (id == NULL || strcmp(id, "primary") == 0)
		id = (*account)->email;
	*calendar = table_get(&(*account)->calendars_by_id, id);
	if (*calendar == NULL || (*calendar)->deleted)
		return mem_print("calendar is unknown: %s", id);
	return NULL;
}

char *control_world_remove_calendar(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	struct account *account;
	struct calendar *calendar;
	char *wrong = control_read_calendar(sandbox->state, order, &account, &calendar);

	(void)result;
	if (wrong == NULL)
		calstore_remove(sandbox->state, account, calendar);
	return wrong;
}

char *control_world_rename_calendar(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	struct account *account;
	struct calendar *calendar;
	const char *summary = NULL;
	bool override = false;
	bool listed;
	char **name;
	char *wrong = control_read_calendar(sandbox->state, order, &account, &calendar);

	(void)result;
	if (wrong == NULL)
		wrong = control_read_text(order, "summary", true, &summary);
	if (wrong == NULL)
		wrong = control_read_flag(order, "override", &override);
	listed = override;
	if (wrong == NULL)
		wrong = control_read_flag(order, "listed", &listed);
	if (wrong != NULL)
		return wrong;
	name = override ? &calendar->summary_override : &calendar->summary;
	free(*name);
	*name = mem_copy(summary);
	calstore_touch(sandbox->state, account, calendar, listed);
	return NULL;
}

char *control_world_set_role(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	struct account *account;
	struct calendar *calendar;
	const char *role = NULL;
	bool listed = false;
	char *wrong = control_read_calendar(sandbox->state, order, &account, &calendar);

	(void)result;
	if (wrong == NULL)
		wrong = control_read_text(order, "role", true, &role);
	if (wrong == NULL)
		wrong = control_read_flag(order, "listed", &listed);
	if (wrong == NULL && !calstore_parse_role(role, &calendar->role))
		wrong = mem_copy("role must be owner, writer, reader, freeBusyReader or none");
	if (wrong == NULL)
		calstore_touch(sandbox->state, account, calendar, listed);
	return wrong;
}

char *control_world_add_event(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	const json_t *event = json_object_get(order, "event");
	const char *given = json_string_value(json_object_get(event, "id"));
	struct evstore_span span;
	struct account *account;
	struct calendar *calendar;
	const char *problem;
	char *id;
	char *wrong = control_read_calendar(sandbox->state, order, &account, &calendar);

	if (wrong != NULL)
		return wrong;
	problem = json_is_object(event) ? evstore_parse_span(event, calendar->zone, &span)
	                                : "It must be an event resource.";
	if (problem != NULL)
		return mem_print("event: %s", problem);
	people_give_events(sandbox->state, account, calendar);
	id = given != NULL ? mem_copy(given) : evstore_make_id(&sandbox->state->rng);
	evstore_put(sandbox->state, calendar, id, json_deep_copy(event));
	json_object_set_new(result, "id", json_string(id));
	free(id);
	return NULL;
}

char *control_world_remove_event(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	struct account *account;
	struct calendar *calendar;
	struct event *event;
	const char *id = NULL;
	char *wrong = control_read_calendar(sandbox->state, order, &account, &calendar);

	(void)result;
	if (wrong == NULL)
		wrong = control_read_text(order, "id", true, &id);
	if (wrong != NULL)
		return wrong;
	event = evstore_find(calendar, id);
	if (event == NULL)
		return mem_copy("id is unknown");
	evstore_cancel(sandbox->state, event);
	return NULL;
}
