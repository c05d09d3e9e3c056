/* Objects as JSON. */
#include "daemon/rpc/objects.h"

#include "daemon/rpc/object_parts.h"
#include "ipc/base/strutil.h"
#include "ipc/reasons.h"

void counts_write(struct writer *w, const int64_t by_state[STATE_COUNT])
{
	int64_t total = 0;
	for (enum connection_state state = 0; state < STATE_COUNT; state++)
		total += by_state[state];
	writer_object(w);
	writer_put_int(w, "total", total);
	writer_key(w, "by_state");
	writer_object(w);
	for (enum connection_state state = 0; state < STATE_COUNT; state++)
		writer_put_int(w, connection_state_name(state), by_state[state]);
	writer_end(w);
	writer_end(w);
}

void workspace_write(struct writer *w, const struct workspace_row *row)
{
	writer_object(w);
	writer_put_text(w, "id", row->id);
	writer_put_text(w, "name", row->name);
	writer_put_text(w, "slug", row->slug);
	writer_put_text(w, "time_zone", row->time_zone);
	writer_key(w, "connections");
	counts_write(w, row->by_state);
	writer_put_time(w, "created_at", row->created_at);
	writer_put_int(w, "version", row->version);
	writer_end(w);
}

void user_write(struct writer *w, const struct user_row *row)
{
	writer_object(w);
	writer_put_text(w, "id", row->id);
	writer_put_text(w, "workspace_id", row->workspace_id);
	writer_put_text(w, "email", row->email);
	writer_put_text(w, "name", row->name);
	writer_put_time(w, "created_at", row->created_at);
	writer_put_int(w, "version", row->version);
	writer_end(w);
}

static void token_write(struct writer *w, const struct connection_row *row)
{
	writer_key(w, "token");
	writer_object(w);
	writer_put_bool(w, "present", row->token_present);
	writer_put_text(w, "fingerprint", row->fingerprint);
	writer_put_time(w, "expires_at", row->access_expires_at);
	writer_put_int(w, "generation", row->generation);
	writer_end(w);
}

void connection_write(struct writer *w, struct store *store, const struct connection_row *row)
{
	writer_object(w);
	writer_put_text(w, "id", row->id);
	writer_put_text(w, "workspace_id", row->workspace_id);
	writer_put_text(w, "user_id", row->user_id);
	writer_put_text(w, "provider", row->provider);
	writer_put_text(w, "account_email", row->account_email);
	writer_put_bool(w, "active", row->active);
	writer_put_text(w, "state", connection_state_name(row->state));
	writer_put_time(w, "since", row->since);
	writer_key(w, "reasons");
	reasons_write(w, store, row);
	writer_key(w, "scopes");
	writer_words(w, row->scopes);
	writer_key(w, "missing_scopes");
	missing_scopes_write(w, row);
	token_write(w, row);
	writer_put_time(w, "last_sync", row->last_sync);
	writer_put_time(w, "next_sync_at", row->next_sync_at);
	writer_put_time(w, "next_refresh_at", row->next_refresh_at);
	writer_put_int(w, "sync_errors", row->sync_errors);
	writer_put_int(w, "calendars_count", row->calendars);
	writer_put_time(w, "created_at", row->created_at);
	writer_put_time(w, "updated_at", row->updated_at);
	writer_put_int(w, "version", row->version);
	writer_end(w);
}

void calendar_write(struct writer *w, const struct calendar_row *row)
{
	writer_object(w);
	writer_put_text(w, "id", row->id);
	writer_put_text(w, "workspace_id", row->workspace_id);
	writer_put_text(w, "name", row->name);
	writer_put_text(w, "provider", row->provider);
	writer_put_bool(w, "active", row->active);
	writer_put_text(w, "connection_status", connection_state_name(row->connection_state));
	writer_key(w, "provider_details");
	writer_object(w);
	writer_put_text(w, "external_id", row->external_id);
	writer_put_text(w, "summary", row->summary);
	writer_put_text(w, "description", row->description);
	writer_put_bool(w, "primary", row->primary);
	writer_put_text(w, "access_role", row->access_role);
	writer_put_text(w, "time_zone", row->time_zone);
	writer_put_text(w, "background_color", row->background_color);
	writer_put_text(w, "foreground_color", row->foreground_color);
	writer_put_text(w, "connection_id", row->connection_id);
	writer_put_text(w, "connection_email", row->connection_email);
	writer_end(w);
	writer_put_text(w, "state", row->state);
	writer_put_int(w, "version", row->version);
	writer_end(w);
}

/* A member with a JSON object from the store, {} without one. */
static void put_object(struct writer *w, const char *key, const char *json)
{
	writer_key(w, key);
	writer_raw(w, json && json[0] ? json : "{}", json && json[0] ? strlen(json) : 2);
}

