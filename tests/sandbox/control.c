/*
 * /_sandbox/control and the table of its orders.
 * Ownership: results go to the reply; the world is the sandbox's.
 */
#include "tests/sandbox/control.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/control_grant.h"
#include "tests/sandbox/control_world.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/people.h"
#include "tests/sandbox/reply.h"
#include "tests/sandbox/report.h"

static char *control_fault(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	const char *id = NULL;
	char *wrong = faults_add(sandbox->faults, order, &id);

	if (wrong == NULL)
		json_object_set_new(result, "id", json_string(id));
	return wrong;
}

static char *control_clear_faults(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	const char *id = json_string_value(json_object_get(order, "id"));

	json_object_set_new(result, "cleared", json_integer((json_int_t)faults_clear(sandbox->faults, id)));
	return NULL;
}

/* As freshly started, but without the script. */
static char *control_reset(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	struct state_settings settings = sandbox->state->settings;

	(void)order;
	(void)result;
	journal_reset(sandbox->journal);
	faults_reset(sandbox->faults);
	http_server_clear_counts(sandbox->server);
	state_free(sandbox->state);
	sandbox->state = state_new(&settings);
	people_fill(sandbox->state);
	return NULL;
}

static const struct {
	const char *op;
	const char *fields; /* allowed besides op; NULL: the order checks them itself */
	char *(*apply)(struct sandbox *sandbox, const json_t *order, json_t *result);
} control_orders[] = {
	{ "fault", NULL, control_fault },
	{ "clear_faults", "id", control_clear_faults },
	{ "grant", "account scopes", control_grant_give },
	{ "revoke", "account", control_grant_revoke },
	{ "expire_access", "account", control_grant_expire },
	{ "token_life", "seconds", control_grant_life },
	{ "rotate", "mode", control_grant_rotate },
	{ "advance", "seconds", control_grant_advance },
	{ "expire_sync", "account", control_world_expire_sync },
	{ "page_size", "max", control_world_page_size },
	{ "account_add", "email given family calendars", control_world_add_account },
	{ "calendar_add", "account id summary description role time_zone hidden", control_world_add_calendar },
	{ "calendar_remove", "account calendar", control_world_remove_calendar },
	{ "calendar_rename", "account calendar summary override listed", control_world_rename_calendar },
	{ "calendar_role", "account calendar role listed", control_world_set_role },
	{ "event_add", "account calendar event", control_world_add_event },
	{ "event_remove", "account calendar id", control_world_remove_event },
	{ "reset", "", control_reset },
};

static bool control_is_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = strstr(list, name); at != NULL; at = strstr(at + 1, name)) {
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	}
	return false;
}

static char *control_check_fields(const json_t *order, const char *fields)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)order, name, value)
	{
		if (strcmp(name, "op") != 0 && (name[0] == '\0' || !control_is_listed(fields, name)))
			return mem_print("%s is unknown for this op", name);
	}
	return NULL;
}

char *control_apply(struct sandbox *sandbox, const json_t *order, json_t *result)
{
	const json_t *named = json_object_get(order, "op");
	const char *op = named == NULL ? "fault" : json_string_value(named);
	char *wrong;

	if (!json_is_object(order))
		return mem_copy("the order must be an object");
	for (size_t i = 0; op != NULL && i < sizeof control_orders / sizeof control_orders[0]; i++) {
		if (strcmp(control_orders[i].op, op) != 0)
			continue;
		wrong = control_orders[i].fields == NULL ? NULL : control_check_fields(order, control_orders[i].fields);
		return wrong != NULL ? wrong : control_orders[i].apply(sandbox, order, result);
	}
	return mem_copy("op is unknown");
}

static void control_order(struct sandbox *sandbox, struct call *call)
{
	json_t *order = json_loadb(call->request->body, call->request->body_len, JSON_REJECT_DUPLICATES, NULL);
	json_t *result = json_pack("{s:b}", "ok", 1);
	char *wrong = order == NULL ? mem_copy("the body must be JSON") : control_apply(sandbox, order, result);

	if (wrong == NULL) {
		reply_json(&call->reply, 200, result);
	} else {
		json_decref(result);
		reply_json(&call->reply, 400, json_pack("{s:o*}", "error", json_string(wrong)));
	}
	free(wrong);
	json_decref(order);
}

void control_handle(struct sandbox *sandbox, struct call *call)
{
	const char *what = call->path + strlen("/_sandbox/");
	bool post = strcmp(call->request->head.method, "POST") == 0;

	if (post && strcmp(what, "control") == 0)
		control_order(sandbox, call);
	else if (!post && strcmp(what, "stats") == 0)
		reply_json(&call->reply, 200, report_stats(sandbox));
	else if (!post && strcmp(what, "state") == 0)
		reply_json(&call->reply, 200, report_state(sandbox->state));
	else if (!post && strcmp(what, "requests") == 0)
		reply_json(&call->reply, 200, json_pack("{s:o}", "requests", journal_requests(sandbox->journal)));
	else
		reply_json(&call->reply, 404, json_pack("{s:s}", "error", "there is no such control path or method"));
}
