/* Who may do what, for the whole method table: every method × every kind of caller × own, foreign and absent objects, against a
 * model that knows only CONTRACT.md sections 3 and 7. Callers are other uids, so this needs root. */
#include "ipc/base/strutil.h"
#include "ipc/method.h"
#include "tests/support/stage.h"
#include "tests/support/two_workspaces.h"
#include "tests/support/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char policy[] = "[user 4001]\nrole = viewer\nworkspaces = acme\n"
                             "[user 4002]\nrole = operator\nworkspaces = acme\n"
                             "[user 4003]\nrole = admin\nworkspaces = acme\n"
                             "[user 4004]\nrole = admin\nworkspaces = *\n"
                             "[user 4005]\nrole = viewer\nworkspaces = *\n"
                             "[group 5005]\nrole = operator\nworkspaces = acme\n"
                             "[user 4006]\nrole = operator\nworkspaces = *\n";

struct actor {
	const char *name;
	struct wire_who who;
	enum role everywhere, acme; /* acme: the rule that names it */
	struct wire wire;
};
static struct actor actors[] = {
	{ .name = "viewer of acme", .who = { 4001, 4001, { 0 }, 0 }, .acme = ROLE_VIEWER },
	{ .name = "operator of acme", .who = { 4002, 4002, { 0 }, 0 }, .acme = ROLE_OPERATOR },
	{ .name = "admin of acme", .who = { 4003, 4003, { 0 }, 0 }, .acme = ROLE_ADMIN },
	{ .name = "admin of all", .who = { 4004, 4004, { 0 }, 0 }, .everywhere = ROLE_ADMIN },
	{ .name = "viewer of all, operator of acme", .who = { 4005, 4005, { 77, 5005 }, 2 }, .everywhere = ROLE_VIEWER,
	  .acme = ROLE_OPERATOR },
	{ .name = "operator of all", .who = { 4006, 4006, { 0 }, 0 }, .everywhere = ROLE_OPERATOR },
};
enum { ACTORS = sizeof actors / sizeof actors[0] };

static struct stage stage;
static struct two_workspaces two;
static int checks;

/* ---- The model ---- */

static enum role higher(enum role a, enum role b)
{
	return a > b ? a : b;
}

static enum role role_held(const struct actor *actor, enum side side)
{
	return side == SIDE_ABSENT ? ROLE_NONE : side == SIDE_ACME ? higher(actor->everywhere, actor->acme) : actor->everywhere;
}

/* The code that must come, "" when the call must get through to its handler. */
static const char *model(const struct actor *actor, const struct method *method, enum side side, bool bad_params)
{
	enum role held = role_held(actor, side);
	if (higher(actor->everywhere, actor->acme) < method->role)
		return "denied";
	if (bad_params)
		return "invalid_params";
	if (method->subject == SUBJECT_NONE || method->subject == SUBJECT_LIST)
		return "";
	if (method->subject == SUBJECT_GLOBAL && actor->everywhere < method->role)
		return "denied";
	/* Without a connection it is of the whole daemon. */
	if (method->subject == SUBJECT_JOB)
		return actor->everywhere < ROLE_ADMIN ? "denied" : "";
	if (method->subject == SUBJECT_GLOBAL)
		return side == SIDE_ABSENT && method_param(method, "id") ? "not_found" : "";
	if (held == ROLE_NONE)
		return "not_found";
	return held < method->role ? "denied" : "";
}

/* ---- Asking ---- */

static const char *ask_params(struct actor *actor, const struct method *method, json_t *params)
{
	json_t *request = json_pack("{s:s,s:i,s:s,s:o}", "jsonrpc", "2.0", "id", 7, "method", method->name, "params", params);
	char *text = json_dumps(request, JSON_COMPACT);
	assert_true(wire_text(&actor->wire, text));
	assert_true(wire_text(&actor->wire, "\n"));
	free(text);
	json_decref(request);
	const char *line = wire_line(&actor->wire);
	if (!line)
		fail_msg("%s: the daemon closed on %s", actor->name, method->name);
	return line;
}

