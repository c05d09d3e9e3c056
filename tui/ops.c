/* What is done to objects. */
#include "tui/ops.h"

#include "ipc/base/buf.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A call on its way. */
struct op {
	struct ops *ops;
	struct object object;
	enum action action;
	int64_t began;
};

static const struct {
	enum action action;
	const char *method, *doing, *what;
} verbs[] = {
	{ ACTION_REFRESH, "connection.refresh", "Refreshing", "refresh" },
	{ ACTION_TEST, "connection.test", "Testing", "test" },
	{ ACTION_DISCONNECT, "connection.disconnect", "Disconnecting", "disconnect" },
	{ ACTION_PAUSE, "connection.pause", "Pausing", "pause" },
	{ ACTION_ACKNOWLEDGE, "sync_error.acknowledge", "Acknowledging", "acknowledge" },
};

static size_t verb_of(enum action action)
{
	size_t i = 0;
	while (i + 1 < sizeof verbs / sizeof verbs[0] && verbs[i].action != action)
		i++;
	return i;
}

static bool resumes(const struct op *op)
{
	return op->action == ACTION_PAUSE && strcmp(op->object.state, "paused") == 0;
}

static void say_test(struct op *op, const json_t *result)
{
	struct buf text = { 0 };
	const json_t *steps = json_object_get(result, "steps");
	bool ok = json_is_true(json_object_get(result, "ok"));
	for (size_t i = 0; i < json_array_size(steps); i++) {
		const json_t *step = json_array_get(steps, i);
		bool good = json_is_true(json_object_get(step, "ok"));
		buf_printf(&text, "%s%s %s %lld ms", i > 0 ? ", " : "", remote_text(step, "name"), good ? "ok" : "failed",
		           (long long)remote_number(step, "ms"));
		if (!good)
			buf_printf(&text, " (%s)", remote_text(json_object_get(step, "error"), "message"));
	}
	desk_say(op->ops->desk, ok ? TOAST_OK : TOAST_ERROR, "%s %s: %s", ok ? "✓" : "✗", op->object.name, buf_text(&text));
	buf_free(&text);
}

static void say_refresh(struct op *op, const json_t *result)
{
	struct desk *desk = op->ops->desk;
	const json_t *sync = json_object_get(result, "sync");
	long long ms = (long long)(desk_now(desk) - op->began);
	if (json_is_true(json_object_get(sync, "ok")))
		desk_say(desk, TOAST_OK, "✓ Refreshed %s in %lld ms: %lld calendars added, %lld changed, %lld gone", op->object.name, ms,
		         (long long)remote_number(sync, "added"), (long long)remote_number(sync, "changed"),
		         (long long)remote_number(sync, "gone"));
	else
		desk_say(desk, TOAST_WARN, "%s: the token is good, but its calendars could not be synchronised: %s", op->object.name,
		         remote_text(json_object_get(sync, "error"), "message"));
}

static void say_done(struct op *op, const json_t *result)
{
	struct desk *desk = op->ops->desk;
	const json_t *remote = json_object_get(result, "remote");
	switch (op->action) {
	case ACTION_REFRESH: say_refresh(op, result); break;
	case ACTION_TEST: say_test(op, result); break;
	case ACTION_DISCONNECT:
		desk_say(desk, TOAST_OK, "✓ Disconnected %s; consent at the provider: %s%s", op->object.name,
		         json_is_true(json_object_get(remote, "ok")) ? "revoked" : "not revoked ", remote_text(remote, "reason"));
		break;
	default:
		desk_say(desk, TOAST_OK, "✓ %s: %s done", op->object.name, resumes(op) ? "resume" : verbs[verb_of(op->action)].what);
	}
}

static void say_failed(struct op *op, const struct remote_answer *answer)
{
	struct desk *desk = op->ops->desk;
	const char *what = resumes(op) ? "resume" : verbs[verb_of(op->action)].what;
	if (remote_is(answer, "method_not_found"))
		desk_say(desk, TOAST_WARN, "This daemon cannot %s.", what);
	else
		desk_say(desk, TOAST_ERROR, "✗ %s of %s failed: %s (%s)", what, op->object.name, answer->message, answer->code);
}

static void remember(struct ops *ops, const struct op *op)
{
	if (ops->check_count == OPS_CHECKS_MAX)
		return;
	ops->checks[ops->check_count].object = op->object;
	(void)str_copy(ops->checks[ops->check_count].what, sizeof ops->checks[0].what, verbs[verb_of(op->action)].what);
	ops->check_count++;
}

static void on_done(void *owner, const char *tag, const struct remote_answer *answer)
{
	struct op *op = owner;
	(void)tag;
	op->ops->in_flight--;
	if (answer->result) {
		say_done(op, answer->result);
	} else if (remote_is(answer, "lost")) {
		desk_say(op->ops->desk, TOAST_WARN, "%s of %s: result unknown, checking when the daemon is back",
		         verbs[verb_of(op->action)].what, op->object.name);
		remember(op->ops, op);
	} else {
		say_failed(op, answer);
	}
	free(op);
}

