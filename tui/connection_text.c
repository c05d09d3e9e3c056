/* A connection in words. */
#include "tui/connection_text.h"

#include "tui/remote.h"
#include "tui/when.h"

#include <stdio.h>
#include <string.h>

/* "22 Nov 14:03 CET (5m ago)", "never" */
static const char *instant(const json_t *object, const char *key, int64_t now, char *out, size_t size)
{
	char local[64], relative[48];
	int64_t at = remote_time(object, key);
	if (at == INT64_MIN)
		(void)snprintf(out, size, "never");
	else
		(void)snprintf(out, size, "%s (%s)", when_local(at, local, sizeof local), when_until(at, now, relative, sizeof relative));
	return out;
}

static const char *joined(const json_t *array, char *out, size_t size)
{
	size_t len = 0;
	out[0] = '\0';
	for (size_t i = 0; i < json_array_size(array) && len + 1 < size; i++) {
		const char *text = json_string_value(json_array_get(array, i));
		/* The scopes of Google are long addresses; the last part tells them apart. */
		const char *last = text ? strrchr(text, '/') : NULL;
		int more = snprintf(out + len, size - len, "%s%s", i > 0 ? " " : "", last && last[1] ? last + 1 : text ? text : "");
		len += more > 0 ? (size_t)more : 0;
	}
	return out[0] ? out : "none";
}

static void headline(struct doc *doc, const json_t *connection, int64_t now)
{
	char since[96];
	const struct state_look *look = theme_state(remote_text(connection, "state"));
	doc_rule(doc, "%s %s since %s", look->glyph, remote_text(connection, "state"), instant(connection, "since", now, since, sizeof since));
}

static void facts_of(struct doc *doc, const json_t *connection, const char *workspace, int64_t now)
{
	char a[128], b[128];
	const json_t *token = json_object_get(connection, "token");
	doc_add(doc, "", PAINT_TEXT, "account    %s", remote_text(connection, "account_email"));
	doc_add(doc, "", PAINT_TEXT, "workspace  %s", workspace);
	doc_add(doc, "", PAINT_TEXT, "id         %s   %s", remote_text(connection, "id"), remote_text(connection, "provider"));
	if (json_is_true(json_object_get(token, "present")))
		doc_add(doc, "", PAINT_TEXT, "token      expires %s, generation %lld", instant(token, "expires_at", now, a, sizeof a),
		        (long long)remote_number(token, "generation"));
	else
		doc_add(doc, "", PAINT_WARN, "token      none");
	doc_add(doc, "", PAINT_TEXT, "refresh    next %s", instant(connection, "next_refresh_at", now, a, sizeof a));
	doc_add(doc, "", PAINT_TEXT, "sync       last %s, next %s", instant(connection, "last_sync", now, a, sizeof a),
	        instant(connection, "next_sync_at", now, b, sizeof b));
	doc_add(doc, "", PAINT_TEXT, "scopes     %s", joined(json_object_get(connection, "scopes"), a, sizeof a));
	if (json_array_size(json_object_get(connection, "missing_scopes")) > 0)
		doc_add(doc, "", PAINT_WARN, "missing    %s", joined(json_object_get(connection, "missing_scopes"), a, sizeof a));
	doc_add(doc, "", PAINT_TEXT, "created    %s, version %lld", instant(connection, "created_at", now, a, sizeof a),
	        (long long)remote_number(connection, "version"));
}

static void action_line(struct doc *doc, const json_t *action)
{
	static const struct {
		const char *method, *key;
	} keys[] = { { "oauth.begin", "C" }, { "connection.refresh", "r" }, { "connection.resume", "P" }, { "connection.test", "t" } };
	const char *method = remote_text(action, "method"), *label = remote_text(action, "label");
	if (!*label)
		return;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strcmp(keys[i].method, method) == 0) {
			doc_add(doc, "", PAINT_ACCENT, "  next: %s (press %s)", label, keys[i].key);
			return;
		}
	doc_add(doc, "", PAINT_ACCENT, "  next: %s (almanac call %s)", label, method);
}

static void reasons_of(struct doc *doc, const json_t *connection, const json_t *explanation, int64_t now)
{
	const json_t *reasons = json_object_get(connection, "reasons");
	char since[128], key[64];
	doc_rule(doc, "WHY · %zu %s", json_array_size(reasons), json_array_size(reasons) == 1 ? "reason" : "reasons");
	for (size_t i = 0; i < json_array_size(reasons); i++) {
		const json_t *reason = json_array_get(reasons, i);
		(void)snprintf(key, sizeof key, "reason-%s", remote_text(reason, "code"));
		doc_add(doc, key, theme_state(remote_text(connection, "state"))->role, "%s (%s) since %s", remote_text(reason, "code"),
		        remote_text(reason, "class"), instant(reason, "since", now, since, sizeof since));
		doc_add(doc, "", PAINT_TEXT, "  %s", remote_text(reason, "message"));
		action_line(doc, json_object_get(reason, "action"));
	}
	if (json_array_size(reasons) == 0)
		doc_add(doc, "reason-none", PAINT_OK, "Nothing is wrong.");
	const char *summary = remote_text(explanation, "summary");
	if (!*summary)
		summary = remote_text(explanation, "text");
	if (*summary)
		doc_add(doc, "", PAINT_TEXT, "%s", summary);
}

static void calendars_of(struct doc *doc, const json_t *calendars, json_int_t count)
{
	const json_t *items = json_object_get(calendars, "items");
	doc_rule(doc, "CALENDARS · %lld", (long long)count);
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i), *details = json_object_get(item, "provider_details");
		bool primary = json_is_true(json_object_get(details, "primary"));
		const char *state = remote_text(item, "state");
		doc_add(doc, remote_text(item, "id"), strcmp(state, "ok") == 0 ? PAINT_TEXT : PAINT_WARN, "%-9s %-8s %s%s%s",
		        remote_text(details, "access_role"), strcmp(state, "ok") == 0 ? "" : state, remote_text(item, "name"),
		        primary ? " (primary)" : "", json_is_false(json_object_get(item, "active")) ? " (not used)" : "");
	}
	if (json_array_size(items) < (size_t)count && calendars)
		doc_add(doc, "", PAINT_DIM, "… %zu more; all are on screen 4", (size_t)count - json_array_size(items));
}

static void timeline_of(struct doc *doc, const struct connection_facts *facts)
{
	const json_t *items = json_object_get(facts->timeline, "items");
	char local[64];
	doc_rule(doc, "TIMELINE · newest first");
	if (facts->no_timeline)
		doc_add(doc, "timeline-none", PAINT_DIM, "Not available from this daemon.");
	else if (json_array_size(items) == 0)
		doc_add(doc, "timeline-none", PAINT_DIM, facts->timeline ? "Nothing yet." : "Loading …");
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		int64_t at = remote_time(item, "at");
		const char *actor = remote_text(item, "actor");
		doc_add(doc, remote_text(item, "id"), PAINT_TEXT, "%-17s %-12s %s%s%s%s",
		        at == INT64_MIN ? "" : when_local(at, local, sizeof local), remote_text(item, "kind"), remote_text(item, "text"),
		        *actor ? " (" : "", actor, *actor ? ")" : "");
	}
}

void connection_text(struct doc *doc, const struct connection_facts *facts, const char *workspace, int64_t now)
{
	headline(doc, facts->connection, now);
	facts_of(doc, facts->connection, workspace, now);
	reasons_of(doc, facts->connection, facts->explanation, now);
	calendars_of(doc, facts->calendars, remote_number(facts->connection, "calendars_count"));
	timeline_of(doc, facts);
}