/* What belongs to globex must not reach those who have no rule that covers it. */
static void check_silence(const struct actor *actor, const struct method *method, const char *line)
{
	const struct belongings *globex = &two.of[SIDE_GLOBEX];
	const char *const secrets[] = { globex->workspace, globex->user, globex->connection, globex->calendar, globex->attempt,
		                        globex->slug };
	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0] && actor->everywhere == ROLE_NONE; i++)
		if (strstr(line, secrets[i]))
			fail_msg("%s: %s tells of globex: %.400s", actor->name, method->name, line);
}

static void expect(struct actor *actor, const struct method *method, const char *line, const char *wanted)
{
	static const char *const refusals[] = { "denied",           "not_found",       "invalid_params", "method_not_found",
		                                "invalid_request", "internal",        "parse_error" };
	json_t *reply = json_loads(line, 0, NULL);
	const char *code = wire_code(reply);
	bool good = str_equal(code, wanted);
	/* Beyond the checks a handler may fail for reasons of its own. */
	if (wanted[0] == '\0') {
		good = true;
		for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
			good = good && !str_equal(code, refusals[i]);
	}
	if (!good)
		fail_msg("%s: %s: expected %s, got %.400s", actor->name, method->name, wanted[0] ? wanted : "no refusal", line);
	check_silence(actor, method, line);
	json_decref(reply);
	checks++;
}

static void check_method(struct actor *actor, const struct method *method)
{
	for (int by_slug = 0; by_slug <= 1; by_slug++) {
		char *foreign = NULL;
		for (enum side side = SIDE_ACME; side < SIDE_COUNT; side++) {
			json_t *params = two_workspaces_params(&two, method, side, by_slug);
			const char *line = ask_params(actor, method, params);
			expect(actor, method, line, model(actor, method, side, false));
			if (side == SIDE_GLOBEX)
				foreign = strdup(line);
			if (side == SIDE_ABSENT && actor->everywhere == ROLE_NONE && method->subject != SUBJECT_NONE &&
			    method->subject != SUBJECT_LIST)
				assert_string_equal(foreign, line);
			params = two_workspaces_params(&two, method, side, by_slug);
			json_object_set_new(params, "zz", json_true());
			expect(actor, method, ask_params(actor, method, params), model(actor, method, side, true));
		}
		free(foreign);
	}
}

static void test_every_method_for_every_caller(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < method_count; i++)
		for (size_t k = 0; k < ACTORS; k++)
			check_method(&actors[k], method_table[i]);
	print_message("           %d answers as the model says\n", checks);
}

/* A filter, or another object beside the subject, that is foreign answers as one that is absent, to the byte. */
static void check_reference(struct actor *actor, const struct method *method, const struct param *param, bool by_slug)
{
	static const char *const nouns[] = { "workspace", "user", "connection", "calendar", "object" };
	char *foreign = NULL;
	bool named = false, refused = higher(actor->everywhere, actor->acme) < method->role;
	for (size_t i = 0; i < sizeof nouns / sizeof nouns[0]; i++)
		named |= str_equal(param->name, nouns[i]);
	if (param->required || !named)
		return;
	for (enum side side = SIDE_ACME; side < SIDE_COUNT; side++) {
		const char *noun = str_equal(param->name, "object") ? "connection" : param->name;
		json_t *params = two_workspaces_params(&two, method, SIDE_ACME, by_slug);
		json_object_set_new(params, param->name, json_string(two_workspaces_id(&two, noun, side, by_slug)));
		const char *line = ask_params(actor, method, params);
		check_silence(actor, method, line);
		checks++;
		if (side == SIDE_GLOBEX)
			foreign = strdup(line);
		if (side == SIDE_ABSENT && actor->everywhere == ROLE_NONE)
			assert_string_equal(foreign, line);
		/* The audit outlives what it tells of, so `object` is only compared. */
		if (str_equal(param->name, "object") || (actor->everywhere != ROLE_NONE && side == SIDE_GLOBEX))
			continue;
		const char *allowed = method->subject != SUBJECT_JOB                  ? model(actor, method, SIDE_ACME, false)
		                      : role_held(actor, SIDE_ACME) < method->role ? "denied"
		                                                                   : "";
		const char *wanted = refused ? "denied" : side != SIDE_ACME ? "not_found" : allowed;
		expect(actor, method, line, wanted);
	}
	free(foreign);
}

