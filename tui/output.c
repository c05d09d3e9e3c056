/* Results on standard output. */
#include "tui/output.h"

#include "ipc/base/buf.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "tui/cell.h"
#include "tui/pretty.h"
#include "tui/table.h"

#include <stdint.h>
#include <string.h>

static const struct column workspace_columns[] = {
	{ "id", "ID" }, { "slug", "SLUG" }, { "connections.total", "CONNECTIONS" }, { "time_zone", "TIME_ZONE" }, { "name", "NAME" },
};
static const struct column user_columns[] = {
	{ "id", "ID" }, { "workspace_id", "WORKSPACE_ID" }, { "email", "EMAIL" }, { "created_at", "CREATED_AT" }, { "name", "NAME" },
};
static const struct column connection_columns[] = {
	{ "id", "ID" },
	{ "account_email", "ACCOUNT_EMAIL" },
	{ "provider", "PROVIDER" },
	{ "state", "STATE" },
	{ "since", "SINCE" },
	{ "calendars_count", "CALENDARS" },
	{ "last_sync", "LAST_SYNC" },
	{ "reasons.code", "REASONS" },
};
static const struct column calendar_columns[] = {
	{ "id", "ID" },
	{ "provider", "PROVIDER" },
	{ "provider_details.connection_email", "CONNECTION_EMAIL" },
	{ "active", "ACTIVE" },
	{ "connection_status", "CONNECTION_STATUS" },
	{ "state", "STATE" },
	{ "name", "NAME" },
};
static const struct column audit_columns[] = {
	{ "seq", "SEQ" },
	{ "at", "AT" },
	{ "actor", "ACTOR" },
	{ "method", "METHOD" },
	{ "object_type", "OBJECT" },
	{ "object_id", "OBJECT_ID" },
	{ "outcome", "OUTCOME" },
	{ "reason", "REASON" },
};

static const struct column job_columns[] = {
	{ "id", "ID" },
	{ "kind", "KIND" },
	{ "connection_id", "CONNECTION_ID" },
	{ "state", "STATE" },
	{ "next_run_at", "NEXT_RUN_AT" },
	{ "next_run_why", "WHY" },
	{ "last_run_at", "LAST_RUN_AT" },
	{ "last_result", "LAST_RESULT" },
};
static const struct column run_columns[] = {
	{ "id", "ID" },
	{ "started_at", "STARTED_AT" },
	{ "kind", "KIND" },
	{ "connection_id", "CONNECTION_ID" },
	{ "state", "STATE" },
	{ "cause", "CAUSE" },
	{ "code", "CODE" },
	{ "ended_at", "ENDED_AT" },
};
static const struct column error_columns[] = {
	{ "id", "ID" },
	{ "code", "CODE" },
	{ "connection_id", "CONNECTION_ID" },
	{ "operation", "OPERATION" },
	{ "count", "COUNT" },
	{ "last_at", "LAST_AT" },
	{ "resolved_at", "RESOLVED_AT" },
	{ "message", "MESSAGE" },
};
static const struct column group_columns[] = {
	{ "code", "CODE" },
	{ "state", "STATE" },
	{ "connections", "CONNECTIONS" },
	{ "workspaces", "WORKSPACES" },
	{ "count", "COUNT" },
	{ "last_hour", "LAST_HOUR" },
	{ "hour_before", "HOUR_BEFORE" },
	{ "last_at", "LAST_AT" },
	{ "message", "MESSAGE" },
};
static const struct column timeline_columns[] = {
	{ "at", "AT" }, { "kind", "KIND" }, { "actor", "ACTOR" }, { "text", "TEXT" },
};

static const struct {
	const char *schema;
	const struct column *columns;
	size_t count;
} lists[] = {
	{ "workspace_list", workspace_columns, sizeof workspace_columns / sizeof workspace_columns[0] },
	{ "user_list", user_columns, sizeof user_columns / sizeof user_columns[0] },
	{ "connection_list", connection_columns, sizeof connection_columns / sizeof connection_columns[0] },
	{ "calendar_list", calendar_columns, sizeof calendar_columns / sizeof calendar_columns[0] },
	{ "audit_list", audit_columns, sizeof audit_columns / sizeof audit_columns[0] },
	{ "job_list", job_columns, sizeof job_columns / sizeof job_columns[0] },
	{ "run_list", run_columns, sizeof run_columns / sizeof run_columns[0] },
	{ "sync_error_list", error_columns, sizeof error_columns / sizeof error_columns[0] },
	{ "sync_error_groups", group_columns, sizeof group_columns / sizeof group_columns[0] },
	{ "timeline", timeline_columns, sizeof timeline_columns / sizeof timeline_columns[0] },
};

const struct column *output_columns(const char *schema, size_t *count)
{
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		if (str_equal(lists[i].schema, schema)) {
			*count = lists[i].count;
			return lists[i].columns;
		}
	}
	return NULL;
}

/* For programs the header says where the value is, for people what it is. */
static void fill_list(struct table *table, const struct column *columns, size_t count, const json_t *items, bool human,
                      bool header)
{
	table_init(table, count);
	for (size_t i = 0; i < count && header; i++)
		table_add(table, mem_strdup(human ? columns[i].title : columns[i].path));
	for (size_t row = 0; row < json_array_size(items); row++)
		for (size_t i = 0; i < count; i++)
			table_add(table, cell_at(json_array_get(items, row), columns[i].path, human));
}

static bool holds_trees(const json_t *value)
{
	const json_t *first = json_array_get(value, 0);
	return json_is_object(value) ? json_object_size(value) > 0 : json_is_object(first) || json_is_array(first);
}

/* One line a value, with its path: token.present, steps.0.name. */
static void fill_fields(struct table *table, struct buf *path, const json_t *value, bool human)
{
	size_t len = path->len;
	if (!holds_trees(value)) {
		json_t *name = json_string(buf_text(path));
		table_add(table, cell_text(name, human));
		table_add(table, cell_text(value, human));
		json_decref(name);
		return;
	}
	/* jansson's iterators take no const, and change nothing. */
	json_t *members = (json_t *)(uintptr_t)value;
	for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at)) {
		buf_printf(path, "%s%s", len ? "." : "", json_object_iter_key(at));
		fill_fields(table, path, json_object_iter_value(at), human);
		buf_truncate(path, len);
	}
	for (size_t i = 0; i < json_array_size(value); i++) {
		buf_printf(path, "%s%zu", len ? "." : "", i);
		fill_fields(table, path, json_array_get(value, i), human);
		buf_truncate(path, len);
	}
}

static void fill_object(struct table *table, const json_t *result, bool human, bool header)
{
	struct buf path = { 0 };
	table_init(table, 2);
	if (header && !human) {
		table_add(table, mem_strdup("field"));
		table_add(table, mem_strdup("value"));
	}
	fill_fields(table, &path, result, human);
	buf_free(&path);
}

void output_result(const struct io *io, const struct options *options, const struct method *method, const json_t *result)
{
	struct table table;
	size_t count;
	const struct column *columns = output_columns(method->result, &count);
	/* A document is for programs, in whatever form it is asked for. */
	if (options->json || strcmp(method->result, "openrpc") == 0) {
		pretty_write(io->out, result, io->out_tty);
		return;
	}
	if (columns)
		fill_list(&table, columns, count, json_object_get(result, "items"), io->out_tty, !options->no_header);
	else
		fill_object(&table, result, io->out_tty, !options->no_header);
	if (io->out_tty)
		table_write(&table, io->out);
	else
		table_write_tsv(&table, io->out);
	table_free(&table);
}