void timeline_write(struct writer *w, const struct timeline_row *row)
{
	writer_object(w);
	writer_put_text(w, "id", row->id);
	writer_put_time(w, "at", row->at);
	writer_put_text(w, "kind", row->kind);
	writer_put_text(w, "actor", row->actor);
	writer_put_text(w, "text", row->text);
	put_object(w, "details", row->details);
	writer_end(w);
}

void sync_error_write(struct writer *w, const struct sync_error_row *row)
{
	const struct reason_row *reason = reason_row_by_code(row->code);
	writer_object(w);
	writer_put_text(w, "id", row->id);
	writer_put_text(w, "connection_id", row->connection_id);
	writer_put_text(w, "workspace_id", row->workspace_id);
	writer_put_text(w, "class", reason ? reason->reason_class : reason_row(REASON_NONE)->reason_class);
	writer_put_text(w, "code", row->code);
	writer_put_text(w, "operation", row->operation);
	writer_put_text(w, "message", row->message);
	provider_answer_write(w, row->provider_status, row->provider_reason);
	writer_put_int(w, "count", row->count);
	writer_put_time(w, "first_at", row->first_at);
	writer_put_time(w, "last_at", row->last_at);
	writer_put_time(w, "resolved_at", row->resolved_at);
	writer_put_text(w, "acknowledged_by", row->acknowledged_by);
	writer_end(w);
}

void job_write(struct writer *w, const struct job_row *row, int64_t interval_ms)
{
	writer_object(w);
	writer_put_text(w, "id", row->id);
	writer_put_text(w, "kind", job_kind_name(row->kind));
	writer_put_text(w, "connection_id", row->connection_id);
	writer_put_text(w, "workspace_id", row->workspace_id);
	writer_put_text(w, "state", job_state_name(row->state));
	writer_put_int(w, "interval_seconds", interval_ms / 1000);
	writer_put_time(w, "next_run_at", row->next_run_at);
	writer_put_text(w, "next_run_why", row->next_run_why);
	writer_put_int(w, "attempts", row->attempts);
	writer_put_text(w, "last_result", row->last_result);
	writer_put_time(w, "last_run_at", row->last_run_at);
	writer_put_int(w, "last_duration_ms", row->last_duration_ms);
	writer_end(w);
}

void run_write(struct writer *w, const struct run_row *row)
{
	writer_object(w);
	writer_put_text(w, "id", row->id);
	writer_put_text(w, "job_id", row->job_id);
	writer_put_text(w, "kind", job_kind_name(row->kind));
	writer_put_text(w, "connection_id", row->connection_id);
	writer_put_text(w, "workspace_id", row->workspace_id);
	writer_put_text(w, "state", row->state);
	writer_put_text(w, "cause", row->cause);
	writer_put_text(w, "code", row->code);
	put_object(w, "counts", row->counts);
	writer_put_time(w, "started_at", row->started_at);
	writer_put_time(w, "ended_at", row->ended_at);
	writer_end(w);
}

void audit_write(struct writer *w, const struct audit_row *row)
{
	writer_object(w);
	writer_put_int(w, "seq", row->seq);
	writer_put_time(w, "at", row->at);
	writer_key(w, "uid");
	if (row->uid >= 0)
		writer_int(w, row->uid);
	else
		writer_null(w);
	writer_put_text(w, "actor", row->actor);
	writer_put_text(w, "workspace_id", row->workspace_id);
	writer_put_text(w, "method", row->method);
	writer_put_text(w, "object_type", row->object_type);
	writer_put_text(w, "object_id", row->object_id);
	writer_put_text(w, "outcome", row->outcome);
	writer_put_text(w, "reason", row->reason);
	writer_key(w, "details");
	if (row->details && row->details[0])
		writer_raw(w, row->details, strlen(row->details));
	else
		writer_null(w);
	writer_put_text(w, "hash", row->hash);
	writer_end(w);
}

void attempt_write(struct writer *w, const struct attempt_row *row, int64_t now)
{
	bool waiting = str_equal(row->state, "created") || str_equal(row->state, "opened");
	writer_object(w);
	writer_put_text(w, "attempt_id", row->id);
	writer_put_text(w, "state", waiting && row->expires_at <= now ? "expired" : row->state);
	writer_put_text(w, "connection_id", row->connection_id);
	writer_key(w, "error");
	call_error_write(w, row->error_code, row->error_message);
	writer_end(w);
}

void call_error_write(struct writer *w, const char *code, const char *message)
{
	if (!code) {
		writer_null(w);
		return;
	}
	writer_object(w);
	writer_put_text(w, "code", code);
	writer_put_text(w, "message", message ? message : "");
	writer_end(w);
}
