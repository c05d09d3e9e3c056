/* Calendars, configurations and jobs as plain lists. */
#include "tui/screen_others.h"

#include "ipc/base/buf.h"
#include "tui/screen_connection.h"
#include "tui/screen_list.h"
#include "tui/when.h"

#include <stdio.h>

#define TEXT(text_) { (char *)(uintptr_t)(text_), LIST_NO_NUMBER }

/* What belongs to a connection opens it. */
static void open_connection(struct screen_list *screen, const struct list_row *row)
{
	struct desk *desk = screen->view.desk;
	const char *account = names_find(&desk->names, row->also);
	if (row->also[0])
		view_stack_push(&desk->stack, screen_connection_new(desk, row->also, account ? account : row->also));
}

/* ---- Calendars ------------------------------------------------------------------------------------------------------- */

static const struct list_column calendar_columns[] = {
	{ "CALENDAR", LIST_TEXT, 18, 30, 3, 0 }, { "ACCOUNT", LIST_ACCOUNT, 14, 28, 2, 1 }, { "ROLE", LIST_TEXT, 6, 14, 0, 2 },
	{ "STATE", LIST_TEXT, 5, 9, 0, 3 },	 { "USED", LIST_TEXT, 4, 4, 0, 5 },	    { "CONNECTION", LIST_STATE, 11, 17, 0, 4 },
	{ "TIME ZONE", LIST_TEXT, 10, 20, 1, 6 },
};

static bool put_calendar(void *owner, struct list *list, const json_t *item)
{
	struct screen_list *screen = owner;
	struct desk *desk = screen->view.desk;
	struct buf note = { 0 };
	const json_t *details = json_object_get(item, "provider_details");
	const char *email = remote_text(details, "connection_email"), *connection = remote_text(details, "connection_id");
	const char *status = remote_text(item, "connection_status");
	names_learn(&desk->names, connection, email);
	buf_printf(&note, "%s%s", remote_text(details, "summary"), json_is_true(json_object_get(details, "primary")) ? " (primary)" : "");
	buf_printf(&note, "\n%s\n%s", remote_text(details, "external_id"), remote_text(details, "description"));
	const struct list_value values[] = {
		TEXT(remote_text(item, "name")),
		TEXT(email),
		TEXT(remote_text(details, "access_role")),
		TEXT(remote_text(item, "state")),
		TEXT(json_is_false(json_object_get(item, "active")) ? "no" : "yes"),
		{ (char *)(uintptr_t)status, theme_state(status)->rank },
		TEXT(remote_text(details, "time_zone")),
	};
	const char *const facets[FILTER_FACETS] = { remote_text(item, "state"),
		                                    names_find(&desk->names, remote_text(item, "workspace_id")), NULL };
	(void)list_put(list, remote_text(item, "id"), values, facets, buf_text(&note), connection);
	buf_free(&note);
	return true;
}

struct view *screen_calendars_new(struct desk *desk)
{
	static const struct screen_list_spec spec = {
		.screen = SCREEN_CALENDARS, .title = "Calendars", .noun = "calendars", .kind = "calendar",
		.feed = { "calendar.list", "calendar.get", "calendar", put_calendar },
		.columns = calendar_columns, .column_count = sizeof calendar_columns / sizeof calendar_columns[0],
		.empty = "They come with the first connection: 3, then c.", .open = open_connection,
	};
	return screen_list_new(desk, &spec, NULL);
}

/* ---- Configurations -------------------------------------------------------------------------------------------------- */

static const struct list_column configuration_columns[] = {
	{ "CONFIGURATION", LIST_TEXT, 18, 30, 3, 0 }, { "MIN", LIST_NUMBER, 4, 4, 0, 1 }, { "FROM", LIST_TEXT, 5, 8, 0, 2 },
	{ "TO", LIST_TEXT, 5, 8, 0, 2 },	      { "DAYS", LIST_TEXT, 8, 28, 1, 3 }, { "TIME ZONE", LIST_TEXT, 10, 20, 1, 4 },
};