void ops_start(struct ops *ops, enum action action, const struct object *object)
{
	struct op *op = mem_alloc(sizeof *op);
	op->ops = ops;
	op->object = *object;
	op->action = action;
	op->began = desk_now(ops->desk);
	size_t verb = verb_of(action);
	const char *method = resumes(op) ? "connection.resume" : verbs[verb].method;
	if (!remote_call(&ops->desk->remote, method, json_pack("{s:s}", "id", object->id), on_done, op, NULL)) {
		desk_say(ops->desk, TOAST_WARN, "Not connected to the daemon: nothing was sent");
		free(op);
		return;
	}
	ops->in_flight++;
	desk_say(ops->desk, TOAST_INFO, "◐ %s %s …", resumes(op) ? "Resuming" : verbs[verb].doing, object->name);
}

/* ---- Looking again ----------------------------------------------------------------------------------------------------- */

struct check {
	struct ops *ops;
	char name[160], what[24];
};

static void on_checked(void *owner, const char *tag, const struct remote_answer *answer)
{
	struct check *check = owner;
	(void)tag;
	if (answer->result)
		desk_say(check->ops->desk, TOAST_WARN, "%s of %s was cut off; it is now %s, last changed %s", check->what, check->name,
		         remote_text(answer->result, "state"), remote_text(answer->result, "updated_at"));
	else if (!remote_is(answer, "lost"))
		desk_say(check->ops->desk, TOAST_WARN, "%s of %s was cut off; now: %s", check->what, check->name, answer->message);
	free(check);
}

void ops_check(struct ops *ops)
{
	for (size_t i = 0; i < ops->check_count; i++) {
		struct check *check = mem_alloc(sizeof *check);
		char method[32];
		check->ops = ops;
		(void)str_copy(check->name, sizeof check->name, ops->checks[i].object.name);
		(void)str_copy(check->what, sizeof check->what, ops->checks[i].what);
		(void)snprintf(method, sizeof method, "%s.get", ops->checks[i].object.kind);
		if (!remote_call(&ops->desk->remote, method, json_pack("{s:s}", "id", ops->checks[i].object.id), on_checked, check, NULL))
			free(check);
	}
	ops->check_count = 0;
}

/* ---- Effects ----------------------------------------------------------------------------------------------------------- */

static void add_effect(struct dialog *dialog, const char *name, const json_t *value)
{
	if (json_is_integer(value))
		dialog_add(dialog, "• %s: %lld", name, (long long)json_integer_value(value));
	else if (json_is_array(value))
		dialog_add(dialog, "• %s: %zu", name, json_array_size(value));
	else if (json_is_boolean(value))
		dialog_add(dialog, "• %s: %s", name, json_is_true(value) ? "yes" : "no");
	else if (json_is_string(value))
		dialog_add(dialog, "• %s: %s", name, json_string_value(value));
	else if (json_is_object(value) && json_object_get(value, "count"))
		add_effect(dialog, name, json_object_get(value, "count"));
}

static void on_effects(void *owner, const char *tag, const struct remote_answer *answer)
{
	struct dialog *dialog = owner;
	const char *name;
	json_t *value;
	if (!dialog->open || strcmp(dialog->object.id, tag) != 0)
		return;
	if (!answer->result) {
		char why[200];
		(void)snprintf(why, sizeof why, "Not possible: %s", answer->message);
		dialog_refuse(dialog, why);
		return;
	}
	dialog->ready = true;
	json_object_foreach(json_object_get(answer->result, "effects"), name, value)
		add_effect(dialog, name, value);
}

void ops_ask_effects(struct ops *ops, struct dialog *dialog)
{
	const char *method = verbs[verb_of(dialog->action)].method;
	json_t *params = json_pack("{s:s,s:b}", "id", dialog->object.id, "dry_run", 1);
	if (!remote_call(&ops->desk->remote, method, params, on_effects, dialog, dialog->object.id))
		dialog_refuse(dialog, "Not connected to the daemon.");
}

static void on_raw(void *owner, const char *tag, const struct remote_answer *answer)
{
	struct ops *ops = owner;
	(void)tag;
	if (!answer->result) {
		desk_say(ops->desk, TOAST_WARN, "Cannot read it: %s", answer->message);
		return;
	}
	/* Only ASCII: what hides or reorders text is escaped. */
	free(ops->desk->plain);
	ops->desk->plain = json_dumps(answer->result, JSON_INDENT(2) | JSON_ENSURE_ASCII);
}

void ops_show_raw(struct ops *ops, const struct object *object)
{
	char method[32];
	(void)snprintf(method, sizeof method, "%s.get", object->kind);
	if (!remote_call(&ops->desk->remote, method, json_pack("{s:s}", "id", object->id), on_raw, ops, NULL))
		desk_say(ops->desk, TOAST_WARN, "Not connected to the daemon");
}