static void test_foreign_filters_are_absent_ones(void **unused)
{
	(void)unused;
	checks = 0;
	for (size_t i = 0; i < method_count; i++)
		for (size_t k = 0; k < ACTORS; k++)
			for (size_t n = 0; n < method_table[i]->param_count; n++)
				for (int by_slug = 0; by_slug <= 1; by_slug++)
					check_reference(&actors[k], method_table[i], &method_table[i]->params[n], by_slug);
	print_message("           %d filters and references\n", checks);
	assert_true(checks > 100);
}

/* Lists: what is visible is there, what is not is not, and totals count only what is visible. */
static void test_lists_show_what_is_visible(void **unused)
{
	static const struct {
		const char *method, *noun;
	} lists[] = { { "workspace.list", "workspace" }, { "user.list", "user" }, { "connection.list", "connection" },
		      { "calendar.list", "calendar" },   { "sync_error.list", "sync_error" }, { "job.list", "job" } };
	(void)unused;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		for (size_t k = 0; k < ACTORS; k++) {
			const struct method *method = method_find(lists[i].method, strlen(lists[i].method));
			const char *line = ask_params(&actors[k], method, json_object());
			json_t *reply = json_loads(line, 0, NULL), *result = json_object_get(reply, "result");
			assert_non_null(strstr(line, two_workspaces_id(&two, lists[i].noun, SIDE_ACME, false)));
			bool all = actors[k].everywhere != ROLE_NONE;
			assert_int_equal(strstr(line, two_workspaces_id(&two, lists[i].noun, SIDE_GLOBEX, false)) != NULL, all);
			assert_int_equal(json_integer_value(json_object_get(result, "total")),
			                 json_array_size(json_object_get(result, "items")));
			json_decref(reply);
		}
	}
}

/* A cursor is no key: one made for somebody who sees everything shows nothing more to others. */
static void test_borrowed_cursors(void **unused)
{
	(void)unused;
	const struct method *list = method_find("user.list", strlen("user.list"));
	json_t *reply = json_loads(ask_params(&actors[3], list, json_pack("{s:i}", "limit", 1)), 0, NULL);
	const char *cursor = json_string_value(json_object_get(json_object_get(reply, "result"), "next_cursor"));
	assert_non_null(cursor);
	check_silence(&actors[0], list, ask_params(&actors[0], list, json_pack("{s:s}", "cursor", cursor)));
	json_decref(reply);
	static const char *const forged[] = { "x", "AAAA", "' OR 1=1--", "../../x", "MTIzNDU2Nzg5MA", "\x01" };
	for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
		reply = json_loads(ask_params(&actors[0], list, json_pack("{s:s}", "cursor", forged[i])), 0, NULL);
		assert_string_equal(wire_code(reply), "invalid_params");
		assert_string_equal(wire_field(reply), "cursor");
		json_decref(reply);
	}
}

static int open_world(void **unused)
{
	static const struct stage_options options = { .policy = policy };
	(void)unused;
	stage_open(&stage, &options);
	two_workspaces_make(&two, &stage);
	wire_open_doors(stage.socket);
	for (size_t i = 0; i < ACTORS; i++)
		assert_true(wire_open_as(&actors[i].wire, stage.socket, &actors[i].who, &stage.wire));
	return 0;
}

static void test_close(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ACTORS; i++)
		wire_close(&actors[i].wire);
	two_workspaces_free(&two);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_method_for_every_caller),
		cmocka_unit_test(test_foreign_filters_are_absent_ones),
		cmocka_unit_test(test_lists_show_what_is_visible),
		cmocka_unit_test(test_borrowed_cursors),
		cmocka_unit_test(test_close),
	};
	if (geteuid() != 0) {
		print_message("skipped: callers of other uids need root\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, open_world, NULL);
}