static bool put_configuration(void *owner, struct list *list, const json_t *item)
{
	(void)owner;
	struct buf days = { 0 }, note = { 0 };
	const json_t *workdays = json_object_get(item, "workdays");
	for (size_t i = 0; i < json_array_size(workdays); i++)
		buf_printf(&days, "%s%s", i > 0 ? " " : "", json_string_value(json_array_get(workdays, i)));
	buf_printf(&note, "preparation %lld min, buffer %lld min, notice %lld min\ncalendar %s", (long long)remote_number(item, "prep_time"),
	           (long long)remote_number(item, "buffer_after"), (long long)remote_number(item, "min_notice_minutes"),
	           remote_text(item, "calendar_id"));
	const struct list_value values[] = {
		TEXT(remote_text(item, "name")),    { NULL, remote_number(item, "duration") },
		TEXT(remote_text(item, "from_time")), TEXT(remote_text(item, "to_time")),
		TEXT(buf_text(&days)),		      TEXT(remote_text(item, "time_zone")),
	};
	const char *const facets[FILTER_FACETS] = { NULL, NULL, NULL };
	(void)list_put(list, remote_text(item, "id"), values, facets, buf_text(&note), NULL);
	buf_free(&days);
	buf_free(&note);
	return true;
}

struct view *screen_configurations_new(struct desk *desk)
{
	static const struct screen_list_spec spec = {
		.screen = SCREEN_CONFIGURATIONS, .title = "Configurations", .noun = "configurations", .kind = "configuration",
		.feed = { "configuration.list", "configuration.get", "configuration", put_configuration },
		.columns = configuration_columns, .column_count = sizeof configuration_columns / sizeof configuration_columns[0],
		.empty = "They are made with almanac configuration-create.",
	};
	return screen_list_new(desk, &spec, NULL);
}

/* ---- Jobs ------------------------------------------------------------------------------------------------------------ */

static const struct list_column job_columns[] = {
	{ "STATE", LIST_TEXT, 9, 9, 0, 0 },	{ "JOB", LIST_TEXT, 13, 16, 0, 0 },	 { "TARGET", LIST_ACCOUNT, 14, 30, 3, 2 },
	{ "NEXT RUN", LIST_UNTIL, 9, 12, 0, 1 }, { "LAST RUN", LIST_AGO, 8, 10, 0, 3 },	 { "RESULT", LIST_TEXT, 8, 20, 1, 4 },
	{ "MS", LIST_NUMBER, 6, 6, 0, 5 },
};

static bool put_job(void *owner, struct list *list, const json_t *item)
{
	struct screen_list *screen = owner;
	struct desk *desk = screen->view.desk;
	struct buf note = { 0 };
	const char *connection = remote_text(item, "connection_id"), *state = remote_text(item, "state");
	const char *target = names_want(&desk->names, &desk->remote, connection, "connection.get", "account_email");
	const json_t *result = json_object_get(item, "last_result"), *took = json_object_get(item, "last_duration_ms");
	screen->lacks_names |= *connection && !target;
	const char *said = json_is_object(result) ? remote_text(result, "code") : json_string_value(result);
	buf_printf(&note, "%s\nevery %lld s · attempts %lld", remote_text(item, "next_run_why"),
	           (long long)remote_number(item, "interval_seconds"), (long long)remote_number(item, "attempts"));
	const struct list_value values[] = {
		TEXT(state),
		TEXT(remote_text(item, "kind")),
		TEXT(target ? target : *connection ? "…" : "all"),
		{ NULL, remote_time(item, "next_run_at") },
		{ NULL, remote_time(item, "last_run_at") },
		TEXT(said ? said : "-"),
		{ NULL, json_is_integer(took) ? json_integer_value(took) : LIST_NO_NUMBER },
	};
	const char *const facets[FILTER_FACETS] = { state, names_find(&desk->names, remote_text(item, "workspace_id")), said };
	(void)list_put(list, remote_text(item, "id"), values, facets, buf_text(&note), connection);
	buf_free(&note);
	return true;
}

struct view *screen_jobs_new(struct desk *desk)
{
	static const struct screen_list_spec spec = {
		.screen = SCREEN_JOBS, .title = "Jobs", .noun = "jobs", .kind = "job",
		.feed = { "job.list", NULL, "job", put_job },
		.columns = job_columns, .column_count = sizeof job_columns / sizeof job_columns[0], .name_column = 1, .sort_column = 3,
		.empty = "They come with the first connection.", .open = open_connection,
	};
	return screen_list_new(desk, &spec, NULL);
}
