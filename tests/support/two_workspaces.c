/* Two workspaces with one object of each kind. */
#include "tests/support/two_workspaces.h"

#include "ipc/base/strutil.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void keep(char *out, size_t size, const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));
	assert_non_null(value);
	assert_true(str_copy(out, size, value));
}

static void make_side(struct belongings *to, struct stage *stage, const char *slug, const char *account)
{
	char email[64];
	(void)str_copy(to->slug, sizeof to->slug, slug);
	(void)str_copy(to->workspace, sizeof to->workspace, stage_workspace(stage, slug));
	(void)snprintf(email, sizeof email, "person@%s.example", slug);
	json_t *user = stage_call(stage, "user.create", "{s:s,s:s}", "workspace", slug, "email", email);
	keep(to->user, sizeof to->user, user, "id");
	/* A consent that leaves something out: there is an error, too. */
	char *connection = stage_connect(stage, slug, account, "https://www.googleapis.com/auth/calendar.readonly");
	(void)str_copy(to->connection, sizeof to->connection, connection);
	json_t *calendars = stage_call(stage, "calendar.list", "{s:s}", "connection", connection);
	keep(to->calendar, sizeof to->calendar, json_array_get(json_object_get(calendars, "items"), 0), "id");
	json_t *attempt = stage_call(stage, "oauth.begin", "{s:s,s:s}", "workspace", slug, "provider", "google");
	keep(to->attempt, sizeof to->attempt, attempt, "attempt_id");
	(void)snprintf(to->redirect, sizeof to->redirect, "http://127.0.0.1/api/calendars/google/callback?code=none&state=%s",
	               json_string_value(json_object_get(attempt, "state")));
	json_decref(attempt);
	json_decref(calendars);
	json_decref(user);
	free(connection);
}

/* What the method table lists beside the kinds above: one of each, where there is one. */
static void find_others(struct belongings *to, struct stage *stage)
{
	to->others = json_object();
	for (size_t i = 0; i < method_count; i++) {
		const char *dot = strchr(method_table[i]->name, '.');
		if (!str_equal(dot, ".list") || !method_param(method_table[i], "workspace"))
			continue;
		json_t *list = stage_call(stage, method_table[i]->name, "{s:s,s:i}", "workspace", to->slug, "limit", 1);
		json_t *id = json_object_get(json_array_get(json_object_get(list, "items"), 0), "id");
		json_t *noun = json_stringn(method_table[i]->name, (size_t)(dot - method_table[i]->name));
		if (id)
			json_object_set(to->others, json_string_value(noun), id);
		json_decref(noun);
		json_decref(list);
	}
}

void two_workspaces_make(struct two_workspaces *two, struct stage *stage)
{
	static const struct belongings nothing = {
		.slug = "initech",
		.workspace = "0190a0a0-0000-7000-8000-000000000001",
		.user = "0190a0a0-0000-7000-8000-000000000002",
		.connection = "0190a0a0-0000-7000-8000-000000000003",
		.calendar = "0190a0a0-0000-7000-8000-000000000004",
		.attempt = "0190a0a0-0000-7000-8000-000000000005",
		.redirect = "http://127.0.0.1/api/calendars/google/callback?code=none&state="
		            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	};
	make_side(&two->of[SIDE_ACME], stage, "acme", "ada.lovelace@example.com");
	make_side(&two->of[SIDE_GLOBEX], stage, "globex", "alan.turing@example.com");
	two->of[SIDE_ABSENT] = nothing;
	for (enum side side = SIDE_ACME; side < SIDE_ABSENT; side++)
		find_others(&two->of[side], stage);
}

void two_workspaces_free(struct two_workspaces *two)
{
	for (enum side side = SIDE_ACME; side < SIDE_COUNT; side++)
		json_decref(two->of[side].others);
}

const char *two_workspaces_id(const struct two_workspaces *two, const char *noun, enum side side, bool by_slug)
{
	const struct belongings *of = &two->of[side];
	if (str_equal(noun, "workspace"))
		return by_slug ? of->slug : of->workspace;
	if (str_equal(noun, "user"))
		return of->user;
	if (str_equal(noun, "connection"))
		return of->connection;
	if (str_equal(noun, "calendar"))
		return of->calendar;
	if (str_equal(noun, "attempt_id"))
		return of->attempt;
	if (side != SIDE_ABSENT)
		return json_string_value(json_object_get(of->others, noun));
	return json_object_get(two->of[SIDE_ACME].others, noun) ? of->connection : NULL;
}

/* `id` names the object that the method's name begins with. */
static const char *id_for(const struct two_workspaces *two, const struct method *method, const struct param *param, enum side side,
                          bool by_slug)
{
	char noun[32];
	(void)snprintf(noun, sizeof noun, "%.*s", (int)strcspn(method->name, "."), method->name);
	const char *id = two_workspaces_id(two, str_equal(param->name, "id") ? noun : param->name, side, by_slug);
	if (!id)
		fail_msg("%s wants a %s: two_workspaces.c has none", method->name, param->name);
	return id;
}

static json_t *plausible(const struct param *param, const char *redirect)
{
	switch (param->type) {
	case PARAM_INT: return json_integer(param->min);
	case PARAM_BOOL: return json_false();
	case PARAM_ENUM: return json_stringn(param->choices, strcspn(param->choices, "|"));
	case PARAM_SLUG: return json_string("umbrella");
	case PARAM_EMAIL: return json_string("somebody@example.com");
	case PARAM_ZONE: return json_string("Europe/Paris");
	case PARAM_URL: return json_string("https://example.com/");
	case PARAM_TIME: return json_string("2031-05-06T07:08:09Z");
	case PARAM_STRINGS: return json_pack("[s]", "workspace");
	case PARAM_SECRET: return json_string(redirect);
	default: return json_string("some text");
	}
}

json_t *two_workspaces_params(const struct two_workspaces *two, const struct method *method, enum side side, bool by_slug)
{
	json_t *params = json_object();
	for (size_t i = 0; i < method->param_count; i++) {
		const struct param *param = &method->params[i];
		json_t *value = NULL;
		if (param->required && (param->type == PARAM_ID || param->type == PARAM_WORKSPACE))
			value = json_string(id_for(two, method, param, side, by_slug));
		else if (param->required)
			value = plausible(param, two->of[side].redirect);
		else if (str_equal(param->name, "dry_run"))
			value = json_true();
		if (value)
			json_object_set_new(params, param->name, value);
	}
	return params;
}
